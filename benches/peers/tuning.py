"""How a peer's settings are chosen."""
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

import measures
from corpora import is_for_tuning
from corpus import Document
from quality import macro

Setting = TypeVar('Setting')


def tuned(rows: list[Document], settings: Iterable[Setting], scores_of: Callable[[Setting, np.ndarray, np.ndarray], np.ndarray]) -> tuple[Setting, dict]:
    """The setting with the highest macro average precision on the tuning part, and what each of them had.

    `scores_of` trains with a setting on some of the rows and scores others; both are given as places in `rows`.
    """
    part = np.array([is_for_tuning(d) for d in rows])
    learnt, kept = np.flatnonzero(~part), np.flatnonzero(part)
    settings = list(settings)
    figures = [macro([rows[i] for i in kept], scores_of(setting, learnt, kept)) for setting in settings]
    best = settings[int(np.argmax(figures))]
    return best, {str(setting): figure for setting, figure in zip(settings, figures)}


class Heads:
    """A logistic regression for each label, over vectors."""
    STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0)

    def __init__(self, vectors: np.ndarray, rows: list[Document], strength: float):
        weights = np.array([d.weight for d in rows])
        # Products this small are quicker on one thread than handed round.
        with threadpool_limits(1):
            self.models = [LogisticRegression(C=strength, max_iter=2000).fit(vectors, column, weights) for column in measures.targets(rows).T]

    @classmethod
    def tuned(cls, vectors: np.ndarray, rows: list[Document]) -> tuple['Heads', dict]:
        """With the strength of regularization that serves the tuning part best, fitted on all rows."""
        def scores_of(strength, learnt, kept):
            return cls(vectors[learnt], [rows[i] for i in learnt], strength).scores(vectors[kept])
        strength, figures = tuned(rows, cls.STRENGTHS, scores_of)
        return cls(vectors, rows, strength), {'C': strength, 'macro average precision on the tuning part by C': figures}

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """Probabilities [texts, 5]."""
        return np.stack([model.predict_proba(vectors)[:, 1] for model in self.models], 1)

    def parameters(self) -> dict:
        """Weights [5, dimensions] and biases [5], for those who compute it elsewhere."""
        return {'weights': [model.coef_[0].tolist() for model in self.models], 'biases': [float(model.intercept_[0]) for model in self.models]}
