"""Sets of numbers as rows of bits: what all of them have in common is found at a stroke."""

import numpy as np
from numpy.typing import NDArray

from digestd.matching.arrays import Bools, Ints, runs

Sets = NDArray[np.uint64]  # sets × 64 numbers each


def sets(row: Ints, number: Ints, count: int, most: int) -> Sets:
    """Return *count* sets of numbers below *most*, given the *row* and *number* of each member, sorted by both."""
    width = most + 63 >> 6
    byte = row * 8 * width + (number >> 3)
    first = runs(byte)
    table = np.zeros(count * 8 * width, np.uint8)
    if len(first):
        table[byte[first]] = np.bitwise_or.reduceat(np.left_shift(1, number & 7).astype(np.uint8), first)
    return table.view(np.uint64).reshape(count, width)


def members(sets: Sets) -> tuple[Ints, Ints]:
    """Return the row and number of each member, sorted by both."""
    table = sets.view(np.uint8).ravel()
    byte = np.flatnonzero(table)
    bit = np.flatnonzero(np.unpackbits(table[byte], bitorder="little"))
    row, place = np.divmod(byte, 8 * sets.shape[1])
    return row[bit >> 3], place[bit >> 3] << 3 | bit & 7


def are_in(sets: Sets, row: Ints, number: Ints) -> Bools:
    """Say which numbers are in the sets of their rows."""
    found: Bools = (sets.view(np.uint8)[row, number >> 3] >> (number & 7) & 1).astype(np.bool_)
    return found
