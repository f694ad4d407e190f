"""The way out over SMTP: a few lines to one relay, opened when needed and used again (RFC 5321, 6409)."""

import asyncio
import contextlib
import socket
import ssl
from typing import Self

from digestd.model.delivery import Deferred, Outcome, Rejected
from digestd.model.digest import Message
from digestd.transports.envelope import BadMessage, BadSender, Envelope, envelope
from digestd.transports.relay import Relay
from digestd.transports.replies import LOCKED_OUT
from digestd.transports.session import Session, Stale, Unreachable


class SmtpTransport:
    """Hands messages to *relay*, on as many lines as it has connections. Opening it raises BadRelay.

    A line stays open, and nothing else is said on it, until it is used again.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._lines: dict[int, Session] = {}
        self._first = asyncio.Lock()
        self._door: Unreachable | None = None  # that the server shut: nobody else knocks
        self._is_open = False
        self._tls: ssl.SSLContext | None = None
        self._name: str | None = None

    async def __aenter__(self) -> Self:
        await self._relay.check()
        self._tls = await asyncio.to_thread(self._relay.tls)
        self._name = await asyncio.to_thread(socket.getfqdn)
        return self

    async def __aexit__(self, *_: object) -> None:
        lines, self._lines = self._lines, {}
        await asyncio.gather(*(session.close() for session in lines.values()))

    async def send(self, message: Message, line: int = 0) -> Outcome:
        """Hand *message* over once, and return how that ended. On a line goes one message at a time."""
        try:
            ready = envelope(message)
        except BadMessage as why:
            return Rejected(str(why))
        except BadSender as why:
            return Deferred(str(why), everyone=True, wait=LOCKED_OUT)
        try:
            return await self._deliver(ready, line)
        except Unreachable as why:
            return why.outcome

    async def _deliver(self, ready: Envelope, line: int) -> Outcome:
        session = self._lines.get(line)
        if session and session.reusable:
            with contextlib.suppress(Stale):
                return await session.deliver(ready)
        if session:
            del self._lines[line]
            await session.close()
        session = self._lines[line] = await self._open()
        return await session.deliver(ready)

    async def _open(self) -> Session:
        """Return a new session. One goes ahead: servers count wrong passwords."""
        async with self._first:
            if self._door:
                raise self._door
            if not self._is_open:
                try:
                    session = await Session.open(self._relay, self._tls, self._name)
                except Unreachable as shut:
                    self._door = shut
                    raise
                self._is_open = True
                return session
        return await Session.open(self._relay, self._tls, self._name)
