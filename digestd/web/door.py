"""Who comes in: not those who ask too often, or say too much."""

import asyncio
from collections.abc import Collection, Mapping
from math import ceil

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from digestd.web.gate import Gate, Rate, client_of
from digestd.web.pages import Shelf

HEALTH, READY = "/health", "/ready"

_LONGEST_HEAD = 16_384  # bytes of header fields

# A gateway fetches the links of all the mail that comes to it; a provider's few hosts press for all of its readers.
_LOOKS = Rate(20, 200), Rate(200, 2000)  # of each client, and of all together
_PRESSES = Rate(2, 60), Rate(20, 400)


class Door:
    """Lets requests in to *app*. *proxies* are believed for whom they ask."""

    def __init__(self, app: ASGIApp, shelf: Shelf, proxies: Collection[str]) -> None:
        self._app, self._shelf, self._proxies = app, shelf, proxies
        self._looks, self._presses = Gate(*_LOOKS), Gate(*_PRESSES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._refusal(Request(scope)) or self._app
        await answer(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if sum(len(name) + len(value) for name, value in request.headers.raw) > _LONGEST_HEAD:
            return trouble(self._shelf, request, 431)
        if request.scope["path"] in {HEALTH, READY}:
            return None
        gate = self._presses if request.method == "POST" else self._looks
        wait = gate.wait(self._client(request), asyncio.get_running_loop().time())
        return trouble(self._shelf, request, 429, {"Retry-After": str(ceil(wait))}) if wait else None

    def _client(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        return client_of(peer, request.headers.getlist("x-forwarded-for"), self._proxies)


def trouble(shelf: Shelf, request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return the page that says what went wrong: what is not foreseen, is no choice."""
    troubles = shelf.at(request.scope["path"]).troubles
    foreseen = status if status in troubles else 400
    return page(troubles[foreseen], foreseen, headers)


def page(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, status, headers, "text/html")
