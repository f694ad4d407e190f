"""Crossref, https://api.crossref.org: the works that publishers registered from a day on, of journals or for a query."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from digestd.model.paper import Identifiers, Links, Paper, arxiv_id, doi, identity
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources.clean import ABSTRACT, NAME, TITLE, address, fields, markup, midnight, moment, names, plain, text, values
from digestd.sources.document import Announcer, Body, Client, SourceSettings
from digestd.sources.entries import united
from digestd.sources.pages import Page, Step, Walk, alone, walk

SERVICE = "https://api.crossref.org"
_ROWS = 200  # works with all their references: 4 MB
_MOST = 20_000  # works in one answer: 100 pages
_OVERLAP = timedelta(days=2)  # what is registered is found somewhat later
_SPAN = timedelta(days=30)
_DAY = timedelta(days=1)
_OLD_TOO = {"index", "deposit", "update"}  # days on which a publisher, or Crossref, touched any work, however old
_NO_PAPERS = {
    "book-series", "book-set", "component", "database", "grant", "journal", "journal-issue", "journal-volume", "peer-review",
    "proceedings", "proceedings-series", "report-series", "standard-series",
}  # fmt: skip
_SAME = ("is-preprint-of", "has-preprint", "is-identical-to")
_DATES = ("published-online", "published-print", "published", "issued", "posted")
_HEADING = re.compile(r"<(jats:title|title)>\s*(?:abstract|summary)\s*</\1>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrations(Announcer):
    """What publishers register: *works* is where the service tells of them."""

    works: str

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        span = _span(cursor, now - self.settings.look_back, now)
        walked = await self._walk(span, now)
        while isinstance(walked.stopped, _TooMany) and (shorter := span.shorter()):
            span, walked = shorter, await self._walk(shorter, now)
        if isinstance(walked.stopped, _TooMany):
            return Failed(f"one day has {walked.stopped.reason}: ask for journals by issn, or for less")
        if walked.stopped and (walked.stopped.gone or not walked.papers):
            return walked.stopped
        fetched = self._fetched(walked, cursor, midnight(span.begin))
        if walked.stopped:
            return replace(fetched, gap=walked.stopped.reason, wait=walked.stopped.wait)
        behind = f"only what came up to {span.end} was asked for yet" if span.end < now.date() else None
        return replace(fetched, cursor=replace(cursor, reached=min(now, span.reached())), gap=behind)

    async def _walk(self, span: "_Span", now: datetime) -> Walk:
        address = self._address(span.begin, span.end if span.end < now.date() else None)
        return await walk(self, _step(_Asked(address, self.label)))

    def _address(self, begin: date, end: date | None) -> str:
        field = _field(self.settings)
        limits = [f"issn:{issn}" for issn in self.settings.issn] + [f"from-{field}-date:{begin}"]
        told = {
            "filter": ",".join([*limits, f"until-{field}-date:{end}"] if end else limits),
            "query": self.settings.query,
            "rows": str(_ROWS),
            "mailto": self.settings.contact,  # the way to the polite pool
        }
        return f"{self.works}?{_query({key: value for key, value in told.items() if value})}"

    def _fetched(self, walked: Walk, cursor: Cursor, begin: datetime) -> Fetched:
        papers, earliest = united(walked.papers), begin - self.settings.look_back
        old = (paper.id for paper in papers if _field(self.settings) in _OLD_TOO and _is_older(paper, earliest))
        return Fetched(papers, cursor, day_list=True, back_catalogue=frozenset(old), complaints=walked.complaints)


def sources(settings: SourceSettings, web: Client) -> tuple[Registrations, ...]:
    """Return the works of the journals and for the query that *settings* give."""
    works = f"{(settings.url or SERVICE).rstrip('/')}/works"
    asked = "\0".join((works, _field(settings), settings.query or "", *sorted(settings.issn)))
    return (Registrations(settings=settings, web=web, asked=asked, works=works),)


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of one list of works, or the one of a single work."""
    told = _works(body)
    return alone(_told(told, _Asked("", name)) if isinstance(told, _Works) else told, body, day_list=True)


@dataclass(frozen=True, slots=True)
class _Span:
    """The days to ask for, both ends among them. What came before *since* has been asked for already."""

    begin: date
    end: date
    since: date

    def shorter(self) -> "_Span | None":
        """Return the first half; if it led no farther than before, the whole from *since* on. A single day has no half."""
        if self.begin == self.end:
            return None
        half = self.begin + (self.end - self.begin) // 2
        return replace(self, begin=self.since) if self.begin < self.since >= half else replace(self, end=half)

    def reached(self) -> datetime:
        """Return up to when everything has been asked for then."""
        return midnight(max(self.end, self.begin + _DAY))


class _TooMany(Failed):
    """There are more works than are read at once: fewer days have fewer."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page of works for a source of that *name*: *cursor* says which, *got* came before it, *total* were promised."""

    address: str
    name: str
    cursor: str = "*"
    got: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Works:
    """The works on a page, how many there are in all, and the name of the next page."""

    works: Sequence[Any]
    total: int
    cursor: str = ""


def _span(cursor: Cursor, earliest: datetime, now: datetime) -> _Span:
    since = (min(cursor.reached, now) if cursor.reached else earliest).date()
    begin = since - _OVERLAP if cursor.reached else since
    return _Span(begin, min(now.date() + _DAY, begin + _SPAN), since)


def _step(asked: _Asked) -> Step:
    return Step(f"{asked.address}&{_query({'cursor': asked.cursor})}", partial(_page, asked=asked))


def _page(body: Body, asked: _Asked) -> Page | Failed:
    """Return the papers of a page, and where the next is until all works that the first promised have come."""
    told = _works(body)
    if isinstance(told, Failed):
        return told
    got, total = asked.got + len(told.works), asked.total or told.total
    if total > _MOST:
        return _TooMany(f"{total:,} works, too many to read")
    if got < total and not (told.works and told.cursor):
        return Failed(f"only {got} of {total} works came")
    page = _told(told, asked)
    if isinstance(page, Failed) or got >= total:
        return page
    return replace(page, then=_step(replace(asked, cursor=told.cursor, got=got, total=total)))


def _told(page: _Works, asked: _Asked) -> Page | Failed:
    told = [(at, _paper(work, asked.name)) for at, work in enumerate(page.works, asked.got + 1) if _is_paper(work)]
    papers = tuple(paper for _, paper in told if paper)
    if told and not papers:
        return Failed(f"none of the page's {len(told)} works has a DOI and a title")
    return Page(papers, tuple(f"work {at} has no DOI or no title" for at, paper in told if not paper))


def _works(body: Body) -> _Works | Failed:
    match body.json():
        case {"message-type": "work-list", "message": {"items": [*works], "total-results": int(total), **rest}}:
            return _Works(works, total, text(rest.get("next-cursor"))[:ABSTRACT])
        case {"message-type": "work", "message": {**work}}:
            return _Works([work], 1)
        case {"message-type": str(kind), "message": [{"message": str(why)}, *_]}:
            return Failed(f'Crossref answered "{plain(why, 100)}" ({plain(kind, 40)})')
        case {"message-type": str(kind)}:
            return Failed(f'Crossref sent what it calls a "{plain(kind, 40)}", and not a list of works')
        case _:
            return Failed("what came is not an answer of Crossref's, which would be in JSON and say what it is")


def _is_paper(work: Any) -> bool:
    return text(fields(work).get("type")) not in _NO_PAPERS


def _paper(work: Any, name: str) -> Paper | None:
    told = fields(work)
    found, title = doi(text(told.get("DOI"))[:NAME]), _first(told.get("title"), TITLE)
    if not found or not title:
        return None
    ids = _ids(found)
    return Paper(
        id=identity(ids, weak=""),
        title=title,
        abstract=markup(_HEADING.sub("", text(told.get("abstract"))), ABSTRACT),
        authors=names(_author(fields(author)) for author in values(told.get("author"))),
        categories=names(map(text, values(told.get("subject")))),
        published=_published(told),
        sources=(name,),
        links=Links(f"https://doi.org/{quote(found, safe='/:;()')}", _pdf(told)),
        ids=ids,
        journal=_first(told.get("container-title"), TITLE) or None,
        names=tuple(dict.fromkeys(_names(fields(told.get("relation"))))),
    )


def _ids(found: str) -> Identifiers:
    arxiv = arxiv_id(found)
    return Identifiers(arxiv[0]) if arxiv else Identifiers(doi=found)


def _names(relation: dict[str, Any]) -> Iterator[str]:
    """Yield what else a work goes by: the DOI of its preprint, or of what became of the preprint."""
    for one in (fields(one) for kind in _SAME for one in values(relation.get(kind))):
        found = doi(text(one.get("id"))[:NAME]) if one.get("id-type") == "doi" else None
        if found:
            yield identity(_ids(found), weak="")


def _author(told: dict[str, Any]) -> str:
    person = f"{text(told.get('given'))[:NAME]} {text(told.get('family'))[:NAME]}"
    return person.strip() or text(told.get("name"))


def _published(told: dict[str, Any]) -> datetime | None:
    """Return when a work first appeared, not later than it was registered: a printed issue may bear a date to come."""
    created = moment(text(fields(told.get("created")).get("date-time")))
    given = [_parts(fields(told.get(field)).get("date-parts")) for field in _DATES]
    whole = [parts for parts in given if len(parts) == 3]
    days = (_day(parts, created) for parts in whole or given)
    return min((day for day in (*days, created) if day), default=None)


def _parts(given: object) -> Sequence[int]:
    """Return year, month and day of `[[2026, 3, 4]]`, or of what of it there is."""
    first = values(values(given)[0]) if values(given) else []
    return [part for part in first[:3] if type(part) is int]


def _day(parts: Sequence[int], created: datetime | None) -> datetime | None:
    """Return the day that *parts* mean; of a month or a year its first, unless the work was registered in it."""
    if created and parts and len(parts) < 3 and list(parts) == [created.year, created.month][: len(parts)]:
        return created
    year, month, day = (*parts, 1, 1, 1)[:3]
    try:
        return datetime(year, month, day, tzinfo=UTC) if year > 1600 else None
    except (ValueError, OverflowError):
        return None


def _pdf(told: dict[str, Any]) -> str | None:
    links = (fields(link) for link in values(told.get("link")))
    open_to_people = (link for link in links if link.get("intended-application") != "similarity-checking")
    found = (address(text(link.get("URL"))) for link in open_to_people if link.get("content-type") == "application/pdf")
    return next(filter(None, found), None)


def _first(told: object, most: int) -> str:
    return next(filter(None, (markup(text(value), most) for value in values(told))), "")


def _is_older(paper: Paper, earliest: datetime) -> bool:
    return paper.published is not None and paper.published < earliest


def _field(settings: SourceSettings) -> str:
    """Return which day of a work decides that it is asked for."""
    return settings.date_field or "created"


def _query(told: dict[str, Any]) -> str:
    return urlencode(told, safe=":,*@", quote_via=quote)
