"""What an installation keeps, open: its settings and its database. To look or to decide, no more is needed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from digestd.config import Places, Roster, Settings, read_roster
from digestd.config.wording import unread
from digestd.model.retention import Ages
from digestd.model.subscriber import Readers, Subscriber
from digestd.ports import Clock, Operator, Records, Retention, SeenPapers, Standing, Traffic
from digestd.storage import (
    Address,
    Database,
    MarkStore,
    OperatorStore,
    PaperStore,
    RecordStore,
    RetentionStore,
    Server,
    StandingStore,
    TrafficStore,
    is_made,
    open_database,
)

log = structlog.get_logger("digestd.wiring")


@dataclass(frozen=True, slots=True)
class Cellar:
    """What is configured, what is stored, and what time it is."""

    places: Places
    database: Database
    clock: Clock

    @property
    def settings(self) -> Settings:
        return self.places.settings

    @property
    def seen(self) -> SeenPapers:
        return PaperStore(self.database)

    @property
    def traffic(self) -> Traffic:
        return TrafficStore(self.database)

    @property
    def records(self) -> Records:
        return RecordStore(self.database)

    @property
    def operator(self) -> Operator:
        return OperatorStore(self.database)

    @property
    def retention(self) -> Retention:
        return RetentionStore(self.database)

    @property
    def ages(self) -> Ages:
        keys = self.settings.retention
        return Ages(keys.papers, keys.receipts, keys.lookups)

    @property
    def marks(self) -> MarkStore:
        return MarkStore(self.database)

    @property
    def standing(self) -> Standing:
        return StandingStore(self.database)

    def roster(self) -> Roster:
        """Return the readers in the files; of a broken one, what it said when it was right. Raises ConfigTrouble."""
        return load_roster(self.places, self.records.subscriber_files())

    def readers(self) -> Readers:
        """Return the readers in force."""
        return self.standing_as(self.roster())

    def standing_as(self, roster: Roster) -> Readers:
        """Return the readers of *roster*, with the schedules that they chose, and as paused if suppressed or paused by command.

        What is broken is logged.
        """
        for complaint in roster.complaints:
            _warn_once(str(complaint))
        return Readers(self._standing(roster.subscribers), tuple(map(str, roster.complaints)))

    def _standing(self, readers: Sequence[Subscriber]) -> tuple[Subscriber, ...]:
        suppressions, paused = self.standing.suppressions(self.clock()), self.standing.paused(self.clock())
        chosen = self.standing.rescheduled()
        timed = (one.timed(chosen.get(one.id)) for one in readers) if chosen else readers
        return tuple(replace(one, paused=True) if one.id in paused or suppressions.of(one.id) else one for one in timed)


@contextmanager
def open_cellar(places: Places, clock: Clock) -> Iterator[Cellar]:
    """Open what the installation at *places* keeps. Raises DatabaseTrouble."""
    with open_database(address_of(places), clock()) as database:
        yield Cellar(places, database, clock)


@contextmanager
def look(places: Places, clock: Clock) -> Iterator[Cellar]:
    """Open it to look, as far as it can be read: where there is no database yet, none is made."""
    if has_database(places):
        with open_database(address_of(places), clock(), looking=True) as database:
            yield Cellar(places, database, clock)
        return
    with TemporaryDirectory(prefix="digestd-") as folder, open_database(Path(folder) / "empty.db", clock()) as database:
        yield Cellar(places, database, clock)


def address_of(places: Places) -> Address:
    """Return where the database is, and the password to it."""
    place = places.database
    return place if isinstance(place, Path) else Server(place, places.database_password)


def has_database(places: Places) -> bool:
    """Say whether there is a database yet. Raises DatabaseTrouble."""
    return is_made(address_of(places))


def load_roster(places: Places, last_good: Mapping[str, str]) -> Roster:
    """Return the readers in the folder of *places*. Raises ConfigTrouble when there is no such folder."""
    try:
        return read_roster(places.subscribers, places.settings.defaults, last_good)
    except OSError as error:
        raise places.trouble("subscribers", f"{places.subscribers} cannot be read: {unread(error)}") from error


@lru_cache(maxsize=10_000)
def _warn_once(complaint: str) -> None:
    """Log what is wrong with a reader's file, once in the life of a process: a daemon reads it every half minute."""
    log.warning("readers.complaint", complaint=complaint)
