"""A query as a tree. Printing it and parsing that again gives the same tree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from digestd.matching.phrase import Word, words
from digestd.model.digest import Field

Scope = Literal["text", "title", "abstract", "author", "category", "source", "any"]
SCOPES: dict[Scope, tuple[Field, ...]] = {
    "text": ("title", "abstract"),
    "title": ("title",),
    "abstract": ("abstract",),
    "author": ("author",),
    "category": ("category",),
    "source": ("source",),
    "any": ("title", "abstract", "author", "category", "source"),
}


class QueryError(ValueError):
    """An entry of a profile that cannot be understood: where (*column* counts from 1), why, and what to write instead."""

    def __init__(self, text: str, column: int, problem: str, advice: str, entry: tuple[str, int] = ("keywords", 0)) -> None:
        super().__init__(f"column {column} of {_excerpt(text, column)!r}: {problem}; {advice}")
        self.text, self.column, self.problem, self.advice = text, column, problem, advice
        self.key, self.position = entry

    def at(self, key: str, position: int) -> "QueryError":
        """Return this error as that of one entry of a profile's list."""
        return QueryError(self.text, self.column, self.problem, self.advice, (key, position))


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase, a name or a label, as *written* (with its quotes), and where to look for it."""

    written: str
    scope: Scope = "text"
    weight: float = 1.0

    def __hash__(self) -> int:
        return hash(self.written)  # tells nearly all apart, and a text knows its own

    def __str__(self) -> str:
        field = "" if self.scope == "text" else f"{self.scope}:"
        weight = "" if self.weight == 1 else f"^{self.weight!r}".removesuffix(".0")
        return f"{field}{self.written}{weight}"

    @property
    def words(self) -> tuple[Word, ...]:
        return words(self.written)

    @property
    def fields(self) -> tuple[Field, ...]:
        return SCOPES[self.scope]


@dataclass(frozen=True, slots=True)
class Near:
    """Any of some terms with at most *distance* words between it and any of some others, in either order."""

    left: tuple[Term, ...]
    right: tuple[Term, ...]
    distance: int

    def __str__(self) -> str:
        return f"{_side(self.left)} NEAR/{self.distance} {_side(self.right)}"


@dataclass(frozen=True, slots=True)
class Not:
    part: "Query"

    def __str__(self) -> str:
        return f"NOT {_grouped(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Query", ...]

    def __str__(self) -> str:
        return " AND ".join(_grouped(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Query", ...]

    def __str__(self) -> str:
        return " OR ".join(_grouped(part, And) for part in self.parts)


Leaf = Term | Near
Query = Leaf | Not | And | Or


def all_of(parts: Iterable[Query]) -> Query:
    """Return the AND of *parts*, flat."""
    flat = tuple(one for part in parts for one in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Query]) -> Query:
    """Return the OR of *parts*, flat."""
    flat = tuple(one for part in parts for one in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def none_of(part: Query) -> Query:
    return part.part if isinstance(part, Not) else Not(part)


def weighted(query: Query, factor: float) -> Query:
    """Return *query* with the weight of each of its terms multiplied."""
    match query:
        case Term():
            return _heavier(query, factor)
        case Near(left, right, distance):
            heavy_left, heavy_right = (tuple(_heavier(term, factor) for term in side) for side in (left, right))
            return Near(heavy_left, heavy_right, distance)
        case Not(part):
            return Not(weighted(part, factor))
        case And(parts) | Or(parts):
            return type(query)(tuple(weighted(part, factor) for part in parts))


def says_what(query: Query) -> bool:
    """Tell whether a paper must have some term to match: NOT alone does not say what to look for."""
    match query:
        case Not():
            return False
        case And(parts):
            return any(map(says_what, parts))
        case Or(parts):
            return all(map(says_what, parts))
        case _:
            return True


def leaves(query: Query, *, negated: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """Yield the leaves of a query from left to right, and whether each stands under a NOT."""
    match query:
        case Not(part):
            yield from leaves(part, negated=not negated)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part, negated=negated)
        case _:
            yield query, negated


def terms(query: Query) -> Iterator[Term]:
    """Yield every term of a query, those of NEAR too."""
    for leaf, _ in leaves(query):
        yield from (*leaf.left, *leaf.right) if isinstance(leaf, Near) else (leaf,)


def _excerpt(text: str, column: int) -> str:
    """Return a long entry's part around a column."""
    start, end = max(0, column - 60), column + 60
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}"


def _heavier(term: Term, factor: float) -> Term:
    return replace(term, weight=term.weight * factor)


def _side(terms: tuple[Term, ...]) -> str:
    return str(terms[0]) if len(terms) == 1 else f"({' OR '.join(map(str, terms))})"


def _grouped(query: Query, *kinds: type[And] | type[Or]) -> str:
    return f"({query})" if isinstance(query, kinds) else str(query)
