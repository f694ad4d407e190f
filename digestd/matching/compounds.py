"""AND, OR and NOT for all compound queries at once: level by level, each a product of sparse matrices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from digestd.matching.arrays import Ints

NOTHING = 1e-12  # a weight of nothing that a sparse matrix keeps: what is found stays found
_AGAINST = -1e9


@dataclass(frozen=True, slots=True)
class Compound:
    """A query made of others, by column: it holds where *needed* of the *wanted* do, which have weights, and none *against* it.

    One that wants nothing holds wherever nothing is against it.
    """

    needed: int
    wanted: tuple[tuple[int, float], ...]
    against: tuple[int, ...] = ()

    @property
    def parts(self) -> tuple[int, ...]:
        return (*(column for column, _ in self.wanted), *self.against)


@dataclass(frozen=True, slots=True)
class Level:
    """Compounds whose parts are all of lower levels.

    The matrices are compounds × columns, of one form: *signs* counts the wanted parts, and one against outweighs all.
    """

    columns: Ints
    needed: Ints
    weights: sparse.csr_array
    signs: sparse.csr_array


def levels(compounds: Mapping[int, Compound], placed: Callable[[int], int], width: int) -> tuple[Level, ...]:
    """Return *compounds* level by level; *placed* gives a column's place among all of that *width*."""
    heights: dict[int, int] = {}
    by_height: dict[int, list[int]] = {}
    for column in compounds:
        by_height.setdefault(_height(column, compounds, heights), []).append(column)
    return tuple(_level(by_height[height], compounds, placed, width) for height in sorted(by_height))


def combined(found: sparse.csr_array, level: Level) -> sparse.csr_array:
    """Return the points of a level's compounds (columns × papers): those of the parts that it wants, where it holds."""
    points, count = level.weights @ found, level.signs @ ones(found)
    row = np.repeat(np.arange(len(level.columns)), np.diff(count.indptr))
    holds = count.data >= np.maximum(level.needed, 1)[row]
    free_row, free_paper = _without(count, np.flatnonzero(level.needed == 0))
    column = level.columns[np.concatenate([row[holds], free_row])]
    paper = np.concatenate([count.indices[holds], free_paper])
    value = np.concatenate([points.data[holds], np.full(len(free_row), NOTHING)])
    return sparse.coo_array((value, (column, paper)), found.shape).tocsr()


def ones(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return a matrix with 1 wherever *matrix* has something."""
    return sparse.csr_array((np.ones(len(matrix.data)), matrix.indices, matrix.indptr), matrix.shape)


def _without(count: sparse.csr_array, rows: Ints) -> tuple[Ints, Ints]:
    """Return the cells of *rows* that nothing stands against."""
    papers = [np.setdiff1d(np.arange(count.shape[1]), count.indices[count.indptr[row] : count.indptr[row + 1]]) for row in rows]
    return np.repeat(rows, [len(some) for some in papers]), np.concatenate([*papers, np.zeros(0, np.int64)])


def _height(column: int, compounds: Mapping[int, Compound], heights: dict[int, int]) -> int:
    if column not in compounds:
        return 0
    if column not in heights:
        heights[column] = 1 + max(_height(part, compounds, heights) for part in compounds[column].parts)
    return heights[column]


def _level(columns: Sequence[int], compounds: Mapping[int, Compound], placed: Callable[[int], int], width: int) -> Level:
    chosen = [compounds[column] for column in columns]
    starts = np.concatenate([[0], np.cumsum([len(one.parts) for one in chosen])])
    parts = np.asarray([placed(part) for one in chosen for part in one.parts], np.int64)
    weights = [
        value
        for one in chosen
        for value in (*(max(weight, NOTHING) for _, weight in one.wanted), *(NOTHING for _ in one.against))
    ]
    signs = [sign for one in chosen for sign in (*(1.0 for _ in one.wanted), *(_AGAINST for _ in one.against))]
    shape = len(chosen), width
    return Level(
        columns=np.asarray([placed(column) for column in columns], np.int64),
        needed=np.asarray([one.needed for one in chosen], np.int64),
        weights=sparse.csr_array((np.asarray(weights), parts, starts), shape),
        signs=sparse.csr_array((np.asarray(signs), parts, starts), shape),
    )
