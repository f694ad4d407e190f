"""A polite and bounded web client: conditional requests, one at a time to a host, and nothing without a limit."""

import asyncio
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from digestd.model.source import Cursor, Failed, NotModified
from digestd.sources.addresses import private_socket, public_socket
from digestd.sources.answers import conditions, content, freshness, retry_after, validated
from digestd.sources.document import Body, Told
from digestd.sources.places import Place, place
from digestd.sources.trouble import LeftAlone, refusal, why
from digestd.sources.turns import Turns
from digestd.sources.worker import Worker

REDIRECTS = 5
_AFTER_FORBIDDEN = timedelta(hours=6)  # arXiv's terms take going on after a 403 for an attack
_ACCEPT = "application/atom+xml, application/rss+xml, application/json;q=0.9, application/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Manners:
    """How we ask: in whose name (with a contact), how long for one document, for how large a one, how often, how many at once.

    *turns* is the folder where all processes of an installation keep the turns of services; without it, each has its own.
    """

    user_agent: str
    timeout: timedelta = timedelta(minutes=1)
    max_bytes: int = 15 * 1024 * 1024
    per_host_gap: timedelta = timedelta(seconds=3)
    at_once: int = 10
    turns: Path | None = None


class Web:
    """The way to the net, for all sources: open it once, as an async context."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._turns = Turns(manners.per_host_gap.total_seconds(), manners.at_once, manners.turns)
        self._worker = Worker()
        self.dates: dict[str, tuple[str, float]] = {}  # by host: what time it is there, and when it said so by the loop

    async def __aenter__(self) -> Self:
        # A connection is closed after each answer: an idle one would be a second, which arXiv's terms exclude.
        self._public = self._session(aiohttp.TCPConnector(socket_factory=public_socket, force_close=True))
        self._private = self._session(aiohttp.TCPConnector(socket_factory=private_socket, force_close=True))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._public.close()
        await self._private.close()
        self._worker.close()

    async def get(
        self, address: str, cursor: Cursor, *, allow_private: bool = False, service: str | None = None
    ) -> Body | NotModified | Failed:
        """Return the document at *address*, unless *cursor* remembers it. Reasons show no address: one may hold secrets."""
        request = _Request(self._private if allow_private else self._public, cursor, service)
        try:
            return await self._follow(request, place(address))
        except LeftAlone as told:
            return Failed(why(told), told.wait, status=told.status)
        except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            return Failed(why(error))

    async def read(self, read: Callable[[Body], Told], body: Body) -> Told | Failed:
        """Return what *read* makes of *body*, in a process that can be killed."""
        return await self._worker.read(read, body)

    async def _follow(self, request: "_Request", at: Place) -> Body | NotModified | Failed:
        """Return the answer at the end of all redirects. The time allowed is for the whole, but not for waiting for turns."""
        clock, left = asyncio.get_running_loop().time, self._manners.timeout.total_seconds()
        for _ in range(REDIRECTS + 1):
            async with self._turns.taken(at.host, request.service):
                await self._worker.ready()
                begun = clock()
                async with asyncio.timeout(left):
                    answer = await self._ask(request, at)
                left -= clock() - begun
                if isinstance(answer, Failed):
                    self._turns.refused(answer, at.host, request.service)
            if not isinstance(answer, Place):
                return answer
            at = answer
        return Failed(f"more than {REDIRECTS} redirects, one after the other")

    async def _ask(self, request: "_Request", at: Place) -> Body | NotModified | Failed | Place:
        """Return the answer at one place, which may be another place to ask."""
        known = request.cursor if at.is_known_to(request.cursor) else Cursor()
        async with request.session.get(at.url, headers=conditions(known), allow_redirects=False) as response:
            self.dates[at.host] = response.headers.get("Date", ""), asyncio.get_running_loop().time()
            match response.status:
                case 200:
                    return _told(await content(response, self._manners.max_bytes), response, request.cursor, at)
                case 304 if known.body_hash:
                    return NotModified(at.kept_in(validated(known, response.headers, known)), freshness(response.headers))
                case 301 | 302 | 303 | 307 | 308 if "Location" in response.headers:
                    return _redirected(response, at)
                case _:
                    return _refused(response, at)

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._manners.user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # ours is around the whole
            auto_decompress=False,
            trust_env=False,
        )


@dataclass(frozen=True, slots=True)
class _Request:
    """What stays the same over redirects."""

    session: aiohttp.ClientSession
    cursor: Cursor
    service: str | None


def _told(document: bytes, response: aiohttp.ClientResponse, cursor: Cursor, at: Place) -> Body | NotModified:
    """Return a document that came whole, or that it is the one we read last."""
    after = replace(validated(cursor, response.headers, Cursor()), body_hash=hashlib.sha256(document).hexdigest())
    wait = freshness(response.headers)
    if after.body_hash == cursor.body_hash:
        return NotModified(at.kept_in(after), wait)
    return Body(document, at.shown, response.headers.get("Content-Type", ""), at.kept_in(after), wait, at.asked)


def _redirected(response: aiohttp.ClientResponse, at: Place) -> Place | Failed:
    """Return the next place; one that is not to be asked yet (RFC 9110 10.2.3) is somebody's page about repairs."""
    if wait := retry_after(response.headers):
        return Failed("the server redirects, and asks to be left alone for now", wait)
    return at.redirected(response.headers["Location"], permanent=response.status in {301, 308})


def _refused(response: aiohttp.ClientResponse, at: Place) -> Failed:
    wait = retry_after(response.headers) or (_AFTER_FORBIDDEN if response.status == 403 else None)
    return Failed(refusal(response.status), wait, gone=response.status == 410 and at.lasting, status=response.status)
