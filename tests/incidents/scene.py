"""An installation on a loopback site, at whatever time a test says: Ada, what she reads, and how it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digestd.cli.sources import source_shape
from digestd.model.digest import Digest
from digestd.model.paper import Paper, PaperId
from digestd.model.source import Cursor
from digestd.pipeline.compose import Rules, compose
from digestd.pipeline.health import healths, state_of
from digestd.pipeline.poll import Polled, due, poll
from digestd.ports import Source
from digestd.sources.http import Web
from digestd.sources.kinds import KINDS
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore
from tests.sources.wanted import Wanted
from tests.support.builders import subscriber
from tests.support.mails import body, read, renderer
from tests.support.web import Site

LOOK_BACK = timedelta(days=3)
_RENDERER = renderer()  # templates take longer to compile than most tests


def at(text: str) -> datetime:
    """Return an instant in UTC: `at("2026-03-05 06:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mail:
    """What Ada gets: the papers that are shown, how many are counted besides, and the text in one line."""

    papers: tuple[str, ...] = ()
    more: int = 0
    text: str = ""


NO_MAIL = Mail()


class Scene:
    """What a test does with an installation, and all that can be seen of it. `reopens` is a restart."""

    def __init__(self, folder: Path, site: Site, web: Web) -> None:
        self.site = site
        self._web, self._path = web, folder / "digestd.db"
        self._sources: list[Source] = []
        self._ada = subscriber("ada", max_papers=20)
        self._database = Database(self._path)

    def asks(self, kind: str, name: str = "", *, path: str = "", **fields: Any) -> None:
        """Configure a source, called by its kind if it has no *name*, that finds its service at the site."""
        url = self.site.url(path or ("/feed" if kind == "feed" else ""))
        plain: dict[str, Any] = {"url": url, "name": name or kind, "look_back": LOOK_BACK}
        self._sources += KINDS[kind].sources(Wanted(kind, **(plain | fields)), self._web)

    async def polls(self, now: datetime, *names: str) -> Mapping[str, Polled]:
        """Ask every source, or those of *names*."""
        asked = [source for source in self._sources if not names or source.name in names]
        return {one.source: one for one in await poll(asked, self._seen, LOOK_BACK, now)}

    def due(self, now: datetime) -> Sequence[str]:
        """Return the sources that the daemon would ask."""
        return [source.name for source in due(self._sources, self._seen, now)]

    def healths(self, now: datetime) -> Mapping[str, str]:
        return healths(self._sources, self._seen.sources(), now)

    def news(self) -> list[str]:
        """Return all that ever became news, in that order."""
        return [sighting.paper.id for sighting in self._seen.window(at("0001-01-01"), at("9999-01-01"))]

    def paper(self, name: str) -> Paper:
        return self._seen.papers([PaperId(name)])[PaperId(name)]

    def cursor(self, name: str) -> Cursor:
        return self._seen.sources()[name].cursor

    def validators(self, name: str) -> tuple[str | None, str | None, str | None]:
        """Return what a failed poll must leave as it was."""
        cursor = self.cursor(name)
        return cursor.etag, cursor.last_modified, cursor.body_hash

    def row(self, name: str, now: datetime) -> Mapping[str, Any]:
        """Return what `digestd sources --json` says of a source."""
        known = self._seen.sources()
        (source,) = (source for source in self._sources if source.name == name)
        return source_shape(source, state_of(source, known), healths(self._sources, known, now)[name])

    def digest(self, now: datetime) -> Mail:
        """Compose what is due, and return the mail that goes out to Ada, if any does."""
        outbox, records = OutboxStore(self._database), RecordStore(self._database)
        compose([self._ada], self._seen, outbox, Rules(LOOK_BACK, "digest.example.org", self._sources), now)
        fresh = [entry.digest for entry in records.queue() if entry.composed_at == now and entry.state == "queued"]
        return self._rendered(fresh[0], now) if fresh else NO_MAIL

    def told(self) -> list[str]:
        """Return all that Ada was ever told of, counted papers included."""
        return [paper for entry in reversed(RecordStore(self._database).queue()) for paper in entry.digest.tells]

    def reopens(self) -> None:
        """Close the database, and open it again."""
        self._database.close()
        self._database = Database(self._path)

    def close(self) -> None:
        self._database.close()

    @property
    def _seen(self) -> PaperStore:
        return PaperStore(self._database)

    def _rendered(self, digest: Digest, now: datetime) -> Mail:
        message = _RENDERER.message(digest, self._seen.papers(digest.tells), now)
        text = " ".join(body(read(message.content), "plain").split())
        shown = tuple(match.paper for match in digest.shown)
        return Mail(shown, len(set(digest.tells)) - len(shown), text)
