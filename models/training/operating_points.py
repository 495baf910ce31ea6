"""The profiles: from which score on a text has a label, and how probable it must be that its author advocates."""
import dataclasses

import numpy as np

import measures
from corpus import LABELS

ADVOCACY = {'balanced': 0.5, 'review': 0.2, 'strict': 0.5}
"""How probable advocacy must be for a text to have labels, by profile: even odds, and one in five for who would rather look at more."""
RATES = {'review': 1e-3, 'strict': 1e-4}
"""Share of the held benign documents whose score reaches a profile's threshold, by profile: more than have the label, as few of them advocate."""


@dataclasses.dataclass(frozen=True)
class Said:
    """What a model says of documents."""
    scores: np.ndarray
    """Of each label [documents, 5]."""
    advocacy: np.ndarray
    """How probable it is that the author advocates [documents]."""


@dataclasses.dataclass(frozen=True)
class OperatingPoint:
    """What makes a label of a score."""
    advocacy: float
    thresholds: list[float]

    def labels(self, said: Said) -> np.ndarray:
        """Which labels each document has [documents, 5]."""
        return (said.scores >= np.array(self.thresholds)) & (said.advocacy >= self.advocacy)[:, None]


def fit(mix: Said, truth: np.ndarray, held: Said) -> dict[str, OperatingPoint]:
    """Operating points by profile, from what is said of the labelled texts with a sample of benign ones, and of all held benign ones.

    Rates are those of scores alone. One benign document in 700 seems to advocate, and among so few a rate would leave hardly any threshold.
    """
    advocates = mix.advocacy >= ADVOCACY['balanced']
    points = {'balanced': [_best_f1(mix.scores[:, i], advocates, truth[:, i]) for i in range(len(LABELS))]}
    for profile, rate in RATES.items():
        points[profile] = [measures.threshold_at(held.scores[:, i], rate) for i in range(len(LABELS))]
    # Who reviews sees whatever the default profile shows.
    points['review'] = np.minimum(points['review'], points['balanced']).tolist()
    # As the manifest writes them: rounded upwards, since a rate is not to be passed.
    return {profile: OperatingPoint(ADVOCACY[profile], (np.ceil(np.array(thresholds) * 1e6) / 1e6).tolist())
            for profile, thresholds in points.items()}


def _best_f1(scores: np.ndarray, advocates: np.ndarray, truth: np.ndarray) -> float:
    """The score with the highest F1 where only who advocates can have the label.

    A score is calibrated over all texts, and of those who advocate more have the label at the same score: they are calibrated anew.
    """
    log_odds = measures.log_odds(scores)
    scale, offset = measures.platt(log_odds[advocates], truth[advocates])
    among = np.where(advocates, measures.sigmoid(log_odds * scale + offset), 0.0)
    threshold = measures.best_f1_threshold(truth, among)
    return float(measures.sigmoid((measures.log_odds(np.array(threshold)) - offset) / scale))
