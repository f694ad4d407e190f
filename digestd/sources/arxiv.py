"""arXiv's daily announcements, https://info.arxiv.org/help/rss.html: RSS, and its Atom form.

A feed is one category's list of one day. Its dates are those of the request, and prove nothing.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from urllib.parse import quote

from digestd.model.paper import Identifiers, Links, Paper, arxiv_id, doi, identity
from digestd.model.source import Failed, Fetched
from digestd.sources.clean import ABSTRACT, TITLE, moment, names, plain
from digestd.sources.document import Body, Client, Document, SourceSettings
from digestd.sources.entries import united
from digestd.sources.syndication import RawEntry, given, parse

SERVICE = "https://rss.arxiv.org"
_FULL = 2_000  # a feed of so many is cut, and it is the new papers that are missing
_PREFIX = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*(\S+)\s*(?:Abstract:\s*)?")


def sources(settings: SourceSettings, web: Client) -> tuple[Document, ...]:
    """Return a source for each category (a feed of several is cut sooner); all announce in the name that *settings* give."""
    service = (settings.url or SERVICE).rstrip("/")
    read_as = partial(read, name=settings.name, cross_lists=settings.cross_lists, revisions=settings.revisions)
    return tuple(
        Document(
            name=f"{settings.name}:{category}" if len(settings.categories) > 1 else settings.name,
            kind=settings.kind,
            every=settings.every,
            address=f"{service}/rss/{quote(category)}",
            allow_private=settings.allow_private,
            read=read_as,
            web=web,
        )
        for category in settings.categories
    )


def read(body: Body, name: str, *, cross_lists: bool = True, revisions: bool = False) -> Fetched | Failed:
    """Return the papers of a day's list; those announced in a way that was not asked for are back catalogue."""
    feed = parse(body)
    if isinstance(feed, Failed):
        return feed
    if feed.title.startswith("Feed error"):
        return Failed(f"arXiv answered: {feed.title}")
    if len(feed.entries) >= _FULL:
        return Failed(
            f"arXiv cut this list at {_FULL:,} entries, and it is new papers that are missing: ask for smaller categories"
        )
    return _fetched(feed.entries, body, name, _asked_for(cross_lists=cross_lists, revisions=revisions))


def links(arxiv: str) -> Links:
    """Return where the arXiv paper of that id can be read, in its newest version."""
    return Links(f"https://arxiv.org/abs/{arxiv}", f"https://arxiv.org/pdf/{arxiv}")


def _fetched(entries: Sequence[RawEntry], body: Body, name: str, asked_for: AbstractSet[str]) -> Fetched | Failed:
    told = [_paper(raw, name) for raw in entries]
    papers = united(paper for paper in told if paper)
    if entries and not papers:
        return Failed(f"none of the list's {len(entries)} entries has an arXiv id")
    news = {paper.id for paper, raw in zip(told, entries, strict=True) if paper and _way(raw) in asked_for}
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


def _way(raw: RawEntry) -> str:
    """Return how arXiv announces an entry: as new, cross, replace or replace-cross."""
    prefix = _PREFIX.match(_text(raw, "summary"))
    return _text(raw, "arxiv_announce_type") or (prefix[1] if prefix else "new")


def _paper(raw: RawEntry, name: str) -> Paper | None:
    found = arxiv_id(_text(raw, "id")) or arxiv_id(_text(raw, "link"))
    title = plain(_text(raw, "title"), TITLE)
    if not found or not title:
        return None
    arxiv, version = found
    ids = Identifiers(arxiv, doi(_text(raw, "arxiv_doi")))
    return Paper(
        id=identity(ids, weak=""),
        title=title,
        abstract=plain(_PREFIX.sub("", _text(raw, "summary"), count=1), ABSTRACT),
        authors=_authors(raw),
        categories=names(str(tag.get("term") or "") for tag in given(raw, "tags") or ()),
        published=moment(given(raw, "published_parsed")) if _way(raw) == "new" else None,
        sources=(name,),
        links=links(arxiv),
        ids=ids,
        version=version,
    )


def _authors(raw: RawEntry) -> tuple[str, ...]:
    return names(name for one in given(raw, "authors") or () for name in str(one.get("name") or "").split(", "))


def _text(raw: RawEntry, key: str) -> str:
    """Return a field as it stands: arXiv writes text and TeX, in which `<` is less than."""
    return str(given(raw, key) or "")
