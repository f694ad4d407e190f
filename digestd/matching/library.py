"""All profiles as numbers: which columns each asks for. What two profiles ask for alike is one column, looked for once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from digestd.matching.arrays import Bools, Floats, Ints
from digestd.matching.compounds import NOTHING, Compounds, Level
from digestd.matching.names import readings
from digestd.matching.parser import author, parse, sides
from digestd.matching.phrasebook import Columns, Phrasebook
from digestd.matching.phrases import IN_TEXT, Phrases
from digestd.matching.query import And, Near, Not, Or, Query, Scope, Term
from digestd.matching.trie import Trie
from digestd.model.subscriber import Profile

ANY: tuple[Scope, ...] = ("text", "author", "category", "source")

Asked = TypeVar("Asked")
Filter = tuple[tuple[str, ...], tuple[str, ...]]  # categories, sources

_PLACE = 32  # bits


@dataclass(frozen=True, slots=True)
class Rows:
    """For each profile its columns, and what each weighs: the profile n has those from starts[n] to starts[n + 1]."""

    starts: Ints
    columns: Ints
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one side of all NEAR queries: of which *near* each is, sorted, its column, weight and length."""

    near: Ints
    column: Ints
    weight: Floats
    length: Ints


@dataclass(frozen=True, slots=True)
class Nears:
    """All NEAR queries: their *columns* and *distances*, and the terms of both sides."""

    columns: Ints
    distances: Ints
    left: Terms
    right: Terms


@dataclass(frozen=True, slots=True)
class Library:
    """Profiles, compiled. The column of a plain phrase is its node in the trie; those from *plain* on are *special*.

    *phrases*, *labels* (names are some) and *nears* are the special ones that are such, with their columns; *levels* has the
    compound ones. *used* says which nodes are columns, *columns* those of phrases, *numbers* the others, from −1 down.
    """

    columns: Columns
    numbers: Mapping[object, int]
    used: Bools
    levels: tuple[Level, ...]
    labels: tuple[tuple[int, Term], ...]
    nears: "Nears"
    wanted: Rows
    mutes: Rows
    filters: tuple[Filter, ...]
    filter_of: Ints
    min_scores: Floats

    @property
    def trie(self) -> Trie:
        return self.columns.trie

    @property
    def plain(self) -> int:
        return self.columns.plain

    @property
    def phrases(self) -> Phrases:
        return self.columns.special

    @property
    def count(self) -> int:
        return len(self.wanted.starts) - 1

    @property
    def width(self) -> int:
        return self.columns.width + len(self.numbers)

    def column(self, query: Query) -> int:
        """Return the column of a part of a query that some profile asks for."""
        if isinstance(query, Term) and query.scope in IN_TEXT:
            return self.columns.column(query)
        return int(self.columns.placed(np.asarray(self.numbers[key(query)])))


def compile_profiles(profiles: Iterable[Profile]) -> Library:
    """Return *profiles* compiled, in their order. Raises QueryError for an entry that cannot be understood."""
    rows, compiler = list(profiles), _Compiler()
    wanted = compiler.asked([one.keywords for one in rows], [(*map(author, one.authors), *labels(one)) for one in rows])
    mutes = compiler.asked([one.mute for one in rows], [() for _ in rows])
    columns = compiler.phrases.columns()
    filters: dict[Filter, int] = {}
    filter_of = [filters.setdefault((one.categories, one.sources), len(filters)) for one in rows]
    return Library(
        columns=columns,
        numbers=compiler.numbers,
        used=columns.used,
        levels=compiler.compounds.levels(columns.placed),
        labels=_placed(compiler.labels, columns),
        nears=_nears(_placed(compiler.nears, columns), columns),
        wanted=_rows(wanted, columns),
        mutes=_rows(mutes, columns),
        filters=tuple(filters),
        filter_of=np.asarray(filter_of, np.int64),
        min_scores=np.asarray([-1.0 if one.min_score is None else one.min_score for one in rows]),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What so many rows ask for, row by row: the number of each thing, and its weight."""

    count: int
    row: Ints
    number: Ints
    weight: Floats


class _Compiler:
    """Gives each thing that is asked for a number: above 0 for phrases, below for the others."""

    def __init__(self) -> None:
        self.phrases, self.compounds = Phrasebook(), Compounds()
        self.numbers: dict[object, int] = {}
        self.labels: list[tuple[int, Term]] = []
        self.nears: list[tuple[int, Near]] = []

    def asked(self, entries: Sequence[Sequence[str]], others: Sequence[Sequence[Query]]) -> _Asked:
        """Return what rows ask for: the wishes of their entries, and after them other queries."""
        texts = list(chain.from_iterable(entries))
        rows = np.repeat(np.arange(len(entries)), np.fromiter(map(len, entries), np.int64, len(entries)))
        numbers = self.phrases.read(texts)
        plain, unread = np.flatnonzero(numbers), np.flatnonzero(numbers == 0)
        wishes = self._wishes(texts[place] for place in unread.tolist())
        places = zip(rows[unread].tolist(), unread.tolist(), strict=True)
        special = [(row, place, *wish) for row, place in places for wish in wishes[texts[place]]]
        special += [(row, len(texts), *self._weighted(query)) for row, some in enumerate(others) for query in some]
        cells = np.reshape(np.asarray(special, np.float64), (-1, 4))
        row, place, number = cells[:, :3].astype(np.int64).T
        row, place = np.append(rows[plain], row), np.append(plain, place)
        number, weight = np.append(numbers[plain], number), np.append(np.ones(len(plain)), cells[:, 3])
        order = np.argsort(row << _PLACE | place, kind="stable")
        return _Asked(len(entries), row[order], number[order], weight[order])

    def _wishes(self, texts: Iterable[str]) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Return the wishes of entries that are no plain phrases, nearly all of them such phrases with signs between."""
        split = {text: sides(text) for text in dict.fromkeys(texts)}
        numbers = iter(self.phrases.read([phrase for phrases, _ in split.values() for phrase in phrases]).tolist())
        found: dict[str, Sequence[tuple[int, float]]] = {}
        for text, (phrases, signs) in split.items():
            own = [*islice(numbers, len(phrases))]
            found[text] = self._joined(text, own, signs) if all(own) else [*map(self._weighted, wishes(parse(text)))]
        return found

    def _joined(self, text: str, phrases: Sequence[int], signs: Sequence[str]) -> Sequence[tuple[int, float]]:
        """Return the wishes of phrases with AND and AND NOT, or with OR, between them."""
        if "OR" in signs:
            return [(phrase, 1.0) for phrase in phrases]
        if text not in self.numbers:
            signed = [*zip(("AND", *signs), phrases, strict=True)]
            wanted = [(phrase, 1.0) for sign, phrase in signed if sign == "AND"]
            self.compounds.all_of(self._new(text), wanted, [phrase for sign, phrase in signed if sign == "AND NOT"])
        return [(self.numbers[text], 1.0)]

    def _new(self, known: object) -> int:
        self.numbers[known] = number = -1 - len(self.numbers)
        return number

    def _weighted(self, query: Query) -> tuple[int, float]:
        return self._number(query), weight(query)

    def _number(self, query: Query) -> int:
        if isinstance(query, Term) and query.scope in IN_TEXT:
            return self.phrases.add(query)
        if (known := key(query)) not in self.numbers:
            self._add(self._new(known), query)
        return self.numbers[known]

    def _add(self, number: int, query: Query) -> None:
        match query:
            case Term(written, "any"):
                self.compounds.any_of(number, [(self._number(Term(written, scope)), 1.0) for scope in ANY])
            case Term():
                self.labels.append((number, query))
            case Near(left, right):
                self.nears.append((number, query))
                for term in (*left, *right):
                    self.phrases.add(term)
            case Not(part):
                self.compounds.all_of(number, (), [self._number(part)])
            case Or(parts):
                self.compounds.any_of(number, map(self._weighted, parts))
            case And(parts):
                wanted = [self._weighted(part) for part in parts if not isinstance(part, Not)]
                against = [self._number(part.part) for part in parts if isinstance(part, Not)]
                self.compounds.all_of(number, wanted, against)


def _placed(numbered: Iterable[tuple[int, Asked]], columns: Columns) -> tuple[tuple[int, Asked], ...]:
    """Return things with their columns instead of numbers."""
    return tuple((int(columns.placed(np.asarray(number))), one) for number, one in numbered)


def _nears(numbered: Sequence[tuple[int, Near]], columns: Columns) -> Nears:
    return Nears(
        columns=np.asarray([column for column, _ in numbered], np.int64),
        distances=np.asarray([query.distance for _, query in numbered], np.int64),
        left=_terms([query.left for _, query in numbered], columns),
        right=_terms([query.right for _, query in numbered], columns),
    )


def _terms(sides: Sequence[tuple[Term, ...]], columns: Columns) -> Terms:
    terms = [(near, term) for near, side in enumerate(sides) for term in side]
    return Terms(
        near=np.asarray([near for near, _ in terms], np.int64),
        column=np.asarray([columns.column(term) for _, term in terms], np.int64),
        weight=np.asarray([max(term.weight, NOTHING) for _, term in terms], np.float64),
        length=np.asarray([len(term.words) for _, term in terms], np.int64),
    )


def _rows(asked: _Asked, columns: Columns) -> Rows:
    """Return the rows, each with what it asks for once: as heavy as its heaviest, at the place of the first."""
    column = columns.placed(asked.number)
    _, first, same = np.unique(asked.row << _PLACE | column, return_index=True, return_inverse=True)
    heaviest = np.full(len(first), NOTHING)
    np.maximum.at(heaviest, same, asked.weight)
    kept = np.sort(first)
    starts = np.searchsorted(asked.row[kept], np.arange(asked.count + 1))
    return Rows(starts, column[kept], heaviest[same[kept]].astype(np.float32))


def labels(profile: Profile) -> tuple[Term, ...]:
    """Return what a profile without keywords, authors and examples asks for: all papers of its categories, or else sources."""
    if profile.keywords or profile.authors or profile.like:
        return ()
    if profile.categories:
        return tuple(Term(one, "category") for one in profile.categories)
    return tuple(Term(one, "source") for one in profile.sources)


def asked(profile: Profile, columns: int = 0) -> tuple[Query, ...]:
    """Return what a profile asks for: a query for each of its columns, in their order; it helps to know how many these are."""
    keywords = chain.from_iterable(map(_read, profile.keywords))
    queries = (*keywords, *map(author, profile.authors), *labels(profile))
    if len(queries) == columns:
        return queries
    found: dict[object, Query] = {}
    for query in queries:
        known = found.setdefault(key(query), query)
        if weight(query) > weight(known):
            found[key(query)] = query
    return tuple(found.values())


@lru_cache(maxsize=1 << 18)
def _read(keyword: str) -> tuple[Query, ...]:
    """Return the wishes of a keyword: many readers write the same."""
    return tuple(wishes(parse(keyword)))


@lru_cache(maxsize=1 << 12)
def muted(profile: Profile) -> tuple[tuple[Query, str], ...]:
    """Return what a profile mutes, and the entry that says so: one for each of its columns of mutes, in their order."""
    first: dict[object, tuple[Query, str]] = {}
    for entry in profile.mute:
        for query in wishes(parse(entry)):
            first.setdefault(key(query), (query, entry))
    return tuple(first.values())


def wishes(query: Query) -> Iterator[Query]:
    """Yield what an entry asks for: the sides of an OR are as many wishes."""
    if isinstance(query, Or):
        for part in query.parts:
            yield from wishes(part)
    else:
        yield query


def weight(query: Query) -> float:
    """Return the weight of a term; other queries have weights inside."""
    return query.weight if isinstance(query, Term) else 1.0


def key(query: Query) -> object:
    """Return what queries have in common that ask for the same."""
    if isinstance(query, Term):
        return query.scope, _meant(query)
    return str(query)


def _meant(term: Term) -> object:
    if term.scope in IN_TEXT:
        return term.words
    return readings(term.written) if term.scope == "author" else term.written.strip('" ').casefold()
