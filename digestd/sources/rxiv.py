"""bioRxiv and medRxiv: what was posted from day to day, https://api.biorxiv.org; and, when that fails, the newest in their RDF.

A record is one version of a paper, dated by the day on which that version was posted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import partial
from typing import Any

from digestd.model.paper import Identifiers, Links, Paper, PaperId, arxiv_id, doi, identity
from digestd.model.period import Calendar
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources import feed
from digestd.sources.clean import ABSTRACT, NAME, TITLE, fields, markup, midnight, names, plain, text
from digestd.sources.document import Announcer, Body, Client, SourceSettings, answered
from digestd.sources.entries import united
from digestd.sources.pages import Page, Step, Walk, alone, walk

SERVICE = "https://api.biorxiv.org"
CALENDAR = Calendar("America/New_York", grace=timedelta(hours=36))
_OVERLAP = timedelta(days=2)  # a post may be dated before the day on which it can be seen
_SPAN = timedelta(days=14)  # of one poll: about 4,000 records, which are 130 pages of 30
_DAY = timedelta(days=1)
_ALIKE = {"dermatology", "hematology", "nephrology", "neurology", "rheumatology", "urology"}  # none of them is misspelt
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_DATE = re.compile(r"([12]\d{3})-(\d{1,2})-(\d{1,2})")
_VERSION = re.compile(r"v(\d{1,4})(?:$|[?.])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings(Announcer):
    """What a server posts: *interval* is where the API tells of days, *newest* the RDF feed."""

    interval: str
    newest: str

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        earliest = now - self.settings.look_back
        begin, end = _span(cursor, earliest, now)
        walked = await walk(self, _step(_Asked(f"{self.interval}/{begin}/{end}", self.label, self.kind)))
        stopped = walked.stopped
        if not walked.papers and not stopped and _had_posts(cursor.reached or earliest, min(now - _DAY, midnight(end))):
            stopped = Failed(f"no posts between {begin} and {end}, where there should be some")
        if stopped:
            return await self._instead(walked, stopped, cursor)
        fetched = self._fetched(walked.papers, replace(cursor, reached=min(now, midnight(end))))
        behind = f"only what was posted up to {end} was asked for yet" if end < now.date() else None
        return replace(fetched, complaints=(*walked.complaints, *self._misspelt(walked.papers)), gap=behind)

    def _misspelt(self, papers: Sequence[Paper]) -> Iterator[str]:
        """Yield the categories asked for that none of *papers* is of, where they look like a subject of theirs."""
        subjects = {_subject(category) for paper in papers for category in paper.categories}
        for category in self.settings.categories:
            asked_for = _subject(category)
            found = [] if asked_for in subjects | _ALIKE else get_close_matches(asked_for, subjects, n=1, cutoff=0.8)
            if found:
                yield f'no preprint in "{category}"; did you mean "{found[0]}"?'

    async def _instead(self, walked: Walk, stopped: Failed, cursor: Cursor) -> Fetched | Failed:
        """Return what could be had although the API failed: the pages before, and the feed."""
        if stopped.gone:
            return stopped
        told = await self._feed()
        if isinstance(told, Failed) and not walked.papers:
            return replace(stopped, reason=f"{stopped.reason}; and its feed: {told.reason}")
        papers = (*walked.papers, *(told.papers if isinstance(told, Fetched) else ()))
        if not papers:
            return stopped
        fetched = self._fetched(papers, cursor)
        return replace(fetched, complaints=walked.complaints, wait=stopped.wait, gap=f"the API failed: {stopped.reason}")

    async def _feed(self) -> Fetched | Failed:
        read_feed = partial(_read_feed, name=self.label, server=self.kind)
        return await answered(self.web, await self.get(self.newest, Cursor()), read_feed)

    def _fetched(self, papers: Sequence[Paper], cursor: Cursor) -> Fetched:
        """Return those of *papers* that are of the categories asked for. One seen in a later version only is no news."""
        asked_for = {_subject(category) for category in self.settings.categories}
        told = united(paper for paper in papers if not asked_for or _is_of(paper, asked_for))
        news = {paper.id for paper in papers if self.settings.revisions or (paper.version or 1) == 1}
        return Fetched(told, cursor, day_list=True, back_catalogue=frozenset(paper.id for paper in told) - news)


def sources(settings: SourceSettings, web: Client) -> tuple[Postings, ...]:
    """Return the server that *settings* name, bioRxiv or medRxiv; only papers of their categories, if they give any."""
    server, subjects = settings.kind, sorted(map(_subject, settings.categories))
    interval = f"{(settings.url or SERVICE).rstrip('/')}/details/{server}"
    return (
        Postings(
            settings=settings,
            web=web,
            asked="\0".join((interval, *subjects)),
            calendar=CALENDAR,
            interval=interval,
            newest=f"{(settings.url or f'https://connect.{server}.org').rstrip('/')}/{server}_xml.php?subject="
            + ("+".join(subject.replace(" ", "_") for subject in subjects) or "all"),
        ),
    )


def read(body: Body, name: str, *, server: str = "biorxiv") -> Fetched | Failed:
    """Return the papers of one answer of the API, of the bare list of its records, or of the RDF feed of *server*."""
    if not _JSON.match(body.content):
        return _read_feed(body, name, server)
    return alone(_page(body, _Asked("", name, server)), body, day_list=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page of an interval, from record *at* on; the first page *promised* so many. *name* and *server* are the source's."""

    interval: str
    name: str
    server: str
    at: int = 0
    promised: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """The records of a page, how many the server says they are, and how many there are in all."""

    records: Sequence[Any]
    count: int = 0
    total: int = 0


def _span(cursor: Cursor, earliest: datetime, now: datetime) -> tuple[date, date]:
    """Return the first and the last day to ask for; days end sooner in UTC than where papers are posted."""
    begin = (min(cursor.reached, now) - _OVERLAP if cursor.reached else earliest).date()
    return begin, min(now.date() + _DAY, begin + _SPAN)


def _had_posts(since: datetime, until: datetime) -> bool:
    """Say whether a working day began between *since* and *until*: then something was posted, if not of every category."""
    return since < CALENDAR.latest(until)


def _step(asked: _Asked) -> Step:
    return Step(f"{asked.interval}/{asked.at}", partial(_page, asked=asked))


def _page(body: Body, asked: _Asked) -> Page | Failed:
    """Return the papers of a page. The server's own count leads to the next: a page holds 30, or 100."""
    answer = _answer(body)
    if isinstance(answer, Failed):
        return answer
    held, promised = len(answer.records), asked.promised or answer.total or answer.count
    ends = asked.at + held >= promised
    if not ends and held < max(answer.count, 1):
        return Failed(f"only {asked.at + held} of {promised} records came")
    told = [_paper(record, asked.name, asked.server) for record in answer.records]
    if held and not any(told):
        return Failed(f"none of the page's {held} records has a DOI and a title")
    return Page(
        papers=tuple(paper for paper in told if paper),
        complaints=tuple(f"record {at} has no DOI or no title" for at, paper in enumerate(told, asked.at + 1) if not paper),
        then=None if ends else _step(replace(asked, at=asked.at + (answer.count or held), promised=promised)),
    )


def _answer(body: Body) -> _Answer | Failed:
    match body.json():
        case [*records]:
            return _Answer(records)
        case {"messages": [{"status": "ok", **said}, *_], "collection": [*records]}:
            return _Answer(records, _number(said.get("count")) or 0, _number(said.get("total")) or 0)
        case {"messages": [{"status": "no posts found"}, *_]}:
            return _Answer(())
        case {"messages": [{"status": str(status)}, *_]}:
            return Failed(f'the API answered "{plain(status, 100)}", and no records')
        case _:
            return Failed("what came is not an answer of the API: it is no JSON, or has no messages")


def _paper(record: Any, name: str, server: str) -> Paper | None:
    told = fields(record)
    found, title = doi(_said(told, "doi")[:NAME]), markup(_said(told, "title"), TITLE)
    if not found or not title:
        return None
    ids, version = Identifiers(doi=found), _number(told.get("version"))
    return Paper(
        id=identity(ids, weak=""),
        title=title,
        abstract=markup(_said(told, "abstract"), ABSTRACT),
        authors=names(_said(told, "authors").split(";")),
        categories=names([_said(told, "category")]),
        published=_day(_said(told, "date")),
        sources=(name,),
        links=_links(_said(told, "server").lower() or server, found, version),
        ids=ids,
        version=version,
        organization=markup(_said(told, "author_corresponding_institution"), NAME) or None,
        names=_published(_said(told, "published")),
    )


def _read_feed(body: Body, name: str, server: str) -> Fetched | Failed:
    """Return the papers of the RDF feed, the newest of the server."""
    told = feed.read(body, name)
    if isinstance(told, Failed):
        return told
    return replace(told, papers=united(_of_feed(paper, server) for paper in told.papers), day_list=True)


def _of_feed(paper: Paper, server: str) -> Paper:
    """Return *paper* as the API tells it: the feed names the version in the link, and strings all authors together."""
    if not paper.ids.doi:
        return paper
    found = _VERSION.search(paper.links.abstract)
    version = int(found[1]) if found else None
    links = _links("medrxiv" if "medrxiv.org" in paper.links.abstract else server, paper.ids.doi, version)
    return replace(paper, version=version, links=links, authors=_paired(paper.authors), journal=None)


def _paired(authors: tuple[str, ...]) -> tuple[str, ...]:
    """Return single names of `Quill, A., Reed, B.`."""
    parts = [part.strip() for author in authors for part in author.split(",")]
    if len(parts) % 2 or not all(re.fullmatch(r"(?:\w\.[ -]?)+", given) for given in parts[1::2]):
        return authors
    return tuple(f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True))


def _links(server: str, found: str, version: int | None) -> Links:
    page = f"https://www.{'medrxiv' if server == 'medrxiv' else 'biorxiv'}.org/content/{found}v{version or 1}"
    return Links(page, f"{page}.full.pdf", f"{page}.full")


def _published(said: str) -> tuple[PaperId, ...]:
    """Return the name of the journal's version of a preprint."""
    found = doi(said[:NAME])
    return (PaperId(f"doi:{found}"),) if found and not arxiv_id(found) else ()


def _is_of(paper: Paper, subjects: set[str]) -> bool:
    """Say whether *paper* is of one of *subjects*; the feed, which names none, was asked for them."""
    return not paper.categories or any(_subject(category) in subjects for category in paper.categories)


def _subject(category: str) -> str:
    return re.sub(r"[\W_]+", " ", category).strip().casefold()


def _said(told: dict[str, Any], key: str) -> str:
    """Return what a record says under *key*, where it does not say that it is not available."""
    said = text(told.get(key)).strip()
    return "" if said.upper() in {"NA", "N/A"} else said


def _day(said: str) -> datetime | None:
    """Return the day that a date means, which may lack its zeros: `2026-6-30`."""
    found = _DATE.match(said)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) if found else None
    except ValueError:
        return None


def _number(value: object) -> int | None:
    """Return a count, which may be a string: `"240"`."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return value if type(value) is int and 0 <= value < 10**9 else None
