"""An installation, open: every port on its database, its settings and its readers."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from digestd.config import ConfigTrouble, Places
from digestd.inbound import Desk, take_all
from digestd.matching.matcher import Matcher
from digestd.model.delivery import Patience
from digestd.model.paper import PaperId
from digestd.model.standing import Intake
from digestd.model.subscriber import Readers, SubscriberId
from digestd.pipeline.compose import Rules
from digestd.pipeline.crew import Crew
from digestd.pipeline.deliver import Delivery
from digestd.pipeline.examples import Examples, named_by
from digestd.pipeline.prune import Prune
from digestd.pipeline.stages import Stages
from digestd.ports import Clock, Outbox, Source, Transport
from digestd.rendering import Renderer
from digestd.storage import OutboxStore, scratch_copy
from digestd.wiring.asking import build_archive, open_web
from digestd.wiring.cellar import Cellar, load_roster, look, open_cellar
from digestd.wiring.origins import build_sources, configured
from digestd.wiring.post import build_mailbox, build_pace, build_relay, build_renderer, domain_of, open_transport


@dataclass(frozen=True, slots=True)
class House(Cellar):
    """An installation, open: what it keeps, and all that is done with it.

    *command* begins a process that delivers beside us.
    """

    matcher: Matcher = field(default_factory=Matcher)
    command: Sequence[str] = ()

    @property
    def outbox(self) -> Outbox:
        digest = self.settings.digest
        return OutboxStore(self.database, Patience(digest.give_up_after, digest.on_uncertain))

    @property
    def rules(self) -> Rules:
        digest = self.settings.digest
        domain = domain_of(self.settings.sender.address)
        return Rules(digest.look_back, domain, self.sources(), digest.send_empty, self.matcher)

    def keep_readers(self) -> Readers:
        """Return the readers in force; what is good is kept, for the day when its file breaks."""
        known = self.records.subscriber_files()
        roster = load_roster(self.places, known)
        changed = {file: text for file, text in roster.good.items() if known.get(file) != text}
        gone = [file for file in known if not (self.places.subscribers / file).exists()]
        if changed or gone:
            self.records.keep_subscriber_files(changed, gone)
        return self.standing_as(roster)

    def desk(self) -> Desk:
        """Return who takes what comes back: about the readers there are, and those who were once mailed."""
        return Desk(self.key(), self.known(), self.standing, self.clock())

    def known(self) -> AbstractSet[SubscriberId]:
        """Return the readers there are, and those who were once mailed."""
        return {reader.id for reader in self.readers().subscribers} | self.standing.mailed()

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
        return build_renderer(self.places, self.key())

    def key(self) -> bytes:
        """Return the key of the installation. Raises ConfigTrouble where it is gone that signed what has been mailed."""
        return self.places.key(lambda: not {"accepted", "failed"}.isdisjoint(self.records.states()))

    def delivery(self) -> Delivery:
        """Return the delivering stage. Raises ConfigTrouble for templates or a mail server that cannot be used."""
        pace = build_pace(self.settings, build_relay(self.places))
        changed_at = self.places.templates_changed_at()  # before they are read: no change is missed
        renderer = build_renderer(self.places, self.key(), mailing=True)
        return Delivery(self.outbox, self.seen, self.traffic, renderer.message, self.clock, pace, changed_at)

    def transport(self) -> AbstractAsyncContextManager[Transport]:
        """Return the way out, to be opened. Raises ConfigTrouble where the mail server cannot be used as configured."""
        return open_transport(self.places)

    def sources(self) -> Sequence[Source]:
        """Return the configured sources, for their names: they cannot be asked before the web is open."""
        return configured(self.settings)

    @asynccontextmanager
    async def stages(self) -> AsyncIterator[Stages]:
        """Open the web, and return the stages on all the ports."""
        async with open_web(self.settings, self.places.state) as web:
            yield Stages(
                sources=build_sources(self.settings, web),
                seen=self.seen,
                outbox=self.outbox,
                records=self.records,
                readers=self.keep_readers,
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
    with open_cellar(places, clock) as cellar:
        yield House(places, cellar.database, clock, command=command)


@contextmanager
def visit_house(places: Places, clock: Clock) -> Iterator[House]:
    """Open the installation to look at it: where it has no database yet, none is made."""
    with look(places, clock) as cellar:
        yield House(places, cellar.database, clock)
