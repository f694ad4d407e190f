"""A source that is one document at one address: the shape of most kinds; and what every kind is made of."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from digestd.model.period import Calendar
from digestd.model.source import Cursor, Failed, Fetched, NotModified

Told = TypeVar("Told")


class SourceSettings(Protocol):
    """What an operator may say of a source. *url* is a feed's address; elsewhere it stands for the service's.

    *look_back* is how far a first poll looks, *contact* the operator's address for services that ask for one.
    """

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def every(self) -> timedelta: ...
    @property
    def allow_private(self) -> bool: ...
    @property
    def categories(self) -> Sequence[str]: ...
    @property
    def query(self) -> str | None: ...
    @property
    def date_field(self) -> str | None: ...
    @property
    def issn(self) -> Sequence[str]: ...
    @property
    def venue(self) -> str | None: ...
    @property
    def api_key(self) -> str | None: ...
    @property
    def revisions(self) -> bool: ...
    @property
    def cross_lists(self) -> bool: ...
    @property
    def look_back(self) -> timedelta: ...
    @property
    def contact(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Body:
    """A document as it came, its final address, and the cursor and freshness that hold once it has been read.

    *asked* is the address that was asked for, before any redirects.
    """

    content: bytes
    address: str = ""
    content_type: str = ""
    cursor: Cursor = field(default_factory=Cursor)
    wait: timedelta | None = None
    asked: str = ""

    def json(self) -> Any:
        """Return the value that the document holds in JSON; None when it holds none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


Read = Callable[[Body], Fetched | Failed]


class Client(Protocol):
    """The web as sources see it: documents are asked for politely, and read where they can do no harm."""

    async def get(
        self, address: str, cursor: Cursor, *, allow_private: bool, service: str | None = None
    ) -> Body | NotModified | Failed:
        """Return the document at *address*, unless *cursor* remembers it.

        All addresses of one *service* share its turn: one request at a time, with its gap between two. Without it, the host's.
        """
        ...

    async def read(self, read: Callable[[Body], Told], body: Body) -> Told | Failed:
        """Return what *read*, a function that pickle finds by its name, makes of *body*."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """What every source is made of. *asked* is all that decides what it announces; *part* names one of several sources
    that one entry of the settings stands for; requests to one *service* share its turn.
    """

    settings: SourceSettings
    web: Client
    asked: str
    part: str | None = None
    calendar: Calendar | None = None
    service: str | None = None

    @property
    def name(self) -> str:
        return f"{self.label}:{self.part}" if self.part else self.label

    @property
    def label(self) -> str:
        return self.settings.name

    @property
    def kind(self) -> str:
        return self.settings.kind

    @property
    def every(self) -> timedelta:
        return self.settings.every

    @property
    def origin(self) -> str:
        return hashlib.sha256(f"{self.kind}\0{self.asked}".encode()).hexdigest()[:16]

    async def get(self, address: str, cursor: Cursor) -> Body | NotModified | Failed:
        """Return the document at *address*, as the settings allow."""
        return await self.web.get(address, cursor, allow_private=self.settings.allow_private, service=self.service)


async def answered(web: Client, told: Body | NotModified | Failed, read: Callable[[Body], Told]) -> Told | Failed:
    """Return what *read* makes of what was *told* to a request without conditions."""
    if isinstance(told, Body):
        return await web.read(read, told)
    return told if isinstance(told, Failed) else Failed("the server sent no document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Announcer):
    """A source that asks for one address, which is what decides, and reads what comes."""

    read: Read

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        told = await self._told(cursor.moved_to or self.asked, cursor)
        if cursor.moved_to and isinstance(told, Failed) and not told.wait:
            home = replace(cursor, moved_to=None, etag=None, last_modified=None)  # where it moved is not for ever
            return await self._told(self.asked, home)
        return told

    async def _told(self, address: str, cursor: Cursor) -> Fetched | NotModified | Failed:
        body = await self.get(address, cursor)
        return await self.web.read(self.read, body) if isinstance(body, Body) else body
