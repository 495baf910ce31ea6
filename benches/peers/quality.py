"""How scores are judged."""
import numpy as np

import measures
from corpus import LABELS, Document

RESAMPLES = 500


def macro(documents: list[Document], scores: np.ndarray) -> float:
    """Average precision, the mean over the labels."""
    return measures.average_precisions(measures.targets(documents), scores)['macro']


def with_interval(truth: np.ndarray, scores: np.ndarray) -> dict:
    """Average precision, the mean over the labels that have positives, with a 95 % interval over resampled documents."""
    generator = np.random.default_rng(0)
    values = []
    for _ in range(RESAMPLES):
        rows = generator.integers(len(truth), size=len(truth))
        # A resample that has lost all positives of a label says nothing of it.
        if truth[rows].any(0).sum() == truth.any(0).sum():
            values.append(measures.average_precisions(truth[rows], scores[rows])['macro'])
    return {'value': measures.average_precisions(truth, scores)['macro'], 'interval': np.quantile(values, [0.025, 0.975]).tolist()}


def quality(dev: dict[str, list[Document]], scores: dict[str, np.ndarray]) -> dict:
    """What the results tell of a contender's scores on the dev texts."""
    written = measures.targets(dev['written'])
    english = [i for i, document in enumerate(dev['written']) if document.lang == 'en']
    # Posts have enough positives of one label alone.
    posts = measures.targets(dev['posts']) & (np.arange(len(LABELS)) == LABELS.index('radicalization'))
    return {'written': measures.average_precisions(written, scores['written']),
            'written_macro': with_interval(written, scores['written']),
            'written_english_macro': measures.average_precisions(written[english], scores['written'][english])['macro'],
            'posts_radicalization': with_interval(posts, scores['posts'])}
