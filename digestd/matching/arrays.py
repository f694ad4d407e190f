"""The arrays that matching counts in."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def spread(starts: Ints, counts: Ints) -> Ints:
    """Return the numbers of several runs, one after the other: `counts[n]` of them from `starts[n]` on."""
    before = np.cumsum(counts) - counts
    numbers: Ints = np.arange(counts.sum()) + np.repeat(starts - before, counts)
    return numbers


def distinct(numbers: Ints, most: int) -> Ints:
    """Return each of some numbers below *most* once, sorted: a table tells them apart faster than sorting does."""
    there = np.zeros(most, np.bool_)
    there[numbers] = True
    return np.flatnonzero(there)


def runs(*keys: Ints) -> Ints:
    """Return where runs of equal keys start."""
    changed = np.ones(len(keys[0]), np.bool_)
    changed[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(changed)
