"""Where the phrases of a library stand in a corpus: in which papers, and how prominently."""

from dataclasses import dataclass

import numpy as np

from digestd.matching.arrays import Floats, Ints, runs
from digestd.matching.corpus import Corpus
from digestd.matching.library import Library
from digestd.matching.phrases import standing
from digestd.matching.weights import IN_TITLE, prominence

_PLACE = 32  # bits

_ABSTRACT = 1  # the odd fields


@dataclass(frozen=True, slots=True)
class Hits:
    """The papers in which phrases are found: one row for each *column* and *paper*, sorted; *boost* is its prominence there.

    *columns* and *places* are the same place by place: where in the stream each column starts.
    """

    column: Ints
    paper: Ints
    boost: Floats
    columns: Ints
    places: Ints


def hits(library: Library, corpus: Corpus) -> Hits:
    """Return where the phrases of *library* stand in *corpus*."""
    node, place = _walked(library, corpus)
    special, start = _sorted(*standing(library.phrases, corpus, node, place))
    used = library.used[node]
    columns, places = np.concatenate([node[used], special]), np.concatenate([place[used], start])
    column, field, boost = worth(columns, corpus.field[places])
    papers = runs(column, field >> 1)
    summed = np.add.reduceat(boost, papers) if len(papers) else boost
    return Hits(column[papers], field[papers] >> 1, summed, columns, places)


def worth(column: Ints, field: Ints) -> tuple[Ints, Ints, Floats]:
    """Return the columns and fields of places once each, and what one is worth in the other; equal ones are side by side."""
    first = runs(column, field)
    times = np.diff(np.append(first, len(column)))
    column, field = column[first], field[first]
    return column, field, np.where(field & 1 == _ABSTRACT, prominence(times.astype(float)), IN_TITLE)


def stands(library: Library, hits: Hits) -> Ints:
    """Return in how many papers each column is found."""
    return np.bincount(hits.column, minlength=library.width)


def _walked(library: Library, corpus: Corpus) -> tuple[Ints, Ints]:
    """Return the nodes found and where, sorted by both."""
    numbers = library.trie.words
    known = np.fromiter((numbers.get(key, 0) for key in corpus.singular), np.int64, len(corpus.singular))
    return _sorted(*library.trie.walk(known[corpus.stream]))


def _sorted(column: Ints, place: Ints) -> tuple[Ints, Ints]:
    both = np.sort(column << _PLACE | place)
    return both >> _PLACE, both & (1 << _PLACE) - 1
