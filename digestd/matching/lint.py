"""What looks odd in readers' profiles: entries that find too much or nothing, that a mute hides, or that stand twice."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from digestd.matching.corpus import Corpus
from digestd.matching.habits import Gravity, Odd, counted_twice, crowded, miswritten, unfiltered, why_idle
from digestd.matching.labels import is_category
from digestd.matching.library import key, wishes
from digestd.matching.parser import parse
from digestd.matching.phrase import Word
from digestd.matching.phrases import IN_TEXT
from digestd.matching.query import And, Near, Not, Or, Query, Term, leaves, terms
from digestd.matching.shadows import Mutes
from digestd.matching.spelling import Spelling
from digestd.matching.tally import Tally
from digestd.matching.text import folded_words
from digestd.model.paper import PaperId, paper_id
from digestd.model.subscriber import Profile

ENOUGH = 200  # papers to tell what finds too much, or nothing

_TOO_MUCH = 0.05  # of the papers
_NO_CHANCE = 3  # papers of a keyword that a mute hides, all of them


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd: *what* the entry does that stands at a *place* in a profile, such as ("keywords", 2), and *advice*.

    *profile* is its number among those looked at. Of the whole profile, the entry is its name.
    """

    profile: int
    place: tuple[str | int, ...]
    entry: str
    what: str
    advice: str
    gravity: Gravity

    def __str__(self) -> str:
        return f"“{self.entry}” {self.what}; {self.advice}"


def remarks(profiles: Sequence[Profile], recent: Corpus, days: int, known: Container[PaperId]) -> Iterator[Remark]:
    """Yield what is odd about *profiles*, one by one. *recent* are the papers of so many *days*; few of them say nothing.

    *known* are the papers that have been seen, by the ids by which profiles name them as examples.
    """
    month = _Month(profiles, recent, days) if len(recent.papers) >= ENOUGH else None
    for number, profile in enumerate(profiles):
        yield from (Remark(number, (list_,) if list_ else (), profile.name, *odd) for list_, odd in why_idle(profile))
        for list_, entries, found in (
            ("keywords", profile.keywords, _keywords(profile, month)),
            ("mute", profile.mute, _miswritten(profile.mute)),
            ("authors", profile.authors, _crowded(profile.authors)),
            ("categories", profile.categories, month.uncarried(profile.categories) if month else ()),
            ("like", profile.like, _examples(profile, "like", known)),
            ("dislike", profile.dislike, _examples(profile, "dislike", known)),
        ):
            yield from (Remark(number, (list_, position), entries[position], *odd) for position, odd in found)


class _Month:
    """What the papers of some days say of keywords."""

    def __init__(self, profiles: Sequence[Profile], recent: Corpus, days: int) -> None:
        self._tally, self._spelling = Tally(profiles, recent), Spelling(recent)
        self._count, self._carried = len(recent.papers), recent.by_category
        self._span = f"{self._count:,} papers of the last {days} days"

    def uncarried(self, categories: Sequence[str]) -> Iterator[tuple[int, Odd]]:
        """Yield what to say of categories that no paper carries, by their position; where none carries any, nothing."""
        carried = self._carried
        for position, wanted in enumerate(categories):
            if carried and not any(is_category(wanted, one) for one in carried):
                [close] = get_close_matches(wanted, carried, 1) or [""]
                advice = f"did you mean “{close}”?" if close else "`digestd papers --json` tells which there are"
                yield position, Odd(f"is a category of none of the {self._span}", advice, Gravity.NOTHING_FOUND)

    def misspelt(self, query: Query) -> Odd | None:
        """Return what to say of a query's first word that is nearly another, if it has one."""
        for word, written in _words(query):
            if meant := self._spelling.suggestion(word, written):
                what = f"asks for the word “{written}”, which is in none of the {self._span}"
                return Odd(what, f"did you mean “{meant}”?", Gravity.NOTHING_FOUND)
        return None

    def shadowed(self, profile: Profile, keyword: str) -> Odd | None:
        found, mute = self._tally.found(profile, keyword), self._tally.hiding(profile, keyword)
        if mute is None or found < _NO_CHANCE:
            return None
        what = f"matched {found:,} of {self._span}, and the mute “{mute}” hides them all"
        return Odd(what, "take the keyword or the mute away, or narrow the mute", Gravity.NOTHING_FOUND)

    def too_much_or_nothing(self, profile: Profile, keyword: str) -> Odd | None:
        found = self._tally.found(profile, keyword)
        if found > _TOO_MUCH * self._count:
            advice = "add a word to it, or join it to another with AND"
            return Odd(f"matched {found:,} of {self._span}", advice, Gravity.TOO_MUCH)
        if found or any(term.scope == "author" for term in terms(_understood(keyword))):
            return None  # an author may well publish nothing in a month
        if others := self._tally.anywhere(profile, keyword):
            what = f"matched none of the {self._span} that the profile's categories and sources let pass"
            advice = f"{others:,} of other categories or sources {'have' if others > 1 else 'has'} it"
            return Odd(what, advice, Gravity.NOTHING_FOUND)
        return Odd(f"matched none of the {self._span}", _wider(_understood(keyword)), Gravity.NOTHING_FOUND)


def _keywords(profile: Profile, month: _Month | None) -> Iterator[tuple[int, Odd]]:
    """Yield what is odd about keywords, by their position; of each at most one thing, and what stands twice in it."""
    mutes = Mutes({entry: _understood(entry) for entry in profile.mute})
    first: dict[object, int] = {}
    fields = _Fields(profile.keywords)
    for position, keyword in enumerate(profile.keywords):
        query = _understood(keyword)
        yield from ((position, odd) for odd in _doubled(query))
        wanted = [_alike(wish) for wish in wishes(query)]
        odd = _repeated(profile, wanted, first) or _muted(query, mutes) or miswritten(keyword, query)
        odd = odd or unfiltered(profile, query) or fields.twice(query, position)
        if odd is None and month is not None:
            odd = month.misspelt(query) or month.shadowed(profile, keyword) or month.too_much_or_nothing(profile, keyword)
        if odd is not None:
            yield position, odd
        for one in wanted:
            first.setdefault(one, position)


class _Fields:
    """The terms that were looked at, by their words: some are asked for once more in another field."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = entries
        self._known: dict[tuple[Word, ...], list[tuple[Term, int]]] = {}

    def twice(self, query: Query, position: int) -> Odd | None:
        """Return what to say of the first wish whose points count twice where another entry finds it too."""
        for term in wishes(query):
            if isinstance(term, Term) and term.scope in {"any", *IN_TEXT}:
                before = self._known.setdefault(term.words, [])
                odd = next((odd for one, at in before if (odd := counted_twice(term, self._entries[at], at, one))), None)
                before.append((term, position))
                if odd:
                    return odd
        return None


def _miswritten(entries: Sequence[str]) -> Iterator[tuple[int, Odd]]:
    odds = ((position, miswritten(entry, _understood(entry))) for position, entry in enumerate(entries))
    return ((position, odd) for position, odd in odds if odd)


def _crowded(names: Sequence[str]) -> Iterator[tuple[int, Odd]]:
    odds = ((position, crowded(name)) for position, name in enumerate(names))
    return ((position, odd) for position, odd in odds if odd)


def _doubled(query: Query) -> Iterator[Odd]:
    """Yield what to say of the sides of each OR that ask for the same."""
    for sides in _choices(query):
        first: dict[object, Query] = {}
        for side in sides:
            before = first.setdefault(_alike(side), side)
            if before is not side:
                what = f"has “{before}” OR “{side}”, and either finds what the other does"
                yield Odd(what, "take one of the two away", Gravity.REPEATED)


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


def _repeated(profile: Profile, wanted: Sequence[object], first: dict[object, int]) -> Odd | None:
    """Return what to say of a keyword of which some wish, or all, stands in one before it."""
    before = [first[one] for one in wanted if one in first]
    if not before:
        return None
    part = "in part " if len(before) < len(wanted) else ""
    what = f"finds {part}the same as keywords[{before[0]}], “{profile.keywords[before[0]]}”: it counts once"
    return Odd(what, "take one of the two away", Gravity.REPEATED)


def _muted(query: Query, mutes: Mutes) -> Odd | None:
    """Return what to say of a query whose words have those of a mute: no paper of it is ever shown."""
    if (entry := mutes.hiding(query)) is None:
        return None
    what = f"is always hidden: it has the words of the mute “{entry}”"
    return Odd(what, "take the keyword or the mute away", Gravity.NOTHING_FOUND)


def _examples(profile: Profile, list_: Literal["like", "dislike"], known: Container[PaperId]) -> Iterator[tuple[int, Odd]]:
    """Yield what to say of examples that stand twice, or that nobody can look up, by their position."""
    entries: tuple[str, ...] = getattr(profile, list_)
    liked = enumerate(profile.like) if list_ == "dislike" else ()
    first = {paper_id(entry): f"like[{position}], so it counts as liked" for position, entry in liked}
    for position, name in enumerate(map(paper_id, entries)):
        if name is None:
            continue
        if name in first:
            yield position, Odd(f"is the paper of {first[name]}", "take one of the two away", Gravity.REPEATED)
        elif not name.startswith("arXiv:") and name not in known:
            what = "is not an arXiv id: it counts once a source has announced it"
            yield position, Odd(what, "where arXiv has the paper, give its id there", Gravity.LESS_FOUND)
        first.setdefault(name, f"{list_}[{position}], so it counts once")


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
