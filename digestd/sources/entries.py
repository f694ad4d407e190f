"""Entries of any feed become papers: one identity each, the strongest that its document does not blur."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from digestd.model.paper import Identifiers, Links, Paper, PaperId, arxiv_id, doi, identity, merge
from digestd.model.source import Failed, Fetched
from digestd.sources.clean import address, canonical
from digestd.sources.document import Body


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of a paper, in plain text. *names* are what may hold its arXiv id or its DOI."""

    title: str
    links: Links
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    guid: str = ""
    names: tuple[str, ...] = ()


def fetched(entries: Sequence[Entry], body: Body, name: str) -> Fetched | Failed:
    """Return the papers that *entries* announce in the name of a source; those without a title are complaints."""
    titled = [entry for entry in entries if entry.title]
    if entries and not titled:
        return Failed(f"none of the feed's {len(entries)} entries has a title")
    blurred = _blurred(titled, name)
    papers = united(_paper(entry, name, blurred) for entry in titled)
    complaints = tuple(f"entry {at} has no title" for at, entry in enumerate(entries, 1) if not entry.title)
    return Fetched(papers, body.cursor, complaints=complaints, wait=body.wait)


def united(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Return papers in their order, those of one identity merged."""
    known: dict[PaperId, Paper] = {}
    for paper in papers:
        known[paper.id] = merge(known[paper.id], paper) if paper.id in known else paper
    return tuple(known.values())


def _paper(entry: Entry, source: str, blurred: AbstractSet[str]) -> Paper:
    strong, version = _strong(entry)
    ids = Identifiers(*(name if name not in blurred else None for name in (strong.arxiv, strong.doi)))
    return Paper(
        id=identity(ids, weak=next(name for name in _weak(entry, source) if name not in blurred)),
        title=entry.title,
        abstract=entry.abstract,
        authors=entry.authors,
        categories=entry.categories,
        published=entry.published,
        sources=(source,),
        links=entry.links,
        ids=ids,
        version=version if ids.arxiv else None,
    )


def _blurred(entries: Iterable[Entry], source: str) -> AbstractSet[str]:
    """Return the names that a document gives to two titles: they name neither."""
    titles: defaultdict[str | None, set[str]] = defaultdict(set)
    for entry in entries:
        strong, _ = _strong(entry)
        for name in (strong.arxiv, strong.doi, *_weak(entry, source)):
            titles[name].add(entry.title.casefold())
    return {name for name, those in titles.items() if name and len(those) > 1}


def _strong(entry: Entry) -> tuple[Identifiers, int | None]:
    arxiv = [found for found in map(arxiv_id, entry.names) if found]
    dois = [found for found in map(doi, entry.names) if found and not arxiv_id(found)]
    ids = Identifiers(arxiv[0][0] if arxiv else None, dois[0] if dois else None)
    return ids, next((version for one, version in arxiv if version and one == ids.arxiv), None)


def _weak(entry: Entry, source: str) -> Iterator[str]:
    """Yield the names that hold where there is no id, best first; the last is the title, which no other title shares."""
    if guid := entry.guid:
        yield f"link\0{canonical(guid)}" if address(guid) else f"guid\0{source}\0{guid}"
    if link := entry.links.abstract:
        yield f"link\0{canonical(link)}"
    yield f"title\0{source}\0{entry.title.casefold()}\0{''.join(entry.authors[:1]).casefold()}"
