"""The readers' pages, where an installation serves them."""

from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from socket import socket

from digestd.config import ConfigTrouble
from digestd.model.subscriber import SubscriberId
from digestd.web import Ground, listening, serving
from digestd.wiring.house import House
from digestd.wiring.post import build_letterhead


@asynccontextmanager
async def serve_pages(house: House) -> AsyncIterator[None]:
    """Serve the pages while the block runs, if they are to be served. Raises ConfigTrouble where nobody can listen."""
    place = house.settings.web.place
    if place is None:
        yield
        return
    letterhead = build_letterhead(house.settings)
    ground = Ground(house.standing, house.records, lambda: _known(house), house.key(), letterhead, house.clock)
    with _listening(house, *place) as listener:
        async with serving(listener, ground, house.settings.web.proxies):
            yield


def _listening(house: House, host: str, port: int) -> socket:
    try:
        return listening(host, port)
    except OSError as error:
        raise house.places.trouble("web.listen", f"nobody can listen there: {error.strerror}") from error


def _known(house: House) -> AbstractSet[SubscriberId]:
    """Return whom a token may stand for. Where the folder of readers cannot be read, composing tells; here, the mailed do."""
    try:
        return house.known()
    except ConfigTrouble:
        return house.standing.mailed()
