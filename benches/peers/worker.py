"""A Python contender, loaded once, that scores files of texts as it is told: the runner's protocol, in Python.

    python worker.py MODULE FOLDER
"""
import importlib
import json
import pathlib
import sys
import time

import numpy as np

import corpus


def main() -> None:
    # Whatever a library prints must not stand between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    module, folder = sys.argv[1:]
    contender = importlib.import_module(f'contenders.{module}').Contender(pathlib.Path(folder))
    texts: dict[str, list[str]] = {}
    read: dict[tuple, int] = {}
    print(json.dumps({'ready': contender.description}), file=answers, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        path = order['texts']
        if path not in texts:
            texts[path] = [row['text'] for row in corpus.rows(pathlib.Path(path))]
        chosen = texts[path][:order.get('limit')]
        begin = time.perf_counter()
        scores = contender.scores(chosen)
        seconds = time.perf_counter() - begin
        if order.get('scores'):
            pathlib.Path(order['scores']).write_text(json.dumps(np.asarray(scores, float).tolist()))
        key = (path, order.get('limit'))
        if key not in read:
            read[key] = contender.bytes_read(chosen) if hasattr(contender, 'bytes_read') else sum(len(text.encode()) for text in chosen)
        print(json.dumps({'seconds': seconds, 'documents': len(chosen), 'bytes': read[key]}), file=answers, flush=True)


if __name__ == '__main__':
    main()
