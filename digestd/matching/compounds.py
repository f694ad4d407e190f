"""AND, OR and NOT for all compound queries at once: level by level, as sets of papers."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from digestd.matching.arrays import Bools, Floats, Ints, Points, Triples, distinct, spread
from digestd.matching.sets import Sets, are_in, before, members, places, sets

NOTHING = 1e-12  # what a weight of nothing counts, before scores are rounded

_ALL, _NONE = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0)


class Compounds:
    """Queries made of others, each added after its parts."""

    def __init__(self) -> None:
        self._columns, self._heights, self._either = array("q"), array("q"), array("b")
        self._parts, self._counts = array("q"), array("q")
        self._weights, self._against = array("d"), array("b")
        self._height_of: dict[int, int] = {}

    def all_of(self, column: int, wanted: Iterable[tuple[int, float]], against: Iterable[int] = ()) -> None:
        """Add a query that holds where all of the *wanted* do, which have weights, and nothing *against* it."""
        self._add(column, (*((part, weight, False) for part, weight in wanted), *((part, NOTHING, True) for part in against)))

    def any_of(self, column: int, wanted: Iterable[tuple[int, float]]) -> None:
        """Add a query that holds where any of the *wanted* do, which have weights."""
        self._add(column, [(part, weight, False) for part, weight in wanted], either=True)

    def _add(self, column: int, parts: Sequence[tuple[int, float, bool]], *, either: bool = False) -> None:
        height = 0
        for part, weight, is_against in parts:
            self._parts.append(part)
            self._weights.append(max(weight, NOTHING))
            self._against.append(is_against)
            height = max(height, self._height_of.get(part, 0))
        self._height_of[column] = height + 1
        self._columns.append(column)
        self._heights.append(height + 1)
        self._either.append(either)
        self._counts.append(len(parts))

    def levels(self, placed: Callable[[Ints], Ints]) -> tuple["Level", ...]:
        """Return the queries level by level; *placed* gives the places of columns among all."""
        heights = np.asarray(self._heights)
        return tuple(self._level(np.flatnonzero(heights == height), placed) for height in range(1, heights.max(initial=0) + 1))

    def _level(self, rows: Ints, placed: Callable[[Ints], Ints]) -> "Level":
        counts = np.asarray(self._counts)
        cells = spread(np.cumsum(counts)[rows] - counts[rows], counts[rows])
        return Level(
            columns=placed(np.asarray(self._columns)[rows]),
            either=np.asarray(self._either, np.bool_)[rows],
            starts=np.append(0, np.cumsum(counts[rows])),
            parts=placed(np.asarray(self._parts)[cells]),
            against=np.asarray(self._against, np.bool_)[cells],
            weights=np.asarray(self._weights)[cells],
        )


@dataclass(frozen=True, slots=True)
class Level:
    """Compounds whose parts are all of lower levels: the nth of *columns* has those from starts[n] to starts[n + 1].

    *either* says which compounds need but one of their parts, *against* which parts must not be there.
    """

    columns: Ints
    either: Bools
    starts: Ints
    parts: Ints
    against: Bools
    weights: Floats


def combined(found: Points, papers: int, levels: Sequence[Level], asked: Bools) -> Triples:
    """Return where compounds hold that are *asked* for, and the points of the parts they want; *found* is all else."""
    tree = _Tree(found, papers, levels)
    columns = np.concatenate([level.columns for level in levels])
    columns = columns[asked[columns]]
    rows = tree.rows[columns]
    place, paper = members(tree.holds[rows])
    return columns[place], paper, tree.points(rows[place], paper)


class _Tree:
    """Compounds and their parts, each a row: *rows* gives that of a column, *holds* the papers in which it is found.

    The *simple* rows, so many, come first; after them the compounds, level by level.
    """

    def __init__(self, found: Points, papers: int, levels: Sequence[Level]) -> None:
        compounds, width = np.concatenate([level.columns for level in levels]), len(found.starts) - 1
        simple = np.setdiff1d(distinct(np.concatenate([level.parts for level in levels]), width), compounds, assume_unique=True)
        self.rows = np.zeros(width, np.int64)
        self.rows[simple] = np.arange(len(simple))
        self.rows[compounds] = len(simple) + np.arange(len(compounds))
        counts = np.diff(found.starts)[simple]
        cells = spread(found.starts[simple], counts)
        there = sets(np.repeat(np.arange(len(simple)), counts), found.papers[cells], len(simple), papers)
        self._simple, self._values, self._before = len(simple), found.values[cells], before(there)
        self.holds = np.empty((len(simple) + len(compounds), there.shape[1]), np.uint64)
        self._note_parts(levels)
        self.holds[: len(simple)] = there
        done, anything = len(simple), sets(np.zeros(papers, np.int64), np.arange(papers), 1, papers)
        for level in levels:
            np.bitwise_and(self._held(level), anything, out=self.holds[done : done + len(level.columns)])
            done += len(level.columns)

    def points(self, row: Ints, paper: Ints) -> Floats:
        """Return the points of rows in papers where they hold."""
        points = np.full(len(row), NOTHING)
        simple = np.flatnonzero(row < self._simple)
        points[simple] = self._values[places(self.holds, self._before, row[simple], paper[simple])]
        compound = np.flatnonzero(self._counts[row])
        if len(compound):
            counts = self._counts[row[compound]]
            cell, part = np.repeat(compound, counts), spread(self._starts[row[compound]], counts)
            kept = are_in(self.holds, self._parts[part], paper[cell])
            cell, part = cell[kept], part[kept]
            own = self._weights[part] * self.points(self._parts[part], paper[cell])
            points[compound] = np.bincount(cell, own, len(row))[compound]
        return points

    def _note_parts(self, levels: Sequence[Level]) -> None:
        """Note which parts each row wants: none, if it is no compound. They are sorted by rows as it is."""
        row = np.concatenate([np.repeat(self.rows[level.columns], np.diff(level.starts)) for level in levels])
        wanted = np.flatnonzero(~np.concatenate([level.against for level in levels]))
        self._parts = self.rows[np.concatenate([level.parts for level in levels])[wanted]]
        self._weights = np.concatenate([level.weights for level in levels])[wanted]
        self._counts = np.bincount(row[wanted], minlength=len(self.holds))
        self._starts = np.cumsum(self._counts) - self._counts

    def _held(self, level: Level) -> Sets:
        """Return where compounds hold: where all their parts do; or, of those that need but one, where not all do not."""
        flipped = np.where(level.either, _ALL, _NONE)
        flips = np.where(level.against, _ALL, np.repeat(flipped, np.diff(level.starts)))
        parts, first, count = self.rows[level.parts], level.starts[:-1], np.diff(level.starts)
        held: Sets = self.holds[parts[first]] ^ flips[first, None]
        for nth in range(1, count.max(initial=0)):  # two are the most, in nearly all
            row = slice(None) if nth < count.min() else np.flatnonzero(count > nth)
            held[row] &= self.holds[parts[first[row] + nth]] ^ flips[first[row] + nth, None]
        held ^= flipped[:, None]
        return held
