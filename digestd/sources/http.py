"""A polite and bounded web client: conditional requests, one at a time to a host, and nothing without a limit."""

import asyncio
import hashlib
import re
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources.addresses import public_socket
from digestd.sources.document import Body, Read
from digestd.sources.worker import Worker

REDIRECTS = 5
_LONGEST_WAIT = timedelta(days=1)
_OPAQUE = re.compile(r"[\x20-\x7e]{1,500}")
_ACCEPT = "application/atom+xml, application/rss+xml, application/json;q=0.9, application/xml;q=0.9, */*;q=0.1"

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manners:
    """How we ask: in whose name (with a contact), how long for one request, for how large a document, how often to a host."""

    user_agent: str
    timeout: timedelta = timedelta(minutes=1)
    max_bytes: int = 15 * 1024 * 1024
    per_host_gap: timedelta = timedelta(seconds=3)


class Web:
    """The way to the net, for all sources: open it once, as an async context."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._turns: dict[str, _Turn] = {}
        self._worker = Worker()

    async def __aenter__(self) -> Self:
        self._public = self._session(aiohttp.TCPConnector(socket_factory=public_socket))
        self._anywhere = self._session(aiohttp.TCPConnector())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._public.close()
        await self._anywhere.close()
        self._worker.close()

    async def get(self, address: str, cursor: Cursor, *, allow_private: bool = False) -> Body | NotModified | Failed:
        """Return the document at *address*, unless *cursor* remembers it. Reasons show no address: one may hold secrets."""
        session = self._anywhere if allow_private else self._public
        try:
            url = URL(address)
            for _ in range(REDIRECTS + 1):
                answer = await self._ask(session, url, cursor)
                if not isinstance(answer, URL):
                    return answer
                url = answer
        except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            return Failed(_why(error))
        return Failed(f"more than {REDIRECTS} redirects, one after the other")

    async def read(self, read: Read, body: Body) -> Fetched | Failed:
        """Return what *read* makes of *body*, in a process that can be killed."""
        return await self._worker.read(read, body)

    async def _ask(self, session: aiohttp.ClientSession, url: URL, cursor: Cursor) -> Body | NotModified | Failed | URL:
        """Return the answer at *url*, which may be another address to ask."""
        if url.scheme not in {"http", "https"} or not url.host:
            return Failed("the address does not begin with http:// or https://")
        async with (
            self._turn(url.host),
            asyncio.timeout(self._manners.timeout.total_seconds()),
            session.get(url, headers=_conditions(cursor), allow_redirects=False) as response,
        ):
            return await self._answer(response, cursor)

    async def _answer(self, response: aiohttp.ClientResponse, cursor: Cursor) -> Body | NotModified | Failed | URL:
        headers = response.headers
        match response.status:
            case 200:
                return _told(await _content(response, self._manners.max_bytes), response, cursor)
            case 304 if cursor.body_hash:
                return NotModified(_validated(cursor, headers, cursor), _freshness(headers))
            case 301 | 302 | 303 | 307 | 308 if "Location" in headers:
                return response.url.join(URL(headers["Location"]))
            case status:
                return Failed(_refusal(status), _retry_after(headers))

    @asynccontextmanager
    async def _turn(self, host: str) -> AsyncIterator[None]:
        """Hold *host*: nobody else asks it meanwhile, nor in the pause after."""
        turn, clock = self._turns.setdefault(host, _Turn()), asyncio.get_running_loop().time
        async with turn.lock:
            await asyncio.sleep(turn.free_at - clock())
            try:
                yield
            finally:
                turn.free_at = clock() + self._manners.per_host_gap.total_seconds()

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._manners.user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # ours is around the whole
            auto_decompress=False,
            trust_env=False,
        )


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


def _conditions(cursor: Cursor) -> dict[str, str]:
    """Return the headers that ask for a document only if it changed (RFC 9110 13.1)."""
    known = {"If-None-Match": cursor.etag, "If-Modified-Since": cursor.last_modified}
    return {name: value for name, value in known.items() if value}


def _told(content: bytes, response: aiohttp.ClientResponse, cursor: Cursor) -> Body | NotModified:
    """Return a document that came whole, or that it is the one we read last."""
    after = replace(_validated(cursor, response.headers, Cursor()), body_hash=hashlib.sha256(content).hexdigest())
    wait = _freshness(response.headers)
    if after.body_hash == cursor.body_hash:
        return NotModified(after, wait)
    return Body(content, str(response.url), response.headers.get("Content-Type", ""), after, wait)


def _validated(cursor: Cursor, headers: Headers, known: Cursor) -> Cursor:
    """Return *cursor* with the validators of an answer, and those of *known* where the answer has none."""
    return replace(
        cursor,
        etag=_opaque(headers.get("ETag")) or known.etag,
        last_modified=_opaque(headers.get("Last-Modified")) or known.last_modified,
    )


def _opaque(validator: str | None) -> str | None:
    """Return a validator as it stands, if it can be sent back in a header."""
    return validator if validator and _OPAQUE.fullmatch(validator) else None


async def _content(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the whole body, decompressed piece by piece so that nothing larger than *most* is ever held."""
    inflate = _decoder(response.headers.get("Content-Encoding", ""))
    content = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        content += inflate.decompress(chunk, most + 1 - len(content)) if inflate else chunk
        if len(content) > most:
            raise _Unfit(f"the document is larger than {most:,} bytes")
    if inflate and (not inflate.eof or inflate.unused_data):
        raise _Unfit("the document was cut short: its compressed data does not end where it should")
    return bytes(content)


def _decoder(encoding: str) -> "zlib._Decompress | None":
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip" | "deflate":
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # either header
        case other:
            raise _Unfit(f"the document is compressed in a way that was not asked for: {other[:20]!r}")


_WHY: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "no whole answer within the time allowed"),
    (aiohttp.ClientConnectorCertificateError, "the server's TLS certificate does not hold"),
    (aiohttp.ClientConnectorDNSError, "the server's name leads nowhere"),
    (aiohttp.ClientPayloadError, "the document was cut short"),
    (zlib.error, "the document's compressed data is damaged"),
    (ValueError, "the address is not one of the web"),
)


class _Unfit(ValueError):
    """An answer that is no document, said in words for a person."""


def _freshness(headers: Headers) -> timedelta | None:
    """Return how long the answer stays fresh (RFC 9111 4.2), at most a day."""
    control = headers.get("Cache-Control", "").lower()
    if re.search(r"no-cache|no-store", control):
        return None
    if found := re.search(r"(?:^|[\s,])max-age=\"?(\d{1,9})", control):
        return _wait(timedelta(seconds=int(found[1]) - _seconds(headers.get("Age"))))
    return _wait(_until(headers, "Expires"))


def _retry_after(headers: Headers) -> timedelta | None:
    """Return how long the server asks to be left alone (RFC 9110 10.2.3), at most a day."""
    seconds = _seconds(headers.get("Retry-After"))
    return _wait(timedelta(seconds=seconds) if seconds else _until(headers, "Retry-After"))


def _wait(span: timedelta | None) -> timedelta | None:
    return min(span, _LONGEST_WAIT) if span and span > timedelta() else None


def _seconds(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text.strip()) else 0


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


def _refusal(status: int) -> str:
    """Return in words what an HTTP status other than success says."""
    phrase = HTTPStatus(status).phrase.lower() if status in set(HTTPStatus) else "unknown status"
    hints = {
        403: "; do not ask again before you know why",
        404: "; is the address right?",
        410: "; it is gone for good, remove this source",
    }
    return f"the server answered {status} ({phrase}){hints.get(status, '')}"


def _why(error: Exception) -> str:
    """Return in words why a request failed. An error's own text may hold an address with its password, so few are quoted."""
    if isinstance(error, _Unfit):
        return str(error)
    if said := next((words for kind, words in _WHY if isinstance(error, kind)), None):
        return said
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection: {error.os_error.strerror or error.os_error}"
    return f"no proper answer ({type(error).__name__})"
