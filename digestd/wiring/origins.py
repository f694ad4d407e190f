"""The sources as configured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from digestd.config import Settings, SourceKeys
from digestd.model.source import Cursor, Failed, NotModified
from digestd.ports import Source
from digestd.sources.document import Body, Client, Told
from digestd.sources.kinds import KINDS


def build_sources(settings: Settings, web: Client) -> Sequence[Source]:
    """Return the configured sources; one entry may stand for several, as arXiv's categories do."""
    entries = (SourceEntry.of(keys, settings) for keys in settings.sources)
    return [source for entry in entries for source in KINDS[entry.kind].sources(entry, web)]


def configured(settings: Settings) -> Sequence[Source]:
    """Return the configured sources, for their names: they cannot be asked, for the web is closed."""
    return build_sources(settings, _Closed())


class _Closed:
    """The web where nothing is asked."""

    async def get(
        self, address: str, cursor: Cursor, *, allow_private: bool, service: str | None = None
    ) -> Body | NotModified | Failed:
        raise AssertionError(f"{address} is asked for over a web that is closed")

    async def read(self, read: Callable[[Body], Told], body: Body) -> Told | Failed:
        raise AssertionError("a document is read over a web that is closed")


@dataclass(frozen=True, slots=True)
class SourceEntry:
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
