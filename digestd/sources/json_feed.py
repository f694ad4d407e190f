"""JSON Feed 1.x (https://www.jsonfeed.org/version/1.1/)."""

from collections.abc import Iterator, Mapping
from typing import Any

from digestd.model.paper import Links
from digestd.model.source import Failed, Fetched
from digestd.sources.clean import ABSTRACT, TITLE, address, markup, moment, names, plain, text
from digestd.sources.document import Body
from digestd.sources.entries import Entry, fetched


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of a JSON feed."""
    match body.json():
        case {"version": str(version), "items": list(items)} if "jsonfeed.org/version/1" in version:
            return fetched([_entry(item if isinstance(item, dict) else {}, body.address) for item in items], body, name)
        case _:
            return Failed("what came is not a feed")


def _entry(item: Mapping[str, Any], base: str) -> Entry:
    guid, link = str(item.get("id") or ""), text(item.get("url")) or text(item.get("external_url"))
    return Entry(
        title=plain(text(item.get("title")), TITLE),
        links=Links(address(link, base)),
        abstract=_abstract(item),
        authors=names(_authors(item)),
        categories=names(text(tag) for tag in _list(item.get("tags"))),
        published=moment(text(item.get("date_published"))),
        guid=guid.strip(),
        names=(guid, link, text(item.get("external_url"))),
    )


def _abstract(item: Mapping[str, Any]) -> str:
    told = text(item.get("summary")) or text(item.get("content_text"))
    return plain(told, ABSTRACT) or markup(text(item.get("content_html")), ABSTRACT)


def _authors(item: Mapping[str, Any]) -> Iterator[str]:
    for author in (*_list(item.get("authors")), item.get("author")):  # 1.1 has a list, 1.0 had one
        if isinstance(author, dict):
            yield text(author.get("name"))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
