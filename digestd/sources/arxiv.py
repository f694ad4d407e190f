"""arXiv by category: the list of each day, and what a list that was missed or cut leaves out, asked of arXiv's other services.

A list's dates are those of the request and prove nothing (https://info.arxiv.org/help/rss.html); the calendar tells which lists
there have been.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

from digestd.model.paper import Identifiers, Paper, PaperId, arxiv_id
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources import arxiv_api, arxiv_oai
from digestd.sources.announcement import Announcement, announcements
from digestd.sources.arxiv_catch_up import believed, caught_up, joined, missing, read_until, with_gap
from digestd.sources.arxiv_paper import CALENDAR, TURN, journal_doi, links, said
from digestd.sources.arxiv_xml import root_name
from digestd.sources.clean import ABSTRACT, NAME, NAMES, TITLE, names, plain
from digestd.sources.document import Body, Client, Document, SourceSettings
from digestd.sources.entries import united

SERVICE = "https://rss.arxiv.org"
_FULL = 2_000  # a list of so many is cut, and it is the new papers that are missing
_CHANGES = timedelta(hours=6)  # a list may be put right within its day, whatever max-age says
_PREFIX = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*(\S+)\s*(?:Abstract:\s*)?")
_ASIDE = re.compile(r"\([^()]*\)")


def sources(settings: SourceSettings, web: Client) -> tuple["Category", ...]:
    """Return a source for each category (a feed of several is cut sooner); all announce in the name that *settings* give."""
    service = (settings.url or SERVICE).rstrip("/")
    read_as = partial(read, name=settings.name, cross_lists=settings.cross_lists, revisions=settings.revisions)
    return tuple(
        Category(
            settings=settings,
            web=web,
            asked=f"{service}/rss/{quote(category)}",
            part=category if len(settings.categories) > 1 else None,
            calendar=CALENDAR,
            service=TURN,
            read=read_as,
            category=category,
        )
        for category in settings.categories
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Category(Document):
    """A category's list of the day, and what is missing in it."""

    category: str

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        told = await Document.fetch(self, cursor, now)
        if isinstance(told, Failed):
            return told
        told = _soon_again(told)
        missed = missing(told, cursor, now)
        if missed is None:
            return replace(told, cursor=replace(told.cursor, reached=read_until(cursor, now)))
        found = believed(await caught_up(self, self.category, missed, now), told)
        earliest = None if missed.lists or cursor.reached else now - self.settings.look_back
        news = {paper.id for paper in found.papers if self._is_news(paper, earliest)}
        fetched = joined(told, found, news, now)
        return with_gap(fetched, missed, found.stopped) if found.stopped else fetched

    def _is_news(self, paper: Paper, earliest: datetime | None) -> bool:
        """Say whether a paper that was found elsewhere is new, and was announced in a way that was asked for."""
        if paper.published is None or (earliest and paper.published < earliest):
            return False
        primary = paper.categories[0] if paper.categories else self.category
        return self.settings.cross_lists or self.category in {primary, primary.partition(".")[0]}


def read(body: Body, name: str, *, cross_lists: bool = True, revisions: bool = False) -> Fetched | Failed:
    """Return the papers of a day's list; those announced in a way that was not asked for are back catalogue.

    The API's and OAI-PMH's documents are read too.
    """
    if root_name(body.content) == arxiv_oai.ROOT:
        return arxiv_oai.read(body, name)
    if arxiv_api.is_answer(body):
        return arxiv_api.read(body, name)
    told = announcements(body)
    if isinstance(told, Failed):
        return told
    if told.title.startswith("Feed error"):
        return Failed(f"arXiv answered: {said(told.title)}")
    fetched = _fetched(told.entries, body, name, _asked_for(cross_lists=cross_lists, revisions=revisions))
    if isinstance(fetched, Fetched) and len(told.entries) >= _FULL:
        return replace(fetched, gap=f"arXiv cut this list at {_FULL:,} entries, and it is new papers that are missing")
    return fetched


def _soon_again(told: Fetched | NotModified) -> Fetched | NotModified:
    return replace(told, wait=min(told.wait, _CHANGES)) if told.wait else told


def _fetched(entries: Sequence[Announcement], body: Body, name: str, asked_for: AbstractSet[str]) -> Fetched | Failed:
    told = [paper_of(entry, name) for entry in entries]
    papers = united(paper for paper in told if paper)
    if entries and not papers:
        return Failed(f"none of the list's {len(entries)} entries has an arXiv id")
    news = {paper.id for paper, entry in zip(told, entries, strict=True) if paper and _way(entry) in asked_for}
    return Fetched(
        papers,
        body.cursor,
        day_list=True,
        back_catalogue=frozenset(paper.id for paper in papers) - news,
        complaints=tuple(f"entry {at} has no arXiv id or no title" for at, paper in enumerate(told, 1) if not paper),
        wait=body.wait,
    )


def _asked_for(*, cross_lists: bool, revisions: bool) -> AbstractSet[str]:
    """Return the announce types that are news."""
    ways = {"new": True, "cross": cross_lists, "replace": revisions, "replace-cross": revisions and cross_lists}
    return {way for way, wanted in ways.items() if wanted}


def _way(entry: Announcement) -> str:
    """Return how arXiv announces an entry: as new, cross, replace or replace-cross."""
    if entry.way:
        return entry.way
    prefix = _PREFIX.match(entry.summary)
    return prefix[1] if prefix else "new"


def paper_of(entry: Announcement, name: str) -> Paper | None:
    """Return the paper that a list announces; None where it names none."""
    found = arxiv_id(entry.guid) or arxiv_id(entry.link)
    title = plain(entry.title, TITLE)
    if not found or not title:
        return None
    arxiv, version = found
    prefix = _PREFIX.match(entry.summary)
    return Paper(
        id=PaperId(f"arXiv:{arxiv}"),
        title=title,
        abstract=plain(entry.summary[prefix.end() if prefix else 0 :], ABSTRACT),
        authors=_authors(entry.creators),
        categories=names(entry.categories),
        published=entry.at if _way(entry) == "new" else None,
        sources=(name,),
        links=links(arxiv),
        ids=Identifiers(arxiv, journal_doi(entry.doi)),
        version=version,
        journal=plain(entry.journal, TITLE) or None,
    )


def _authors(creators: Sequence[str]) -> tuple[str, ...]:
    """Return the authors that a list strings together, without their affiliations: `Ada Quill (Tide Lab, Port), Bo Reed`."""
    return names(name for creator in creators for name in _without_asides(creator[: NAMES * NAME]).split(", "))


def _without_asides(creator: str) -> str:
    for _ in range(3 if "(" in creator else 0):  # one may be in another: (Tide Lab (East), Port)
        creator = _ASIDE.sub("", creator)
    return creator
