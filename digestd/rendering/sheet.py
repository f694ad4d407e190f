"""What the templates are given: a digest in words, and how much of it there is room for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, islice
from math import ceil

from digestd.model.digest import Digest, Section
from digestd.model.paper import Paper, PaperId
from digestd.model.period import Every
from digestd.rendering import words
from digestd.rendering.card import LONGEST_TITLE, Card, FullCard, Shown, facts_of, found
from digestd.rendering.clean import line
from digestd.rendering.days import Found, divided
from digestd.rendering.language import Language
from digestd.rendering.letter import Letterhead, mailto
from digestd.rendering.links import landing
from digestd.rendering.tex import convert

_TITLES = 15
_BESIDE = 4  # titles beside a subject, which has the first

Numbered = tuple[Shown, int]


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
class Day:
    """Papers that stand together. They have no name where a part is not divided."""

    name: str
    numbered: tuple[Numbered, ...]

    @property
    def cards(self) -> tuple[FullCard, ...]:
        return tuple(Card(number, shown) for shown, number in self.numbered)


@dataclass(frozen=True, slots=True)
class Part:
    """What one profile found."""

    profile: str
    count: str
    days: tuple[Day, ...]
    shorts: tuple[Short, ...]
    hidden: int

    @property
    def numbered(self) -> tuple[Numbered, ...]:
        return tuple(one for day in self.days for one in day.numbered)

    @property
    def cards(self) -> tuple[FullCard, ...]:
        return tuple(card for day in self.days for card in day.cards)


@dataclass(frozen=True)
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
    language: Language


@dataclass(frozen=True, slots=True)
class Room:
    """How much a mail may hold: letters of an abstract, the share of papers with a card, titles in short, and parts."""

    abstract: int
    cards: float = 1.0
    titles: int = 10_000
    parts: int = 10_000


FULL = Room(600)
# Gmail hides what lies beyond 102 kB: abstracts give way first, then cards, and the mail says so.
LESS = (
    Room(280),
    Room(100),
    Room(0),
    *(Room(0, share / 8) for share in range(7, -1, -1)),
    Room(0, 0, 100),
    Room(0, 0, _TITLES),
    Room(0, 0, 0),
    Room(0, 0, 0, 50),
)


def sheet(digest: Digest, papers: Mapping[PaperId, Paper], language: Language, letterhead: Letterhead, token: str) -> Sheet:
    """Return *digest* in words, with all the room there is."""
    numbers, every = count(1), digest.schedule.every
    parts = tuple(_part(section, every, papers, language, numbers) for section in digest.sections if _says_something(section))
    shown = digest.shown
    known = (papers[one.paper] for one in shown if one.paper in papers)
    titles = [facts_of(paper, language).heading for paper in islice(known, 1 + _BESIDE)]
    return Sheet(
        masthead=line(letterhead.name, 60),
        reader=line(digest.name, 60),
        email=line(digest.email, 254),
        date=words.long_date(language, digest.until, digest.schedule.timezone),
        summary=words.summary(language, digest),
        preview=_preview(language, digest, titles),
        count=len(shown),
        looked_at=digest.looked_at,
        lead=titles[0] if titles else "",
        parts=parts,
        note="",
        troubles=words.troubles(language, digest.failing, digest.stale),
        schedule=words.schedule(language, digest.schedule),
        settings=letterhead.settings_page(token) or "",
        contact=letterhead.owner,
        contact_link=mailto(letterhead.owner),
        unsubscribe=letterhead.unsubscribe_page(token) or letterhead.unsubscribe_mail(token),
        sender=letterhead.address,
        postal_address=line(letterhead.postal_address or "", 300),
        language=language,
    )


def fitted(sheet: Sheet, room: Room) -> Sheet:
    """Return *sheet* cut down to *room*, with a note that says so."""
    parts = tuple(_fitted(part, room, sheet.language) for part in sheet.parts[: room.parts])
    cut = sum(len(part.cards) for part in sheet.parts) - sum(len(part.cards) for part in parts)
    return replace(sheet, parts=parts, note=_note(sheet, room, cut))


def _note(sheet: Sheet, room: Room, cut: int) -> str:
    """Return what to say of abstracts, and of so many cards, that were *cut*."""
    if more := len(sheet.parts[room.parts :]):
        return sheet.language.ngettext(
            "Titles and %(count)s more profile are left out so that this mail arrives whole.",
            "Titles and %(count)s more profiles are left out so that this mail arrives whole.",
            more,
        )
    if cut:
        return sheet.language.ngettext(
            "%(count)s of %(all)s papers is shown by title alone, and abstracts are left out so that this mail arrives whole.",
            "%(count)s of %(all)s papers are shown by title alone, and abstracts are left out so that this mail arrives whole.",
            cut,
            all=sheet.language.number(sheet.count),
        )
    return "" if room.abstract else sheet.language.gettext("Abstracts are left out so that this mail arrives whole.")


def _fitted(part: Part, room: Room, language: Language) -> Part:
    keep = ceil(len(part.cards) * room.cards)
    rest = part.cards[keep:]
    named = tuple(Entry(card.shown.facts.heading, card.url) for card in rest[: room.titles])
    moved = (Short(_label(language, len(rest), has_names=bool(named)), named, len(rest) - len(named)),) if rest else ()
    shorts = (*moved, *(_cropped(short, room.titles) for short in part.shorts))
    return replace(part, days=tuple(_first(part.days, keep, room)), shorts=shorts)


def _first(days: Iterable[Day], keep: int, room: Room) -> Iterator[Day]:
    """Yield *days* with so many cards in all, which are cut down to *room*."""
    for day in days:
        if kept := tuple((found(one.facts, one.evidence, room.abstract), number) for one, number in day.numbered[:keep]):
            yield Day(day.name, kept)
        keep = max(0, keep - len(day.numbered))


def _label(language: Language, count: int, *, has_names: bool) -> str:
    if has_names:
        # Translators: the heading of a list of papers by title alone.
        return language.ngettext("%(count)s in brief", "%(count)s in brief", count)
    return language.ngettext("%(count)s for which there was no room", "%(count)s for which there was no room", count)


def _cropped(short: Short, most: int) -> Short:
    gone = len(short.entries[most:])
    return replace(short, entries=short.entries[:most], rest=short.rest + gone)


def _says_something(section: Section) -> bool:
    return bool(section.shown or section.overflow or section.hidden)


def _part(section: Section, every: Every, papers: Mapping[PaperId, Paper], language: Language, numbers: Iterator[int]) -> Part:
    known = [(match, paper) for match in section.shown if (paper := papers.get(match.paper))]
    return Part(
        profile=line(section.profile, 80),
        count=words.papers(language, len(section.shown)) if section.shown else language.gettext("nothing new to show"),
        days=tuple(_day(name, some, language, numbers) for name, some in divided(known, every, language)),
        shorts=tuple(_overflow(section, papers, language)),
        hidden=len(section.hidden),
    )


def _day(name: str, papers: Iterable[Found], language: Language, numbers: Iterator[int]) -> Day:
    shown = [found(facts_of(paper, language), match.evidence, FULL.abstract) for match, paper in papers]
    return Day(name, tuple(zip(shown, numbers, strict=False)))


def _overflow(section: Section, papers: Mapping[PaperId, Paper], language: Language) -> Iterator[Short]:
    known = [papers[one] for one in section.overflow if one in papers][:_TITLES]
    if section.overflow:
        entries = tuple(Entry(line(convert(paper.title), LONGEST_TITLE), landing(paper)) for paper in known)
        label = language.ngettext("%(count)s more matched", "%(count)s more matched", len(section.overflow))
        yield Short(label, entries, len(section.overflow) - len(entries))


def _preview(language: Language, digest: Digest, titles: list[str]) -> str:
    """Return what an inbox shows beside the subject: titles, or sources, that the subject does not name."""
    unread = "" if titles else words.troubles(language, digest.failing, digest.stale)
    text = words.apart(language, titles[1:]) or unread or words.summary(language, digest)
    if len(text) < 50 and (looked_at := digest.looked_at):
        text += " · " + language.ngettext("%(count)s paper looked at for you", "%(count)s papers looked at for you", looked_at)
    return line(text, 130)
