"""How well a ranking finds what was wanted; all measures are between 0 and 1."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Scores = NDArray[np.floating]
Wanted = NDArray[np.bool_]


def auc(scores: Scores, wanted: Wanted) -> float:
    """Return how often a wanted paper scores more than another one, ties by half."""
    count, others = int(wanted.sum()), int((~wanted).sum())
    return float((rankdata(scores)[wanted].sum() - count * (count + 1) / 2) / (count * others))


def average_precision(scores: Scores, wanted: Wanted) -> float:
    """Return the mean of the precision at each wanted paper; ties stand in the order of the papers."""
    ranks = np.flatnonzero(wanted[_order(scores)]) + 1
    return float((np.arange(1, len(ranks) + 1) / ranks).mean())


def found_in_top(scores: Scores, wanted: Wanted, most: int) -> int:
    """Return how many wanted papers are among the best *most*."""
    return int(wanted[_order(scores)[:most]].sum())


def _order(scores: Scores) -> NDArray[np.int64]:
    return np.argsort(-scores, kind="stable")
