"""Scores benign documents with an earlier round's encoder; the next round trains on the worst of them and keeps their order.

    python mine.py PRUNED_FOLDER CHECKPOINT DATA_FOLDER OUT.jsonl [--count 60000] [--seed 1] [--gate GATE.onnx]

Reads the declared languages (all with `--every-language`) of the part of the benign pool that may train, never the held part. Writes a line a document: `id`, the label `logits` of
its beginning. With `--gate` it reads the documents that an earlier gate ranks highest instead of a spread. The lines also serve the gate as what the encoder says of benign text.
"""
import argparse
import json
import pathlib

import numpy as np
import onnxruntime

import corpus
import score
from corpus import Document
from fine_tune import POSITIONS
from tokens import Tokens

LENGTH = 96
"""Tokens of a document that are read: its beginning, in one window."""
CHUNK = 4000


def ranked_highest(path: pathlib.Path, tokens: Tokens, documents: list[Document]) -> list[Document]:
    """The documents by what a gate says of their beginnings, the most alarming first."""
    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    alarm = [session.run(['logits'], {'input_ids': np.array([tokens.encode(d.text, LENGTH)], np.int64)})[0].max() for d in documents]
    return [documents[i] for i in np.argsort(alarm)[::-1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'data', 'out'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--count', type=int, default=60_000, help='documents, spread over the sources')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--gate', type=pathlib.Path, help='an earlier gate: read what it ranks highest in the whole pool')
    parser.add_argument('--keep-disguises', action='store_true', help='read disguised spellings as they are, as model 0.2 did')
    parser.add_argument('--every-language', action='store_true', help='read documents in undeclared languages as well')
    arguments = parser.parse_args()
    tokens = Tokens(arguments.base / 'tokenizer.json', arguments.keep_disguises)
    encoder = score.load(arguments.base, arguments.checkpoint, POSITIONS)
    documents = [d for d in corpus.benign(arguments.data, held=False) if arguments.every_language or d.lang[:2] in corpus.DECLARED]
    if arguments.gate:
        documents = ranked_highest(arguments.gate, tokens, documents)[:arguments.count]
    else:
        documents = corpus.spread_sample(documents, arguments.count, arguments.seed)
    partial = arguments.out.with_suffix('.partial')
    with partial.open('w') as out:
        for start in range(0, len(documents), CHUNK):
            chunk = documents[start:start + CHUNK]
            logits = score.score_beginnings(encoder, tokens, [d.text for d in chunk], LENGTH).labels
            for document, row in zip(chunk, logits):
                out.write(json.dumps({'id': document.id, 'logits': [round(float(v), 3) for v in row]}) + '\n')
            print(f'{start + len(chunk)} of {len(documents)}', flush=True)
    partial.rename(arguments.out)


if __name__ == '__main__':
    main()
