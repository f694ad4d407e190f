"""Asking the sources as configured: the web, and what is asked over it."""

from datetime import datetime
from functools import partial
from pathlib import Path

from digestd import __version__
from digestd.config import Settings, SourceKeys
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.ports import Archive
from digestd.sources.arxiv_archive import archive
from digestd.sources.document import Body
from digestd.sources.http import Manners, Web
from digestd.sources.kinds import KINDS
from digestd.wiring.origins import SourceEntry


def build_archive(settings: Settings, web: Web) -> Archive:
    """Return where papers are looked up by id."""
    return archive([SourceEntry.of(keys, settings) for keys in settings.sources], web)


def open_web(settings: Settings, state: Path | None = None) -> Web:
    """Return the way to the net, to be opened; processes with one folder of *state* take turns at a service."""
    poll = settings.poll
    contact = f"+mailto:{settings.contact}" if settings.contact else "no contact configured"
    agent = f"digestd/{__version__} ({contact})"
    return Web(Manners(agent, poll.timeout, poll.max_bytes, poll.per_host_gap, poll.at_once, state))


async def try_source(
    settings: Settings, keys: SourceKeys, place: str | bytes | None, now: datetime
) -> Fetched | NotModified | Failed:
    """Return what a source announces: the service itself, the document at an address, or one that is given."""
    kind = KINDS[keys.kind]
    async with open_web(settings) as web:
        if place is None:
            return await kind.sources(SourceEntry.of(keys, settings), web)[0].fetch(Cursor(), now)
        body = Body(place) if isinstance(place, bytes) else await web.get(place, Cursor(), allow_private=True)
        return await web.read(partial(kind.read, name=keys.kind), body) if isinstance(body, Body) else body
