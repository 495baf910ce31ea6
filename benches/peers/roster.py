"""Who takes part: how each is started, what it reads, and which files it needs."""
import dataclasses
import pathlib
import sys

import corpora

ROOT = pathlib.Path(__file__).parents[2]
MODEL = ROOT / 'models' / 'multilingual-small'
STATIC = {'static-english': 'english', 'static-multilingual': 'multilingual'}
"""The contenders that are model2vec-rs, and the language of their base."""
PYTHON = {'fasttext': 'fast_text', 'svm': 'linear_svm', 'onnxruntime': 'onnx_runtime', 'sentence-transformers': 'sentence_transformer'}
"""The contenders that are Python, and their modules in `contenders`."""
BATCHED = ('onnxruntime', 'sentence-transformers')
"""Those that may read in batches: how many at a time is found out before the rounds."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A contender."""
    name: str
    title: str
    command: list[str]
    files: list[pathlib.Path]
    """What must be on disk to score."""
    limit: int | None
    """Documents of a corpus that it reads in a round: the first so many, so that a round takes no more than a minute or two."""
    reads_mix: bool
    """Whether a round also has it read the natural mix."""
    peer: str | None
    """The contender that its throughput is divided by."""

    @property
    def is_ours(self) -> bool:
        return self.command[1] == 'bellwether'


def trained_folder(work: pathlib.Path, size: corpora.Size) -> pathlib.Path:
    """Where a peer's own folder is."""
    return work / size.name / 'trained'


def distilled_folder(work: pathlib.Path, name: str) -> pathlib.Path:
    """Where a static model is."""
    return work / 'distilled' / name


def entries(programs: pathlib.Path, work: pathlib.Path, size: corpora.Size) -> list[Entry]:
    """All contenders."""
    folder = trained_folder(work, size)
    few, some = (150, 1500) if size is corpora.FULL else (4, 30)
    runner = str(programs / 'bellwether-peers-runner')
    tokenizer = MODEL / 'tokenizer.json'

    def mode(name: str, *networks: str, limit: int | None, peer: str) -> Entry:
        files = [MODEL / network for network in networks] + [tokenizer]
        return Entry(name, f'Bellwether, {name}', [runner, 'bellwether', str(MODEL), name], files, limit, limit is None, peer)

    def static(name: str, title: str) -> Entry:
        model = distilled_folder(work, name) / 'model'
        files = [model / 'model.safetensors', model / 'tokenizer.json', folder / name / 'head.json']
        return Entry(name, title, [runner, 'model2vec', str(model), str(folder / name / 'head.json')], files, None, True, 'static-multilingual')

    def python(name: str, title: str, files: list[pathlib.Path], limit: int | None, peer: str) -> Entry:
        command = [sys.executable, str(ROOT / 'benches' / 'peers' / 'worker.py'), PYTHON[name], str(folder / name)]
        return Entry(name, title, command, files, limit, limit is None, peer)

    at = lambda name, *files: [folder / name / file for file in files]
    return [
        mode('gate', 'gate.onnx', limit=None, peer='static-multilingual'),
        mode('student', 'gate.onnx', 'student.onnx', limit=few, peer='onnxruntime'),
        mode('cascade', 'gate.onnx', 'student.onnx', 'encoder.onnx', limit=few, peer='onnxruntime'),
        mode('encoder', 'encoder.onnx', limit=few, peer='onnxruntime'),
        static('static-english', 'model2vec-rs, English'),
        static('static-multilingual', 'model2vec-rs, multilingual'),
        python('fasttext', 'fastText', sorted((folder / 'fasttext').glob('*.bin')), None, 'static-multilingual'),
        python('svm', 'TF-IDF and linear SVM', at('svm', 'svm.joblib'), some, 'static-multilingual'),
        python('onnxruntime', 'Python onnxruntime', [MODEL / 'encoder.onnx', tokenizer], few, 'onnxruntime'),
        python('sentence-transformers', 'sentence-transformers',
               at('sentence-transformers', 'base/model.safetensors', 'base/tokenizer.json', 'heads.joblib'), few, 'onnxruntime'),
    ]
