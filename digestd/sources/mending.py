"""Documents that a parser of XML would choke on, made fit to be read; and what of a document is markup."""

import codecs
import re
from dataclasses import replace

from digestd.sources.document import Body

_MARKS = (  # the longer before those that they begin with
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(r"^(\ufeff?<\?xml[^>]*?)\s+encoding\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_REFERENCE = re.compile(rb"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]+")
_DECLARATIONS = re.compile(rb"<!DOCTYPE[^<>\[]*\[.*?\]\s*>|<!ENTITY[^>]*>", re.IGNORECASE | re.DOTALL)
_UNKNOWN = b"&#xFFFD;"


def transcoded(body: Body) -> Body:
    """Return a document in UTF-8 if it came in UTF-16 or UTF-32, or in a UTF-8 that a few bytes spoil."""
    if codec := next((codec for mark, codec in _MARKS if body.content.startswith(mark)), None):
        return _in_utf_8(body, body.content.decode(codec, "replace"))
    text = _nearly_utf_8(body.content)
    return _in_utf_8(body, text) if text else body


def mended(content: bytes) -> bytes:
    """Return *content* without what no XML may hold: control characters, references to no character, entities of its own."""
    return _DECLARATIONS.sub(b"", _REFERENCE.sub(_sound, _CONTROL.sub(b"", content)), count=100)


def outside(content: bytes) -> bytes:
    """Return *content* without comments and CDATA sections; one that does not end, or begins twice, is kept."""
    return _without(_without(content, b"<![CDATA[", b"]]>"), b"<!--", b"-->")


def _in_utf_8(body: Body, text: str) -> Body:
    content = _DECLARED.sub(r"\1", text, count=1).encode("utf-8", "replace")
    return replace(body, content=content, content_type="application/xml; charset=utf-8")


def _nearly_utf_8(content: bytes) -> str | None:
    """Return the text of a document in UTF-8 that has more characters of several bytes than bytes that spoil it."""
    try:
        content.decode()
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
        bad = text.count("\ufffd")
        return text if len(re.findall(r"[^\x00-\x7f]", text)) > 2 * bad else None
    return None


def _sound(reference: "re.Match[bytes]") -> bytes:
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    return reference[0] if len(digits) < 9 and _is_char(int(digits, base)) else _UNKNOWN


def _is_char(code: int) -> bool:
    """Say whether XML 1.0 (2.2) knows a character of that code."""
    return code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _without(content: bytes, begin: bytes, end: bytes) -> bytes:
    first, *others = content.split(begin)
    return first + b" ".join(after if closed else inside for inside, closed, after in (one.partition(end) for one in others))
