"""Trains the peers, each in a process of its own, and keeps what it made for the next run.

    python prepare.py NAME DATA_FOLDER WORK_FOLDER RUNNER {full,quick}

Leaves `trained.json` in the peer's folder, which tells what was chosen, and the scores of the dev texts by which a measured run
can see that it has the same peer before it.
"""
import functools
import hashlib
import importlib
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np

import corpora
import roster
from corpora import dev_sets, training_rows
from corpus import Document
from tuning import Heads

HERE = pathlib.Path(__file__).parent
NO_SPINNING = {'OMP_WAIT_POLICY': 'passive', 'GOMP_SPINCOUNT': '0'}


def key(sources: list[str], rows: list[Document]) -> str:
    """What something made depends on: source files beside this one, the versions of packages, and rows."""
    digest = hashlib.sha256()
    for source in (*sources, 'contenders/base_encoder.py', 'requirements.txt'):
        digest.update((HERE / source).read_bytes())
    for row in rows:
        digest.update(json.dumps([row.id, row.text, row.labels, row.weight]).encode())
    return digest.hexdigest()


def distilled(name: str, work: pathlib.Path) -> pathlib.Path:
    """The static model of that name, made if it is not there: it depends on no row."""
    folder = roster.distilled_folder(work, name)
    folder.mkdir(parents=True, exist_ok=True)
    done, wanted = folder / 'distilled.json', key(['contenders/static_vectors.py'], [])
    if not done.exists() or json.loads(done.read_text())['key'] != wanted:
        from contenders import static_vectors
        static_vectors.distill(roster.STATIC[name], folder)
        done.write_text(json.dumps({'key': wanted}))
    return folder / 'model'


def vectors(runner: str, model: pathlib.Path, folder: pathlib.Path, texts: list[str]) -> np.ndarray:
    """Vectors of texts, of model2vec-rs itself."""
    corpus = corpora.written_out(folder / 'texts.jsonl', texts)
    order = {'texts': corpus.path, 'vectors': str(folder / 'vectors.f32')}
    subprocess.run([runner, 'model2vec', str(model)], input=json.dumps(order) + '\n', text=True, check=True, stdout=subprocess.DEVNULL)
    return np.fromfile(folder / 'vectors.f32', '<f4').reshape(len(texts), -1)


def prepare(name: str, data: pathlib.Path, work: pathlib.Path, runner: str, size: corpora.Size) -> None:
    folder = roster.trained_folder(work, size) / name
    folder.mkdir(parents=True, exist_ok=True)
    rows, dev = training_rows(data, size), dev_sets(data)
    done, wanted = folder / 'trained.json', key([f"contenders/{roster.PYTHON.get(name, 'static_vectors')}.py", 'tuning.py'], rows)
    if done.exists() and json.loads(done.read_text())['key'] == wanted:
        return
    begin = time.monotonic()
    if name in roster.STATIC:
        vectors_of = functools.partial(vectors, runner, distilled(name, work), folder)
        heads, told = Heads.tuned(vectors_of([row.text for row in rows]), rows)
        (folder / 'head.json').write_text(json.dumps(heads.parameters()))
        scores = {part: heads.scores(vectors_of([d.text for d in documents])) for part, documents in dev.items()}
    else:
        module = importlib.import_module(f'contenders.{roster.PYTHON[name]}')
        told = module.train(rows, folder)
        contender = module.Contender(folder)
        scores = {part: contender.scores([d.text for d in documents]) for part, documents in dev.items()}
    np.savez(folder / 'dev-scores.npz', **scores)
    done.write_text(json.dumps({'key': wanted, 'rows': len(rows), 'seconds': time.monotonic() - begin, 'chosen': told}))


def prepare_all(data: pathlib.Path, work: pathlib.Path, runner: str, size: corpora.Size) -> dict:
    """Trains those that are not trained yet; what was chosen for each."""
    folder, told = roster.trained_folder(work, size), {}
    for name in (*roster.STATIC, *roster.PYTHON):
        print(f'training {name}, unless it is', file=sys.stderr, flush=True)
        log = folder / f'{name}.training.log'
        folder.mkdir(parents=True, exist_ok=True)
        # Its own process gives its memory back, and has the threads of the machine, which do not spin where others are at work.
        command = [sys.executable, __file__, name, str(data), str(work), runner, size.name]
        with log.open('w') as file:
            if subprocess.run(command, stdout=file, stderr=file, env=os.environ | NO_SPINNING).returncode:
                raise SystemExit(f'{name} could not be trained: see {log}')
        told[name] = json.loads((folder / name / 'trained.json').read_text())
    return told


if __name__ == '__main__':
    prepare(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4], corpora.SIZES[sys.argv[5]])
