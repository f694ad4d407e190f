"""The arrays that matching counts in."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Triples = tuple[Ints, Ints, Floats]  # columns, papers, values

_PAPER = 32  # bits


@dataclass(frozen=True, slots=True)
class Points:
    """What columns are worth in papers: the nth has the *papers* and *values* from starts[n] to starts[n + 1]."""

    starts: Ints
    papers: Ints
    values: Floats

    @property
    def columns(self) -> Ints:
        """Return the column of each value."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def gathered(cells: Iterable[Triples], width: int) -> Points:
    """Return what so many columns are worth; what is given of the same column and paper is added up."""
    column, paper, value = map(np.concatenate, zip(*cells, strict=True))
    place = column << _PAPER | paper
    sorted_ = np.argsort(place, kind="stable")  # nearly sorted, it is merged at once
    place = place[sorted_]
    first = runs(place)
    same = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(place))))
    values: Floats = np.bincount(same, value[sorted_]).astype(float, copy=False)
    column, paper = place[first] >> _PAPER, place[first] & (1 << _PAPER) - 1
    return Points(np.append(0, np.cumsum(np.bincount(column, minlength=width))), paper, values)


def spread(starts: Ints, counts: Ints) -> Ints:
    """Return the numbers of several runs, one after the other: `counts[n]` of them from `starts[n]` on."""
    before = np.cumsum(counts) - counts
    numbers: Ints = np.arange(counts.sum()) + np.repeat(starts - before, counts)
    return numbers


def order(numbers: Ints) -> Ints:
    """Return the order of numbers from 0 up; where each has room for its place too, they are sorted in half the time."""
    bits = len(numbers).bit_length()
    if int(numbers.max(initial=0)) >> 63 - bits:
        return np.argsort(numbers)
    return np.sort(numbers << bits | np.arange(len(numbers))) & (1 << bits) - 1


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
