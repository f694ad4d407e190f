"""arXiv's list of a day as it stands, https://info.arxiv.org/help/rss.html.

The form that arXiv sends is read strictly, at a tenth of the cost; any other, such as its Atom form, by feedparser.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

from digestd.model.source import Failed
from digestd.sources.arxiv_xml import root, root_name
from digestd.sources.clean import moment
from digestd.sources.document import Body
from digestd.sources.syndication import RawEntry, given, parse

_ARXIV, _DC = "{http://arxiv.org/schemas/atom}", "{http://purl.org/dc/elements/1.1/}"
_ONCE = ("title", "link", "description", "guid", "pubDate", f"{_ARXIV}announce_type", f"{_DC}creator")
_PERHAPS = (f"{_ARXIV}DOI", f"{_ARXIV}journal_reference", f"{_DC}rights")
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}",
    re.ASCII,
)
# Of these feedparser makes something else: it mends text that was encoded twice, and takes controls for Windows' letters.
_MENDED = tuple(map(re.compile, (rb"\xc2[\x80-\x9f]", rb"\xc3[\x82-\xb4]\xc2", rb"&#")))


class Announcement(NamedTuple):  # to make a frozen dataclass costs four times as much, and a list holds thousands
    """An entry of a list: text as it stands, in which `<` is less than. *way* is how arXiv announces it, *at* when."""

    guid: str
    link: str
    title: str
    summary: str
    creators: tuple[str, ...]
    categories: tuple[str, ...]
    way: str
    at: datetime | None
    doi: str
    journal: str


@dataclass(frozen=True, slots=True)
class Announcements:
    """A list, and its title."""

    title: str
    entries: tuple[Announcement, ...]


def announcements(body: Body) -> Announcements | Failed:
    """Return the list in *body*, or why it is none."""
    return strictly(body) or leniently(body)


def strictly(body: Body) -> Announcements | None:
    """Return the list in *body* if it has the form that arXiv sends, else None."""
    if root_name(body.content) != "rss" or any(one.search(body.content) for one in _MENDED) or not _is_utf8(body):
        return None
    rss = root(body.content)
    if isinstance(rss, str) or rss.attrib != {"version": "2.0"} or [part.tag for part in rss] != ["channel"] or rss[0].attrib:
        return None
    titles, items = rss.findall("channel/title"), rss.findall("channel/item")
    entries = tuple(entry for entry in map(_announcement, items) if entry)
    if len(titles) != 1 or len(entries) != len([*rss.iter("item")]):
        return None
    return Announcements((titles[0].text or "").strip(), entries)


def leniently(body: Body) -> Announcements | Failed:
    """Return the list in *body* as feedparser reads it."""
    feed = parse(body)
    return feed if isinstance(feed, Failed) else Announcements(feed.title, tuple(map(_of_feed, feed.entries)))


def _is_utf8(body: Body) -> bool:
    kind, declared = body.content_type.lower(), body.content[:200].partition(b"?>")[0].lower()
    return ("charset" not in kind or "utf-8" in kind) and (b"encoding" not in declared or b"utf-8" in declared)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of an item stand; a part that is absent stands last, where there is no text."""

    once: tuple[int, ...]
    perhaps: tuple[int, ...]
    categories: tuple[int, ...]


def _announcement(item: Element) -> Announcement | None:
    """Return what an item says if it has all the parts that arXiv gives, and nothing else."""
    places = _places(tuple([part.tag for part in item]))
    if places is None or item.attrib or [part for part in item if len(part) or (part.keys() and part.tag != "guid")]:
        return None
    texts = [part.text or "" for part in item]
    texts.append("")
    title, link, summary, guid, date, way, creator = [texts[at] for at in places.once]
    at = _at(date.strip())
    if at is None or "@" in creator:  # feedparser takes an e-mail address apart
        return None
    doi, journal, _ = [texts[at] for at in places.perhaps]
    terms = tuple([texts[at] for at in places.categories])
    return Announcement(guid, link, title, summary, (creator,), terms, way.strip(), at, doi, journal)


@lru_cache(maxsize=256)
def _places(tags: tuple[str, ...]) -> _Places | None:
    rest = [tag for tag in tags if tag != "category"]
    if not set(rest) <= {*_ONCE, *_PERHAPS} or not set(rest) >= set(_ONCE) or len(rest) != len(set(rest)):
        return None
    return _Places(
        once=tuple(map(tags.index, _ONCE)),
        perhaps=tuple(tags.index(tag) if tag in tags else len(tags) for tag in _PERHAPS),
        categories=tuple(at for at, tag in enumerate(tags) if tag == "category"),
    )


@lru_cache(maxsize=64)
def _at(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC) if _DATE.fullmatch(date) else None
    except (ValueError, OverflowError):
        return None


def _of_feed(raw: RawEntry) -> Announcement:
    return Announcement(
        guid=_text(raw, "id"),
        link=_text(raw, "link"),
        title=_text(raw, "title"),
        summary=_text(raw, "summary"),
        creators=tuple(str(one.get("name") or "") for one in given(raw, "authors") or ()),
        categories=tuple(str(tag.get("term") or "") for tag in given(raw, "tags") or ()),
        way=_text(raw, "arxiv_announce_type"),
        at=moment(given(raw, "published_parsed")),
        doi=_text(raw, "arxiv_doi"),
        journal=_text(raw, "arxiv_journal_reference"),
    )


def _text(raw: RawEntry, key: str) -> str:
    return str(given(raw, key) or "")
