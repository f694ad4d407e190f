"""The sources and the web they are asked over, as configured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

from digestd import __version__
from digestd.config import Settings, SourceKeys
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.ports import Archive, Source
from digestd.sources.arxiv_archive import archive
from digestd.sources.document import Body
from digestd.sources.http import Manners, Web
from digestd.sources.kinds import KINDS


def build_sources(settings: Settings, web: Web) -> Sequence[Source]:
    """Return the configured sources; one entry may stand for several, as arXiv's categories do."""
    entries = (_SourceSettings.of(keys, settings) for keys in settings.sources)
    return [source for entry in entries for source in KINDS[entry.kind].sources(entry, web)]


def build_archive(settings: Settings, web: Web) -> Archive:
    """Return where papers are looked up by id."""
    return archive([_SourceSettings.of(keys, settings) for keys in settings.sources], web)


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
            return await kind.sources(_SourceSettings.of(keys, settings), web)[0].fetch(Cursor(), now)
        body = Body(place) if isinstance(place, bytes) else await web.get(place, Cursor(), allow_private=True)
        return await web.read(partial(kind.read, name=keys.kind), body) if isinstance(body, Body) else body


@dataclass(frozen=True, slots=True)
class _SourceSettings:
    """An entry of the sources, with what the installation says wherever the entry is silent."""

    kind: str
    name: str
    url: str | None
    every: timedelta
    allow_private: bool
    categories: Sequence[str]
    query: str | None
    date_field: str | None
    issn: Sequence[str]
    venue: str | None
    api_key: str | None
    revisions: bool
    cross_lists: bool
    look_back: timedelta
    contact: str | None

    @classmethod
    def of(cls, keys: SourceKeys, settings: Settings) -> Self:
        own = {
            name: getattr(keys, name) for name in ("kind", "name", "url", "categories", "query", "date_field", "issn", "venue")
        }
        return cls(
            **own,
            every=settings.poll.every if keys.every is None else keys.every,
            allow_private=settings.poll.allow_private if keys.allow_private is None else keys.allow_private,
            api_key=keys.api_key.get_secret_value() if keys.api_key else None,
            revisions=settings.digest.revisions,
            cross_lists=settings.digest.cross_lists,
            look_back=settings.digest.look_back,
            contact=settings.contact,
        )
