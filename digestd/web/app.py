"""Which address has which page, and what happens on a POST."""

import asyncio
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
from digestd.web.pages import Pages, Shelf
from digestd.web.table import is_token
from digestd.web.timing import Timing

log = structlog.get_logger("digestd.web")

_STROKE = 0.25  # seconds: answers to a POST leave on it, so that nobody learns from them what was looked up
_FRESH = 5.0  # seconds for which an answer of the database counts


def application(ground: Ground, counter: Counter, proxies: Collection[str]) -> Starlette:
    """Return the pages on *ground*; *proxies* are believed for whom they ask."""
    shelf = Shelf(ground.letterhead, counter.language)
    desk = _Desk(shelf, counter, _Readiness(ground.records.beats))
    prefix = unquote(urlsplit(ground.letterhead.base_url or "").path.rstrip("/"))
    app = Starlette(
        routes=[
            Route(HEALTH, desk.health),
            Route(READY, desk.ready),
            *(Route(path, desk.front) for path in (f"{prefix}/", prefix) if path),
            Route(f"{prefix}/u/{{token}}", desk.reader, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Door, shelf=shelf, proxies=frozenset(proxies))],
        exception_handlers=_handlers(shelf),
    )
    app.router.redirect_slashes = False  # a redirect says the host that it was told
    return app


class _Desk:
    """Answers those who came in."""

    def __init__(self, shelf: Shelf, counter: Counter, readiness: "_Readiness") -> None:
        self._shelf, self._counter, self._readiness = shelf, counter, readiness

    async def front(self, request: Request) -> Response:
        return page(self._shelf.at(request.scope["path"]).front)

    async def reader(self, request: Request) -> Response:
        """Answer at a reader's own address: nobody is answered as a reader is who reads what the installation speaks."""
        shown: str = request.path_params["token"]
        if not is_token(shown):
            raise HTTPException(404)
        pages = self._shelf.at(request.scope["path"])
        return await self._press(shown, request, pages) if request.method == "POST" else self._look(request, pages)

    async def health(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(self, _: Request) -> Response:
        if await self._readiness.is_missing():
            return PlainTextResponse("not ready: the database cannot be used\n", 503)
        return PlainTextResponse("ready\n")

    def _look(self, request: Request, pages: Pages) -> Response:
        return page(pages.settings if request.scope["query_string"].startswith(b"settings") else pages.leave)

    async def _press(self, shown: str, request: Request, pages: Pages) -> Response:
        arrived = asyncio.get_running_loop().time()
        choice = read_choice(request.headers.get("content-type", ""), await _form(request))
        if choice is None:
            raise HTTPException(400)
        if isinstance(choice, Timing):
            return page(pages.mistaken(choice), 400)
        try:
            await self._counter.take(shown, choice)
        finally:
            await _until_the_stroke(arrived)
        return page(self._after(choice, pages))

    def _after(self, choice: Choice, pages: Pages) -> bytes:
        match choice:
            case Leave():
                return pages.left
            case Pause():
                return pages.paused(choice)
            case Return():
                return pages.returned
            case Reschedule():
                return pages.rescheduled(choice)
            case Replan():
                return pages.planned


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


def _handlers(shelf: Shelf) -> Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]:
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return trouble(shelf, request, error.status_code, error.headers)

    async def not_now(request: Request, error: Exception) -> Response:
        log.warning("web.trouble", trouble=str(error))
        return trouble(shelf, request, 503, {"Retry-After": "300"})

    async def gone(request: Request, _: Exception) -> Response:
        return trouble(shelf, request, 400)  # nobody reads it

    async def fault(request: Request, error: Exception) -> Response:
        log.error("web.fault", exc_info=error)
        return trouble(shelf, request, 500)

    return {HTTPException: refused, DatabaseTrouble: not_now, ClientDisconnect: gone, Exception: fault}
