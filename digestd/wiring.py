"""Settings → ports: the only module that names concrete classes."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Self

import structlog

from digestd import __version__
from digestd.config import Complaint, ConfigTrouble, Places, Roster, Settings, SourceKeys, read_roster
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import Rules
from digestd.pipeline.deliver import Delivery, Pace
from digestd.pipeline.stages import Stages
from digestd.ports import Clock, Outbox, Records, SeenPapers, Source, Transport
from digestd.rendering import Letterhead, Renderer, TemplateError
from digestd.sources import KINDS, Body, Manners, Web
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, open_database, scratch_copy
from digestd.transports import BadRelay, MaildirTransport, Relay, SmtpTransport

log = structlog.get_logger("digestd.wiring")


@dataclass(frozen=True, slots=True)
class House:
    """An installation, open: what is configured, what is stored, and what time it is."""

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
    def outbox(self) -> Outbox:
        return OutboxStore(self.database)

    @property
    def records(self) -> Records:
        return RecordStore(self.database)

    @property
    def rules(self) -> Rules:
        digest = self.settings.digest
        return Rules(digest.look_back, domain_of(self.settings.sender.address), digest.send_empty)

    def roster(self) -> Roster:
        """Return the readers in force; what is good is kept, for the day when its file breaks."""
        known = self.records.subscriber_files()
        roster = load_roster(self.places, known)
        changed = {file: text for file, text in roster.good.items() if known.get(file) != text}
        gone = [file for file in known if not (self.places.subscribers / file).exists()]
        if changed or gone:
            self.records.keep_subscriber_files(changed, gone)
        return roster

    def readers(self) -> Sequence[Subscriber]:
        """Return the readers in force, and log what is wrong with the others."""
        roster = self.roster()
        for complaint in roster.complaints:
            log.warning("readers.complaint", complaint=str(complaint))
        return roster.subscribers

    def renderer(self) -> Renderer:
        """Return the renderer. Raises ConfigTrouble for a template that cannot be read."""
        return _renderer(self.places)

    def transport(self) -> AbstractAsyncContextManager[Transport]:
        """Return the way out, to be opened. Raises ConfigTrouble where the mail server cannot be used as configured."""
        return _open_transport(self.places)

    @asynccontextmanager
    async def stages(self) -> AsyncIterator[Stages]:
        """Open the web, and return the stages on all the ports."""
        async with open_web(self.settings) as web:
            yield Stages(
                sources=build_sources(self.settings, web),
                seen=self.seen,
                outbox=self.outbox,
                records=self.records,
                readers=self.readers,
                rules=self.rules,
                delivery=self._delivery(),
                open_transport=self.transport,
                clock=self.clock,
            )

    @contextmanager
    def scratch(self) -> Iterator["House"]:
        """Open a copy of this installation whose database is thrown away."""
        with scratch_copy(self.database, self.clock()) as copy:
            yield House(self.places, copy, self.clock)

    def _delivery(self) -> Delivery:
        relay = _relay(self.places)
        pace = Pace(relay.connections, relay.longest_try)
        return Delivery(self.outbox, self.seen, self.renderer().message, self.clock, pace)


@contextmanager
def open_house(places: Places, clock: Clock) -> Iterator[House]:
    """Open the installation at *places*. Raises ConfigTrouble and DatabaseTrouble."""
    with open_database(places.database, clock()) as database:
        yield House(places, database, clock)


def load_roster(places: Places, last_good: Mapping[str, str]) -> Roster:
    """Return the readers in the folder of *places*. Raises ConfigTrouble when there is no such folder."""
    try:
        return read_roster(places.subscribers, places.settings.defaults, last_good)
    except OSError as error:
        problem = f"{places.subscribers} cannot be read: {error.strerror}"
        raise ConfigTrouble([Complaint(places.file.name, None, "subscribers", problem)]) from error


def build_sources(settings: Settings, web: Web) -> Sequence[Source]:
    """Return the configured sources; one entry may stand for several, as arXiv's categories do."""
    entries = (_SourceSettings.of(keys, settings) for keys in settings.sources)
    return [source for entry in entries for source in KINDS[entry.kind].sources(entry, web)]


def open_web(settings: Settings) -> Web:
    """Return the way to the net, to be opened."""
    poll = settings.poll
    contact = f"+mailto:{settings.contact}" if settings.contact else "no contact configured"
    return Web(Manners(f"digestd/{__version__} ({contact})", poll.timeout, poll.max_bytes, poll.per_host_gap))


async def try_source(settings: Settings, kind: str, place: str | bytes | None, category: str) -> Fetched | NotModified | Failed:
    """Return what a source announces: the service itself, the document at an address, or one that is given."""
    async with open_web(settings) as web:
        if place is None:
            keys = SourceKeys.model_validate({"kind": kind, "name": kind, "categories": (category,), "url": None})
            return await KINDS[kind].sources(_SourceSettings.of(keys, settings), web)[0].fetch(Cursor())
        body = Body(place) if isinstance(place, bytes) else await web.get(place, Cursor(), allow_private=True)
        return await web.read(partial(KINDS[kind].read, name=kind), body) if isinstance(body, Body) else body


@dataclass(frozen=True, slots=True)
class Report:
    """What `check` found: faults, remarks, and how much stands in the configuration."""

    complaints: Sequence[Complaint]
    remarks: Sequence[str]
    readers: int
    sources: int


def check_places(places: Places) -> Report:
    """Read all that an operator writes, and return what is wrong with it. Raises ConfigTrouble for digestd.toml itself."""
    roster = load_roster(places, {})
    faults = [*roster.complaints, *_faults(lambda: _relay(places)), *_faults(lambda: _renderer(places))]
    return Report(faults, tuple(_remarks(places.settings, roster)), len(roster.subscribers), len(places.settings.sources))


def _faults(attempt: Callable[[], object]) -> Sequence[Complaint]:
    try:
        attempt()
    except ConfigTrouble as trouble:
        return trouble.complaints
    return ()


def _remarks(settings: Settings, roster: Roster) -> Iterator[str]:
    if settings.sender == type(settings.sender)():
        yield "sender.address is not set: mail would come from digestd@localhost"
    if settings.contact is None:
        yield "contact is not set: services that we poll cannot reach you"
    if not settings.sources:
        yield "no sources are configured: there is nothing to tell"
    for reader in roster.subscribers:
        if any(profile.like or profile.dislike for profile in reader.profiles):
            yield f"{reader.email}: like and dislike do not take part in matching yet"


@dataclass(frozen=True, slots=True)
class _SourceSettings:
    """An entry of the sources, with what the installation says wherever the entry is silent."""

    kind: str
    name: str
    url: str | None
    every: timedelta
    allow_private: bool
    categories: Sequence[str]
    revisions: bool
    cross_lists: bool

    @classmethod
    def of(cls, keys: SourceKeys, settings: Settings) -> Self:
        return cls(
            kind=keys.kind,
            name=keys.name,
            url=keys.url,
            every=settings.poll.every if keys.every is None else keys.every,
            allow_private=settings.poll.allow_private if keys.allow_private is None else keys.allow_private,
            categories=keys.categories,
            revisions=settings.digest.revisions,
            cross_lists=settings.digest.cross_lists,
        )


@asynccontextmanager
async def _open_transport(places: Places) -> AsyncIterator[Transport]:
    if places.settings.transport.kind == "maildir":
        transport: MaildirTransport | SmtpTransport = MaildirTransport(places.maildir)
    else:
        transport = SmtpTransport(_relay(places))
    try:
        await transport.__aenter__()
    except BadRelay as error:
        raise _smtp_trouble(places, error) from error
    try:
        yield transport
    finally:
        await transport.__aexit__(None, None, None)


def _renderer(places: Places) -> Renderer:
    try:
        return Renderer(places.templates(), _letterhead(places.settings), places.key(), places.settings.digest.max_bytes)
    except (TemplateError, OSError) as error:
        raise ConfigTrouble([Complaint(places.file.name, None, "templates", str(error))]) from error


def _relay(places: Places) -> Relay:
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
        raise _smtp_trouble(places, error) from error


def _smtp_trouble(places: Places, error: BadRelay) -> ConfigTrouble:
    return ConfigTrouble([Complaint(places.file.name, None, "smtp", str(error))])


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


def domain_of(address: str) -> str:
    """Return the domain of an address, which names our messages."""
    return address.rpartition("@")[2]
