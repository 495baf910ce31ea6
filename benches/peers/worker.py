"""A Python contender, loaded once, that scores files of texts as it is told: the runner's protocol, in Python.

    python worker.py MODULE FOLDER

Beside what the runner is told, it can be told to find out which batches are the fastest.
"""
import importlib
import json
import pathlib
import sys
import time

import numpy as np

import corpus

TURNS = 3
"""How often batches of each size are tried, behind a first time that does not count."""


def timed(contender, texts: list[str]) -> tuple[np.ndarray, float]:
    """Scores, and the seconds of scoring."""
    begin = time.perf_counter()
    scores = contender.scores(texts)
    return scores, time.perf_counter() - begin


def choose_batch(contender, texts: list[str]) -> dict:
    """Tries the batches that a contender offers, by turns, and sets the fastest; median seconds by batch."""
    seconds = {batch: [] for batch in contender.batches}
    for _ in range(1 + TURNS):
        for batch in contender.batches:
            contender.batch = batch
            seconds[batch].append(timed(contender, texts)[1])
    medians = {batch: float(np.median(values[1:])) for batch, values in seconds.items()}
    contender.batch = min(medians, key=medians.get)
    return {'medians': medians}


def score(contender, texts: list[str], order: dict) -> dict:
    """Scores texts; the scores go to a file if there is one."""
    scores, seconds = timed(contender, texts)
    if order.get('scores'):
        pathlib.Path(order['scores']).write_text(json.dumps(np.asarray(scores, float).tolist()))
    read = contender.bytes_read(texts) if hasattr(contender, 'bytes_read') else sum(len(text.encode()) for text in texts)
    return {'seconds': seconds, 'documents': len(texts), 'bytes': read}


def main() -> None:
    # Whatever a library prints must not stand between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    module, folder = sys.argv[1:]
    contender = importlib.import_module(f'contenders.{module}').Contender(pathlib.Path(folder))
    files: dict[str, list[str]] = {}
    print(json.dumps({'ready': contender.description}), file=answers, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        path = order['texts']
        if path not in files:
            files[path] = [row['text'] for row in corpus.rows(pathlib.Path(path))]
        texts = files[path][:order.get('limit')]
        answer = choose_batch(contender, texts) if order.get('choose_batch') else score(contender, texts, order)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == '__main__':
    main()
