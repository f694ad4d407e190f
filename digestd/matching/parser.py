"""From a reader's words to a query: a recursive descent whose every error names a column."""

import re

from digestd.matching.borrowed import refuse
from digestd.matching.lexer import MOST_WEIGHT, SCOPE_OF, Kind, Lexeme, lexemes
from digestd.matching.names import readings
from digestd.matching.phrase import PLAIN
from digestd.matching.query import Near, Or, Query, QueryError, Scope, Term, all_of, any_of, none_of, says_what, terms, weighted
from digestd.model.digest import Field

_MOST_LETTERS = 10_000
_MOST_TERMS = 500
_MOST_WORDS = 50  # in one phrase
_FEW = 20  # phrases, or words of one
_BETWEEN = re.compile(r" (AND NOT|AND|OR) ")
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT|ANDNOT|NEAR|and|or|not)\b")
_DEEPEST = 50
_STRAY_STAR = re.compile(r"(?<!\w)\*|\*(?=\w)")
_WIDE = str.maketrans("（）：＊＾＂", '():*^"')  # of keyboards for Chinese and Japanese
_CONJUNCTIONS = {"and", "or", "not"}
_TEXT_SCOPES = ("text", "title", "abstract")


def parse(text: str) -> Query:
    """Return the query that *text* says. Raises QueryError."""
    if len(text) > _MOST_LETTERS:
        raise QueryError(f"{text[:40]}…", 1, f"this has {len(text):,} characters", f"write at most {_MOST_LETTERS:,}")
    text = text.translate(_WIDE)
    refuse(text)
    return _flat(text) or _Parser(text).query()


def _flat(text: str) -> Query | None:
    """Return a query of few plain phrases with AND and AND NOT, or with OR, between them; None for any other.

    Nearly all are, and the readers of an institute have a million: signs take three times as long, one by one.
    """
    if _is_phrase(text):
        return Term(text)
    phrases, operators = sides(text)
    if not all(map(_is_phrase, phrases)):
        return None
    first, *others = map(Term, phrases)
    if "OR" in operators:
        return any_of((first, *others))
    return all_of(
        (first, *(none_of(term) if sign == "AND NOT" else term for sign, term in zip(operators, others, strict=True)))
    )


def sides(text: str) -> tuple[list[str], list[str]]:
    """Return what stands between the AND and AND NOT of a text, or between its OR, and these; all as one where it has both."""
    pieces = _BETWEEN.split(text)
    phrases, operators = pieces[::2], pieces[1::2]
    if len(phrases) > _FEW or ("OR" in operators and len(set(operators)) > 1):
        return [text], []
    return phrases, operators


def _is_phrase(text: str) -> bool:
    return PLAIN.fullmatch(text) is not None and not _OPERATOR.search(text) and text.count(" ") < _FEW


def author(name: str) -> Term:
    """Return the term for an entry of `authors`. Raises QueryError."""
    return _checked(Term(name.strip(), "author"), name, 1)


class _Parser:
    """The signs of a text, taken one by one. Each method takes what its name says."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lexemes = [*lexemes(text)]
        self._at = 0
        self._depth = 0

    def query(self) -> Query:
        if self._next.kind == "end":
            raise self._error("there is nothing to look for", 'write a phrase, such as "sparse attention"')
        query = self._either("text")
        self._close("end", self._next)
        if sum(1 for _ in terms(query)) > _MOST_TERMS:
            raise QueryError(self._text, 1, f"this has more than {_MOST_TERMS} terms", "write several entries")
        if not says_what(query):
            first = next(lexeme for lexeme in self._lexemes if lexeme.kind in {"NOT", "ANDNOT"})
            advice = "write what to find before it: attention AND NOT survey"
            raise self._error("NOT alone does not say what to look for", advice, first)
        return query

    def _either(self, scope: Scope) -> Query:
        parts = [self._both(scope)]
        while self._take("OR"):
            parts.append(self._both(scope))
        return any_of(parts)

    def _both(self, scope: Scope) -> Query:
        parts = [self._negated(scope)]
        while True:
            if self._take("AND") or self._next.kind == "NOT":
                parts.append(self._negated(scope))
            elif self._take("ANDNOT"):
                parts.append(none_of(self._negated(scope)))
            else:
                return all_of(parts)

    def _negated(self, scope: Scope) -> Query:
        if not self._take("NOT"):
            return self._near(scope)
        self._descend()
        part = self._negated(scope)
        self._depth -= 1
        return none_of(part)

    def _near(self, scope: Scope) -> Query:
        left = self._operand(scope)
        near = self._take("NEAR")
        if near is None:
            return left
        joined = Near(self._side(left, near), self._side(self._operand(scope), near), int(near.text))
        if self._next.kind == "NEAR":
            raise self._error("NEAR joins two", "write (a NEAR/5 b) AND (b NEAR/5 c)")
        if not _shared_fields(joined):
            raise self._error("no place is in both of these fields", "look for both in title: or both in abstract:", near)
        return joined

    def _side(self, query: Query, near: Lexeme) -> tuple[Term, ...]:
        """Return the terms on one side of NEAR: one, or some with OR between them."""
        parts = query.parts if isinstance(query, Or) else (query,)
        side = tuple(part for part in parts if isinstance(part, Term) and part.scope in _TEXT_SCOPES)
        if len(side) < len(parts):
            advice = "write (a OR b) NEAR/5 c, with AND, NOT and other fields outside"
            raise self._error("NEAR joins words of title and abstract", advice, near)
        return side

    def _operand(self, scope: Scope) -> Query:
        if field := self._take("field"):
            scope = SCOPE_OF[field.text]
        opened = self._take("(")
        operand = self._group(scope, opened) if opened else self._term(scope)
        weight = self._take("weight")
        return self._weighted(operand, weight) if weight else operand

    def _group(self, scope: Scope, opened: Lexeme) -> Query:
        self._descend()
        start = self._at
        query = self._either(scope)
        self._check_conjunctions(start)
        self._close(")", opened)
        self._depth -= 1
        return query

    def _check_conjunctions(self, start: int) -> None:
        """Raise when a group is one phrase with a small and, or, not in it: who writes ( ) means the operator."""
        inside = self._lexemes[start : self._at]
        small = next((lexeme for lexeme in inside if lexeme.text in _CONJUNCTIONS), None)
        if small and all(lexeme.kind == "word" for lexeme in inside):
            advice = f"write {small.text.upper()} in capitals, or the phrase in quotes instead of ( )"
            raise self._error(f"this {small.text} is a word of a phrase, no operator", advice, small)

    def _term(self, scope: Scope) -> Query:
        first = self._next
        quoted = self._take("quoted")
        term = _checked(Term(quoted.text if quoted else self._words(), scope), self._text, first.column)
        if not quoted:
            self._check_stars(scope, first)
            self._check_label(term, first)
        return term

    def _words(self) -> str:
        """Take the bare words that stand side by side: they are one phrase."""
        words = []
        while word := self._take("word"):
            words.append(word.text)
        if not words:
            raise self._missing_term()
        return " ".join(words)

    def _check_stars(self, scope: Scope, first: Lexeme) -> None:
        star = _STRAY_STAR.search(self._text, first.column - 1, self._next.column - 1)
        if star and scope in {"any", *_TEXT_SCOPES}:
            problem, advice = "a * stands only at the end of a word", "write the start of the word: transform*"
            raise QueryError(self._text, star.start() + 1, problem, advice)

    def _check_label(self, term: Term, first: Lexeme) -> None:
        label, _, words = term.written.partition(" ")
        if term.scope == "category" and words and "." in label:
            advice = f"write category:{label} AND {words}; a name of several words stands in quotes"
            raise QueryError(self._text, first.column, "this is read as one name of a category", advice)

    def _weighted(self, query: Query, weight: Lexeme) -> Query:
        query = weighted(query, float(weight.text))
        if any(term.weight > MOST_WEIGHT for term in terms(query)):
            raise self._error(f"these weights multiply to more than {MOST_WEIGHT}", "write smaller ones", weight)
        return query

    def _close(self, kind: Kind, opened: Lexeme) -> None:
        """Take the end of what was *opened*, a group or the query; say what is wrong when something else stands there."""
        if self._take(kind):
            return
        match self._next.kind:
            case "end":
                raise self._error("this ( is never closed", "put a ) where the group ends", opened)
            case ")":
                raise self._error("this ) closes nothing", "put a ( where the group starts, or take it away")
            case _:
                raise self._error("an operator is missing before this", self._missing_operator())

    def _missing_operator(self) -> str:
        beside = [lexeme.text for lexeme in (self._lexemes[self._at - 1], self._next) if lexeme.kind == "word"]
        for words in beside:
            if words in _CONJUNCTIONS:
                return f"write {words.upper()} in capitals"
        return "put AND or OR between the two, or quotes around the whole"

    def _missing_term(self) -> QueryError:
        before, here = self._lexemes[self._at - 1] if self._at else None, self._next
        if before and (here.kind in {"end", ")"} or before.kind == "field"):
            return self._error(f"nothing comes after this {before.shown}", "write a term after it, or take it away", before)
        advice = "write a term before it"
        if here.kind in {"AND", "OR", "ANDNOT"}:
            advice += f', or "{here.shown}" in quotes to look for the word'
        return self._error(f"nothing comes before this {here.shown}", advice)

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"this is nested more than {_DEEPEST} deep", "write it with fewer ( and NOT")

    @property
    def _next(self) -> Lexeme:
        return self._lexemes[self._at]

    def _take(self, kind: Kind) -> Lexeme | None:
        lexeme = self._lexemes[self._at]
        if lexeme.kind != kind:
            return None
        self._at += kind != "end"
        return lexeme

    def _error(self, problem: str, advice: str, at: Lexeme | None = None) -> QueryError:
        return QueryError(self._text, (at or self._next).column, problem, advice)


def _checked(term: Term, text: str, column: int) -> Term:
    """Return *term* if it can be looked for. Raises QueryError."""
    if term.scope == "author" and "*" in term.written:
        raise QueryError(text, column, "* does not work in names", "write the family name, or it and initials: Zhang, Y.")
    if not (readings(term.written) if term.scope == "author" else term.words):
        raise QueryError(text, column, "there is no word in this", "write a word or a phrase")
    if len(term.words) > _MOST_WORDS:
        raise QueryError(text, column, f"this phrase has more than {_MOST_WORDS} words", "write AND between two shorter ones")
    return term


def _shared_fields(near: Near) -> set[Field]:
    left, right = ({field for term in side for field in term.fields} for side in (near.left, near.right))
    return left & right
