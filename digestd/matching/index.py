"""Many papers, read once for many profiles: the index proposes papers, the page of each decides."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

from digestd.matching.names import readings
from digestd.matching.page import Page
from digestd.matching.phrase import Word
from digestd.matching.plurals import singular
from digestd.matching.profile import CompiledProfile
from digestd.matching.query import And, Near, Not, Or, Query, Term
from digestd.matching.text import fold, folded_words
from digestd.matching.verdict import verdict
from digestd.model.digest import Match
from digestd.model.paper import Paper

Numbers = frozenset[int]  # of papers, by their place in the index

_NONE: Numbers = frozenset()
_LAST = "\U0010ffff"


class PaperIndex:
    """Papers, indexed by the words of title and abstract."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._pages = [Page(paper) for paper in papers]
        self._all: Numbers = frozenset(range(len(papers)))
        self._holders: dict[str, list[int]] = {}
        for number, paper in enumerate(papers):
            for word in {*folded_words(paper.title), *folded_words(paper.abstract)}:
                self._holders.setdefault(word, []).append(number)

    def matches(self, compiled: CompiledProfile) -> list[Match]:
        """Return what the profile asks for, best first: by score, votes, date, id. Muted papers are told as such."""
        found = ((verdict(compiled, page), page.paper) for page in map(self._pages.__getitem__, self._proposed(compiled)))
        ranked = sorted((_rank(match, paper), number, match) for number, (match, paper) in enumerate(found) if match)
        return [match for _, _, match in ranked]

    def _proposed(self, compiled: CompiledProfile) -> Numbers:
        if compiled.wants_all:
            return self._all
        return _NONE.union(*(self._candidates(entry.query) for entry in compiled.wanted))

    def _candidates(self, query: Query) -> Numbers:
        """Return the papers that *query* may match: all that do, and few others."""
        match query:
            case Not():
                return self._all
            case And(parts):
                return self._all.intersection(*map(self._candidates, parts))
            case Or(parts):
                return _NONE.union(*map(self._candidates, parts))
            case Near(left, right):
                return self._candidates(Or(left)) & self._candidates(Or(right))
            case Term():
                return self._with_term(query)

    def _with_term(self, term: Term) -> Numbers:
        match term.scope:
            case "text" | "title" | "abstract":
                return self._with_words(term.words)
            case "author":
                return self._with_author(term.written)
            case _:
                return self._all

    def _with_words(self, words: Iterable[Word]) -> Numbers:
        return self._all.intersection(*(_NONE.union(*map(self._holders.__getitem__, self._forms(word))) for word in words))

    def _forms(self, word: Word) -> Iterable[str]:
        """Return the folded words under which papers that hold *word* are indexed."""
        if word.prefix:
            first, *_ = map(fold, word.forms)
            return self._sorted[bisect_left(self._sorted, first) : bisect_left(self._sorted, first + _LAST)]
        if word.view == "singular":
            return self._by_singular.get(word.forms[0], ())
        return [form for form in map(fold, word.forms) if form in self._holders]

    def _with_author(self, name: str) -> Numbers:
        return _NONE.union(*(self._by_family.get(reading.family, ()) for reading in readings(name)))

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._holders)

    @cached_property
    def _by_singular(self) -> dict[str, list[str]]:
        forms: dict[str, list[str]] = {}
        for word in self._holders:
            forms.setdefault(singular(word), []).append(word)
        return forms

    @cached_property
    def _by_family(self) -> dict[tuple[str, ...], list[int]]:
        papers: dict[tuple[str, ...], list[int]] = {}
        for number, page in enumerate(self._pages):
            for family in {reading.family for name in page.paper.authors for reading in readings(name)}:
                papers.setdefault(family, []).append(number)
        return papers


def _rank(match: Match, paper: Paper) -> tuple[float, int, float, str]:
    published = paper.published.timestamp() if paper.published else 0
    return -match.score, -(paper.votes or 0), -published, paper.id
