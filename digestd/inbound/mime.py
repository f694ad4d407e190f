"""A message taken apart, whatever is in it: bounded in size, depth and number, so that a hostile one costs milliseconds."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 2**20  # octets of a message that are looked at
_MOST_OF_A_PART = 2**18
_MOST_OF_A_HEAD = 2**16
_MOST_OF_A_FIELD = 2_000
_MOST_FIELDS, _MOST_PARTS, _DEEPEST = 300, 20, 4

_FOLD = re.compile(rb"\n[ \t]+")
_BLANK = re.compile(rb"\n[ \t]*\n")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,100})"|([^\s;"]{1,100}))', re.IGNORECASE)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A message or a part of one: *fields* with names in lower case, the *body* decoded, and the parts of a multipart."""

    fields: Fields
    body: bytes
    parts: tuple["Part", ...] = ()

    @property
    def kind(self) -> str:
        return field(self.fields, "content-type").partition(";")[0].strip().lower()

    def leaves(self) -> Iterator["Part"]:
        """Yield the parts that hold no parts; a message within the message is one."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def parse(content: bytes) -> Part:
    """Return *content* as a message: what is broken in it reads as little as it says."""
    return _part(content[:MOST].replace(b"\r\n", b"\n"), _DEEPEST)


def groups(body: bytes, most: int) -> Iterator[Fields]:
    """Yield the groups of fields in a report's body (RFC 3464 2.1), *most* of them at most."""
    for some in _BLANK.split(body.replace(b"\r\n", b"\n").strip(b"\n"), most)[:most]:
        yield head(some)


def head(content: bytes) -> Fields:
    """Return the fields at the top of *content*, unfolded."""
    top = content[:_MOST_OF_A_HEAD].replace(b"\r\n", b"\n")
    lines = _FOLD.sub(b" ", top.partition(b"\n\n")[0]).split(b"\n", _MOST_FIELDS)[:_MOST_FIELDS]
    cut = (line[:_MOST_OF_A_FIELD].decode("utf-8", "replace").partition(":") for line in lines)
    return tuple((name.strip().lower(), value.strip()) for name, colon, value in cut if colon)


def field(fields: Fields, name: str) -> str:
    """Return the first field of that name, or an empty text."""
    return next((value for known, value in fields if known == name), "")


def _part(content: bytes, deeper: int) -> Part:
    fields = head(content)
    body = b"" if content.startswith(b"\n") and not fields else content.partition(b"\n\n")[2]
    kind = field(fields, "content-type")
    boundary = _BOUNDARY.search(kind) if kind.lower().startswith("multipart/") else None
    if boundary is None or not deeper:
        return Part(fields, _decoded(body[:_MOST_OF_A_PART], field(fields, "content-transfer-encoding")))
    pieces = _pieces(body, (boundary[1] or boundary[2]).encode())
    return Part(fields, b"", tuple(_part(piece, deeper - 1) for piece in pieces))


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Return what stands between the lines of *boundary*, up to the one that closes (RFC 2046 5.1.1)."""
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*$\n?", re.MULTILINE)
    _preamble, *found = line.split(body, _MOST_PARTS)
    marks, pieces = found[0::2], found[1::2]
    last = next((number for number, closes in enumerate(marks) if closes), len(pieces))
    return pieces[:last]


def _decoded(body: bytes, encoding: str) -> bytes:
    try:
        match encoding.lower():
            case "base64":
                return binascii.a2b_base64(body)
            case "quoted-printable":
                return binascii.a2b_qp(body)
    except binascii.Error:
        pass
    return body
