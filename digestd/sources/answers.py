"""What an answer of the web holds: validators, how long it stays fresh or wants us away, and its body, bounded."""

import re
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from multidict import CIMultiDictProxy

from digestd.model.source import Cursor
from digestd.sources.trouble import Unfit

_LONGEST_WAIT = timedelta(days=1)
_OPAQUE = re.compile(r"[\x20-\x7e]{1,500}")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})")
_CHUNK = 1 << 16
_MEMBERS = 1_000  # of one document in gzip: each costs time, even an empty one

_CUT = "the document was cut short: its compressed data does not end where it should"

Headers = CIMultiDictProxy[str]


def conditions(cursor: Cursor) -> dict[str, str]:
    """Return the headers that ask for a document only if it changed since it was read (RFC 9110 13.1)."""
    known = {"If-None-Match": cursor.etag, "If-Modified-Since": cursor.last_modified} if cursor.body_hash else {}
    return {name: value for name, value in known.items() if value}


def validated(cursor: Cursor, headers: Headers, known: Cursor) -> Cursor:
    """Return *cursor* with the validators of an answer, and those of *known* where the answer has none."""
    return replace(
        cursor,
        etag=_opaque(headers.get("ETag")) or known.etag,
        last_modified=_opaque(headers.get("Last-Modified")) or known.last_modified,
    )


def freshness(headers: Headers) -> timedelta | None:
    """Return how long the answer stays fresh (RFC 9111 4.2), at most a day."""
    control = ", ".join(headers.getall("Cache-Control", [])).lower()
    if "no-cache" in control or "no-store" in control:
        return None
    if found := _MAX_AGE.search(control):
        return _wait(timedelta(seconds=int(found[1]) - _seconds(headers.get("Age"))))
    return _wait(_until(headers, "Expires"))


def retry_after(headers: Headers) -> timedelta | None:
    """Return how long the server asks to be left alone (RFC 9110 10.2.3), at most a day."""
    seconds = _seconds(headers.get("Retry-After"))
    return _wait(timedelta(seconds=seconds) if seconds else _until(headers, "Retry-After"))


async def content(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the whole body, decompressed piece by piece so that nothing larger than *most* is ever held."""
    if (response.content_length or 0) > most:
        raise _too_large(most)
    inflate = _decoder(response.headers.get("Content-Encoding", ""))
    told, came = bytearray(), 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        came += len(chunk)
        told += inflate.more(chunk, most + 1 - len(told)) if inflate else chunk
        if max(came, len(told)) > most:
            raise _too_large(most)
    if inflate and not inflate.is_whole:
        raise Unfit(_CUT)
    return bytes(told)


def _too_large(most: int) -> Unfit:
    return Unfit(f"the document is larger than {most:,} bytes")


def _opaque(validator: str | None) -> str | None:
    """Return a validator as it stands, if it can be sent back in a header."""
    return validator if validator and _OPAQUE.fullmatch(validator) else None


def _wait(span: timedelta | None) -> timedelta | None:
    return min(span, _LONGEST_WAIT) if span and span > timedelta() else None


def _seconds(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else 0


def _until(headers: Headers, name: str) -> timedelta | None:
    """Return how far a date among *headers* lies after the server's own: we hold no clock."""
    then, now = _date(headers.get(name)), _date(headers.get("Date"))
    return then - now if then and now else None


def _date(text: str | None) -> datetime | None:
    try:
        told = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    return told if told and told.tzinfo else None


def _decoder(encoding: str) -> "_Inflate | None":
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return _Inflate()
        case other:
            raise Unfit(f"the document is compressed in a way that was not asked for: {other[:20]!r}")


class _Inflate:
    """Data compressed as one, or by gzip in several members, one after the other (RFC 1952 2.2)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # the header of either
        self._members = 1

    @property
    def is_whole(self) -> bool:
        return self._member.eof

    def more(self, chunk: bytes, most: int) -> bytes:
        """Return what comes of the next piece, at most so many bytes."""
        told = self._member.decompress(chunk, most)
        while (rest := self._member.unused_data) and len(told) < most:
            told += self._of_another(rest, most - len(told))
        return told

    def _of_another(self, rest: bytes, most: int) -> bytes:
        self._member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._members += 1
        if self._members > _MEMBERS:
            raise Unfit(f"the document is compressed in more than {_MEMBERS:,} pieces")
        try:
            return self._member.decompress(rest, most)
        except zlib.error as error:
            raise Unfit(_CUT) from error
