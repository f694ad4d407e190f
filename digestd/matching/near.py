"""NEAR, for all queries and papers at once: which places of phrases have one of the other side close by."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from digestd.matching.arrays import Bools, Floats, Ints, spread
from digestd.matching.compounds import NOTHING
from digestd.matching.corpus import Corpus
from digestd.matching.hits import Hits, worth
from digestd.matching.library import Library
from digestd.matching.query import Term

_PLACE = 32  # bits; above them stands which NEAR it is


def close(library: Library, corpus: Corpus, hits: Hits, rarity: Floats) -> tuple[Ints, Ints, Floats]:
    """Return where NEAR holds: its column, the paper, and the points there, once for each term and field."""
    nears = library.nears
    left = _side(library, hits, (query.left for _, query in nears))
    right = _side(library, hits, (query.right for _, query in nears))
    distances = np.asarray([query.distance for _, query in nears], np.int64)
    columns = np.asarray([column for column, _ in nears], np.int64)
    cells = [
        _cells(one, one.term[kept], one.start[kept], corpus, rarity)
        for one, kept in (
            (left, _are_close(left, right, distances, corpus)),
            (right, _are_close(right, left, distances, corpus)),
        )
    ]
    near, paper, points = (np.concatenate(parts) for parts in zip(*cells, strict=True))
    return columns[near], paper, points


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of all NEAR queries: the terms, of which *near*, and where each *term*, by its number, starts."""

    near: Ints
    column: Ints
    weight: Floats
    length: Ints
    term: Ints
    start: Ints

    def keys(self, offset: Ints | int) -> Ints:
        """Return places that far from each start, as numbers that keep the queries apart."""
        return self.near[self.term] << _PLACE | self.start + offset

    def lengths(self) -> Ints:
        return self.length[self.term]


def _side(library: Library, hits: Hits, sides: Iterable[tuple[Term, ...]]) -> _Side:
    terms = [(near, term) for near, side in enumerate(sides) for term in side]
    column = np.asarray([library.column(replace(term, weight=1.0)) for _, term in terms], np.int64)
    first, after = np.searchsorted(hits.columns, column), np.searchsorted(hits.columns, column, "right")
    return _Side(
        near=np.asarray([near for near, _ in terms], np.int64),
        column=column,
        weight=np.asarray([max(term.weight, NOTHING) for _, term in terms], np.float64),
        length=np.asarray([len(term.words) for _, term in terms], np.int64),
        term=np.repeat(np.arange(len(terms)), after - first),
        start=hits.places[spread(first, after - first)],
    )


def _are_close(side: _Side, other: _Side, distances: Ints, corpus: Corpus) -> Bools:
    """Say which places of one side have one of the other close enough, in their field, with no word in common."""
    if not len(other.start):
        return np.zeros(len(side.start), np.bool_)
    most, field = distances[side.near[side.term]], corpus.field[side.start]
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
    return side.near[term], field >> 1, boost * side.weight[term] * rarity[side.column[term]]
