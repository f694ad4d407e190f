"""The way out over SMTP: a few sessions with one relay, opened when needed and used again (RFC 5321, 6409)."""

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
    """Hands messages to *relay*, as many at a time as it has connections. Opening it raises BadRelay."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._idle: list[Session] = []
        self._connections = asyncio.Semaphore(relay.connections)
        self._tls: ssl.SSLContext | None = None
        self._name: str | None = None

    async def __aenter__(self) -> Self:
        await self._relay.check()
        self._tls = await asyncio.to_thread(self._relay.tls)
        self._name = await asyncio.to_thread(socket.getfqdn)
        return self

    async def __aexit__(self, *_: object) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(session.close() for session in idle))

    async def send(self, message: Message) -> Outcome:
        """Hand *message* over once, and return how that ended."""
        try:
            ready = envelope(message)
        except BadMessage as why:
            return Rejected(str(why))
        except BadSender as why:
            return Deferred(str(why), everyone=True, wait=LOCKED_OUT)
        async with self._connections:
            try:
                return await self._deliver(ready)
            except Unreachable as why:
                return why.outcome

    async def _deliver(self, ready: Envelope) -> Outcome:
        if self._idle:
            with contextlib.suppress(Stale):
                return await self._through(self._idle.pop(), ready)
        return await self._through(await Session.open(self._relay, self._tls, self._name), ready)

    async def _through(self, session: Session, ready: Envelope) -> Outcome:
        """Deliver through *session*, and keep it if it can carry another message."""
        try:
            return await session.deliver(ready)
        finally:
            if session.reusable:
                self._idle.append(session)
            else:
                await session.close()
