"""Hugging Face Daily Papers: what its readers put on the day's list, with their votes. Each paper is arXiv's."""

from functools import partial
from typing import Any

from digestd.model.paper import Identifiers, Paper, arxiv_id, identity
from digestd.model.source import Failed, Fetched
from digestd.sources.arxiv import links
from digestd.sources.clean import ABSTRACT, NAME, TITLE, moment, names, plain, text
from digestd.sources.document import Body, Client, Document, SourceSettings
from digestd.sources.entries import united

SERVICE = "https://huggingface.co"
_ROWS = 100
_LARGEST = 2**31


def sources(settings: SourceSettings, web: Client) -> tuple[Document, ...]:
    """Return the newest list, whose votes go on growing."""
    return (
        Document(
            name=settings.name,
            kind=settings.kind,
            every=settings.every,
            address=f"{(settings.url or SERVICE).rstrip('/')}/api/daily_papers?limit={_ROWS}",
            allow_private=settings.allow_private,
            read=partial(read, name=settings.name),
            web=web,
        ),
    )


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of a list, in its order."""
    rows = body.json()
    if not isinstance(rows, list):
        return Failed("what came is not a list of papers")
    told = [_paper(row, name) for row in rows]
    papers = united(paper for paper in told if paper)
    if rows and not papers:
        return Failed(f"none of the list's {len(rows)} rows names an arXiv paper")
    complaints = tuple(f"row {at} names no arXiv paper or no title" for at, paper in enumerate(told, 1) if not paper)
    return Fetched(papers, body.cursor, day_list=True, complaints=complaints, wait=body.wait)


def _paper(row: Any, name: str) -> Paper | None:
    told = _part(row, "paper")
    found = arxiv_id(f"arXiv:{text(told.get('id'))}")
    title = plain(text(told.get("title")) or text(told and row.get("title")), TITLE)
    if not found or not title:
        return None
    ids = Identifiers(found[0])
    return Paper(
        id=identity(ids, weak=""),
        title=title,
        abstract=plain(text(told.get("summary")), ABSTRACT),
        authors=_authors(told),
        published=moment(text(told.get("publishedAt"))),
        sources=(name,),
        links=links(found[0]),
        ids=ids,
        votes=_count(told.get("upvotes")),
        comments=_count(row.get("numComments")),
        organization=_organization(_part(told, "organization") or _part(row, "organization")),
    )


def _authors(told: dict[str, Any]) -> tuple[str, ...]:
    authors = told.get("authors")
    return names(text(one.get("name")) for one in authors if isinstance(one, dict)) if isinstance(authors, list) else ()


def _organization(told: dict[str, Any]) -> str | None:
    return plain(text(told.get("fullname")) or text(told.get("name")), NAME) or None


def _part(of: Any, key: str) -> dict[str, Any]:
    """Return the object under *key* of what ought to be an object, or an empty one."""
    part = of.get(key) if isinstance(of, dict) else None
    return part if isinstance(part, dict) else {}


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _LARGEST else None
