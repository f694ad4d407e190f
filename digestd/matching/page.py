"""A paper as one reader's queries find it: whether each holds, what it is worth, and where, as evidence."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from digestd.matching.labels import is_category, is_source
from digestd.matching.names import same_person
from digestd.matching.phrase import occurrences
from digestd.matching.query import And, Leaf, Near, Not, Or, Query, Term, all_of, any_of
from digestd.matching.text import Passage, Span
from digestd.matching.weights import A_LABEL, AN_AUTHOR, IN_TITLE, prominence
from digestd.model.digest import Evidence, Field
from digestd.model.paper import Paper

_MOST_PLACES = 20  # of a term in a field, as evidence
_TEXTS: tuple[Field, ...] = ("title", "abstract")

Found = tuple[Evidence, ...]
Places = list[tuple[Term, Span]]
Rarity = Callable[[Term], float]


class Page:
    """A paper, read as far as anybody asked. Who has read its title and abstract already hands them in."""

    def __init__(self, paper: Paper, title: Passage | None = None, abstract: Passage | None = None) -> None:
        self.paper = paper
        self.title, self.abstract = title or Passage(paper.title), abstract or Passage(paper.abstract)
        self._found: dict[Query, Found] = {}

    def answer(self, query: Query) -> Found | None:
        """Return the evidence that the paper is what *query* asks for, None when it is not. NOT has no evidence."""
        return self._found.get(query) or self._answered(query)

    def find(self, leaf: Leaf) -> Found:
        """Return where a term stands, at most 20 places in a field; for NEAR, where its terms stand near each other."""
        found = self._found.get(leaf)
        if found is None:
            found = self._found[leaf] = self._near(leaf) if isinstance(leaf, Near) else self._term(leaf)
        return found

    def worth(self, query: Query, rarity: Rarity) -> float:
        """Return the points of what is found of a query that holds, with the reader's weights."""
        match query:
            case Not():
                return 0.0
            case And(parts) | Or(parts):
                return sum(self.worth(part, rarity) for part in parts if self._answer(part) is not None)
            case Near():
                return sum(self._worth_near(query, field, rarity) for field in _TEXTS)
            case Term():
                return query.weight * sum(self._worth(query, field, rarity) for field in query.fields)

    def _answered(self, query: Query) -> Found | None:
        """Return an answer that is not known yet, or is none; what many readers ask for alike is worked out once."""
        found = self._answer(query)
        if found and isinstance(query, And):
            found = _of(self._found_of(query), found)
        if found and not isinstance(query, Term):
            found = self._found[query] = tuple(dict.fromkeys(found))
        return found

    def _answer(self, query: Query) -> Found | None:
        match query:
            case Not(part):
                return () if self._answer(part) is None else None
            case And(parts):
                return self._all(parts)
            case Or(parts):
                answers = [found for part in parts if (found := self._answer(part)) is not None]
                return tuple(one for found in answers for one in found) if answers else None
            case _:
                return self.find(query) or None

    def _all(self, parts: Iterable[Query]) -> Found | None:
        evidence: list[Evidence] = []
        for part in parts:
            found = self._answer(part)
            if found is None:
                return None
            evidence += found
        return tuple(evidence)

    def _found_of(self, query: Query) -> Query:
        """Return what is found of a query that holds, without NOT and weights."""
        match query:
            case And(parts):
                return all_of(self._found_of(part) for part in parts if self._answer(part))
            case Or(parts):
                return any_of(self._found_of(part) for part in parts if self._answer(part))
            case Near():
                return _standing_of(query, self.find(query))
            case Term():
                return _plain(query)
            case Not():
                return query

    def _term(self, term: Term) -> Found:
        return tuple([one for field in term.fields for one in islice(self._places(term, field), _MOST_PLACES)])

    def _places(self, term: Term, field: Field) -> Iterable[Evidence]:
        match field:
            case "title" | "abstract":
                passage = self._passage(field)
                return [_evidence(term, field, passage, place) for place in occurrences(term.words, passage)[:_MOST_PLACES]]
            case "author":
                names = self.paper.authors
                return _entries(term, field, names, [same_person(term.written, name) for name in names])
            case "category":
                labels = self.paper.categories
                return _entries(term, field, labels, [is_category(term.written, label) for label in labels])
            case "source":
                labels = self.paper.sources
                return _entries(term, field, labels, [is_source(term.written, label) for label in labels])

    def _worth(self, term: Term, field: Field, rarity: Rarity) -> float:
        match field:
            case "title" | "abstract":
                return _standing(field, len(occurrences(term.words, self._passage(field)))) * rarity(term)
            case "author":
                return AN_AUTHOR if any(self._places(term, field)) else 0.0
            case "category" | "source":
                return A_LABEL if any(self._places(term, field)) else 0.0

    def _passage(self, field: Field) -> Passage:
        return self.title if field == "title" else self.abstract

    def _near(self, near: Near) -> Found:
        sides = ((field, side[:_MOST_PLACES]) for field in _TEXTS for side in self._close(near, field))
        found = tuple(_evidence(term, field, self._passage(field), place) for field, side in sides for term, place in side)
        return _of(_standing_of(near, found), found)

    def _worth_near(self, near: Near, field: Field, rarity: Rarity) -> float:
        points = 0.0
        for side, places in zip((near.left, near.right), self._close(near, field), strict=True):
            for term in side:
                times = sum(one is term for one, _ in places)
                points += term.weight * rarity(term) * _standing(field, times)
        return points

    def _close(self, near: Near, field: Field) -> tuple[Places, Places]:
        """Return the places of each side from which one of the other is close enough."""
        left, right = self._standing(near.left, field), self._standing(near.right, field)
        return [*_close(left, right, near.distance)], [*_close(right, left, near.distance)]

    def _standing(self, terms: Iterable[Term], field: Field) -> Places:
        passage = self._passage(field)
        return [(term, place) for term in terms if field in term.fields for place in occurrences(term.words, passage)]


def _of(entry: Query, found: Found) -> Found:
    """Return evidence as that of an entry of which its terms are parts."""
    if isinstance(entry, Term):
        return found
    written = str(entry)
    return tuple(Evidence(one.term, one.field, one.start, one.end, one.weight, one.words, written) for one in found)


def _standing_of(near: Near, found: Found) -> Near:
    """Return what is found of NEAR."""
    stand = {one.term for one in found}
    left, right = (tuple(_plain(term) for term in side if term.written in stand) for side in (near.left, near.right))
    return Near(left, right, near.distance)


def _plain(term: Term) -> Term:
    return replace(term, weight=1.0)


def _standing(field: Field, times: int) -> float:
    if not times:
        return 0.0
    return IN_TITLE if field == "title" else prominence(float(times))


def _close(ones: Places, others: Places, distance: int) -> Iterator[tuple[Term, Span]]:
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
