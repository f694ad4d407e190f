"""RSS, RDF and Atom, read by feedparser; and the signs that what it made of a document is not the whole."""

import io
import re
from dataclasses import dataclass
from email.message import Message
from typing import Any

import feedparser

from digestd.model.source import Failed
from digestd.sources.clean import markup, plain
from digestd.sources.document import Body

_ROOT_ENDS = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_ENTRY_BEGINS = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)

RawEntry = dict[str, Any]  # feedparser's; it changes its mind about what a missing key means, so ask with `given`


@dataclass(frozen=True, slots=True)
class Syndicated:
    """A feed's title, and its entries as feedparser tells them."""

    title: str
    entries: tuple[RawEntry, ...]


def parse(body: Body) -> Syndicated | Failed:
    """Return the feed in *body*, or why it is none."""
    try:
        # Only ever BytesIO: feedparser opens bytes that are a path, and fetches a string that is a URL.
        told = feedparser.parse(
            io.BytesIO(body.content), response_headers=_headers(body), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # noqa: BLE001 (feedparser raises anything over a hostile document: KeyError, re.error, …)
        return Failed(f"the feed is broken beyond reading ({type(error).__name__})")
    if trouble := _trouble(body.content, told):
        return Failed(trouble)
    return Syndicated(plain(str(given(told.feed, "title") or ""), 200), tuple(told.entries))


def given(entry: RawEntry, key: str) -> Any:
    """Return what stands under *key*, or None: without feedparser's stand-ins for missing dates, which warn."""
    return entry.get(key) if key in entry else None


def words(entry: RawEntry, key: str, most: int) -> str:
    """Return a title, summary or content as plain text, by the type that the feed gave it."""
    detail = given(entry, key) or {}
    detail = detail[0] if isinstance(detail, list) else detail
    read = markup if "html" in (detail.get("type") or "") else plain
    return read(str(detail.get("value") or ""), most)


def _headers(body: Body) -> dict[str, str]:
    """Return the charset that the server named, under a type for which feedparser heeds the document's own too (RFC 7303)."""
    header = Message()
    header["Content-Type"] = body.content_type.encode("ascii", "replace").decode()
    charset = header.get_content_charset()
    return {"content-type": f"application/xml; charset={charset}" if charset else "application/xml"}


def _trouble(content: bytes, told: Any) -> str | None:
    if not told.get("version"):
        return "an HTML page came instead of a feed" if _HTML.search(content[:4096]) else "what came is not a feed"
    if told.bozo and not _ROOT_ENDS.search(content.replace(b"\0", b"")):  # UTF-16 without its zeros is ASCII
        return "the feed was cut short: its end is missing"
    if not told.entries and (many := len(_ENTRY_BEGINS.findall(content.replace(b"\0", b"")))):
        return f"none of the feed's {many} entries could be read"
    return None
