"""All profiles as numbers: which columns each asks for. What two profiles ask for alike is one column, looked for once."""

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from digestd.matching.arrays import Bools, Floats, Ints
from digestd.matching.compounds import NOTHING, Compound, Level, levels
from digestd.matching.names import readings
from digestd.matching.parser import author, parse
from digestd.matching.phrase import Word
from digestd.matching.phrases import IN_TEXT, Phrases, phrases
from digestd.matching.plurals import singular
from digestd.matching.query import And, Near, Not, Or, Query, Scope, Term
from digestd.matching.text import fold
from digestd.matching.trie import Trie, TrieBuilder
from digestd.model.subscriber import Profile

# A phrase that needs no parser: no operator, acronym or sign; each word is folded, and its plural too.
_PLAIN = re.compile(r"[A-Za-z0-9][a-z0-9]*+(?:[ -][A-Za-z0-9][a-z0-9]*+)*+")
ANY: tuple[Scope, ...] = ("text", "author", "category", "source")

_LABELS = {"author", "category", "source"}

Filter = tuple[tuple[str, ...], tuple[str, ...]]  # categories, sources


@dataclass(frozen=True, slots=True)
class Rows:
    """For each profile its columns, and what each weighs: the profile n has those from starts[n] to starts[n + 1]."""

    starts: Ints
    columns: Ints
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Library:
    """Profiles, compiled. The column of a plain phrase is its node in the trie; those from *plain* on are *special*.

    *phrases*, *labels* (names are some) and *nears* are the special ones that are such, with their columns; *levels* has the
    compound ones. *used* says which nodes are columns.
    """

    trie: Trie
    plain: int
    used: Bools
    special: tuple[Query, ...]
    phrases: Phrases
    levels: tuple[Level, ...]
    labels: tuple[tuple[int, Term], ...]
    nears: tuple[tuple[int, Near], ...]
    wanted: Rows
    mutes: Rows
    filters: tuple[Filter, ...]
    filter_of: Ints
    min_scores: Floats
    compiler: "Compiler"

    @property
    def count(self) -> int:
        return len(self.wanted.starts) - 1

    @property
    def width(self) -> int:
        return self.plain + len(self.special)

    def column(self, query: Query) -> int:
        """Return the column of a part of a query that some profile asks for."""
        return _placed(self.compiler.known(query), self.plain)


def compile_profiles(profiles: Iterable[Profile]) -> Library:
    """Return *profiles* compiled, in their order. Raises QueryError for an entry that cannot be understood."""
    compiler = Compiler()
    for profile in profiles:
        compiler.add(profile)
    return compiler.library()


class Compiler:
    """Gives each thing that is asked for a column: positive for plain phrases, negative for the others."""

    def __init__(self) -> None:
        self._builder = TrieBuilder()
        self._numbers = _Numbers(self._builder)
        self._special: dict[object, int] = {}
        self._queries: list[Query] = []
        self._anchors = array("q")
        self._compounds: dict[int, Compound] = {}
        self._nodes = array("q")
        self._wanted, self._mutes = _RowsBuilder(), _RowsBuilder()
        self._filters: dict[Filter, int] = {}
        self._filter_of = array("q")
        self._min_scores = array("d")

    def add(self, profile: Profile) -> None:
        self._wanted.add(self._row(profile))
        self._mutes.add({self.column(query): 1.0 for entry in profile.mute for query in wishes(parse(entry))})
        filter_ = (profile.categories, profile.sources)
        self._filter_of.append(self._filters.setdefault(filter_, len(self._filters)))
        self._min_scores.append(-1.0 if profile.min_score is None else profile.min_score)

    def library(self) -> Library:
        trie = self._builder.trie()
        plain = len(trie.edges) + 1
        special = [*enumerate(self._queries, start=plain)]
        return Library(
            trie=trie,
            plain=plain,
            used=_marked(self._nodes, plain),
            special=tuple(self._queries),
            phrases=phrases(self._queries, self._anchors, plain),
            labels=tuple((at, one) for at, one in special if isinstance(one, Term) and one.scope in _LABELS),
            nears=tuple((at, one) for at, one in special if isinstance(one, Near)),
            levels=levels(self._compounds, lambda column: _placed(column, plain), plain + len(self._queries)),
            wanted=self._wanted.rows(plain),
            mutes=self._mutes.rows(plain),
            filters=tuple(self._filters),
            filter_of=np.asarray(self._filter_of, np.int64),
            min_scores=np.asarray(self._min_scores),
            compiler=self,
        )

    def column(self, query: Query) -> int:
        """Return the column of a query, new if nobody asked for it before; the weight of a term is left to the row."""
        if _is_plain(query):
            return self._node(_folded(query, self._builder))
        query = replace(query, weight=1.0) if isinstance(query, Term) else query
        column = self._special.get(alike := key(query))
        if column is None:
            column = self._special[alike] = -1 - len(self._special)
            self._queries.append(query)
            self._anchors.append(self._builder.node(map(self._builder.word, _anchor(query))))
            if found := self._compound(query):
                self._compounds[column] = found
            elif isinstance(query, Near):
                for term in (*query.left, *query.right):
                    self.column(term)
        return column

    def known(self, query: Query) -> int:
        """Return the column of a query that has one."""
        return self._builder.node(_folded(query, self._builder)) if _is_plain(query) else self._special[key(query)]

    def _compound(self, query: Query) -> Compound | None:
        match query:
            case Term(written, "any"):
                return Compound(1, tuple((self.column(Term(written, scope)), 1.0) for scope in ANY))
            case Not(part):
                return Compound(0, (), (self.column(part),))
            case Or(several):
                return Compound(1, tuple(map(self._weighted, several)))
            case And(several):
                against = tuple(self.column(part.part) for part in several if isinstance(part, Not))
                wanted = tuple(self._weighted(part) for part in several if not isinstance(part, Not))
                return Compound(len(wanted), wanted, against)
            case _:
                return None

    def _weighted(self, query: Query) -> tuple[int, float]:
        return self.column(query), weight(query)

    def _node(self, words: Iterable[int]) -> int:
        node = self._builder.node(words)
        self._nodes.append(node)
        return node

    def _row(self, profile: Profile) -> dict[int, float]:
        row: dict[int, float] = {}
        number = self._numbers.__getitem__
        for keyword in profile.keywords:
            if _PLAIN.fullmatch(keyword):  # nearly all are: the way through the parser takes ten times as long
                column = self._node(map(number, keyword.replace("-", " ").split()))
                row[column] = max(1.0, row.get(column, 0.0))
            else:
                self._add(wishes(parse(keyword)), row)
        self._add(map(author, profile.authors), row)
        self._add(labels(profile), row)
        return row

    def _add(self, queries: Iterable[Query], row: dict[int, float]) -> None:
        for query in queries:
            column, own = self._weighted(query)
            row[column] = max(own, row.get(column, 0.0))


def _placed(column: int, plain: int) -> int:
    """Return a column's place among all: special ones stand after the plain."""
    return column if column > 0 else plain - 1 - column


def labels(profile: Profile) -> tuple[Term, ...]:
    """Return what a profile without keywords, authors and examples asks for: all papers of its categories, or else sources."""
    if profile.keywords or profile.authors or profile.like:
        return ()
    if profile.categories:
        return tuple(Term(one, "category") for one in profile.categories)
    return tuple(Term(one, "source") for one in profile.sources)


class _Numbers(dict[str, int]):
    """The number of each plain word, as the trie knows it: worked out when it is first asked for."""

    def __init__(self, builder: TrieBuilder) -> None:
        super().__init__()
        self._builder = builder

    def __missing__(self, word: str) -> int:
        self[word] = number = self._builder.word(singular(fold(word)))
        return number


class _RowsBuilder:
    def __init__(self) -> None:
        self._starts, self._columns, self._weights = array("q", [0]), array("q"), array("f")

    def add(self, row: dict[int, float]) -> None:
        self._columns.extend(row)
        self._weights.extend(max(weight, NOTHING) for weight in row.values())
        self._starts.append(len(self._columns))

    def rows(self, plain: int) -> Rows:
        columns = np.asarray(self._columns, np.int64)
        placed = np.where(columns > 0, columns, plain - 1 - columns)
        return Rows(np.asarray(self._starts, np.int64), placed, np.asarray(self._weights, np.float32))


@lru_cache(maxsize=1 << 12)
def asked(profile: Profile) -> tuple[Query, ...]:
    """Return what a profile asks for: a query for each of its columns, in their order."""
    keywords = (query for keyword in profile.keywords for query in wishes(parse(keyword)))
    found: dict[object, Query] = {}
    for query in (*keywords, *map(author, profile.authors), *labels(profile)):
        known = found.setdefault(key(query), query)
        if weight(query) > weight(known):
            found[key(query)] = query
    return tuple(found.values())


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


def _is_plain(query: Query) -> TypeGuard[Term]:
    """Tell a phrase that is looked for in title and abstract, each word folded and its plural too."""
    if not isinstance(query, Term) or query.scope != "text":
        return False
    return all(word.view == "singular" and not word.prefix for word in query.words)


def _folded(term: Term, builder: TrieBuilder) -> Iterator[int]:
    return (builder.word(word.forms[0]) for word in term.words)


def _anchor(query: Query) -> list[str]:
    """Return the folded singular words of a phrase; none where one of its words may have several such forms."""
    if not isinstance(query, Term) or query.scope not in IN_TEXT:
        return []
    keys = [{_coarse(word, form) for form in word.forms} for word in query.words]
    settled = all(len(key) == 1 and not word.prefix for key, word in zip(keys, query.words, strict=True))
    return [key.pop() for key in keys] if settled else []


def _coarse(word: Word, form: str) -> str:
    """Return the folded singular of a form; one that is singular already stays, for dense is not den."""
    return form if word.view == "singular" else singular(fold(form))


def _marked(numbers: Iterable[int], count: int) -> Bools:
    marked = np.zeros(count, np.bool_)
    marked[np.asarray(numbers, np.int64)] = True
    return marked


def key(query: Query) -> object:
    """Return what queries have in common that ask for the same."""
    if isinstance(query, Term):
        return query.scope, _meant(query)
    return str(query)


def _meant(term: Term) -> object:
    if term.scope in IN_TEXT:
        return term.words
    return readings(term.written) if term.scope == "author" else term.written.strip('" ').casefold()
