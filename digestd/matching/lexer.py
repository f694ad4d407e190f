"""The signs of a query, each with its column."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Literal, NamedTuple

from digestd.matching.query import SCOPES, QueryError, Scope

Kind = Literal["word", "quoted", "field", "weight", "(", ")", "AND", "OR", "NOT", "ANDNOT", "NEAR", "end"]

_FULL: dict[str, Scope] = {scope: scope for scope in SCOPES if scope != "text"}
_SHORT: dict[str, Scope] = {"ti": "title", "abs": "abstract", "au": "author", "cat": "category", "all": "any"}
SCOPE_OF = _FULL | _SHORT  # by the names that a field has for readers
_OPERATORS: dict[str, Kind] = {"AND": "AND", "OR": "OR", "NOT": "NOT", "ANDNOT": "ANDNOT"}
_BORROWED = {"&&": "AND", "||": "OR", "|": "OR"}
_QUOTES = '"“”„'
# \x takes the next sign along: the quote in G\"odel opens nothing.
_SIGN = re.compile(
    rf"""
      (?P<blank>\s++)
    | (?P<paren>[()])
    | [{_QUOTES}](?P<quoted>(?:\\.|[^{_QUOTES}\\])*+)[{_QUOTES}]
    | (?P<open>[{_QUOTES}])
    | \^(?P<weight>[^\s()^{_QUOTES}]*+)
    | (?P<word>(?:\\.|[^\s()^{_QUOTES}\\])++)
    | (?P<stray>\\)
    """,
    re.VERBOSE | re.DOTALL,
)
_FIELD = re.compile(r"([A-Za-z]++):")
_WEIGHT = re.compile(r"\d++(?:\.\d++)?(?:e-?\d++)?")
_NEAR = re.compile(r"NEAR(?:/(.*))?")
MOST_WEIGHT = 1000
_MOST_DISTANCE = 100


class Lexeme(NamedTuple):
    """A sign of a query. *text* is what it says: a word, a phrase with its quotes, a field's full name, a number."""

    kind: Kind
    text: str
    column: int

    @property
    def shown(self) -> str:
        return {"NEAR": f"NEAR/{self.text}", "weight": f"^{self.text}", "field": f"{self.text}:"}.get(self.kind, self.text)


def lexemes(text: str) -> Iterator[Lexeme]:
    """Yield the signs of *text* and at last its end."""
    at = 0
    glued = False  # to a field just before: the colon in source:arxiv:cs.LG is that source's own
    while found := _SIGN.match(text, at):
        field = None if glued else _field(text, found)
        at = found.start() + len(field) + 1 if field else found.end()
        glued = field is not None
        if field:
            yield Lexeme("field", SCOPE_OF[field.lower()], found.start() + 1)
        elif found.lastgroup != "blank":
            yield _lexeme(text, found)
    yield Lexeme("end", "", len(text) + 1)


def _field(text: str, found: re.Match[str]) -> str | None:
    """Return the field that a word starts with."""
    name = _FIELD.match(found["word"]) if ":" in (found["word"] or "") else None
    if name is None:
        return None
    if name[1].lower() in SCOPE_OF:
        return name[1]
    if name.end() < len(found["word"]):
        raise QueryError(text, found.start() + 1, f"there is no field {name[1]!r}", _field_advice(name[1], found["word"]))
    return None


def _field_advice(name: str, word: str) -> str:
    [guess] = get_close_matches(name[:20].lower(), SCOPE_OF, 1) or [""]
    meant = f"did you mean {guess}:? " if guess else ""
    fields = ", ".join(f"{scope}:" for scope in _FULL)
    return f'{meant}the fields are {fields} (write "{word}" in quotes to look for the words)'


def _lexeme(text: str, found: re.Match[str]) -> Lexeme:
    column = found.start() + 1
    match found.lastgroup:
        case "quoted":
            return Lexeme("quoted", f'"{" ".join(found["quoted"].split())}"', column)
        case "open":
            raise QueryError(text, column, "this quote is never closed", 'put a " after the phrase')
        case "weight":
            return Lexeme("weight", _weight(text, found), column)
        case "stray":
            raise QueryError(text, column, "nothing comes after this \\", "take it away")
        case "paren":
            return Lexeme("(" if found[0] == "(" else ")", found[0], column)
        case _:
            return _word(text, found[0], column)


def _weight(text: str, found: re.Match[str]) -> str:
    weight = found["weight"]
    if _WEIGHT.fullmatch(weight) and float(weight) <= MOST_WEIGHT:
        return weight
    advice = f"write ^ and a number from 0 to {MOST_WEIGHT}, such as ^2; in quotes ^ is no weight"
    raise QueryError(text, found.start() + 1, f"{found[0]!r} is not a weight", advice)


def _word(text: str, word: str, column: int) -> Lexeme:
    if word in _OPERATORS:
        return Lexeme(_OPERATORS[word], word, column)
    if word in _BORROWED:
        raise QueryError(text, column, f"{word!r} is not an operator here", f"write {_BORROWED[word]}")
    if word.startswith("NEAR") and (near := _NEAR.fullmatch(word)):
        return Lexeme("NEAR", _distance(text, near[1], column), column)
    if word[0] == "-" and word[1:2].isalnum():
        raise QueryError(
            text,
            column,
            f"{word!r} does not leave words out",
            f'write NOT {word[1:]}, or " around the phrase of which it is a part',
        )
    return Lexeme("word", word, column)


def _distance(text: str, distance: str | None, column: int) -> str:
    if distance and distance.isdecimal() and distance.isascii() and 0 < int(distance[:9]) <= _MOST_DISTANCE:
        return distance
    advice = f'write NEAR/5 (from 1 to {_MOST_DISTANCE}), or "NEAR" in quotes to look for the word'
    raise QueryError(text, column, "NEAR needs a number of words", advice)
