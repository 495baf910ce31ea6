"""False-positive rates of the encoder over all held benign documents, though it has read only a part of them."""
import collections
import dataclasses

import numpy as np

import measures
from corpus import LABELS, Document


@dataclasses.dataclass(frozen=True)
class Negatives:
    """Encoder logits [documents, 5] of benign documents, and how many held documents each stands for."""
    logits: np.ndarray
    weights: np.ndarray

    def thresholds(self, rate: float) -> np.ndarray:
        """The lowest logits [5] that at most a share `rate` of the held documents is estimated to reach."""
        result = []
        for column in self.logits.T:
            order = np.argsort(-column)
            within = int((np.cumsum(self.weights[order]) <= rate * self.weights.sum()).sum())
            result.append(np.nextafter(column[order[min(within, len(order) - 1)]], np.float32(np.inf)))
        return np.array(result)

    def recall(self, truth: np.ndarray, logits: np.ndarray, rate: float) -> dict:
        """Recall of each label at those logits, with its 95 % interval."""
        hits = ((logits >= self.thresholds(rate)) & truth).sum(0)
        return {label: {'recall': float(hits[i] / max(1, truth[:, i].sum())), 'interval': measures.wilson(int(hits[i]), int(truth[:, i].sum())),
                        'positives': int(truth[:, i].sum())} for i, label in enumerate(LABELS)}


def two_phase(held: list[Document], passed: np.ndarray, held_logits: np.ndarray, sample: list[Document], sample_logits: np.ndarray) -> Negatives:
    """What the encoder says of all held documents, from those the gate lets through and a sample of the others.

    Of a document of the first kind the encoder has read the windows that the gate let through. One of the second stands for all held documents of its source that the
    gate turned down (two-phase sampling with post-stratification; Särndal et al. 1992, *Model assisted survey sampling*, ch. 9).
    """
    let_through = {document.id for document, passes in zip(held, passed) if passes}
    rest = collections.Counter(document.source for document, passes in zip(held, passed) if not passes)
    others = [i for i, document in enumerate(sample) if document.id not in let_through]
    drawn = collections.Counter(sample[i].source for i in others)
    weights = np.concatenate([np.ones(passed.sum()), [rest[sample[i].source] / drawn[sample[i].source] for i in others]])
    return Negatives(np.concatenate([held_logits[passed], sample_logits[others]]), weights)
