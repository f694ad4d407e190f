"""The server: uvicorn beside the stages, on a socket of ours, with limits that it does not have itself."""

import asyncio
import collections
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from digestd.web.app import application
from digestd.web.counter import Counter, Ground
from digestd.web.pages import POLICY

_MOST_CONNECTIONS = 200  # files that may be open are few, and mail needs some
_LONGEST = 20.0  # seconds that a connection may last; it has one request
_SECONDS_TO_FINISH = 5

_HEADERS = [
    ("Content-Security-Policy", POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("Connection", "close"),
]


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that is bound there; 0 is a port that is free. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


@asynccontextmanager
async def serving(listener: socket.socket, ground: Ground, proxies: tuple[str, ...] = ()) -> AsyncIterator[None]:
    """Serve the pages on *listener* while the block runs. Raises DatabaseTrouble before it begins.

    *proxies* are addresses that are believed when they say for whom they ask. A fault of the server's ends the block.
    """
    counter = Counter(ground)
    await counter.open()
    server = _Server(_config(ground, counter, proxies))
    with _alone():
        async with asyncio.TaskGroup() as tasks:
            serve, renew = tasks.create_task(server.serve([listener])), tasks.create_task(counter.renewing())
            await server.begun.wait()
            yield
            server.should_exit = True
            await serve
            renew.cancel()
    await counter.close()


@contextmanager
def _alone() -> Iterator[None]:
    """Raise what ended a group of tasks as itself."""
    try:
        yield
    except BaseExceptionGroup as group:
        if len(group.exceptions) > 1:
            raise
        raise group.exceptions[0] from None


def _config(ground: Ground, counter: Counter, proxies: tuple[str, ...]) -> uvicorn.Config:
    return uvicorn.Config(
        application(ground, counter, proxies),
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # its lines are about strangers; what is ours to mend, we log
        access_log=False,  # a line of it would have a token
        proxy_headers=False,
        server_header=False,
        headers=_HEADERS,
        backlog=128,
        h11_max_incomplete_event_size=16_384,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )


class _Server(uvicorn.Server):
    """A server that says when it has begun, and leaves signals to the daemon."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Connection(H11Protocol):
    """A connection that does not last. Where there are too many, who comes takes the place of who keeps us waiting."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.began = self.loop.time()
        has_room = self._makes_room()
        super().connection_made(transport)
        self._end = self.loop.call_later(_LONGEST if has_room else 0, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        super().connection_lost(exc)

    def _makes_room(self) -> bool:
        """Return whether there is room; if need be, cut one that has not said all: the oldest of whoever has the most."""
        others = [one for one in self.connections if isinstance(one, _Connection) and not one.transport.is_closing()]
        if len(others) < _MOST_CONNECTIONS:
            return True
        waited_for = [one for one in others if one.cycle is None or one.cycle.more_body]
        if waited_for:
            many = collections.Counter(map(_address, others))
            min(waited_for, key=lambda one: (-many[_address(one)], one.began)).transport.abort()
        return bool(waited_for)


def _address(connection: _Connection) -> str:
    return connection.client[0] if connection.client else ""
