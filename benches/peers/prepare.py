"""Trains the peers, each in a process of its own, and keeps what it made for the next run.

    python prepare.py NAME DATA_FOLDER FOLDER RUNNER {full,quick}

Leaves `FOLDER/NAME/trained.json`, which tells what was chosen, and the scores of the dev texts by which a measured run can see
that it has the same peer before it.
"""
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
from scoring import Heads

HERE = pathlib.Path(__file__).parent


def key(name: str, rows, folder: pathlib.Path) -> str:
    """What a trained peer depends on."""
    module = roster.PYTHON.get(name, 'static_vectors')
    sources = [HERE / 'contenders' / f'{module}.py', HERE / 'contenders' / 'base_encoder.py', HERE / 'scoring.py', HERE / 'requirements.txt']
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    for row in rows:
        digest.update(json.dumps([row.id, row.text, row.labels, row.weight]).encode())
    return digest.hexdigest()


def vectors(runner: str, model: pathlib.Path, texts: list[str], folder: pathlib.Path) -> np.ndarray:
    """Vectors of texts, of model2vec-rs itself."""
    corpus = corpora.written_out(folder / 'texts.jsonl', texts)
    order = {'texts': corpus.path, 'vectors': str(folder / 'vectors.f32')}
    subprocess.run([runner, 'model2vec', str(model)], input=json.dumps(order) + '\n', text=True, check=True, stdout=subprocess.DEVNULL)
    return np.fromfile(folder / 'vectors.f32', '<f4').reshape(len(texts), -1)


def prepare(name: str, data: pathlib.Path, folder: pathlib.Path, runner: str, size: corpora.Size) -> None:
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / 'trained.json'
    rows, dev = training_rows(data, size), dev_sets(data)
    wanted = key(name, rows, folder)
    if done.exists() and json.loads(done.read_text())['key'] == wanted:
        return
    begin = time.monotonic()
    if name in roster.STATIC:
        from contenders import static_vectors
        static_vectors.distill(roster.STATIC[name], folder)
        heads, told = Heads.tuned(vectors(runner, folder / 'model', [row.text for row in rows], folder), rows)
        (folder / 'head.json').write_text(json.dumps(heads.parameters()))
        scores = {part: heads.scores(vectors(runner, folder / 'model', [d.text for d in documents], folder)) for part, documents in dev.items()}
    else:
        module = importlib.import_module(f'contenders.{roster.PYTHON[name]}')
        told = module.train(rows, folder)
        contender = module.Contender(folder)
        scores = {part: contender.scores([d.text for d in documents]) for part, documents in dev.items()}
    np.savez(folder / 'dev-scores.npz', **scores)
    done.write_text(json.dumps({'key': wanted, 'rows': len(rows), 'seconds': time.monotonic() - begin, 'chosen': told}))


def prepare_all(data: pathlib.Path, folder: pathlib.Path, runner: str, size: corpora.Size) -> dict:
    """Trains those that are not trained yet; what was chosen for each."""
    told = {}
    for name in (*roster.STATIC, *roster.PYTHON):
        print(f'training {name}, unless it is', file=sys.stderr, flush=True)
        log = folder / f'{name}.training.log'
        folder.mkdir(parents=True, exist_ok=True)
        # Its own process gives its memory back, and has the threads of the machine.
        command = [sys.executable, __file__, name, str(data), str(folder), runner, 'full' if size is corpora.FULL else 'quick']
        with log.open('w') as file:
            if subprocess.run(command, stdout=file, stderr=file, env=os.environ).returncode:
                raise SystemExit(f'{name} could not be trained: see {log}')
        told[name] = json.loads((folder / name / 'trained.json').read_text())
    return told


if __name__ == '__main__':
    prepare(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4], corpora.FULL if sys.argv[5] == 'full' else corpora.QUICK)
