"""Which address has which page, and what happens on a POST."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digestd.ports import DatabaseTrouble
from digestd.web.choices import LONGEST_FORM, Choice, Leave, Pause, Replan, Reschedule, Return, read_choice
from digestd.web.counter import Counter, Ground
from digestd.web.door import HEALTH, READY, Door, page, trouble
from digestd.web.pages import TROUBLES, Pages
from digestd.web.timing import Timing

log = structlog.get_logger("digestd.web")

_TOKEN = re.compile(r"[a-z2-7]{26}", re.IGNORECASE)
_STROKE = 0.25  # seconds: answers to a POST leave on it, so that nobody learns from them what was looked up
_FRESH = 5.0  # seconds for which an answer of the database counts


def application(ground: Ground, counter: Counter, proxies: Collection[str]) -> Starlette:
    """Return the pages on *ground*; *proxies* are believed for whom they ask."""
    pages = Pages(ground.letterhead)
    desk = _Desk(pages, counter, _Readiness(ground.records.beats))
    prefix = unquote(urlsplit(ground.letterhead.base_url or "").path.rstrip("/"))
    app = Starlette(
        routes=[
            Route(HEALTH, desk.health),
            Route(READY, desk.ready),
            *(Route(path, desk.front) for path in (f"{prefix}/", prefix) if path),
            Route(f"{prefix}/u/{{token}}", desk.reader, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Door, pages=pages, proxies=frozenset(proxies))],
        exception_handlers=_handlers(pages),
    )
    app.router.redirect_slashes = False  # a redirect says the host that it was told
    return app


class _Desk:
    """Answers those who came in."""

    def __init__(self, pages: Pages, counter: Counter, readiness: "_Readiness") -> None:
        self._counter, self._readiness = counter, readiness
        self._front, self._leave, self._settings = pages.front, pages.leave, pages.settings()
        self._left, self._returned, self._planned = pages.left, pages.returned, pages.planned
        self._pages = pages

    async def front(self, _: Request) -> Response:
        return page(self._front)

    async def reader(self, request: Request) -> Response:
        """Answer at a reader's own address: what has the shape of a token is answered alike, whether it is anybody's or not."""
        shown: str = request.path_params["token"]
        if not _TOKEN.fullmatch(shown):
            raise HTTPException(404)
        return await self._press(shown, request) if request.method == "POST" else self._look(request)

    async def health(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(self, _: Request) -> Response:
        if await self._readiness.is_missing():
            return PlainTextResponse("not ready: the database cannot be used\n", 503)
        return PlainTextResponse("ready\n")

    def _look(self, request: Request) -> Response:
        return page(self._settings if request.scope["query_string"].startswith(b"settings") else self._leave)

    async def _press(self, shown: str, request: Request) -> Response:
        arrived = asyncio.get_running_loop().time()
        choice = read_choice(request.headers.get("content-type", ""), await _form(request))
        if choice is None:
            raise HTTPException(400)
        if isinstance(choice, Timing):
            return page(self._pages.settings(choice), 400)
        try:
            await self._counter.take(shown, choice)
        finally:
            await _until_the_stroke(arrived)
        return page(self._after(choice))

    def _after(self, choice: Choice) -> bytes:
        match choice:
            case Leave():
                return self._left
            case Pause():
                return self._pages.paused(choice)
            case Return():
                return self._returned
            case Reschedule():
                return self._pages.rescheduled(choice)
            case Replan():
                return self._planned


@dataclass(slots=True)
class _Readiness:
    """Asks the database, now and then, whether it answers."""

    ask: Callable[[], object]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked: float = float("-inf")
    _fails: bool = False

    async def is_missing(self) -> bool:
        async with self._turn:
            if (now := asyncio.get_running_loop().time()) - self._asked > _FRESH:
                self._fails, self._asked = await self._has_failed(), now
            return self._fails

    async def _has_failed(self) -> bool:
        try:
            await asyncio.to_thread(self.ask)
        except DatabaseTrouble as trouble:
            log.warning("web.trouble", trouble=str(trouble))
            return True
        return False


async def _form(request: Request) -> bytes:
    form = bytearray()
    async for piece in request.stream():
        form += piece
        if len(form) > LONGEST_FORM:
            raise HTTPException(413)
    return bytes(form)


async def _until_the_stroke(since: float) -> None:
    spent = asyncio.get_running_loop().time() - since
    await asyncio.sleep(_STROKE - spent % _STROKE)


def _handlers(pages: Pages) -> Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]:
    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return trouble(pages, error.status_code if error.status_code in TROUBLES else 400, error.headers)

    async def not_now(_: Request, error: Exception) -> Response:
        log.warning("web.trouble", trouble=str(error))
        return trouble(pages, 503, {"Retry-After": "300"})

    async def gone(*_: object) -> Response:
        return trouble(pages, 400)  # nobody reads it

    async def fault(_: Request, error: Exception) -> Response:
        log.error("web.fault", exc_info=error)
        return trouble(pages, 500)

    return {HTTPException: refused, DatabaseTrouble: not_now, ClientDisconnect: gone, Exception: fault}
