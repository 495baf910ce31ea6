"""Medians over rounds, with intervals."""
from collections.abc import Sequence

import numpy as np

RESAMPLES = 10_000


def median(values: Sequence[float]) -> dict:
    """The median, and a 95 % percentile interval of it over resampled rounds."""
    values = np.asarray(values, float)
    draws = np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))
    return {'value': float(np.median(values)), 'interval': np.quantile(np.median(values[draws], axis=1), [0.025, 0.975]).tolist()}


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> dict:
    """The median of the ratios within a round: what slows a whole round down does not count."""
    return median(np.asarray(numerators) / np.asarray(denominators))
