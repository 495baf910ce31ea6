"""Figures of merit: average precision, thresholds at a false-positive rate, calibration, intervals."""
import math

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from corpus import LABELS, Document


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """The logits of probabilities; 0 and 1 are taken for the nearest that have one."""
    probabilities = np.clip(probabilities, 1e-30, 1 - 1e-7)
    return np.log(probabilities / (1 - probabilities))


def calibrated(logits: np.ndarray, calibration: list[tuple[float, float]]) -> np.ndarray:
    """Probabilities of logits [documents, 5], by the scale and offset of each label."""
    scale, offset = np.array(calibration).T
    return sigmoid(logits * scale + offset)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits [documents, contexts]."""
    powers = np.exp(logits.astype(float) - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def targets(documents: list[Document]) -> np.ndarray:
    """Truth [documents, 5]."""
    return np.array([[label in d.labels for label in LABELS] for d in documents], bool).reshape(-1, len(LABELS))


def average_precisions(truth: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Average precision of each label that has a positive, and their mean as `macro`."""
    values = {label: float(average_precision_score(truth[:, i], scores[:, i])) for i, label in enumerate(LABELS) if truth[:, i].any()}
    return values | {'macro': float(np.mean(list(values.values())))}


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    if trials == 0:
        return 0.0, 1.0
    z, share = 1.959964, successes / trials
    middle, spread = share + z * z / (2 * trials), z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, (middle - spread) / (1 + z * z / trials)), min(1.0, (middle + spread) / (1 + z * z / trials))


def threshold_at(negatives: np.ndarray, rate: float) -> float:
    """The lowest threshold that at most a share `rate` of the negatives' scores reach."""
    allowed = int(rate * len(negatives))
    return float(np.nextafter(np.sort(negatives)[::-1][allowed], np.inf))


def platt(logits: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Scale and offset that turn a logit into a calibrated one (Platt 1999)."""
    model = LogisticRegression(C=1e4).fit(logits[:, None], truth)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def expected_calibration_error(truth: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Mean gap between probability and frequency over equal-width bins, weighted by their counts (Naeini 2015)."""
    edges = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [abs(truth[edges == b].mean() - probabilities[edges == b].mean()) * (edges == b).sum() for b in range(bins) if (edges == b).any()]
    return float(sum(gaps) / len(truth))


def best_f1_threshold(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """The threshold with the highest F1, by calibrated probabilities: half of that F1 (Lipton et al. 2014).

    The place of the highest F1 itself hangs on a few documents where positives are few; its height does not.
    """
    order = np.argsort(-probabilities)
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    return float(f1.max() / 2)
