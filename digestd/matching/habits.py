"""What people write out of habit, and what means something else here: lists in one entry, single quotes, names with et al."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from digestd.matching.phrases import IN_TEXT
from digestd.matching.query import Query, Term, terms
from digestd.model.digest import Field
from digestd.model.subscriber import Profile

_SINGLE = re.compile(r"(?:^|[:(]|\b(?:AND|OR|NOT|NEAR/\d+) )\s*['‘‚]([^'’\"]{2,})['’](?=$|[\s)^])")
_LIST = re.compile(r"[,;]\s|[^\W\d]{3}[,;][^\W\d]{3}")
_SMALL = re.compile(r"\S (And|Or|Not|AndNot|Near/?\d+) \S")
_LONGEST_ACRONYM = 5
_LISTED = re.compile(r"\s*[,;]\s*")
_OTHERS = re.compile(r"(?<![ ,])[ ,]+et\.? al\b.*", re.IGNORECASE)
_PEOPLE = re.compile(r" ?; ?|,? (?:and|&) ")
_COMMAS = re.compile(r"[^,]+,[^,]+,(?! ?(?:Jr|Sr|II|III)\b)", re.IGNORECASE)
_PLURALS: Mapping[Field, str] = {"title": "titles", "abstract": "abstracts"}

ASK = "give it keywords, authors, categories, sources or papers to like"


class Gravity(IntEnum):
    """What comes of something odd, the worst first; the first is of a whole profile, the others of one entry."""

    NOTHING_SHOWN = 0
    NOTHING_FOUND = 1
    LESS_FOUND = 2
    TOO_MUCH = 3
    REPEATED = 4


class Odd(NamedTuple):
    what: str
    advice: str
    gravity: Gravity


def why_idle(profile: Profile) -> Iterator[tuple[str | None, Odd]]:
    """Yield why a profile shows no paper, whatever there is, and the key that says so, if one does."""
    if not (profile.keywords or profile.authors or profile.categories or profile.sources or profile.like):
        yield None, Odd("asks for nothing", ASK, Gravity.NOTHING_SHOWN)
    if profile.max_papers == 0:
        what = "has max_papers = 0: it shows no paper, and only counts them"
        yield "max_papers", Odd(what, "write how many it may show, or take the line away", Gravity.NOTHING_SHOWN)


def miswritten(entry: str, query: Query) -> Odd | None:
    """Return what to say of an entry with what does not do what it looks like: single quotes, commas, And, CAPITALS."""
    if quoted := _SINGLE.search(entry):
        advice = f"""for exactly these words write '"{quoted[1]}"', else take the quotes away"""
        return Odd("has single quotes, which do nothing", advice, Gravity.LESS_FOUND)
    for term in terms(query):
        if term.scope not in IN_TEXT or term.written.startswith('"'):
            continue
        if small := _SMALL.search(term.written):
            what = f"has “{small[1]}” for a word of its phrase"
            return Odd(what, f"write {small[1].upper()}, in capitals", Gravity.LESS_FOUND)
        if _is_shouted(term.written):
            what = "has words of two to five capitals, which are found in capitals only"
            return Odd(what, f"write {term.written.lower()}", Gravity.LESS_FOUND)
        if _LIST.search(term.written):
            parts = _quoted(_LISTED.split(term.written))
            what = "asks for all its words side by side: commas are not looked at"
            return Odd(what, f"write entries of their own: {parts}", Gravity.LESS_FOUND)
    return None


def _is_shouted(phrase: str) -> bool:
    """Tell DEEP LEARNING from acronyms side by side."""
    words = phrase.replace("-", " ").split()
    lengths = {len(word) for word in words if word.isalpha()}
    return phrase.isupper() and len(words) > 1 and max(lengths, default=0) > _LONGEST_ACRONYM >= min(lengths, default=9)


def crowded(name: str) -> Odd | None:
    """Return what to say of an entry of `authors` that is not one name."""
    name = " ".join(name.split())
    alone = _OTHERS.sub("", name)
    people = [one for one in _PEOPLE.split(alone) if one]
    if len(people) > 1 or _COMMAS.match(alone):
        advice = f"write entries of their own: {_quoted(people)}" if len(people) > 1 else "write each as an entry of its own"
        return Odd("is read as one name", advice, Gravity.NOTHING_FOUND)
    if alone != name:
        return Odd("is read as one name, with “et al.” in it", f"write {_quoted(people)}", Gravity.NOTHING_FOUND)
    return None


def unfiltered(profile: Profile, query: Query) -> Odd | None:
    """Return what to say of a keyword that is but a category or source, beside others: it leaves no paper out."""
    if not isinstance(query, Term) or query.scope not in {"category", "source"} or not _asks_for_more(profile):
        return None
    key = "categories" if query.scope == "category" else "sources"
    label = query.written.strip('"')
    what = f"asks for every paper of {label}, whatever the other entries say"
    return Odd(what, f'to let only these pass, write {key} = ["{label}"] instead', Gravity.TOO_MUCH)


def counted_twice(term: Term, entry: str, position: int, other: Term) -> Odd | None:
    """Return what to say of a term of whose fields *other*, a term of an earlier entry with the same words, has some too."""
    fields = [name for field, name in _PLURALS.items() if field in term.fields and field in other.fields]
    if not fields or term.scope == other.scope:
        return None
    where = " and ".join(fields)
    what = f"is looked for in {where}, and so is keywords[{position}], “{entry}”: there the points of both count"
    return Odd(what, "if that is not meant, take one of the two away", Gravity.REPEATED)


def _asks_for_more(profile: Profile) -> bool:
    return bool(profile.authors or profile.like) or len(profile.keywords) > 1


def _quoted(parts: Sequence[str]) -> str:
    return ", ".join(f'"{part}"' for part in parts if part)
