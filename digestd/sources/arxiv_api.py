"""arXiv's API, https://info.arxiv.org/help/api/user-manual.html: papers that a query finds, by date."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from digestd.model.paper import Identifiers, Paper, PaperId, arxiv_id
from digestd.model.source import Cursor, Failed, Fetched
from digestd.sources.arxiv_paper import LISTS, SEEN_BY_API, TURN, categories, journal_doi, links, said
from digestd.sources.arxiv_xml import root, root_name
from digestd.sources.clean import ABSTRACT, TITLE, moment, names, plain
from digestd.sources.document import Announcer, Body, Client, SourceSettings
from digestd.sources.entries import united
from digestd.sources.pages import Page, Step, walk

SERVICE = "https://export.arxiv.org"
ROWS = 500  # the manual asks for small slices; large ones come empty now and then
MOST = 30_000  # the API gives no more of one query
_ATOM, _ARXIV, _FOUND = (
    "{http://www.w3.org/2005/Atom}",
    "{http://arxiv.org/schemas/atom}",
    "{http://a9.com/-/spec/opensearch/1.1/}",
)
_FRESH = timedelta(hours=6)


def sources(settings: SourceSettings, web: Client) -> tuple["Search", ...]:
    """Return the search that *settings* describe."""
    service = (settings.url or SERVICE).rstrip("/")
    asked = f"{service}\0{settings.query}\0{settings.date_field}"
    return (Search(settings=settings, web=web, asked=asked, service=TURN, at=service),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Announcer):
    """A query, asked again for what was submitted (or, as settings may say, updated) since it was last answered in full."""

    at: str

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | Failed:
        since = (cursor.reached or now - self.settings.look_back) - SEEN_BY_API
        begin = updated if self.settings.date_field == "updated" else submitted
        found = await walk(self, begin(self.at, self.settings.query or "", (since, now), self.label))
        if found.stopped and not found.papers:
            return found.stopped
        whole = found.stopped is None
        return Fetched(
            united(found.papers),
            replace(cursor, reached=now) if whole else cursor,
            complaints=found.complaints,
            wait=fresh_for(now) if found.stopped is None else found.stopped.wait,
            gap=None if found.stopped is None else found.stopped.reason,
        )


def fresh_for(now: datetime) -> timedelta:
    """Return how long answers stay the same: they change at midnight in New York, sometimes hours late."""
    change = LISTS.latest(now + _FRESH)
    return change - now if change > now else _FRESH


def submitted(service: str, query: str, span: tuple[datetime, datetime], name: str) -> Step:
    """Return the step that asks for papers whose first version was submitted in *span*, oldest first."""
    since, until = span
    dated = f"({query}) AND submittedDate:[{since:%Y%m%d%H%M} TO {until:%Y%m%d%H%M}]"
    return Rows(service, {"search_query": dated, "sortBy": "submittedDate", "sortOrder": "ascending"}, name).step()


def updated(service: str, query: str, span: tuple[datetime, datetime], name: str) -> Step:
    """Return the step that asks for papers whose newest version came in *span*, newest first.

    The API sorts by that date, but takes a range of it for one of submission since November 2025
    (https://github.com/ropensci/aRxiv/issues/69): so rows are read until they are older.
    """
    wanted = {"search_query": query, "sortBy": "lastUpdatedDate", "sortOrder": "descending"}
    return Rows(service, wanted, name, since=span[0]).step()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of an answer, from *start* on. With *since* they come newest first, and are read as far back as that."""

    service: str
    wanted: dict[str, str]
    name: str
    start: int = 0
    since: datetime | None = None

    def step(self) -> Step:
        """Return the step that asks for these rows."""
        query = urlencode(self.wanted | {"start": str(self.start), "max_results": str(ROWS)})
        return Step(f"{self.service}/api/query?{query}", partial(page, rows=self))


def page(body: Body, *, rows: Rows) -> Page | Failed:
    """Return the papers of one document, and the step to the next."""
    feed = _feed(body)
    if isinstance(feed, Failed):
        return feed
    entries = feed.findall(f"{_ATOM}entry")
    total, read = _number(feed, "totalResults"), _read(entries, rows.name)
    if isinstance(read, Failed):
        return read
    if trouble := _trouble(feed, entries, rows):
        return Failed(trouble)
    recent = [paper for paper, entry in zip(read.papers, entries, strict=True) if paper and _is_recent(entry, rows.since)]
    after = rows.start + len(entries)
    ends = after >= (total or 0) or (entries and not _is_recent(entries[-1], rows.since))
    return Page(tuple(recent), read.complaints, None if ends else replace(rows, start=after).step())


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of one document."""
    feed = _feed(body)
    told = feed if isinstance(feed, Failed) else _read(feed.findall(f"{_ATOM}entry"), name)
    if isinstance(told, Failed):
        return told
    return Fetched(united(filter(None, told.papers)), body.cursor, complaints=told.complaints, wait=body.wait)


def is_answer(body: Body) -> bool:
    """Say whether a document is an answer of the API, and no other Atom feed."""
    return root_name(body.content) == "feed" and b"a9.com/-/spec/opensearch" in body.content[:4096]


def _feed(body: Body) -> Element | Failed:
    feed = root(body.content)
    if isinstance(feed, str):
        return Failed(feed)
    return feed if feed.tag == f"{_ATOM}feed" else Failed("what came is no answer of arXiv's API")


@dataclass(frozen=True, slots=True)
class _Read:
    papers: tuple[Paper | None, ...]
    complaints: tuple[str, ...]


def _read(entries: Sequence[Element], name: str) -> _Read | Failed:
    """Return the papers of a document, None in the place of an entry that is none."""
    error = next((entry for entry in entries if "/api/errors" in _text(entry, f"{_ATOM}id")), None)
    if error is not None:
        return Failed(f"arXiv answered: {said(_text(error, f'{_ATOM}summary') or 'Error')}", status=400)  # if not by HTTP
    papers = tuple(_paper(entry, name) for entry in entries)
    if entries and not any(papers):
        return Failed(f"none of the answer's {len(entries)} entries could be read")
    return _Read(papers, tuple(f"entry {at} has no arXiv id or no title" for at, paper in enumerate(papers, 1) if not paper))


def _trouble(feed: Element, entries: Sequence[Element], rows: Rows) -> str | None:
    """Return what shows that a document is not the part of an answer that was asked for."""
    total, start = _number(feed, "totalResults"), _number(feed, "startIndex")
    if total is None:
        return "the answer does not say how many papers were found"
    if start is not None and start != rows.start:
        return f"the answer begins at row {start:,}, though row {rows.start:,} was asked for"
    if not entries and rows.start < total:
        return f"it came empty, though {total:,} papers were found"
    if rows.since is None and total > MOST <= rows.start + len(entries):
        return f"of the {total:,} papers found arXiv gives {MOST:,}: ask for less in one query"
    dates = [date for date in (_moment(entry, "updated") for entry in entries) if date]
    if rows.since and dates != sorted(dates, reverse=True):
        return "the answer is not in the order that was asked for"
    return None


def _is_recent(entry: Element, since: datetime | None) -> bool:
    date = _moment(entry, "updated") if since else None
    return since is None or date is None or date >= since


def _paper(entry: Element, name: str) -> Paper | None:
    found = arxiv_id(_text(entry, f"{_ATOM}id"))
    title = plain(_text(entry, f"{_ATOM}title"), TITLE)
    if not found or not title:
        return None
    arxiv, version = found
    return Paper(
        id=PaperId(f"arXiv:{arxiv}"),
        title=title,
        abstract=plain(_text(entry, f"{_ATOM}summary"), ABSTRACT),
        authors=names(_text(author, f"{_ATOM}name") for author in entry.iterfind(f"{_ATOM}author")),
        categories=_categories(entry),
        published=_moment(entry, "published"),
        sources=(name,),
        links=links(arxiv),
        ids=Identifiers(arxiv, journal_doi(_text(entry, f"{_ARXIV}doi"))),
        version=version,
        journal=plain(_text(entry, f"{_ARXIV}journal_ref"), TITLE) or None,
        comment=plain(_text(entry, f"{_ARXIV}comment"), TITLE) or None,
    )


def _categories(entry: Element) -> tuple[str, ...]:
    """Return the primary category, then the others."""
    terms = (*entry.iterfind(f"{_ARXIV}primary_category"), *entry.iterfind(f"{_ATOM}category"))
    return categories(term.get("term", "").strip() for term in terms)


def _moment(entry: Element, part: str) -> datetime | None:
    return moment(_text(entry, f"{_ATOM}{part}"))


def _number(feed: Element, part: str) -> int | None:
    text = _text(feed, f"{_FOUND}{part}")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _text(of: Element, part: str) -> str:
    return (of.findtext(part) or "").strip()
