"""How well logits rank documents, whatever the thresholds: average precision, recall at false-positive rates; and how well they can be calibrated."""
import numpy as np

import evaluation_sets
import measures
import screening
from corpus import DECLARED, LABELS, Document


def figures(sets: dict[str, list[Document]], logits: dict[str, np.ndarray], stages: list[screening.Stage]) -> dict:
    """Of the encoder's label logits [documents, 5] of each set, `held` among them, and of those of the stages before it."""
    labelled = {name: documents for name, documents in sets.items() if name != 'held'}
    joined, truth = evaluation_sets.mix(sets)
    return {
        'sets': _of_sets(labelled | {'synthetic and functional': labelled['synthetic'] + labelled['functional']},
                         logits | {'synthetic and functional': np.concatenate([logits['synthetic'], logits['functional']])}, logits['held']),
        'expected_calibration_error': {
            'documents': len(truth), 'cross_fitted': {label: measures.expected_calibration_error(
                truth[:, i], cross_fitted(joined(logits)[:, i], truth[:, i])) for i, label in enumerate(LABELS)}},
        'average_precision_of_stages': {stage.name: {name: measures.average_precisions(measures.targets(documents), stage.logits[name])
                                                     for name, documents in labelled.items()} for stage in stages}}


def _of_sets(sets: dict[str, list[Document]], logits: dict[str, np.ndarray], held: np.ndarray) -> dict:
    """Average precision and recall on labelled texts; false-positive rates from held benign documents."""
    figures = {}
    for name, documents in sets.items():
        truth = measures.targets(documents)
        figures[name] = {
            'documents': len(documents), 'positives': dict(zip(LABELS, truth.sum(0).tolist())),
            'average_precision': measures.average_precisions(truth, logits[name]),
            'recall_at_false_positive_rate': {f'{rate:g}': recall_at(truth, logits[name], held, rate) for rate in (1e-2, 1e-3, 1e-4)},
            'average_precision_by_language': {
                lang: measures.average_precisions(truth[rows], logits[name][rows])['macro']
                for lang in DECLARED if truth[rows := np.array([d.lang == lang for d in documents])].any()}}
    return figures


def recall_at(truth: np.ndarray, logits: np.ndarray, held: np.ndarray, rate: float) -> dict:
    """Recall of each label at the logit that a share `rate` of the held documents reaches, with its 95 % interval."""
    thresholds = np.array([measures.threshold_at(column, rate) for column in held.T])
    hits = ((logits >= thresholds) & truth).sum(0)
    return {label: {'recall': float(hits[i] / max(1, truth[:, i].sum())), 'interval': measures.wilson(int(hits[i]), int(truth[:, i].sum())),
                    'positives': int(truth[:, i].sum())} for i, label in enumerate(LABELS)}


def cross_fitted(logits: np.ndarray, truth: np.ndarray, folds: int = 5) -> np.ndarray:
    """Probabilities [documents] from calibrations that were each fitted without the documents they are applied to."""
    fold = np.random.default_rng(0).integers(folds, size=len(logits))
    result = np.empty(len(logits))
    for k in range(folds):
        scale, offset = measures.platt(logits[fold != k], truth[fold != k])
        result[fold == k] = measures.sigmoid(logits[fold == k] * scale + offset)
    return result
