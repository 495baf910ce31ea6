"""The documents that a model is measured on, and those that its calibration and operating points are fitted on."""
import pathlib
import random

import numpy as np

import corpus
import measures
from corpus import Document

HELD = 60_000
"""Held documents that are read, drawn at random: a false-positive rate of 1e-4 is six of them."""
CALIBRATED_ON = 4000
"""Held documents that calibration and `balanced` are fitted on."""


def dev_sets(data: pathlib.Path) -> dict[str, list[Document]]:
    """The labelled texts of the dev split whose annotator was sure."""
    return {'posts': [d for d in corpus.posts(data, 'dev') if d.weight == 1.0], 'synthetic': corpus.synthetic(data, 'dev')}


def held_sample(data: pathlib.Path) -> list[Document]:
    """The held benign documents that are read."""
    return random.Random(7).sample(corpus.benign(data, held=True), HELD)


def spread(held: list[Document]) -> np.ndarray:
    """Which of the held documents calibration is fitted on: `CALIBRATED_ON` of them, sources taken evenly."""
    chosen = {d.id for d in corpus.spread_sample(held, CALIBRATED_ON, seed=7)}
    return np.array([d.id in chosen for d in held])


def mix(sets: dict[str, list[Document]]):
    """What calibration is fitted on: a function that joins these parts of something known of every set, and their truth."""
    in_sample = spread(sets['held'])
    joined = lambda parts: np.concatenate([parts['posts'], parts['synthetic'], parts['held'][in_sample]])
    return joined, joined({name: measures.targets(documents) for name, documents in sets.items()})
