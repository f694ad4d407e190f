"""A paper as it is read for terms: what is found, where, as evidence."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

from digestd.matching.labels import is_category, is_source
from digestd.matching.names import same_person
from digestd.matching.phrase import occurrences
from digestd.matching.query import And, Leaf, Near, Not, Or, Query, Term
from digestd.matching.text import Passage, Span
from digestd.model.digest import Evidence, Field
from digestd.model.paper import Paper

_MOST_PLACES = 20  # of a term in a field, as evidence
_MOST_NEAR = 200  # of a term in a field, as one side of NEAR

Found = tuple[Evidence, ...]


class Page:
    """A paper, read as far as anybody asked."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    @cached_property
    def title(self) -> Passage:
        return Passage(self.paper.title)

    @cached_property
    def abstract(self) -> Passage:
        return Passage(self.paper.abstract)

    def answer(self, query: Query) -> Found | None:
        """Return the evidence that the paper is what *query* asks for, None when it is not. NOT has no evidence."""
        match query:
            case Not(part):
                return () if self.answer(part) is None else None
            case And(parts):
                return self._all(parts)
            case Or(parts):
                answers = [found for part in parts if (found := self.answer(part)) is not None]
                return tuple(one for found in answers for one in found) if answers else None
            case _:
                return self.find(query) or None

    def find(self, leaf: Leaf) -> Found:
        """Return where a term stands, at most 20 places in a field; for NEAR, where its terms stand near each other."""
        if isinstance(leaf, Near):
            return tuple(self._near(leaf))
        return tuple(one for field in leaf.fields for one in islice(self._places(leaf, field), _MOST_PLACES))

    def _all(self, parts: Iterable[Query]) -> Found | None:
        evidence: list[Evidence] = []
        for part in parts:
            found = self.answer(part)
            if found is None:
                return None
            evidence += found
        return tuple(evidence)

    def _places(self, term: Term, field: Field) -> Iterator[Evidence]:
        match field:
            case "title" | "abstract":
                passage = self._passage(field)
                return (_evidence(term, field, passage, place) for place in occurrences(term.words, passage))
            case "author":
                names = self.paper.authors
                return _entries(term, field, names, [same_person(term.written, name) for name in names])
            case "category":
                labels = self.paper.categories
                return _entries(term, field, labels, [is_category(term.written, label) for label in labels])
            case "source":
                labels = self.paper.sources
                return _entries(term, field, labels, [is_source(term.written, label) for label in labels])

    def _passage(self, field: Field) -> Passage:
        return self.title if field == "title" else self.abstract

    def _near(self, near: Near) -> Iterator[Evidence]:
        for field in ("title", "abstract"):
            left, right = self._standing(near.left, field), self._standing(near.right, field)
            passage = self._passage(field)
            for ones, others in ((left, right), (right, left)):
                close = islice(_close(ones, others, near.distance), _MOST_PLACES)
                yield from (_evidence(term, field, passage, place) for term, place in close)

    def _standing(self, terms: Iterable[Term], field: Field) -> list[tuple[Term, Span]]:
        passage = self._passage(field)
        inside = (term for term in terms if field in term.fields)
        return [(term, place) for term in inside for place in islice(occurrences(term.words, passage), _MOST_NEAR)]


def _close(ones: list[tuple[Term, Span]], others: list[tuple[Term, Span]], distance: int) -> Iterator[tuple[Term, Span]]:
    """Yield those of *ones* with at most *distance* words between them and one of *others*, and no word in common."""
    ends = sorted(end for _, (_, end) in others)
    starts = sorted(start for _, (start, _) in others)
    for term, (start, end) in ones:
        before = bisect_left(ends, start + 1)
        after = bisect_left(starts, end)
        if (before and start - ends[before - 1] <= distance) or (after < len(starts) and starts[after] - end <= distance):
            yield term, (start, end)


def _evidence(term: Term, field: Field, passage: Passage, place: Span) -> Evidence:
    start, end = passage.span(*place)
    return Evidence(term.written, field, start, end, term.weight, passage.text[start:end])


def _entries(term: Term, field: Field, entries: tuple[str, ...], wanted: list[bool]) -> Iterator[Evidence]:
    """Yield the entries that are wanted, where they stand when "; " joins all."""
    start = 0
    for entry, is_wanted in zip(entries, wanted, strict=True):
        if is_wanted:
            yield Evidence(term.written, field, start, start + len(entry), term.weight, entry)
        start += len(entry) + len("; ")
