"""Any RSS, RDF, Atom or JSON feed: a journal's, a laboratory's, a search kept as a feed."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from digestd.model.paper import Links
from digestd.model.source import Failed, Fetched
from digestd.sources import json_feed
from digestd.sources.authors import apart, writes_family_first
from digestd.sources.clean import ABSTRACT, NAME, TITLE, address, markup, moment, names, plain
from digestd.sources.document import Body, Client, Document, SourceSettings
from digestd.sources.entries import Entry, fetched
from digestd.sources.syndication import RawEntry, Syndicated, given, parse, words

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_HEADING = re.compile(r"<(\w[\w:]*)[^<>]*>\s*abstract:?\s*</\1>", re.IGNORECASE)
_SLASHED = re.compile(r"\s*[0-9]{4}/")
_CUT = re.compile(r"(?:\.\.\.|…)\W*$")
_PUBMED = re.compile(r"<b>ABSTRACT</b></p>(.*?)(?:<p[^>]*>PMID:|$)", re.DOTALL)  # after where it appeared, before its ids
_LABELLED = re.compile(  # how Elsevier's and Pensoft's journals tell all they tell of a paper
    r"<p>\s*(?:<b>)?(Abstract|Authors?|Author\(s\)|DOI|Publication date|Source):(?:</b>)?(.*?)</p>", re.DOTALL
)


def sources(settings: SourceSettings, web: Client) -> tuple[Document, ...]:
    """Return the feed at the address that *settings* give."""
    return (Document(settings=settings, web=web, asked=settings.url or "", read=partial(read, name=settings.name)),)


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of a feed. Its dates are told and prove nothing."""
    if _JSON.match(body.content):
        return json_feed.read(body, name)
    feed = parse(body)
    if isinstance(feed, Failed):
        return feed
    told = fetched(_entries(feed, body.address), body, name)
    if isinstance(told, Failed):
        return told
    return replace(told, wait=max(filter(None, (body.wait, feed.wait)), default=None), gap=feed.gap)


def _entries(feed: Syndicated, base: str) -> list[Entry]:
    authors = [_authors(raw) for raw in feed.entries]
    family_first = writes_family_first(authors)
    return [
        _entry(raw, base, authors=names(apart(those, family_first=family_first)), journal=_journal(raw) or feed.journal)
        for raw, those in zip(feed.entries, authors, strict=True)
    ]


def _entry(raw: RawEntry, base: str, *, authors: tuple[str, ...], journal: str) -> Entry:
    guid, link, labelled = _text(raw, "id"), _text(raw, "link"), _labelled(raw)
    return Entry(
        title=words(raw, "title_detail", TITLE),
        links=Links(address(link, base), _pdf(raw, base)),
        abstract=labelled.get("Abstract", "") if labelled else _abstract(raw),
        authors=authors,
        categories=names(str(tag.get("term") or "") for tag in given(raw, "tags") or ()),
        published=_published(raw),
        guid=guid.strip(),
        names=(guid, _text(raw, "prism_doi"), link, _text(raw, "dc_identifier"), labelled.get("DOI", "")),
        journal=journal or None,
    )


def _authors(raw: RawEntry) -> list[str]:
    listed = [markup(str(one.get("name") or ""), ABSTRACT) for one in given(raw, "authors") or ()]
    return [name for name in listed if name] or [_labelled(raw).get("Author", "")]


def _abstract(raw: RawEntry) -> str:
    """Return an entry's summary, or its content where the summary is a part of that."""
    summary, content = words(raw, "summary_detail", ABSTRACT, but=_HEADING), given(raw, "content")
    if not content or (summary and not _CUT.search(summary)):
        return summary
    whole = str(content[0].get("value") or "")
    within = _PUBMED.search(whole)
    return max(summary, markup(within[1], ABSTRACT) if within else words(raw, "content", ABSTRACT, but=_HEADING), key=len)


def _labelled(raw: RawEntry) -> Mapping[str, str]:
    """Return what a summary tells under labels."""
    found = _LABELLED.findall(_text(raw, "summary")[: 4 * ABSTRACT])
    return {label.rstrip("s").removesuffix("(s)"): markup(told, ABSTRACT) for label, told in found}


def _journal(raw: RawEntry) -> str:
    """Return the journal's name, without volume and pages."""
    told = (_text(raw, key) for key in ("prism_publicationname", "prism_publicationtitle", "dc_source"))
    name = next(filter(None, told), "") or re.split(r", (?:Volume|Available)", _labelled(raw).get("Source", ""))[0]
    return "" if address(name) else plain(name.split(";")[0], NAME)


def _published(raw: RawEntry) -> datetime | None:
    told = ["published_parsed", "updated_parsed", "published", "prism_publicationdate"]
    if _SLASHED.match(_text(raw, "published")):  # feedparser takes 2026/3/5 for the first day of that month
        told.insert(0, "published")
    return next(filter(None, (moment(given(raw, key)) for key in told)), None)


def _pdf(raw: RawEntry, base: str) -> str | None:
    links = (one for one in given(raw, "links") or () if one.get("type") == "application/pdf")
    return next((address(str(one.get("href") or ""), base) for one in links), None) or None


def _text(raw: RawEntry, key: str) -> str:
    told = given(raw, key)
    return told if isinstance(told, str) else ""
