"""The readers' pages, where an installation serves them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from socket import socket

from digestd.config import ConfigTrouble, catalogues
from digestd.model.subscriber import SubscriberId
from digestd.rendering import Language, Languages
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
    with _listening(house, *place) as listener:
        async with serving(listener, _ground(house), house.settings.web.proxies):
            yield


def _ground(house: House) -> Ground:
    languages = Languages(catalogues())
    return Ground(
        standing=house.standing,
        records=house.records,
        known=lambda: _known(house, languages),
        key=house.key(),
        letterhead=build_letterhead(house.settings),
        language=languages.of(house.settings.digest.language),
        clock=house.clock,
    )


def _listening(house: House, host: str, port: int) -> socket:
    try:
        return listening(host, port)
    except OSError as error:
        raise house.places.trouble("web.listen", f"nobody can listen there: {error.strerror}") from error


def _known(house: House, languages: Languages) -> Mapping[SubscriberId, Language]:
    """Return whom a token may stand for, and their languages: of those who have no file, that of the installation.

    Where the folder of readers cannot be read, composing tells; here, the mailed do.
    """
    mailed = dict.fromkeys(house.standing.mailed(), languages.of(house.settings.digest.language))
    try:
        return mailed | {reader.id: languages.of(reader.language) for reader in house.roster().subscribers}
    except ConfigTrouble:
        return mailed
