"""What the templates are given: a digest in words, and how much of it there is room for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from math import ceil

from digestd.model.digest import Digest, Section
from digestd.model.paper import Paper, PaperId
from digestd.rendering import words
from digestd.rendering.card import LONGEST_TITLE, Card, FullCard, facts_of, found, landing
from digestd.rendering.clean import line
from digestd.rendering.letter import Letterhead, mailto
from digestd.rendering.tex import convert

_TITLES = 15


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper by its title alone."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Short:
    """Papers by title: what they are, those named, and how many more there are."""

    label: str
    entries: tuple[Entry, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one profile found."""

    profile: str
    count: str
    cards: tuple[FullCard, ...]
    shorts: tuple[Short, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a digest says. Its fields are the names that templates may use."""

    masthead: str
    reader: str
    email: str
    date: str
    summary: str
    preview: str
    count: int
    looked_at: int
    lead: str
    parts: tuple[Part, ...]
    note: str
    troubles: str
    schedule: str
    settings: str
    contact: str
    contact_link: str
    unsubscribe: str
    sender: str
    postal_address: str


@dataclass(frozen=True, slots=True)
class Room:
    """How much a mail may hold: characters of an abstract, the share of papers with a card of their own, titles in short."""

    abstract: int
    cards: float = 1.0
    titles: int = 10_000


FULL = Room(600)
# Gmail hides what lies beyond 102 kB: abstracts give way first, then cards, and the mail says so.
LESS = (
    Room(280),
    Room(0),
    *(Room(0, share / 8) for share in range(7, -1, -1)),
    Room(0, 0, 100),
    Room(0, 0, _TITLES),
    Room(0, 0, 0),
)


def sheet(digest: Digest, papers: Mapping[PaperId, Paper], letterhead: Letterhead, token: str) -> Sheet:
    """Return *digest* in words, with all the room there is."""
    numbers = count(1)
    parts = tuple(_part(section, papers, numbers) for section in digest.sections if _says_something(section))
    titles = [card.shown.facts.heading for part in parts for card in part.cards]
    return Sheet(
        masthead=line(letterhead.name, 60),
        reader=line(digest.name, 60),
        email=line(digest.email, 254),
        date=words.long_date(digest.until, digest.schedule.timezone),
        summary=words.summary(digest),
        preview=_preview(digest, titles),
        count=len(digest.shown),
        looked_at=digest.looked_at,
        lead=titles[0] if titles else "",
        parts=parts,
        note="",
        troubles=words.troubles(digest.failing, digest.stale),
        schedule=words.schedule(digest.schedule),
        settings=letterhead.settings_page(token) or "",
        contact=letterhead.owner,
        contact_link=mailto(letterhead.owner),
        unsubscribe=letterhead.unsubscribe_page(token) or letterhead.unsubscribe_mail(token),
        sender=letterhead.address,
        postal_address=line(letterhead.postal_address or "", 300),
    )


def fitted(sheet: Sheet, room: Room) -> Sheet:
    """Return *sheet* cut down to *room*, with a note that says so."""
    parts = tuple(_fitted(part, room) for part in sheet.parts)
    cut = sum(len(part.cards) for part in sheet.parts) - sum(len(part.cards) for part in parts)
    if cut:
        note = f"{words.papers(cut)} of {sheet.count:,} by title alone, and no abstracts, so that this mail arrives whole."
    else:
        note = "" if room.abstract else "Abstracts are left out, so that this mail arrives whole."
    return replace(sheet, parts=parts, note=note)


def _fitted(part: Part, room: Room) -> Part:
    cards, rest = _split(part.cards, ceil(len(part.cards) * room.cards))
    kept = tuple(Card(card.number, found(card.shown.facts, card.shown.evidence, room.abstract)) for card in cards)
    named = tuple(Entry(card.shown.facts.heading, card.url) for card in rest[: room.titles])
    label = f"{len(rest):,} {'in short' if named else 'for which there was no room'}"
    moved = (Short(label, named, len(rest) - len(named)),) if rest else ()
    return replace(part, cards=kept, shorts=(*moved, *(_cropped(short, room.titles) for short in part.shorts)))


def _split(cards: tuple[FullCard, ...], keep: int) -> tuple[tuple[FullCard, ...], tuple[FullCard, ...]]:
    return cards[:keep], cards[keep:]


def _cropped(short: Short, most: int) -> Short:
    gone = len(short.entries[most:])
    return replace(short, entries=short.entries[:most], rest=short.rest + gone)


def _says_something(section: Section) -> bool:
    return bool(section.shown or section.overflow or section.hidden)


def _part(section: Section, papers: Mapping[PaperId, Paper], numbers: Iterator[int]) -> Part:
    known = [match for match in section.shown if match.paper in papers]
    return Part(
        profile=line(section.profile, 80),
        count=words.papers(len(section.shown)) if section.shown else "nothing new to show",
        cards=tuple(
            Card(next(numbers), found(facts_of(papers[match.paper]), match.evidence, FULL.abstract)) for match in known
        ),
        shorts=tuple(_overflow(section, papers)),
        hidden=len(section.hidden),
    )


def _overflow(section: Section, papers: Mapping[PaperId, Paper]) -> Iterator[Short]:
    known = [papers[one] for one in section.overflow if one in papers][:_TITLES]
    if section.overflow:
        entries = tuple(Entry(line(convert(paper.title), LONGEST_TITLE), landing(paper)) for paper in known)
        yield Short(f"{len(section.overflow):,} more matched", entries, len(section.overflow) - len(entries))


def _preview(digest: Digest, titles: list[str]) -> str:
    """Return what an inbox shows beside the subject: the titles that the subject does not name."""
    text = "; ".join(titles[1:5]) or words.summary(digest)
    return line(text if len(text) >= 50 else f"{text} · {words.papers(digest.looked_at)} looked at for you", 130)
