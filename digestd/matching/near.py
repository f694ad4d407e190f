"""NEAR, for all queries and papers at once: which places of phrases have one of the other side close by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digestd.matching.arrays import Bools, Floats, Ints, distinct, runs, spread
from digestd.matching.corpus import Corpus
from digestd.matching.hits import Hits, worth
from digestd.matching.library import Library, Terms
from digestd.matching.sets import Sets, members, sets

_PLACE = 32  # bits; above them stands which NEAR it is


def close(library: Library, corpus: Corpus, hits: Hits, rarity: Floats) -> tuple[Ints, Ints, Floats]:
    """Return where NEAR holds: its column, the paper, and the points there, once for each term and field."""
    nears = library.nears
    left, right = _sides([nears.left, nears.right], library.width, hits, corpus)
    cells = [
        _cells(one, one.term[kept], one.start[kept], corpus, rarity)
        for one, kept in (
            (left, _are_close(left, right, nears.distances, corpus)),
            (right, _are_close(right, left, nears.distances, corpus)),
        )
    ]
    near, paper, points = (np.concatenate(parts) for parts in zip(*cells, strict=True))
    return nears.columns[near], paper, points


@dataclass(frozen=True, slots=True)
class _Side:
    """Where each *term* of one side, by its number, starts."""

    terms: Terms
    term: Ints
    start: Ints

    def near(self) -> Ints:
        return self.terms.near[self.term]

    def keys(self, offset: Ints | int) -> Ints:
        """Return places that far from each start, as numbers that keep the queries apart."""
        return self.near() << _PLACE | self.start + offset

    def lengths(self) -> Ints:
        return self.terms.length[self.term]


def _sides(sides: Sequence[Terms], width: int, hits: Hits, corpus: Corpus) -> Sequence[_Side]:
    """Return both sides in the fields where there is something of both: that is an eighth of all places."""
    columns = distinct(np.concatenate([side.column for side in sides]), width)
    first, after = np.searchsorted(hits.columns, columns), np.searchsorted(hits.columns, columns, "right")
    at = spread(first, after - first)
    row, start = np.repeat(np.arange(len(columns)), after - first), hits.places[at]
    field, fields = corpus.field[start], 2 * len(corpus.papers)
    there, key = sets(row, field, len(columns), fields), row * fields + field
    rows = [np.searchsorted(columns, side.column) for side in sides]
    both = np.bitwise_and(*(_any(there[own], side.near) for own, side in zip(rows, sides, strict=True)))
    found = []
    for own, side in zip(rows, sides, strict=True):
        term, shared = members(there[own] & both[side.near])
        wanted = own[term] * fields + shared
        begin, end = np.searchsorted(key, wanted), np.searchsorted(key, wanted, "right")
        found.append(_Side(side, np.repeat(term, end - begin), start[spread(begin, end - begin)]))
    return found


def _any(there: Sets, near: Ints) -> Sets:
    """Return where some term of each NEAR is, given where each term is."""
    first = runs(near)
    return np.bitwise_or.reduceat(there, first) if len(first) else there


def _are_close(side: _Side, other: _Side, distances: Ints, corpus: Corpus) -> Bools:
    """Say which places of one side have one of the other close enough, in their field, with no word in common."""
    if not len(other.start):
        return np.zeros(len(side.start), np.bool_)
    most, field = distances[side.near()], corpus.field[side.start]
    start, end = side.keys(0), side.keys(side.lengths())
    ends, starts = np.sort(other.keys(other.lengths())), np.sort(other.keys(0))
    at = np.searchsorted(ends, start, "right") - 1
    before = (at >= 0) & (start - ends[at] <= most) & (corpus.field[_place(ends[at]) - 1] == field)
    at = np.minimum(np.searchsorted(starts, end), len(starts) - 1)
    after = (starts[at] >= end) & (starts[at] - end <= most) & (corpus.field[_place(starts[at])] == field)
    near: Bools = before | after
    return near


def _place(keys: Ints) -> Ints:
    return keys & (1 << _PLACE) - 1


def _cells(side: _Side, term: Ints, start: Ints, corpus: Corpus, rarity: Floats) -> tuple[Ints, Ints, Floats]:
    """Return the query, the paper and the points of each term in each field."""
    order = np.argsort(term << _PLACE | start)
    term, field, boost = worth(term[order], corpus.field[start[order]])
    terms = side.terms
    return terms.near[term], field >> 1, boost * terms.weight[term] * rarity[terms.column[term]]
