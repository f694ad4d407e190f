"""PubMed, https://www.ncbi.nlm.nih.gov/books/NBK25499/: a search for what entered on certain days, then the records it lists.

By the day of entry, for some papers enter months after they appeared; the day of publication may be to come. PubMed counts
what it adds more than a year late as entered when it was published: `date_field = "crdt"` asks by the day it was added.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from digestd.model.paper import Paper
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources import feed
from digestd.sources.clean import fields, midnight, plain, text
from digestd.sources.document import Announcer, Body, Client, SourceSettings, answered
from digestd.sources.entries import united
from digestd.sources.medline import PMID, as_json, paper_of, summarised
from digestd.sources.pages import Page, Step, Walk, alone, walk
from digestd.sources.xml_tree import root

SERVICE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
_REACHABLE = 9_999  # of what a search finds, PubMed lists no more
_BATCH = 100  # records with all their references: 2 MB
_OVERLAP = timedelta(days=2)  # what entered on a day is found somewhat later
_SPAN = timedelta(days=30)
_FEW = 5  # records may all be missing for good; more are a fault
_PATIENCE = timedelta(days=7)  # with records that are listed and do not come
_DAY = timedelta(days=1)
_ENTRY = {"edat", "crdt"}
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_ERROR = re.compile(rb"\"ERROR\"\s*:\s*\"([^\"]{1,500})")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search lists, and how much it found."""

    count: int
    ids: tuple[str, ...]
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries(Announcer):
    """What enters PubMed and answers a query."""

    utilities: str

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        answer = await self._found(_span(cursor, now - self.settings.look_back, now))
        if isinstance(answer, Failed):
            return answer
        span, found = answer
        walked = await walk(self, _step(self.utilities, found.ids, self.label)) if found.ids else Walk(())
        if not walked.papers and (walked.stopped or len(found.ids) > _FEW):
            return walked.stopped or Failed(f"PubMed sent none of the {len(found.ids)} records that it lists")
        day_list = not found.ids or _field(self.settings) in _ENTRY
        complaints = (*found.complaints, *walked.complaints, *span.complaints)
        told = Fetched(united(walked.papers), cursor, day_list, complaints=complaints)
        if walked.stopped:
            return replace(told, gap=walked.stopped.reason, wait=walked.stopped.wait)
        missed = _missed(found.ids, walked)
        reached = span.kept(now) if missed else span.reached(now)
        gaps = (missed, missed and span.given_up(reached), span.behind(now))
        return replace(told, cursor=replace(cursor, reached=reached), gap="; ".join(filter(None, gaps)) or None)

    async def get(self, address: str, cursor: Cursor) -> Body | NotModified | Failed:
        """Return the document at *address*, asked for in our name: the key stays here, and is not told to who reads."""
        us = {"tool": "digestd", "email": self.settings.contact, "api_key": self.settings.api_key}
        body = await Announcer.get(self, f"{address}&{_query(us)}", cursor)
        return replace(body, address=address, asked=address) if isinstance(body, Body) else body

    async def _found(self, span: "Span") -> "tuple[Span, Found] | Failed":
        """Return what entered in *span*, or in a part of it that PubMed lists whole."""
        while True:
            found = await self._search(span.begin, span.end)
            if isinstance(found, Failed) or found.count <= _REACHABLE:
                return found if isinstance(found, Failed) else (span, found)
            if (shorter := span.shorter()) is None:
                return Failed(f"PubMed has {found.count:,} papers of {span.end} for this, too many to read: narrow the query")
            span = shorter

    async def _search(self, begin: date, end: date) -> Found | Failed:
        asked = {
            "db": "pubmed",
            "term": self.settings.query or "",
            "datetype": _field(self.settings),
            "mindate": f"{begin:%Y/%m/%d}",
            "maxdate": f"{end:%Y/%m/%d}",
            "retmode": "json",
            "retmax": str(_REACHABLE),
        }
        return await answered(self.web, await self.get(f"{self.utilities}/esearch.fcgi?{_query(asked)}", Cursor()), found_in)


def sources(settings: SourceSettings, web: Client) -> tuple[Entries, ...]:
    """Return what answers the query that *settings* give."""
    utilities = (settings.url or SERVICE).rstrip("/")
    asked = "\0".join((utilities, _field(settings), settings.query or ""))
    return (Entries(settings=settings, web=web, asked=asked, service="pubmed", utilities=utilities),)


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of records, of summaries in XML or JSON, or of a search kept as a feed."""
    if _JSON.match(body.content):
        return _summaries(body, name)
    if _FEED.search(body.content[:4096]):
        return feed.read(body, name)
    told = _records(body, name)
    return told if isinstance(told, Failed) else _fetched(told, body)


def found_in(body: Body) -> Found | Failed:
    """Return what a search answered in JSON."""
    match body.json():
        case {"esearchresult": {"idlist": [*listed], "count": str(count), **told}} if count.isdecimal() and len(count) < 10:
            ids = tuple(one for one in map(text, listed) if PMID.fullmatch(one))
            return _trouble(told) or _whole(Found(int(count), ids, tuple(_warnings(told))))
        case {"error": str(why)} | {"esearchresult": {"ERROR": str(why)}}:
            return _said(why)
        case _ if found := _ERROR.search(body.content):  # of many lines, which JSON forbids
            return _said(found[1].decode(errors="replace"))
        case _:
            return Failed("what came is not an answer of PubMed's search")


@dataclass(frozen=True, slots=True)
class Span:
    """Days to ask for, from *begin* to *end*. *due* is the first that was not asked for whole: those before it overlap."""

    begin: date
    due: date
    end: date
    complaints: tuple[str, ...] = ()

    def shorter(self) -> "Span | None":
        """Return a span with less in it that goes beyond what was asked for: news come before the overlap."""
        if self.end > self.due:
            return replace(self, end=self.due + (self.end - self.due) // 2)
        late = "so much enters a day that PubMed was not asked for what it adds late to the days before"
        return replace(self, begin=self.begin + _DAY, complaints=(late,)) if self.begin < self.due else None

    def reached(self, now: datetime) -> datetime:
        """Return up to when everything has been asked for, once the answer came whole."""
        return min(now, midnight(self.end + _DAY))

    def kept(self, now: datetime) -> datetime:
        """Return from where to ask again for records that did not come: for a week; and what is new goes before."""
        before = min(midnight(self.begin) + _OVERLAP, now)
        return self.reached(now) if self.end < now.date() else max(before, now - _PATIENCE)

    def given_up(self, reached: datetime) -> str | None:
        first = (reached - _OVERLAP).date()
        return f"what entered before {first} is not asked for again" if first > self.begin else None

    def behind(self, now: datetime) -> str | None:
        return f"only what entered up to {self.end} was asked for yet: the rest follows" if self.end < now.date() else None


def _span(cursor: Cursor, earliest: datetime, now: datetime) -> Span:
    due = min(cursor.reached, now) if cursor.reached else earliest
    begin = (due - _OVERLAP if cursor.reached else due).date()
    return Span(begin, due.date(), min(now.date() + _DAY, begin + _SPAN))


def _missed(ids: Sequence[str], walked: Walk) -> str | None:
    """Return which records are missing of those that are listed."""
    came = {paper.ids.pmid for paper in walked.papers}
    missing = [pmid for pmid in ids if pmid not in came]
    named = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
    if missing and not came:
        return f"PubMed sent none of the {len(ids)} records that it lists: PMID {named}"
    count = len(missing) - len(walked.complaints)  # which came without a PMID or a title
    return f"PubMed did not send {count} of the {len(ids)} records that it lists: PMID {named}" if count > 0 else None


def _trouble(told: Mapping[Any, Any]) -> Failed | None:
    """Return why a search found other than was asked for: PubMed leaves out what it does not know, and finds too much."""
    errors = told.get("errorlist")
    unknown = [*_listed(errors, "phrasesnotfound"), *_listed(errors, "fieldsnotfound")]
    if unknown:
        return Failed(f"PubMed does not know {', '.join(map(repr, unknown[:5]))}, and searches without: mend the query")
    return _said(text(told.get("ERROR"))) if told.get("ERROR") else None


def _warnings(told: Mapping[Any, Any]) -> list[str]:
    quoted = _listed(told.get("warninglist"), "quotedphrasesnotfound")
    return [f"PubMed knows no phrase {phrase!r}, and searches for its words" for phrase in quoted[:5]]


def _listed(told: object, key: str) -> list[str]:
    given = fields(told).get(key)
    return [plain(text(one), 100) for one in (given if isinstance(given, list) else [given]) if text(one)]


def _whole(found: Found) -> Found | Failed:
    if len(found.ids) < found.count <= _REACHABLE:
        return Failed(f"PubMed's search found {found.count} papers, and lists {len(found.ids)}")
    return found


def _said(why: str) -> Failed:
    return Failed(f'PubMed answered "{plain(why, 150)}"')


def _step(utilities: str, ids: Sequence[str], name: str) -> Step:
    asked = {"db": "pubmed", "retmode": "xml", "id": ",".join(ids[:_BATCH])}
    rest = tuple(ids[_BATCH:])
    return Step(f"{utilities}/efetch.fcgi?{_query(asked)}", partial(_page, utilities=utilities, rest=rest, name=name))


def _page(body: Body, utilities: str, rest: Sequence[str], name: str) -> Page | Failed:
    told = _records(body, name)
    if isinstance(told, Failed):
        return told
    return replace(_page_of(told), then=_step(utilities, rest, name) if rest else None)


def _records(body: Body, name: str) -> Sequence[Paper | None] | Failed:
    told = root(body.content)
    if isinstance(told, str):
        return Failed(told)
    match told.tag:
        case "PubmedArticleSet" | "PubmedBookArticleSet":
            return [paper_of(record, name) for record in told if record.tag in {"PubmedArticle", "PubmedBookArticle"}]
        case "eSummaryResult" if summaries := told.findall("DocSum"):
            return [summarised(as_json(summary), name) for summary in summaries]
        case "eSearchResult":
            return Failed("this is a search's answer, which lists ids alone: fetch the records")
        case tag:
            why = told.findtext(".//ERROR")
            return _said(why) if why else Failed(f"what came are not PubMed's records, but a {plain(tag, 40)!r}")


def _summaries(body: Body, name: str) -> Fetched | Failed:
    match body.json():
        case {"result": {"uids": [*uids], **told}}:
            return _fetched([summarised(fields(told.get(text(uid))), name) for uid in uids], body)
        case {"esearchresult": {"idlist": [*_]}}:
            return Failed("this is a search's answer, which lists ids alone: fetch the records")
        case _:
            failed = found_in(body)
            return failed if isinstance(failed, Failed) else Failed("what came are not PubMed's records")


def _fetched(told: Sequence[Paper | None], body: Body) -> Fetched | Failed:
    if told and not any(told):
        return Failed(f"none of the {len(told)} records has a PMID and a title")
    return alone(_page_of(told), body)


def _page_of(told: Sequence[Paper | None]) -> Page:
    complaints = tuple(f"record {at} has no PMID or no title" for at, paper in enumerate(told, 1) if not paper)
    return Page(tuple(paper for paper in told if paper), complaints)


def _field(settings: SourceSettings) -> str:
    """Return which day of a paper decides that it is asked for."""
    return settings.date_field or "edat"


def _query(told: Mapping[str, str | None]) -> str:
    return urlencode({key: value for key, value in told.items() if value}, safe=",/")
