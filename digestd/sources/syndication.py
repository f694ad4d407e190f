"""RSS, RDF and Atom, read by feedparser; and the signs that what it made of a document is not the whole."""

import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import Message
from itertools import islice
from typing import Any

import feedparser

from digestd.model.source import Failed
from digestd.sources.clean import markup, plain
from digestd.sources.document import Body
from digestd.sources.mending import mended, outside, transcoded

MOST = 10_000  # entries read of one document: they take feedparser about 4 s, and the worker has 20
_LONG = 8 * 1024 * 1024  # bytes: what begins after them is not read, for some feeds take feedparser 1 s for each MiB
_ROOT_ENDS = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_ENDS_WITH_ROOT = re.compile(_ROOT_ENDS.pattern + rb"[^<]*\Z", re.IGNORECASE)
_ENTRY_BEGINS = re.compile(rb"<((?:[\w.-]+:)?)(?:item|entry)[\s/>]", re.IGNORECASE)
_ENTRY_ENDS = re.compile(rb"</((?:[\w.-]+:)?)(?:item|entry)\s*>", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)
_LONGEST_WAIT = timedelta(days=1)
_PERIODS = {"hourly": timedelta(hours=1), "daily": _LONGEST_WAIT, "weekly": _LONGEST_WAIT, "monthly": _LONGEST_WAIT}

RawEntry = dict[str, Any]  # feedparser's; it changes its mind about what a missing key means, so ask with `given`


@dataclass(frozen=True, slots=True)
class Syndicated:
    """A feed's title, and its entries as feedparser tells them.

    *journal* is whose papers they are, where the feed as a whole says so; *wait* how long it says it stays fresh; *gap* what
    of it was not read.
    """

    title: str
    entries: tuple[RawEntry, ...]
    journal: str = ""
    wait: timedelta | None = None
    gap: str | None = None


def parse(body: Body) -> Syndicated | Failed:
    """Return the feed in *body*, or why it is none."""
    body = transcoded(body)
    begun = _begun(body.content)
    read = min(begun, MOST, max(1, _begun(body.content[:_LONG])))
    whole = body if begun == read else replace(body, content=_cut(body.content, read))
    told = _told(whole)
    if told is None:
        return Failed("the feed is broken beyond reading")
    if trouble := _trouble(whole.content, told):
        return Failed(trouble)
    return Syndicated(
        title=plain(str(given(told.feed, "title") or ""), 200),
        entries=tuple(told.entries),
        journal=plain(str(given(told.feed, "prism_publicationname") or ""), 200),
        wait=_fresh_for(told.feed),
        gap=unread(begun, read),
    )


def unread(begun: int, read: int) -> str | None:
    """Return that a feed was not read to its end, if so: what is new may stand there."""
    return f"the feed has {begun:,} entries, and only the first {read:,} were read" if begun > read else None


def given(entry: RawEntry, key: str) -> Any:
    """Return what stands under *key*, or None: without feedparser's stand-ins for missing dates, which warn."""
    return entry.get(key) if key in entry else None


def words(entry: RawEntry, key: str, most: int, *, but: "re.Pattern[str] | None" = None) -> str:
    """Return a title, summary or content as plain text, by the type that the feed gave it, *but* for what is no part of it."""
    detail = given(entry, key) or {}
    detail = detail[0] if isinstance(detail, list) else detail
    read = markup if "html" in (detail.get("type") or "") else plain
    told = str(detail.get("value") or "")
    return read(but.sub("", told, count=1) if but else told, most)


def _told(body: Body) -> Any:
    """Return what feedparser makes of a document, mended where that says more; None when it makes nothing of it."""
    told = _parsed(body)
    if told is not None and not told.bozo:
        return told
    content = mended(body.content)
    again = _parsed(replace(body, content=content)) if content != body.content else None
    return max((again, told), key=lambda one: -1 if one is None else len(one.entries))


def _parsed(body: Body) -> Any:
    try:
        # Only ever BytesIO: feedparser opens bytes that are a path, and fetches a string that is a URL.
        return feedparser.parse(
            io.BytesIO(body.content), response_headers=_headers(body), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception:  # noqa: BLE001 (feedparser raises anything over a hostile document: KeyError, re.error, …)
        return None


def _headers(body: Body) -> dict[str, str]:
    """Return the charset that the server named, under a type for which feedparser heeds the document's own too (RFC 7303)."""
    header = Message()
    header["Content-Type"] = body.content_type.encode("ascii", "replace").decode()
    charset = header.get_content_charset()
    return {"content-type": f"application/xml; charset={charset}" if charset else "application/xml"}


def _trouble(content: bytes, told: Any) -> str | None:
    if not told.get("version"):
        return "an HTML page came instead of a feed" if _HTML.search(content[:4096]) else "what came is not a feed"
    count, read = _begun(content), len(told.entries)
    if told.bozo:
        ends = _ROOT_ENDS if read else _ENDS_WITH_ROOT  # to what comes whole, some servers add words of their own
        if not ends.search(outside(content)):
            return "the feed was cut short: its end is missing"
        count = max(count, _of_one_prefix(_ENTRY_ENDS, content))  # where a beginning was lost, its end still stands
    return f"the feed has {count} entries, {read or 'none'} of which could be read" if read < count else None


def _begun(content: bytes) -> int:
    """Return how many entries a document begins."""
    return _of_one_prefix(_ENTRY_BEGINS, content)


def _of_one_prefix(tags: "re.Pattern[bytes]", content: bytes) -> int:
    """Return how many of these tags a document has: those without a prefix, or else with the commonest."""
    prefixes = Counter(tags.findall(outside(content)))
    return prefixes.get(b"") or max(prefixes.values(), default=0)


def _cut(content: bytes, entries: int) -> bytes:
    """Return a document with so many of its entries, the first, of which it has more."""
    after = next(islice(_ENTRY_BEGINS.finditer(content), entries, None)).start()
    last = max((found.end() for found in _ENTRY_ENDS.finditer(content, after)), default=len(content))
    return content[:after] + content[last:]


def _fresh_for(feed: RawEntry) -> timedelta | None:
    """Return how long a feed says it stays fresh, at most a day: minutes (RSS 2.0), or so often in a period (RSS 1.0)."""
    if minutes := _count(given(feed, "ttl")):
        return min(timedelta(minutes=minutes), _LONGEST_WAIT)
    period = _PERIODS.get(str(given(feed, "sy_updateperiod") or "").strip().lower())
    return period / (_count(given(feed, "sy_updatefrequency")) or 1) if period else None


def _count(text: object) -> int:
    return int(text) if isinstance(text, str) and re.fullmatch(r"[0-9]{1,6}", text.strip()) else 0
