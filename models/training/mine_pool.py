"""Reads the whole benign pool that may train with a model's cascade; what alarms the encoder there is what a next round has to learn.

    python mine_pool.py MODEL_FOLDER DATA_FOLDER WORK_FOLDER BELLWETHER OUT.jsonl

Writes a line for each document that the encoder came to read: `id`, the label `logits` of its loudest windows, and, if it has a label at
`review`, the bytes from `start` to `end` that speak most for one.
"""
import argparse
import json
import pathlib
import subprocess

import numpy as np

import corpus
from fit import calibrations_of, logits_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('model', 'data', 'work', 'bellwether', 'out'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    texts, scores = arguments.work / 'benign.jsonl', arguments.work / 'benign.scores.jsonl'
    if not scores.exists():
        with texts.open('w') as out:
            for document in corpus.benign(arguments.data, held=False):
                out.write(json.dumps({'id': document.id, 'text': document.text, 'lang': document.lang}) + '\n')
        subprocess.run([arguments.bellwether, 'score', texts, '--model', arguments.model, '--mode', 'cascade', '--profile', 'review', '--quiet',
                        '-o', scores], check=True)
    calibration = calibrations_of(arguments.model)['encoder']
    partial = arguments.out.with_suffix('.partial')
    with partial.open('w') as out:
        for row in corpus.rows(scores):
            if row['stage'] == 'encoder':
                logits = logits_of(np.array([row['scores'][label] for label in corpus.LABELS]), calibration)
                loudest = max(row['evidence'], key=lambda evidence: evidence['score'], default=None)
                place = {'start': loudest['start'], 'end': loudest['end']} if loudest else {}
                out.write(json.dumps({'id': row['id'], 'logits': logits.round(3).tolist()} | place) + '\n')
    partial.rename(arguments.out)


if __name__ == '__main__':
    main()
