"""An installation, open: every port on its database, its settings and its readers."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from digestd.config import ConfigTrouble, Places, Roster, Settings, read_roster
from digestd.inbound import Desk, take_all
from digestd.matching import Matcher
from digestd.model.delivery import Patience
from digestd.model.paper import PaperId
from digestd.model.retention import Ages
from digestd.model.standing import Intake
from digestd.model.subscriber import Readers, Subscriber
from digestd.pipeline.compose import Rules
from digestd.pipeline.crew import Crew
from digestd.pipeline.deliver import Delivery
from digestd.pipeline.examples import Examples, named_by
from digestd.pipeline.prune import Prune
from digestd.pipeline.stages import Stages
from digestd.ports import Clock, Operator, Outbox, Records, Retention, SeenPapers, Source, Standing, Traffic, Transport
from digestd.rendering import Renderer
from digestd.storage import (
    Address,
    Database,
    MarkStore,
    OperatorStore,
    OutboxStore,
    PaperStore,
    RecordStore,
    RetentionStore,
    Server,
    StandingStore,
    TrafficStore,
    is_made,
    open_database,
    scratch_copy,
)
from digestd.wiring.asking import build_archive, build_sources, open_web
from digestd.wiring.post import build_mailbox, build_pace, build_relay, build_renderer, domain_of, open_transport

log = structlog.get_logger("digestd.wiring")


@dataclass(frozen=True, slots=True)
class House:
    """An installation, open: what is configured, what is stored, and what time it is.

    *command* begins a process that delivers beside us.
    """

    places: Places
    database: Database
    clock: Clock
    matcher: Matcher = field(default_factory=Matcher)
    command: Sequence[str] = ()

    @property
    def settings(self) -> Settings:
        return self.places.settings

    @property
    def seen(self) -> SeenPapers:
        return PaperStore(self.database)

    @property
    def outbox(self) -> Outbox:
        digest = self.settings.digest
        return OutboxStore(self.database, Patience(digest.give_up_after, digest.on_uncertain))

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

    @property
    def rules(self) -> Rules:
        digest = self.settings.digest
        domain = domain_of(self.settings.sender.address)
        return Rules(digest.look_back, domain, self.sources(), digest.send_empty, self.matcher)

    def readers(self) -> Readers:
        """Return the readers in force; what is good is kept, for the day when its file breaks."""
        known = self.records.subscriber_files()
        roster = load_roster(self.places, known)
        changed = {file: text for file, text in roster.good.items() if known.get(file) != text}
        gone = [file for file in known if not (self.places.subscribers / file).exists()]
        if changed or gone:
            self.records.keep_subscriber_files(changed, gone)
        for complaint in roster.complaints:
            _warn_once(str(complaint))
        return Readers(self._standing(roster.subscribers), tuple(map(str, roster.complaints)))

    def _standing(self, readers: Sequence[Subscriber]) -> tuple[Subscriber, ...]:
        """Return *readers*, those who are suppressed or paused by command as paused."""
        suppressions, paused = self.standing.suppressions(self.clock()), self.standing.paused(self.clock())
        return tuple(replace(one, paused=True) if one.id in paused or suppressions.of(one.id) else one for one in readers)

    def desk(self) -> Desk:
        """Return who takes what comes back: about the readers there are, and those who were once mailed."""
        readers = {reader.id for reader in self.readers().subscribers} | self.standing.mailed()
        return Desk(self._key(), readers, self.standing, self.clock())

    def take_in(self) -> Callable[[], Intake] | None:
        """Return what takes all that came back, where there is a mailbox. Raises ConfigTrouble for one that cannot be."""
        mailbox = build_mailbox(self.places)
        return None if mailbox is None else lambda: take_all(mailbox, self.desk())

    def examples(self) -> Sequence[PaperId]:
        """Return the papers that readers name as examples: none where their folder cannot be read, which composing tells."""
        try:
            return named_by(self.readers().subscribers)
        except ConfigTrouble:
            return ()

    def renderer(self) -> Renderer:
        """Return the renderer. Raises ConfigTrouble for a template that cannot be read."""
        return build_renderer(self.places, self._key())

    def _key(self) -> bytes:
        """Return the key of the installation. Raises ConfigTrouble where it is gone that signed what has been mailed."""
        return self.places.key(lambda: not {"accepted", "failed"}.isdisjoint(self.records.states()))

    def delivery(self) -> Delivery:
        """Return the delivering stage. Raises ConfigTrouble for templates or a mail server that cannot be used."""
        pace = build_pace(self.settings, build_relay(self.places))
        renderer = build_renderer(self.places, self._key(), mailing=True)
        return Delivery(self.outbox, self.seen, self.traffic, renderer.message, self.clock, pace)

    def transport(self) -> AbstractAsyncContextManager[Transport]:
        """Return the way out, to be opened. Raises ConfigTrouble where the mail server cannot be used as configured."""
        return open_transport(self.places)

    def sources(self) -> Sequence[Source]:
        """Return the configured sources, for their names: they cannot be asked before the web is open."""
        return build_sources(self.settings, open_web(self.settings))

    @asynccontextmanager
    async def stages(self) -> AsyncIterator[Stages]:
        """Open the web, and return the stages on all the ports."""
        async with open_web(self.settings, self.places.state) as web:
            yield Stages(
                sources=build_sources(self.settings, web),
                seen=self.seen,
                outbox=self.outbox,
                records=self.records,
                readers=self.readers,
                rules=self.rules,
                delivery=self.delivery,
                open_transport=self.transport,
                clock=self.clock,
                examples=Examples(self.examples, self.seen, build_archive(self.settings, web)),
                take_in=self.take_in(),
                take_in_every=self.settings.inbound.every,
                pruning=Prune(self.retention, self.outbox, self.rules, self.ages),
                crew=self._crew(),
            )

    def _crew(self) -> Crew:
        """Return the crew; no process is without a connection, and one is enough for files."""
        keys = self.settings
        most = min(keys.deliver.processes, keys.smtp.connections) if keys.transport.kind == "smtp" and self.command else 1
        return Crew(most, self.command)

    @contextmanager
    def scratch(self) -> Iterator["House"]:
        """Open a copy of this installation whose database is thrown away."""
        with scratch_copy(self.database, self.clock()) as copy:
            yield House(self.places, copy, self.clock)


@contextmanager
def open_house(places: Places, clock: Clock, command: Sequence[str] = ()) -> Iterator[House]:
    """Open the installation at *places*; *command* begins a process beside us. Raises ConfigTrouble and DatabaseTrouble."""
    with open_database(address_of(places), clock()) as database:
        yield House(places, database, clock, command=command)


@contextmanager
def visit_house(places: Places, clock: Clock) -> Iterator[House]:
    """Open the installation to look at it: where it has no database yet, none is made."""
    if has_database(places):
        with open_house(places, clock) as house:
            yield house
        return
    with TemporaryDirectory(prefix="digestd-") as folder, open_database(Path(folder) / "empty.db", clock()) as database:
        yield House(places, database, clock)


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
        raise places.trouble("subscribers", f"{places.subscribers} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=10_000)
def _warn_once(complaint: str) -> None:
    """Log what is wrong with a reader's file, once in the life of a process: a daemon reads it every half minute."""
    log.warning("readers.complaint", complaint=complaint)
