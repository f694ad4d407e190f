"""What is on record about deliveries and stages, for the operator to read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from digestd.model.digest import Digest, DigestKey

State = Literal["queued", "sending", "accepted", "failed", "empty", "suppressed", "held", "dropped"]


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A digest in the outbox. *next_attempt_at* is None once it is settled; while it is sending, it is the lease's end.

    One that is held *may have arrived* where of some try nobody knows how it ended.
    """

    digest: Digest
    state: State
    attempts: int
    composed_at: datetime
    next_attempt_at: datetime | None
    last_reply: str | None
    may_have_arrived: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. *outcome* and *reply* are None while it is under way, at most until *leased_until*, or when we died on it."""

    key: DigestKey
    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    reply: str | None
    leased_until: datetime | None = None

    def ending(self, now: datetime) -> str | None:
        """Return how it ended: `died` where digestd did before it could say so; None while it is under way."""
        is_under_way = self.leased_until is not None and now < self.leased_until
        return self.outcome or (None if is_under_way else "died")


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """When a paper was first seen, and when it became news: never, while it is back catalogue."""

    at: datetime
    news_at: datetime | None


@dataclass(frozen=True, slots=True)
class Beat:
    """When a stage last ended, and its own words about it."""

    stage: str
    at: datetime
    report: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is so of the whole installation since *at*, and until then where that is known."""

    name: str
    at: datetime
    until: datetime | None = None
    note: str = ""
