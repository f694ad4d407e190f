"""A visit to the mail server: in, up to the log-in, and out again. No mail is sent."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digestd.transports.relay import Relay
from digestd.transports.session import Session


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a server offers, over which TLS if any, and until when its certificate holds."""

    offers: Sequence[str]
    tls: str | None
    trusted_until: datetime | None


async def visit(relay: Relay) -> Welcome:
    """Return how we are received. Raises BadRelay for terms that can never hold, and Unreachable."""
    await relay.check()
    tls = await asyncio.to_thread(relay.tls)
    name = await asyncio.to_thread(socket.getfqdn)
    session = await Session.open(relay, tls, name)
    try:
        return Welcome(session.offers, *session.tls)
    finally:
        await session.close()
