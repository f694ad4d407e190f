"""What digestd asks of the world. One method is one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Protocol

from digestd.model.delivery import Claim, Outcome
from digestd.model.digest import Digest, DigestKey, Message
from digestd.model.paper import Paper, PaperId, Sighting
from digestd.model.period import Calendar
from digestd.model.records import Attempt, Beat, FirstSeen, QueueEntry
from digestd.model.source import Cursor, Failed, Fetched, NotModified, SourceState
from digestd.model.subscriber import SubscriberId


class DatabaseTrouble(Exception):
    """The database cannot be used; the text says which, why, and what to do. Nothing was lost.

    *temporary* says that trying again may help.
    """

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


class Source(Protocol):
    """A place where papers are announced, asked at most once in *every*.

    *label* is the name that its papers carry. *origin* names what is asked, without secrets. *calendar* is when it announces,
    where that is known.
    """

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def every(self) -> timedelta: ...
    @property
    def calendar(self) -> Calendar | None: ...

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        """Return what the source announces and did not before *cursor*, or why it could not be had."""
        ...


class SeenPapers(Protocol):
    """Papers seen, by whom they were announced, and the state of those sources."""

    def sources(self) -> Mapping[str, SourceState]:
        """Return what is known of each source ever polled, by name."""
        ...

    def record(self, source: str, fetched: Fetched, now: datetime) -> Sequence[PaperId]:
        """Store papers and cursor together; return the papers that are news."""
        ...

    def unchanged(self, source: str, cursor: Cursor, now: datetime) -> None:
        """Store that a poll succeeded and brought nothing new."""
        ...

    def failed(self, source: str, failure: Failed, cursor: Cursor) -> None:
        """Store that a poll failed, and when to ask again; papers and validators stay as they were."""
        ...

    def lost(self, source: str, what: str) -> None:
        """Store what a source announced and no later poll can bring."""
        ...

    def window(self, since: datetime, until: datetime) -> Sequence[Sighting]:
        """Return the papers that became news in `[since, until)`, in the order of our knowledge."""
        ...

    def sample(self, since: datetime, until: datetime, most: int) -> Sequence[Paper]:
        """Return the papers that became news in `[since, until)`, or as many of them as asked for, evenly spread."""
        ...

    def told(self, who: Iterable[SubscriberId], since: datetime) -> Mapping[SubscriberId, AbstractSet[PaperId]]:
        """Return the papers each reader was told of since *since*; readers told nothing are left out."""
        ...

    def papers(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Paper]:
        """Return the papers that go by these ids, by the ids asked for; unknown ids are left out."""
        ...

    def remember(self, papers: Sequence[Paper], unknown: Iterable[PaperId], now: datetime) -> None:
        """Store papers that no source announced, which is back catalogue, and the ids by which nobody knew a paper."""
        ...

    def unasked(self, ids: Iterable[PaperId], now: datetime) -> AbstractSet[PaperId]:
        """Return those of *ids* by which no paper is stored, and which nobody said to be unknown in the last seven days."""
        ...


class Archive(Protocol):
    """Where papers are looked up by id. *name* is what its trouble is on record under, beside that of sources."""

    @property
    def name(self) -> str: ...

    def keeps(self, paper: PaperId) -> bool:
        """Say whether it may know a paper with an id of that kind."""
        ...

    async def find(self, ids: Sequence[PaperId], now: datetime) -> Sequence[Paper] | Failed:
        """Return the papers that it knows by these ids, a hundred at most, in any order; or why they could not be had."""
        ...


class Answers(Protocol):
    """Which turns have been answered: the part of the outbox that only reads."""

    def missing(self, keys: Iterable[DigestKey]) -> set[DigestKey]:
        """Return the keys for which nothing has been composed."""
        ...

    def answered_until(self, who: Iterable[SubscriberId]) -> Mapping[SubscriberId, datetime]:
        """Return up to when each reader's digests have looked; one that failed counts only from where it began."""
        ...


class Outbox(Answers, Protocol):
    """The digests composed, and how far each has come. At most one digest to a DigestKey, ever."""

    def enqueue(self, digests: Sequence[Digest], now: datetime) -> int:
        """Store each new digest and the papers it tells, together; return how many were new.

        A digest whose key is taken is left out. So is one that tells a paper told before: it is to be composed anew.
        """
        ...

    def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        """Take up to *limit* digests that are due, counting an attempt for each before anyone is dialled."""
        ...

    def settle(self, claims: Sequence[tuple[Claim, Outcome]], now: datetime) -> int:
        """Store how tries ended; return how many still held their claim."""
        ...


class Records(Protocol):
    """What is on record, for the operator; and what stages leave behind for their next run."""

    def queue(self, who: SubscriberId | None = None) -> Sequence[QueueEntry]:
        """Return the digests of everybody or of one reader, newest first."""
        ...

    def states(self) -> Mapping[str, int]:
        """Return how many digests are in each state."""
        ...

    def attempts(self, who: SubscriberId | None = None) -> Sequence[Attempt]:
        """Return every try to reach everybody or one reader, oldest first."""
        ...

    def newest_papers(self, limit: int) -> Sequence[Sighting]:
        """Return the papers seen last, newest first, back catalogue included."""
        ...

    def first_seen(self, paper: PaperId) -> FirstSeen | None:
        """Return when a paper was first seen, and when it became news."""
        ...

    def beat(self, beat: Beat) -> None:
        """Store that a stage has run."""
        ...

    def beats(self) -> Sequence[Beat]:
        """Return each stage's last beat."""
        ...

    def subscriber_files(self) -> Mapping[str, str]:
        """Return the last good text of each reader's file, by file name."""
        ...

    def keep_subscriber_files(self, good: Mapping[str, str], gone: Sequence[str]) -> None:
        """Store the texts of *good* files, and forget those that are *gone*."""
        ...


class Transport(Protocol):
    """The way out. It is opened and closed as an async context."""

    async def send(self, message: Message) -> Outcome:
        """Hand *message* over once, and return how that ended."""
        ...


class Clock(Protocol):
    """The time now, aware and in UTC."""

    def __call__(self) -> datetime: ...
