"""The stages before the encoder: from which logit on each lets a window through, and what is kept and lost by it.

A stage lets a document through if the logit of any label reaches its bar. Bars are fitted on what the encoder flags at
`balanced` among the dev texts; the functional suite has no part in that, though `student.GATE_SHARE` was chosen with a look at it.
"""
import dataclasses

import numpy as np

import measures
from corpus import LABELS

KEEPS = {'gate': 0.996, 'student': 0.992}
"""Share of what the encoder flags that each stage lets through; no more than 1 % is lost by both."""
PASS_RATES = (0.02, 0.05, 0.1, 0.2)
"""Shares of held benign documents at which it is told what a stage would keep."""
BARS_FITTED_ON = ('posts', 'synthetic')
CALIBRATED_ON = (*BARS_FITTED_ON, 'held')


@dataclasses.dataclass(frozen=True)
class Stage:
    """A stage's label logits [documents, 5] of each set of documents, the held benign ones among them."""
    name: str
    logits: dict[str, np.ndarray]

    def alarm(self, documents: str) -> np.ndarray:
        """The highest logit of each document."""
        return self.logits[documents].max(1)

    def passes(self, documents: str, bars: np.ndarray | float) -> np.ndarray:
        """Which documents reach the bar of any label."""
        return (self.logits[documents] >= bars).any(1)

    def calibration(self, truth: dict[str, np.ndarray]) -> list[tuple[float, float]]:
        """Scale and offset of each label's logit."""
        logits = np.concatenate([self.logits[documents] for documents in CALIBRATED_ON])
        labels = np.concatenate([truth[documents] for documents in CALIBRATED_ON])
        return [measures.platt(logits[:, i], labels[:, i]) for i in range(len(LABELS))]

    def bars(self, flagged: dict[str, np.ndarray], calibration: list[tuple[float, float]], lowest: np.ndarray) -> np.ndarray:
        """The lowest logit of each label that is let through, from what the encoder flags of each set.

        It is one for all labels, but where that would be a higher score than `lowest`, that of the label in any profile: what a
        stage turns down must not look flagged.
        """
        loud = np.sort(np.concatenate([self.alarm(documents)[flagged[documents]] for documents in BARS_FITTED_ON]))
        bar = loud[int((1 - KEEPS[self.name]) * len(loud))]
        scale, offset = np.array(calibration).T
        return np.minimum(bar, (np.log(lowest / (1 - lowest)) - offset) / scale)


def figures(stages: list[Stage], bars: dict[str, np.ndarray], flagged: dict[str, np.ndarray]) -> dict:
    """What each stage passes and keeps, at its bar and at fixed pass rates, and what both do one behind the other."""
    passes = {stage.name: {documents: stage.passes(documents, bars[stage.name]) for documents in flagged} for stage in stages}
    passes['cascade'] = {documents: np.logical_and.reduce([passes[stage.name][documents] for stage in stages]) for documents in flagged}
    result = {name: {'shipped': _figures(passed, flagged)} for name, passed in passes.items()}
    for stage in stages:
        for rate in PASS_RATES:
            bar = measures.threshold_at(stage.alarm('held'), rate)
            result[stage.name][f'{rate:g}'] = _figures({documents: stage.passes(documents, bar) for documents in flagged}, flagged)
    return result


def _figures(passed: dict[str, np.ndarray], flagged: dict[str, np.ndarray]) -> dict:
    return {'lets_through_held': float(passed['held'].mean()),
            'keeps_of_flagged': {documents: [int((flagged[documents] & passed[documents]).sum()), int(flagged[documents].sum())]
                                 for documents in flagged}}
