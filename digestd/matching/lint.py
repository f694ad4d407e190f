"""What looks odd in readers' profiles: keywords that find too much or nothing, that a mute hides, or that stand twice."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from digestd.matching.corpus import Corpus
from digestd.matching.library import key, wishes
from digestd.matching.parser import parse
from digestd.matching.phrase import View, Word
from digestd.matching.phrases import IN_TEXT
from digestd.matching.plurals import singular
from digestd.matching.query import And, Near, Not, Or, Query, Term, leaves, terms
from digestd.matching.spelling import Spelling
from digestd.matching.tally import Tally
from digestd.matching.text import fold, folded_words
from digestd.model.paper import PaperId, paper_id
from digestd.model.subscriber import Profile

ENOUGH = 200  # papers to tell what finds too much, or nothing

_TOO_MUCH = 0.05  # of the papers
_NO_CHANCE = 3  # papers of a keyword that a mute hides, all of them
_VIEWS: tuple[View, ...] = ("written", "folded", "singular")  # from the strictest on


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd: *what* the entry does that stands at a *position* in a list of a profile, and *advice*.

    *profile* is its number among those looked at.
    """

    profile: int
    key: str
    position: int
    entry: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"“{self.entry}” {self.what}; {self.advice}"


def remarks(profiles: Sequence[Profile], recent: Corpus, days: int, known: Container[PaperId]) -> Iterator[Remark]:
    """Yield what is odd about *profiles*, one by one. *recent* are the papers of so many *days*; few of them say nothing.

    *known* are the papers that have been seen, by the ids by which profiles name them as examples.
    """
    month = _Month(profiles, recent, days) if len(recent.papers) >= ENOUGH else None
    for number, profile in enumerate(profiles):
        for list_, entries, odd in (
            ("keywords", profile.keywords, _keywords(profile, month)),
            ("like", profile.like, _examples(profile.like, known)),
            ("dislike", profile.dislike, _examples(profile.dislike, known)),
        ):
            yield from (Remark(number, list_, position, entries[position], *what) for position, what in odd)


class _Odd(NamedTuple):
    what: str
    advice: str


class _Month:
    """What the papers of some days say of keywords."""

    def __init__(self, profiles: Sequence[Profile], recent: Corpus, days: int) -> None:
        self._tally, self._spelling = Tally(profiles, recent), Spelling(recent)
        self._count = len(recent.papers)
        self._span = f"{self._count:,} papers of the last {days} days"

    def misspelt(self, query: Query) -> _Odd | None:
        """Return what to say of a query's first word that is nearly another, if it has one."""
        for word, written in _words(query):
            if meant := self._spelling.suggestion(word, written):
                return _Odd(f"has the word “{written}”, and none of the {self._span} has", f"did you mean “{meant}”?")
        return None

    def shadowed(self, profile: Profile, keyword: str) -> _Odd | None:
        found, mute = self._tally.found(profile, keyword), self._tally.hiding(profile, keyword)
        if mute is None or found < _NO_CHANCE:
            return None
        what = f"matched {found:,} of {self._span}, and the mute “{mute}” hides them all"
        return _Odd(what, "take the keyword or the mute away, or narrow the mute")

    def too_much_or_nothing(self, profile: Profile, keyword: str) -> _Odd | None:
        found = self._tally.found(profile, keyword)
        if found > _TOO_MUCH * self._count:
            return _Odd(f"matched {found:,} of {self._span}", "add a word to it, or join it to another with AND")
        if found or any(term.scope == "author" for term in terms(_understood(keyword))):
            return None  # an author may well publish nothing in a month
        if others := self._tally.anywhere(profile, keyword):
            what = f"matched none of the {self._span} that the profile's categories and sources let pass"
            return _Odd(what, f"{others:,} of other categories or sources {'have' if others > 1 else 'has'} it")
        return _Odd(f"matched none of the {self._span}", _wider(_understood(keyword)))


def _keywords(profile: Profile, month: _Month | None) -> Iterator[tuple[int, _Odd]]:
    """Yield what is odd about keywords, by their position; of each at most one thing, and what stands twice in it."""
    mutes = [(entry, _understood(entry)) for entry in profile.mute]
    first: dict[object, int] = {}
    for position, keyword in enumerate(profile.keywords):
        query = _understood(keyword)
        yield from ((position, odd) for odd in _doubled(query))
        wanted = [_alike(wish) for wish in wishes(query)]
        odd = _repeated(profile, wanted, first) or _muted(query, mutes)
        if odd is None and month is not None:
            odd = month.misspelt(query) or month.shadowed(profile, keyword) or month.too_much_or_nothing(profile, keyword)
        if odd is not None:
            yield position, odd
        for one in wanted:
            first.setdefault(one, position)


def _doubled(query: Query) -> Iterator[_Odd]:
    """Yield what to say of the sides of each OR that ask for the same."""
    for sides in _choices(query):
        first: dict[object, Query] = {}
        for side in sides:
            before = first.setdefault(_alike(side), side)
            if before is not side:
                yield _Odd(f"has “{before}” OR “{side}”, which ask for the same", "take one of the two away")


def _choices(query: Query) -> Iterator[Sequence[Query]]:
    """Yield the sides of each OR in a query."""
    match query:
        case Or(parts):
            yield parts
            yield from (choice for part in parts for choice in _choices(part))
        case And(parts):
            yield from (choice for part in parts for choice in _choices(part))
        case Not(part):
            yield from _choices(part)
        case Near(left, right):
            yield from (left, right)


def _repeated(profile: Profile, wanted: Sequence[object], first: dict[object, int]) -> _Odd | None:
    """Return what to say of a keyword of which some wish, or all, stands in one before it."""
    before = [first[one] for one in wanted if one in first]
    if not before:
        return None
    part = "in part " if len(before) < len(wanted) else ""
    what = f"asks {part}for what keywords[{before[0]}], “{profile.keywords[before[0]]}”, asks for: it counts once"
    return _Odd(what, "take one of the two away")


def _muted(query: Query, mutes: Sequence[tuple[str, Query]]) -> _Odd | None:
    """Return what to say of a query whose words have those of a mute: no paper of it is ever shown."""
    for entry, mute in mutes:
        hiding = [one for one in wishes(mute) if isinstance(one, Term)]
        if hiding and all(any(_hides(one, term) for one in hiding for term in _needed(wish)) for wish in wishes(query)):
            return _Odd(f"is always hidden: it has the words of the mute “{entry}”", "take the keyword or the mute away")
    return None


def _needed(wish: Query) -> Iterator[Term]:
    """Yield the terms without which a wish does not hold."""
    for part in wish.parts if isinstance(wish, And) else (wish,):
        if isinstance(part, Term):
            yield part


def _hides(mute: Term, term: Term) -> bool:
    """Tell whether each paper that has *term* has the *mute* too, whose words are among its words."""
    if term.scope not in IN_TEXT or not set(term.fields) <= set(mute.fields):
        return False
    asked, hidden = term.words, mute.words
    starts = range(len(asked) - len(hidden) + 1)
    return any(all(map(_within, asked[start:], hidden)) for start in starts)


def _within(asked: Word, hidden: Word) -> bool:
    """Tell whether all that one word accepts is accepted by the other."""
    if asked == hidden:
        return True
    stricter = _VIEWS.index(asked.view) <= _VIEWS.index(hidden.view)
    if not (stricter or hidden.prefix) or (asked.prefix and not hidden.prefix):
        return False
    return all(hidden.accepts(form if asked.view == hidden.view else _seen(form, hidden.view)) for form in asked.forms)


def _seen(form: str, view: View) -> str:
    match view:
        case "written":
            return form
        case "folded":
            return fold(form)
        case "singular":
            return singular(fold(form))


def _examples(entries: Sequence[str], known: Container[PaperId]) -> Iterator[tuple[int, _Odd]]:
    """Yield what to say of examples that nobody can look up, by their position."""
    for position, name in enumerate(map(paper_id, entries)):
        if name is not None and not name.startswith("arXiv:") and name not in known:
            what = "is not an arXiv id: it counts once a source has announced it"
            yield position, _Odd(what, "where arXiv has the paper, give its id there")


def _words(query: Query) -> Iterator[tuple[Word, str]]:
    """Yield the words that a query looks for in texts, and each as it is written, folded."""
    for term in terms(query):
        if term.scope in IN_TEXT:
            yield from zip(term.words, folded_words(term.written.strip('"')), strict=True)


def _wider(query: Query) -> str:
    """Return how a query would find more."""
    if isinstance(query, And):
        return "take one of its parts away, or join some of them with OR"
    if any(isinstance(leaf, Term) and leaf.scope in IN_TEXT and len(leaf.words) > 1 for leaf, _ in leaves(query)):
        return "its words stand side by side: with AND or NEAR/5 between them it finds more"
    return "try another word for it, or the start of the word with a *"


@lru_cache(maxsize=1 << 16)
def _understood(entry: str) -> Query:
    """Return the query that an entry says. Nearly all are plain phrases, for which the parser takes ten times as long."""
    plain = entry.isascii() and entry.islower() and entry.replace(" ", "").isalnum()
    return Term(" ".join(entry.split())) if plain else parse(entry)


def _alike(query: Query) -> object:
    """Return what queries have in common that ask for the same, whatever their weights and the order of their parts."""
    match query:
        case Term():
            return key(Term(query.written, query.scope))
        case Near(left, right, distance):
            return "near", distance, frozenset({frozenset(map(_alike, side)) for side in (left, right)})
        case Not(part):
            return "not", _alike(part)
        case And(parts) | Or(parts):
            return type(query), frozenset(map(_alike, parts))
