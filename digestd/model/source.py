"""What a poll of a source brings back, and what is known of a source between polls."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digestd.model.paper import Paper, PaperId


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a source's next poll goes on: the server's validators as opaque text (RFC 9110 8.8), and when.

    *body_hash* is the SHA-256 of the last body parsed. Nobody asks before *not_before*, which the server set;
    the daemon waits until *next_poll_at*. *reached* is up to when the source has been asked for everything, *moved_at*
    when it last announced what it never had before, *moved_to* where permanent redirects lead (RFC 9110 15.4.2).
    *origin* names what was asked: a source that is asked elsewhere under its old name begins anew.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    not_before: datetime | None = None
    next_poll_at: datetime | None = None
    reached: datetime | None = None
    moved_at: datetime | None = None
    moved_to: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The papers a source announces now. *day_list* says that standing in the document is itself the news.

    *back_catalogue* are those among the papers that are recorded and never mailed. *complaints* name the entries
    left out, and why. *wait* is how long the server's answer stays fresh. *gap* says what this poll should have brought
    and did not: the papers are kept, the source is failing until a poll comes without.
    """

    papers: tuple[Paper, ...]
    cursor: Cursor
    day_list: bool = False
    back_catalogue: frozenset[PaperId] = frozenset()
    complaints: tuple[str, ...] = ()
    wait: timedelta | None = None
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source has nothing that it did not say before."""

    cursor: Cursor
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The poll went wrong, which is not a quiet day. *wait* is how long the server asks to be left alone.

    *gone* says that the server called the source gone for good (RFC 9110 15.5.11): it is not asked again by itself. *status*
    is the HTTP status of an answer that was refused.
    """

    reason: str
    wait: timedelta | None = None
    gone: bool = False
    status: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the store knows of a source. *failures* counts failed polls since the last good one.

    *gone* says that its server called it gone for good, *lost* what no later poll can bring.
    """

    name: str
    cursor: Cursor = Cursor()
    last_ok_at: datetime | None = None
    last_error: str | None = None
    failures: int = 0
    papers_last: int | None = None
    gone: bool = False
    lost: str | None = None
