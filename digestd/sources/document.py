"""A source that is one document at one address: the shape of most kinds."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from digestd.model.source import Cursor, Failed, Fetched, NotModified


class SourceSettings(Protocol):
    """What an operator may say of a source. *url* is a feed's address; elsewhere it stands for the service's."""

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
    def revisions(self) -> bool: ...
    @property
    def cross_lists(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Body:
    """A document as it came, its final address, and the cursor and freshness that hold once it has been read."""

    content: bytes
    address: str = ""
    content_type: str = ""
    cursor: Cursor = field(default_factory=Cursor)
    wait: timedelta | None = None

    def json(self) -> Any:
        """Return the value that the document holds in JSON; None when it holds none."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


Read = Callable[[Body], Fetched | Failed]


class Client(Protocol):
    """The web as sources see it: documents are asked for politely, and read where they can do no harm."""

    async def get(self, address: str, cursor: Cursor, *, allow_private: bool) -> Body | NotModified | Failed: ...
    async def read(self, read: Read, body: Body) -> Fetched | Failed: ...


@dataclass(frozen=True, slots=True)
class Document:
    """A source that asks for one address and reads what comes."""

    name: str
    kind: str
    every: timedelta
    address: str
    allow_private: bool
    read: Read
    web: Client

    async def fetch(self, cursor: Cursor) -> Fetched | NotModified | Failed:
        body = await self.web.get(self.address, cursor, allow_private=self.allow_private)
        return await self.web.read(self.read, body) if isinstance(body, Body) else body
