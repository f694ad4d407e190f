"""Entries of any feed become papers: each with all the names that it gives itself, but for those that its document blurs."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from digestd.model.paper import (
    Identifiers,
    Links,
    Paper,
    PaperId,
    arxiv_id,
    canonical,
    doi,
    identity,
    link_name,
    openreview_id,
    plain_ids,
    pmid,
    weak_name,
)
from digestd.model.source import Failed, Fetched
from digestd.model.union import are_akin, merge, plain_title
from digestd.sources.clean import NAME
from digestd.sources.document import Body

_NAMED = 5  # entries without a title that are named one by one
_WORLDWIDE = re.compile(r"(?:https?|tag|urn|oai|info):", re.IGNORECASE)  # a guid that names its maker too


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of a paper, in plain text. *names* are what may hold its arXiv id, DOI, PMID or OpenReview forum."""

    title: str
    links: Links
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    guid: str = ""
    names: tuple[str, ...] = ()
    journal: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """An entry with the names that it gives itself: strong ones, the version of its arXiv id, and weak ones, best first."""

    entry: Entry
    ids: Identifiers
    version: int | None
    weak: tuple[str, ...]


def fetched(entries: Sequence[Entry], body: Body, name: str) -> Fetched | Failed:
    """Return the papers that *entries* announce in the name of a source; those without a title are complaints."""
    titled = [entry for entry in entries if entry.title]
    if entries and not titled:
        return Failed(f"none of the feed's {len(entries)} entries has a title")
    named = [Named(entry, *_strong(entry), tuple(_weak(entry, body.asked or body.address))) for entry in titled]
    blurred = _blurred(named)
    papers = united(_paper(one, blurred, name) for one in named)
    return Fetched(papers, body.cursor, complaints=_complaints(entries), wait=body.wait)


def united(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Return papers in their order, those of one identity merged."""
    known: dict[PaperId, Paper] = {}
    for paper in papers:
        known[paper.id] = merge(known[paper.id], paper) if paper.id in known else paper
    return tuple(known.values())


def _complaints(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Return which entries are left out, the first of them by number."""
    untitled = [at for at, entry in enumerate(entries, 1) if not entry.title]
    told = tuple(f"entry {at} has no title" for at in untitled[:_NAMED])
    return (*told, f"{len(untitled) - _NAMED} more entries have no title") if len(untitled) > _NAMED else told


def _paper(one: Named, blurred: AbstractSet[str], source: str) -> Paper:
    entry, ids = one.entry, _clear(one.ids, blurred)
    return Paper(
        id=identity(ids, weak=f"{next(iter(one.weak), source)}\0{plain_title(entry.title) or entry.title}"),
        title=entry.title,
        abstract=entry.abstract,
        authors=entry.authors,
        categories=entry.categories,
        published=entry.published,
        sources=(source,),
        links=entry.links,
        ids=ids,
        version=one.version if ids.arxiv else None,
        journal=entry.journal,
        names=tuple(name for name in one.weak if name not in blurred),
    )


def _blurred(named: Sequence[Named]) -> AbstractSet[str]:
    """Return the names that a document gives to two titles, and which name neither: of ids, those whose titles are unlike."""
    first: dict[str, str] = {}
    blurred: set[str] = set()
    for one in named:
        title = one.entry.title
        plain = plain_title(title)
        blurred |= {name for name in plain_ids(one.ids) if name and not are_akin(first.setdefault(name, title), title)}
        blurred |= {name for name in one.weak if first.setdefault(name, plain) != plain}
    return blurred


def _clear(ids: Identifiers, blurred: AbstractSet[str]) -> Identifiers:
    return Identifiers(*(None if name in blurred else name for name in plain_ids(ids))) if blurred else ids


def _strong(entry: Entry) -> tuple[Identifiers, int | None]:
    """Return the first id of each kind that an entry's names hold, and the version of its arXiv id."""
    named = [found for found in map(arxiv_id, entry.names) if found]
    arxiv = named[0][0] if named else None
    dois = (found for found in map(doi, entry.names) if found and len(found) <= NAME and not arxiv_id(found))
    return Identifiers(
        arxiv,
        next(dois, None),
        next(filter(None, map(pmid, entry.names)), None),
        next(filter(None, map(openreview_id, entry.names)), None),
    ), next((version for one, version in named if version and one == arxiv), None)


def _weak(entry: Entry, address: str) -> Iterator[str]:
    """Yield the names that hold where there is no id, best first."""
    if guid := entry.guid:
        yield weak_name("guid", guid if _WORLDWIDE.match(guid) else f"{canonical(address)}\0{guid}")
    if link := entry.links.abstract:
        yield link_name(link)
