"""A real server on a real store, for the length of a test."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from digestd.config import catalogues
from digestd.model.subscriber import SubscriberId
from digestd.ports import Standing
from digestd.rendering import ENGLISH, Language, Languages, Letterhead
from digestd.rendering.tokens import token
from digestd.storage import Database, OutboxStore, RecordStore, StandingStore, open_database
from digestd.web import Ground, listening, serving
from tests.support.builders import DAY, NOON, digest
from tests.support.fakes import FakeClock
from tests.support.outbox import claim_from

KEY = b"a made-up key of enough bytes"
ADA, BEN, EVE = (SubscriberId(f"{name}@example.org") for name in ("ada", "ben", "eve"))
GERMAN, FRENCH = map(Languages(catalogues()).of, ("de", "fr"))
LETTERHEAD = Letterhead(
    name="Lantern Digest <&>",
    address="digest@example.org",
    list_id="digest.example.org",
    contact="library@example.org",
    base_url="https://digest.example.org",
    postal_address="Institute of Examples, 1 Sample Street",
)


@dataclass
class Scene:
    """Ada and Ben, who reads German, a digest in the queue for each, and a clock that stands still."""

    database: Database
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    known: dict[SubscriberId, Language] = field(default_factory=lambda: {ADA: ENGLISH, BEN: GERMAN})
    letterhead: Letterhead = LETTERHEAD
    language: Language = ENGLISH

    def __post_init__(self) -> None:
        OutboxStore(self.database).enqueue([digest("ada"), digest("ben")], NOON - DAY)
        self.standing: Standing = StandingStore(self.database)

    def suppressed(self) -> dict[str, str]:
        return {who: one.reason for who, one in self.standing.suppressions(self.clock()).by_reader.items()}

    def mailable(self) -> set[str]:
        """Return whose digests a delivery takes out of the queue; after that, they are there again."""
        claims = claim_from(OutboxStore(self.database), self.clock(), timedelta(seconds=1), 10)
        self.clock.now += timedelta(hours=1)
        return {claim.key.subscriber for claim in claims}

    def after(self, time: timedelta) -> None:
        self.clock.now += time

    @asynccontextmanager
    async def served(self, *proxies: str) -> AsyncIterator[str]:
        """Serve the pages, and yield where they are."""
        with listening("127.0.0.1", 0) as listener:
            host, port = listener.getsockname()
            async with serving(listener, self._ground(), proxies):
                yield f"http://{host}:{port}"

    def _ground(self) -> Ground:
        records = RecordStore(self.database)
        return Ground(self.standing, records, self.known.copy, KEY, self.letterhead, self.language, self.clock)


def link(who: SubscriberId = ADA) -> str:
    return f"/u/{token(KEY, 'unsubscribe', who)}"


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


@pytest.fixture
def small_scene(tmp_path: Path) -> Iterator[Scene]:
    """Return a scene for what has nothing to do with the kind of database."""
    with open_database(tmp_path / "digestd.db", NOON) as database:
        yield Scene(database)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stroke on which answers leave come often."""
    monkeypatch.setattr("digestd.web.app._STROKE", 0.01)
