"""Any RSS, RDF, Atom or JSON feed: a journal's, a laboratory's, a search kept as a feed."""

import re
from collections.abc import Sequence
from functools import partial

from digestd.model.paper import Links
from digestd.model.source import Failed, Fetched
from digestd.sources import json_feed
from digestd.sources.clean import ABSTRACT, TITLE, address, moment, names
from digestd.sources.document import Body, Client, Document, SourceSettings
from digestd.sources.entries import Entry, fetched
from digestd.sources.syndication import RawEntry, given, parse, words

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")


def sources(settings: SourceSettings, web: Client) -> tuple[Document, ...]:
    """Return the feed at the address that *settings* give."""
    return (
        Document(
            name=settings.name,
            kind=settings.kind,
            every=settings.every,
            address=settings.url or "",
            allow_private=settings.allow_private,
            read=partial(read, name=settings.name),
            web=web,
        ),
    )


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of a feed. Its dates are told and prove nothing."""
    if _JSON.match(body.content):
        return json_feed.read(body, name)
    feed = parse(body)
    if isinstance(feed, Failed):
        return feed
    return fetched([_entry(raw, body.address) for raw in feed.entries], body, name)


def _entry(raw: RawEntry, base: str) -> Entry:
    guid, link = str(given(raw, "id") or ""), str(given(raw, "link") or "")
    return Entry(
        title=words(raw, "title_detail", TITLE),
        links=Links(address(link, base), _pdf(raw, base)),
        abstract=words(raw, "summary_detail", ABSTRACT) or words(raw, "content", ABSTRACT),
        authors=names(_apart([str(one.get("name") or "") for one in given(raw, "authors") or ()])),
        categories=names(str(tag.get("term") or "") for tag in given(raw, "tags") or ()),
        published=moment(given(raw, "published_parsed") or given(raw, "updated_parsed")),
        guid=guid.strip(),
        names=(guid, str(given(raw, "prism_doi") or ""), str(given(raw, "dc_identifier") or ""), link),
    )


def _apart(authors: Sequence[str]) -> Sequence[str]:
    """Return single authors where a feed strings them together: `A B, C D` are two, `B, A.` is one."""
    if len(authors) != 1:
        return authors
    if ";" in authors[0]:
        return authors[0].split(";")
    apart = authors[0].split(",")
    return apart if all(" " in name.strip() for name in apart) else authors


def _pdf(raw: RawEntry, base: str) -> str | None:
    links = (one for one in given(raw, "links") or () if one.get("type") == "application/pdf")
    return next((address(str(one.get("href") or ""), base) for one in links), None) or None
