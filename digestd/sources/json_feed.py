"""JSON Feed 1.x (https://www.jsonfeed.org/version/1.1/)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from digestd.model.paper import Links
from digestd.model.source import Failed, Fetched
from digestd.sources.authors import apart
from digestd.sources.clean import ABSTRACT, TITLE, address, fields, markup, moment, names, plain, text, values
from digestd.sources.document import Body
from digestd.sources.entries import Entry, fetched
from digestd.sources.syndication import MOST, unread


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of a JSON feed."""
    match body.json():
        case {"version": str(version), "items": list(items)} if "jsonfeed.org/version/1" in version:
            entries = [_entry(fields(item), body.address) for item in items[:MOST]]
            told = fetched(entries, body, name)
            return replace(told, gap=unread(len(items), len(entries))) if isinstance(told, Fetched) else told
        case _:
            return Failed("what came is not a feed")


def _entry(item: Mapping[str, Any], base: str) -> Entry:
    guid, link = _id(item.get("id")), text(item.get("url")) or text(item.get("external_url"))
    return Entry(
        title=plain(text(item.get("title")), TITLE),
        links=Links(address(link, base), _pdf(item, base)),
        abstract=_abstract(item),
        authors=names(apart(list(_authors(item)))),
        categories=names(text(tag) for tag in values(item.get("tags"))),
        published=moment(text(item.get("date_published"))) or moment(text(item.get("date_modified"))),
        guid=guid,
        names=(guid, link, text(item.get("external_url"))),
    )


def _id(value: object) -> str:
    """Return an item's id, which ought to be a string; a number stands for one (JSON Feed 1.1, `id`)."""
    return plain(str(value), TITLE) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _abstract(item: Mapping[str, Any]) -> str:
    told = text(item.get("summary")) or text(item.get("content_text"))
    return plain(told, ABSTRACT) or markup(text(item.get("content_html")), ABSTRACT)


def _authors(item: Mapping[str, Any]) -> Iterator[str]:
    authors = (*values(item.get("authors")), item.get("author"))  # 1.1 has a list, 1.0 had one
    return filter(None, (text(fields(author).get("name")) for author in authors))


def _pdf(item: Mapping[str, Any], base: str) -> str | None:
    attached = map(fields, values(item.get("attachments")))
    links = (address(text(one.get("url")), base) for one in attached if one.get("mime_type") == "application/pdf")
    return next(filter(None, links), None)
