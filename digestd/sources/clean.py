"""Words, addresses and dates from strangers, made fit to be shown, matched and stored."""

import html
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from time import struct_time
from typing import Any
from urllib.parse import urljoin, urlsplit

import nh3

TITLE, ABSTRACT, NAME, NAMES, ADDRESS = 500, 10_000, 200, 500, 2_000  # the longest that each may be

# Controls, soft hyphen, fillers, zero-width and bidirectional characters, halves of pairs, non-characters, tags. Not blanks.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PRINTABLE = re.compile(
    "[\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufffc\U000e0100-\U000e01ef]"
)  # what of these Python takes for printable
_NAMES_OF_TAGS = (
    "a abbr acronym address applet area article aside audio b big blockquote br caption center cite code col dd del"
    " dfn div dl dt em embed figcaption figure font footer form frame frameset h[1-6] header hr i iframe img input"
    " ins kbd label li link main mark math meta mi mn mo mrow msub msup mtext nav nobr noscript object ol p param"
    " picture pre q rp rt ruby s samp script section small source span strike strong style sub sup svg table tbody td"
    " tfoot th thead time tr tt u ul var video wbr jats:[a-z-]+ mml:[a-z]+"
).replace(" ", "|")
_NOT_A_TAG = re.compile(rf"<(?!/?(?:{_NAMES_OF_TAGS})(?:\s[^<>]*)?/?>|!--)", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:p|br|div|li|h[1-6]|tr|td|th|dd|dt|blockquote|section|jats:p|jats:title)\b", re.IGNORECASE)
_LOOKS = r"</?(?:jats:)?(?:i|b|em|strong|italic|bold|sc|small|span|u)\b[^<>]*>"
_SCRIPT = re.compile(rf"<(?:jats:)?(su[bp])\b[^<>]*>((?:[^<>$\\{{}}]|{_LOOKS}){{1,60}})</(?:jats:)?\1>", re.IGNORECASE)
_LEAF = r"<(?:mml:)?m[ino]\b[^<>]*>([^<>]{1,40})</(?:mml:)?m[ino]>\s*"
_MATHML_SCRIPT = re.compile(rf"<(?:mml:)?m(su[bp])\b[^<>]*>\s*{_LEAF}{_LEAF}</(?:mml:)?m\1>")
_DAY = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![0-9])")


def plain(text: str, most: int) -> str:
    """Return *text* on one line in NFC, without invisible characters, cut to *most* characters."""
    line = text[: 20 * most].strip()
    if not _is_line(line) and not _is_line(line := " ".join(line.split())):
        line = unicodedata.normalize("NFC", " ".join(_UNSEEN.sub("", text[: 20 * most]).split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _is_line(line: str) -> bool:
    """Say whether nothing need be taken out of *line* or composed in it, as is so of most and soon said.

    Of white space only the blank is printable.
    """
    if not line.isprintable() or "  " in line:
        return False
    return line.isascii() or (unicodedata.is_normalized("NFC", line) and not _PRINTABLE.search(line))


def markup(text: str, most: int) -> str:
    """Return the words of HTML, in which `n<k` is mathematics and stays; `10<sup>5</sup>` is `10$^{5}$`, as in TeX."""
    if "<" not in text and "&" not in text:
        return plain(text, most)
    seen = _UNSEEN.sub("", text[: 20 * most])  # before nh3, which takes a name with a sign of no width for no script's
    scripted = _SCRIPT.sub(_in_tex, _MATHML_SCRIPT.sub(r"\2<\1>\3</\1>", seen))
    mended = _BREAK.sub(r" \g<0>", _NOT_A_TAG.sub("&lt;", scripted))
    return plain(html.unescape(nh3.clean(mended, tags=set(), clean_content_tags={"script", "style"})), most)


def _in_tex(script: "re.Match[str]") -> str:
    inside = re.sub(_LOOKS, "", script[2]).strip()
    sign = "^" if script[1].lower() == "sup" else "_"
    return f"${sign}{{{inside}}}$" if html.unescape(inside).strip() else " "


def names(given: Iterable[str]) -> tuple[str, ...]:
    """Return names (of authors, of categories) without empty and repeated ones, at most NAMES of them."""
    return tuple(dict.fromkeys(filter(None, map(_name, given))))[:NAMES]


@lru_cache(maxsize=4096)  # categories come again and again, and authors often
def _name(name: str) -> str:
    return markup(name, NAME).strip(" ,;")


def text(value: object) -> str:
    """Return a value of a JSON document that ought to be a string; "" when it is something else."""
    return value if isinstance(value, str) else ""


def fields(value: object) -> dict[str, Any]:
    """Return a value of a JSON document that ought to be an object; an empty one when it is something else."""
    return value if isinstance(value, dict) else {}


def values(value: object) -> list[Any]:
    """Return a value of a JSON document that ought to be a list; an empty one when it is something else."""
    return value if isinstance(value, list) else []


def address(text: str, base: str = "") -> str:
    """Return the web address that *text* is, seen from *base*; "" when it is none."""
    try:
        whole = urljoin(base, plain(text, ADDRESS)).replace(" ", "%20")
        return whole if urlsplit(whole).scheme in {"http", "https"} and urlsplit(whole).netloc else ""
    except ValueError:
        return ""


def moment(given: struct_time | str | None) -> datetime | None:
    """Return the aware UTC time that a feed's or a JSON document's date means, or None."""
    try:
        if isinstance(given, str):
            return _in_iso(given.strip())
        return datetime(*given[:6], tzinfo=UTC) if given else None
    except (ValueError, OverflowError, TypeError):
        return None


def midnight(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def _in_iso(text: str) -> datetime:
    """Return what an ISO 8601 date means, or the day of what is nearly one: `2026-3-5`, `2026/03/05 9:23`."""
    try:
        told = datetime.fromisoformat(text)
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except ValueError:
        if day := _DAY.match(text):
            return datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        raise
