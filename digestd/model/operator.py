"""What the operator asks of the outbox, sees of it, and decides about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digestd.model.paper import PaperId
from digestd.model.records import Attempt, QueueEntry, State
from digestd.model.subscriber import SubscriberId


@dataclass(frozen=True, slots=True)
class Which:
    """The digests that are meant: of *readers*, or of everybody; in one *state*, or in any."""

    readers: tuple[SubscriberId, ...] | None = None
    state: State | None = None

    @property
    def are_all(self) -> bool:
        return self.readers is None and self.state is None


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a digest that the operator decided about. *refusal* says why it stays as it was."""

    entry: QueueEntry
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A digest with the titles of the papers that it shows, and every try to deliver it, newest first."""

    entry: QueueEntry
    papers: Sequence[tuple[PaperId, str]]
    attempts: Sequence[Attempt]


@dataclass(frozen=True, slots=True)
class InState:
    """How many digests are in a state, and when the oldest of them was composed."""

    digests: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many digests wait for a try, and when the first of them has its turn."""

    digests: int
    next_at: datetime | None
