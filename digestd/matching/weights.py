"""What a term is worth: where it stands, how often, and how rare it is."""

from typing import TypeVar

import numpy as np

from digestd.matching.arrays import Floats

IN_TITLE = 1.5
AN_AUTHOR = 3.0
A_LABEL = 1.0
LIKENESS = 3.0  # a paper like the examples

_MOST_OFTEN = 3.0  # what a term is worth that stands in an abstract very often; one that stands there once is worth 1
# Until an installation has seen papers of its own, a term is taken to stand in one of a hundred.
_IMAGINED, _WITH_IT = 1000, 10
_LEAST = 0.05

Numbers = TypeVar("Numbers", float, Floats)


def prominence(times: Numbers) -> Numbers:
    """Return what a term is worth that stands so many *times* in an abstract: BM25's saturation (Robertson & Zaragoza 2009)."""
    return _MOST_OFTEN * times / (times + _MOST_OFTEN - 1)


def share(found: Numbers, papers: int) -> Numbers:
    """Return the share of recent *papers* that have a term, given how many do."""
    return (found + _WITH_IT) / (papers + _IMAGINED)


def rarity(shares: Floats) -> Floats:
    """Return what terms of these shares are worth: 1 where one paper in 100 has it, ¼ for one in 10, 2¼ for one in 1,000.

    This is half the decimal logarithm, squared, as BM25 weighs a term in query and paper (Robertson & Zaragoza 2009).
    """
    return np.maximum((-np.log10(shares) / 2) ** 2, _LEAST)
