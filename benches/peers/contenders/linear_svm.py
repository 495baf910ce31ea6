"""TF-IDF of words, pairs of words and pieces of words, under a linear support vector machine a label."""
import pathlib

import joblib
import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

import measures
from corpus import Document
from tuning import tuned

STRENGTHS = (0.03, 0.1, 0.3, 1.0)


def features() -> FeatureUnion:
    """Words and pairs of them; pieces of two to five characters within words."""
    common = {'sublinear_tf': True, 'min_df': 2, 'dtype': np.float32}
    return FeatureUnion([('words', TfidfVectorizer(ngram_range=(1, 2), **common)),
                         ('pieces', TfidfVectorizer(analyzer='char_wb', ngram_range=(2, 5), **common))])


def machines(x, rows: list[Document], strength: float) -> list[LinearSVC]:
    weights = np.array([row.weight for row in rows])
    return [LinearSVC(C=strength).fit(x, column, weights) for column in measures.targets(rows).T]


def margins(fitted: list[LinearSVC], x) -> np.ndarray:
    return np.stack([machine.decision_function(x) for machine in fitted], 1)


def train(rows: list[Document], folder: pathlib.Path) -> dict:
    texts = [row.text for row in rows]
    seen = {}

    def scores_of(strength, learnt, kept):
        if not seen:
            vectorizer = features()
            seen['learnt'] = vectorizer.fit_transform([texts[i] for i in learnt])
            seen['kept'] = vectorizer.transform([texts[i] for i in kept])
        return margins(machines(seen['learnt'], [rows[i] for i in learnt], strength), seen['kept'])
    strength, figures = tuned(rows, STRENGTHS, scores_of)
    vectorizer = features()
    joblib.dump((vectorizer, machines(vectorizer.fit_transform(texts), rows, strength)), folder / 'svm.joblib')
    return {'C': strength, 'macro average precision on the tuning part by C': figures}


class Contender:
    description = f'scikit-learn {sklearn.__version__}'

    def __init__(self, folder: pathlib.Path):
        self.vectorizer, self.machines = joblib.load(folder / 'svm.joblib')

    def scores(self, texts: list[str]) -> np.ndarray:
        """Distances from the boundary, which rank as probabilities would."""
        return margins(self.machines, self.vectorizer.transform(texts))
