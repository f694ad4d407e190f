"""What the templates are given: a digest in words, and how much of it there is room for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from math import ceil

from digestd.model.digest import Digest, Match, Section
from digestd.model.paper import Paper, PaperId
from digestd.rendering import words
from digestd.rendering.clean import line, web_link
from digestd.rendering.letter import Letterhead, mailto
from digestd.rendering.marks import Pieces, marked, plain, shortened
from digestd.rendering.tex import convert

_AUTHORS, _CATEGORIES, _SOURCES, _TITLES = 6, 3, 3, 15
_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class Card:
    """A paper as it is shown."""

    number: int
    title: Pieces
    url: str
    name: str
    pdf: str
    authors: str
    sources: tuple[str, ...]
    badges: tuple[str, ...]
    abstract: Pieces
    why: str


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
    cards: tuple[Card, ...]
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


# Gmail hides what lies beyond 102 kB: abstracts give way first, then cards, and the mail says so.
ROOMS = (
    Room(600),
    Room(280),
    Room(0),
    *(Room(0, share / 8) for share in range(7, -1, -1)),
    Room(0, 0, 100),
    Room(0, 0, _TITLES),
    Room(0, 0, 0),
)


def sheet(digest: Digest, papers: Mapping[PaperId, Paper], letterhead: Letterhead, token: str) -> Sheet:
    """Return *digest* in words, at full length."""
    numbers = count(1)
    parts = tuple(_part(section, papers, numbers) for section in digest.sections if _says_something(section))
    titles = [line(plain(card.title), _LONGEST_TITLE) for part in parts for card in part.cards]
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
        settings=letterhead.base_url or "",
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
    kept = tuple(replace(card, abstract=shortened(card.abstract, room.abstract)) for card in cards)
    named = tuple(Entry(plain(card.title), card.url) for card in rest[: room.titles])
    label = f"{len(rest):,} {'in short' if named else 'for which there was no room'}"
    moved = (Short(label, named, len(rest) - len(named)),) if rest else ()
    return replace(part, cards=kept, shorts=(*moved, *(_cropped(short, room.titles) for short in part.shorts)))


def _split(cards: tuple[Card, ...], keep: int) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
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
        cards=tuple(_card(papers[match.paper], match, next(numbers)) for match in known),
        shorts=tuple(_overflow(section, papers)),
        hidden=len(section.hidden),
    )


def _overflow(section: Section, papers: Mapping[PaperId, Paper]) -> Iterator[Short]:
    known = [papers[one] for one in section.overflow if one in papers][:_TITLES]
    if section.overflow:
        entries = tuple(Entry(line(convert(paper.title), _LONGEST_TITLE), _landing(paper)) for paper in known)
        yield Short(f"{len(section.overflow):,} more matched", entries, len(section.overflow) - len(entries))


def _card(paper: Paper, match: Match, number: int) -> Card:
    return Card(
        number=number,
        title=shortened(marked(paper.title, match.evidence, "title"), _LONGEST_TITLE),
        url=_landing(paper),
        name=_name(paper) or f"Abstract of paper {number}",
        pdf=web_link(paper.links.pdf or ""),
        authors=_authors(paper.authors),
        sources=tuple(line(name, 40) for name in paper.sources[:_SOURCES]),
        badges=tuple(_badges(paper)),
        abstract=marked(paper.abstract, match.evidence, "abstract"),
        why=words.why(match.evidence),
    )


def _landing(paper: Paper) -> str:
    """Return where *paper* can be read, by its link or else by its name."""
    if link := web_link(paper.links.abstract):
        return link
    ids = paper.ids
    names = (
        ("https://arxiv.org/abs/", ids.arxiv),
        ("https://doi.org/", ids.doi),
        ("https://pubmed.ncbi.nlm.nih.gov/", ids.pmid),
    )
    return next((web_link(where + name) for where, name in names if name), "")


def _name(paper: Paper) -> str:
    ids = paper.ids
    names = (("arXiv:", ids.arxiv), ("doi:", ids.doi), ("PubMed ", ids.pmid))
    return next((line(kind + name, 60) for kind, name in names if name), "")


def _authors(authors: tuple[str, ...]) -> str:
    named = ", ".join(line(convert(author), 60) for author in authors[:_AUTHORS])
    return named if len(authors) <= _AUTHORS else f"{named} et\u00a0al.\u00a0({len(authors):,})"


def _badges(paper: Paper) -> Iterator[str]:
    yield from (line(category, 30) for category in paper.categories[:_CATEGORIES])
    if paper.votes:
        yield f"▲\u00a0{paper.votes:,}"
    if paper.version and paper.version > 1:
        yield f"v{paper.version}"
    if paper.published:
        yield words.short_date(paper.published.date())


def _preview(digest: Digest, titles: list[str]) -> str:
    """Return what an inbox shows beside the subject: the titles that the subject does not name."""
    text = "; ".join(titles[1:5]) or words.summary(digest)
    return line(text if len(text) >= 50 else f"{text} · {words.papers(digest.looked_at)} looked at for you", 130)
