"""The thresholds of the profiles: from which score on a text has a label, where its author most probably advocates."""
import numpy as np

import measures
from corpus import CONTEXTS, LABELS

RATES = {'review': 1e-3, 'strict': 1e-4}
"""Share of the held benign documents whose score reaches a profile's threshold, by profile: more than have the label, as few of them advocate."""


def advocates(context: np.ndarray) -> np.ndarray:
    """Whether advocacy is the most probable of the contexts [documents, 4]: only then does a text have labels."""
    return context.argmax(1) == CONTEXTS.index('advocacy')


def labels_of(scores: np.ndarray, advocates: np.ndarray, thresholds: list[float]) -> np.ndarray:
    """Which labels each document has [documents, 5]."""
    return (scores >= np.array(thresholds)) & advocates[:, None]


def fit(mix: tuple[np.ndarray, np.ndarray], truth: np.ndarray, held: tuple[np.ndarray, np.ndarray]) -> dict[str, list[float]]:
    """Thresholds a label by profile. `mix` and `held` are scores [documents, 5] with who advocates: the labelled texts with a sample
    of benign ones, and all held benign ones.

    Rates are those of scores alone. One benign document in 700 seems to advocate, and among so few a rate would leave hardly any threshold.
    """
    points = {'balanced': [_best_f1(mix[0][:, i], mix[1], truth[:, i]) for i in range(len(LABELS))]}
    for profile, rate in RATES.items():
        points[profile] = [measures.threshold_at(held[0][:, i], rate) for i in range(len(LABELS))]
    # Who reviews sees whatever the default profile shows.
    points['review'] = np.minimum(points['review'], points['balanced']).tolist()
    # As the manifest writes them: rounded upwards, since a rate is not to be passed.
    return {profile: (np.ceil(np.array(thresholds) * 1e6) / 1e6).tolist() for profile, thresholds in points.items()}


def _best_f1(scores: np.ndarray, advocates: np.ndarray, truth: np.ndarray) -> float:
    """The score with the highest F1 where only who advocates can have the label.

    A score is calibrated over all texts, and of those who advocate more have the label at the same score: they are calibrated anew.
    """
    log_odds = measures.log_odds(scores)
    scale, offset = measures.platt(log_odds[advocates], truth[advocates])
    among = np.where(advocates, measures.sigmoid(log_odds * scale + offset), 0.0)
    threshold = measures.best_f1_threshold(truth, among)
    return float(measures.sigmoid((measures.log_odds(np.array(threshold)) - offset) / scale))
