"""Settings → ports: the only module that names concrete classes."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import structlog

from digestd import __version__
from digestd.config import ConfigTrouble, Places, Roster, Settings, SourceKeys, read_roster
from digestd.matching import Matcher
from digestd.model.paper import PaperId
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.model.subscriber import Readers
from digestd.pipeline.compose import Rules
from digestd.pipeline.deliver import Delivery, Pace
from digestd.pipeline.examples import Examples, named_by
from digestd.pipeline.stages import Stages
from digestd.ports import Archive, Clock, Outbox, Records, SeenPapers, Source, Transport
from digestd.rendering import Letterhead, Renderer, TemplateError
from digestd.sources.arxiv_archive import archive
from digestd.sources.document import Body
from digestd.sources.http import Manners, Web
from digestd.sources.kinds import KINDS
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, open_database, scratch_copy
from digestd.transports import BadRelay, MaildirTransport, Relay, SmtpTransport

log = structlog.get_logger("digestd.wiring")


@dataclass(frozen=True, slots=True)
class House:
    """An installation, open: what is configured, what is stored, and what time it is."""

    places: Places
    database: Database
    clock: Clock
    matcher: Matcher = field(default_factory=Matcher)

    @property
    def settings(self) -> Settings:
        return self.places.settings

    @property
    def seen(self) -> SeenPapers:
        return PaperStore(self.database)

    @property
    def outbox(self) -> Outbox:
        return OutboxStore(self.database)

    @property
    def records(self) -> Records:
        return RecordStore(self.database)

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
        return Readers(roster.subscribers, tuple(map(str, roster.complaints)))

    def examples(self) -> Sequence[PaperId]:
        """Return the papers that readers name as examples: none where their folder cannot be read, which composing tells."""
        try:
            return named_by(self.readers().subscribers)
        except ConfigTrouble:
            return ()

    def renderer(self) -> Renderer:
        """Return the renderer. Raises ConfigTrouble for a template that cannot be read."""
        return build_renderer(self.places, self.places.key())

    def delivery(self) -> Delivery:
        """Return the delivering stage. Raises ConfigTrouble for templates or a mail server that cannot be used."""
        relay = build_relay(self.places)
        pace = Pace(relay.connections, relay.longest_try)
        return Delivery(self.outbox, self.seen, self.renderer().message, self.clock, pace)

    def transport(self) -> AbstractAsyncContextManager[Transport]:
        """Return the way out, to be opened. Raises ConfigTrouble where the mail server cannot be used as configured."""
        return _open_transport(self.places)

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
            )

    @contextmanager
    def scratch(self) -> Iterator["House"]:
        """Open a copy of this installation whose database is thrown away."""
        with scratch_copy(self.database, self.clock()) as copy:
            yield House(self.places, copy, self.clock)


@contextmanager
def open_house(places: Places, clock: Clock) -> Iterator[House]:
    """Open the installation at *places*. Raises ConfigTrouble and DatabaseTrouble."""
    with open_database(places.database, clock()) as database:
        yield House(places, database, clock)


@contextmanager
def visit_house(places: Places, clock: Clock) -> Iterator[House]:
    """Open the installation to look at it: where it has no database yet, none is made."""
    if places.database.exists():
        with open_house(places, clock) as house:
            yield house
        return
    with TemporaryDirectory(prefix="digestd-") as folder, open_database(Path(folder) / "empty.db", clock()) as database:
        yield House(places, database, clock)


def load_roster(places: Places, last_good: Mapping[str, str]) -> Roster:
    """Return the readers in the folder of *places*. Raises ConfigTrouble when there is no such folder."""
    try:
        return read_roster(places.subscribers, places.settings.defaults, last_good)
    except OSError as error:
        raise places.trouble("subscribers", f"{places.subscribers} cannot be read: {error.strerror}") from error


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


def build_renderer(places: Places, key: bytes) -> Renderer:
    """Return the renderer of the templates of *places*. Raises ConfigTrouble."""
    try:
        return Renderer(places.templates(), _letterhead(places.settings), key, places.settings.digest.max_bytes)
    except TemplateError as error:
        raise places.trouble("templates", str(error)) from error


def build_relay(places: Places) -> Relay:
    """Return the mail server as it is configured. Raises ConfigTrouble for terms that can never hold."""
    keys = places.settings.smtp
    try:
        return Relay(
            host=keys.host,
            port=keys.port,
            security=keys.security,
            username=keys.username,
            password=keys.password.get_secret_value() if keys.password else None,
            connections=keys.connections,
            messages_per_connection=keys.messages_per_connection,
            timeout=keys.timeout,
            ca_file=places.file.parent / keys.ca_file if keys.ca_file else None,
            max_per_second=keys.max_per_second,
        )
    except BadRelay as error:
        raise places.trouble("smtp", str(error)) from error


def domain_of(address: str) -> str:
    """Return the domain of an address, which names our messages."""
    return address.rpartition("@")[2]


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


@asynccontextmanager
async def _open_transport(places: Places) -> AsyncIterator[Transport]:
    """Open the way out, and check that no mail would leave this machine in the clear."""
    if places.settings.transport.kind == "maildir":
        yield MaildirTransport(places.maildir)
        return
    transport = SmtpTransport(build_relay(places))
    try:
        await transport.__aenter__()
    except BadRelay as error:
        raise places.trouble("smtp", str(error)) from error
    try:
        yield transport
    finally:
        await transport.__aexit__(None, None, None)


def _letterhead(settings: Settings) -> Letterhead:
    sender = settings.sender
    return Letterhead(
        name=sender.name,
        address=sender.address,
        list_id=sender.list_id or f"digest.{domain_of(sender.address)}",
        base_url=settings.base_url,
        contact=settings.contact or sender.reply_to or sender.address,
        reply_to=sender.reply_to,
        postal_address=sender.postal_address,
    )


@lru_cache(maxsize=10_000)
def _warn_once(complaint: str) -> None:
    """Log what is wrong with a reader's file, once in the life of a process: a daemon reads it every half minute."""
    log.warning("readers.complaint", complaint=complaint)
