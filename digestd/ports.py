"""What digestd asks of the world. One method is one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Protocol

from digestd.model.delivery import Ended, Exchange, Outcome
from digestd.model.digest import Digest, DigestKey, Message
from digestd.model.operator import Decided, InState, Receipt, Waiting, Which
from digestd.model.paper import Paper, PaperId, Sighting
from digestd.model.period import Calendar, OwnSchedule, Rescheduled
from digestd.model.records import Attempt, Beat, FirstSeen, QueueEntry
from digestd.model.retention import Bounds, Extent
from digestd.model.source import Cursor, Failed, Fetched, NotModified, SourceState
from digestd.model.standing import Kept, Reason, Suppressions
from digestd.model.subscriber import SubscriberId
from digestd.model.traffic import Ledger, Pause, Wish


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

    def answered_until(self, who: Iterable[SubscriberId], now: datetime) -> Mapping[SubscriberId, datetime]:
        """Return up to when each reader's digests have looked; one that failed counts only from where it began.

        What looked beyond tomorrow was composed by a clock that ran ahead, and does not count.
        """
        ...


class Outbox(Answers, Protocol):
    """The digests composed, and how far each has come. At most one digest to a DigestKey, ever."""

    def enqueue(self, digests: Sequence[Digest], now: datetime) -> int:
        """Store each new digest and the papers it tells, together; return how many were new.

        A digest whose key is taken is left out. So is one that tells a paper told before: it is to be composed anew.
        """
        ...

    def due(self, now: datetime, most: int) -> int:
        """Return how many digests are due, counting up to *most*."""
        ...

    def rouse(self, mended_at: datetime, now: datetime) -> int:
        """Let digests be due that could not be rendered when they were tried before then; return how many these are."""
        ...

    def put_off(self, present: AbstractSet[SubscriberId], now: datetime) -> int:
        """Let digests wait that are due to readers who are not *present*; return how many these are.

        Those that waited longer than any digest may fail, and give their papers back.
        """
        ...

    def exchange(self, ended: Sequence[Ended], wishes: Sequence[Wish], lease: timedelta, now: datetime) -> Exchange:
        """Settle tries that *ended*, and claim what is due of *wishes*, in one transaction.

        An attempt is counted for each claim before anyone is dialled, and so is the mail; none is taken while the way out is
        paused, nor beyond what a scope has left today, in UTC. Where doubt is held, so are
        digests whose claim has lapsed.
        """
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

    def at_page(self, link: str) -> Sequence[Paper]:
        """Return the papers whose landing page has that address, whatever its scheme, a last slash, and tracking."""
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


class Operator(Protocol):
    """What the operator sees of the outbox, and decides about it. A digest that is being sent is left to its delivery.

    Each decision returns every digest that it looked at, newest first, as it is now, and says of those that stay why.
    """

    def digests(self, which: Which, limit: int | None = None) -> tuple[Sequence[QueueEntry], int]:
        """Return digests, newest first, and how many more there are."""
        ...

    def receipts(self, who: SubscriberId, since: datetime | None = None, limit: int | None = None) -> Sequence[Receipt]:
        """Return a reader's digests that were composed since then, newest first, with their tries."""
        ...

    def attempts(self, since: datetime | None = None, limit: int | None = None) -> Sequence[Attempt]:
        """Return the tries since then, oldest first; of more than *limit*, the newest."""
        ...

    def states(self) -> Mapping[str, InState]:
        """Return how many digests are in each state."""
        ...

    def unrendered(self) -> Sequence[tuple[str, int]]:
        """Return why queued digests could not be rendered, and how many there are of each, the most first."""
        ...

    def in_doubt(self) -> int:
        """Return how many digests are held that may have arrived."""
        ...

    def waiting(self) -> Waiting:
        """Return how many digests wait for a try."""
        ...

    def hold(self, which: Which, now: datetime) -> Sequence[Decided]:
        """Let queued digests wait until they are released."""
        ...

    def release(self, which: Which, now: datetime) -> Sequence[Decided]:
        """Queue held digests, due now. Where all are meant, nothing that is composed from now on is held."""
        ...

    def retry(self, which: Which, now: datetime) -> Sequence[Decided]:
        """Let deferred digests be due now, and failed ones too, which take their papers back where no other told them."""
        ...

    def drop(self, which: Which, now: datetime) -> Sequence[Decided]:
        """Settle queued and held digests unsent: their papers count as told. Where all are meant, as for `release`."""
        ...


class Retention(Protocol):
    """What may go after its time. What is to go is listed first, and goes in pieces: no transaction is long."""

    def lost_since(self, then: datetime) -> datetime | None:
        """Return from where on digests looked that failed since *then*, of readers whom no much later one has reached yet."""
        ...

    def unsettled(self, before: datetime) -> Sequence[Digest]:
        """Return the digests, queued, sending or held, that looked at papers from before then."""
        ...

    def old_papers(self, bounds: Bounds) -> Sequence[PaperId]:
        """Return the papers that are old, and have not been shortened."""
        ...

    def shorten(self, ids: Sequence[PaperId], bounds: Bounds) -> int:
        """Keep of old papers what tells that a record is of them: they are never news again. Those spared stay whole."""
        ...

    def old_turns(self, bounds: Bounds) -> Sequence[DigestKey]:
        """Return the settled digests whose papers are shortened by now, and were not the last time."""
        ...

    def forget_told(self, keys: Sequence[DigestKey], bounds: Bounds) -> None:
        """Forget that digests told papers that can be no news any more; the digests themselves say what they showed."""
        ...

    def old_digests(self, bounds: Bounds) -> Sequence[DigestKey]:
        """Return the settled digests that are old, but for each reader's newest answer, from which the next one looks on."""
        ...

    def remove(self, keys: Sequence[DigestKey], bounds: Bounds) -> int:
        """Remove digests with their tries, unless a paper that they told may yet be news."""
        ...

    def finish(self, bounds: Bounds, now: datetime) -> None:
        """Store up to when papers are shortened, and remove what is small: ids that nobody knew, counts of past days."""
        ...

    def extent(self) -> Extent:
        """Return from when on papers are whole, and digests on record."""
        ...


class Standing(Protocol):
    """Whether and when readers may be mailed: suppressions, pauses, what bounced, and the schedules that readers chose.

    All but the schedules are in force for mail in the queue, too.
    """

    def suppressions(self, now: datetime) -> Suppressions:
        """Return the suppressions in force."""
        ...

    def suppress(self, who: SubscriberId, reason: Reason, note: str, now: datetime) -> None:
        """Store that a reader gets no mail; one that holds for ever stays as it is."""
        ...

    def lift(self, who: SubscriberId) -> bool:
        """Forget a reader's suppression and bounces; return whether there was any."""
        ...

    def bounced(self, who: SubscriberId, points: int, note: str, now: datetime) -> bool:
        """Count a bounce, and suppress a reader with whom that makes too many; return whether it counted.

        Only the heaviest of a day does, and only where the reader was sent a digest in the last fourteen days.
        """
        ...

    def pause(self, who: SubscriberId, until: datetime | None, now: datetime) -> None:
        """Store that a reader gets no mail until then, or until `resume`."""
        ...

    def rest(self, who: SubscriberId, until: datetime, now: datetime) -> None:
        """Store that a reader wants no mail until then; a pause without an end is the operator's, and stays as it is."""
        ...

    def resume(self, who: SubscriberId) -> bool:
        """End a reader's pause; return whether there was one."""
        ...

    def come_back(self, who: SubscriberId, since: datetime) -> None:
        """Undo what was a reader's own choice: a pause that has an end, and leaving, where that was *since* then."""
        ...

    def paused(self, now: datetime) -> Mapping[SubscriberId, datetime | None]:
        """Return the readers who are paused by command, and until when."""
        ...

    def reschedule(self, who: SubscriberId, own: OwnSchedule, now: datetime) -> None:
        """Store what a reader chose of the schedule, where that changes it; what it leaves open stays as it was."""
        ...

    def replan(self, who: SubscriberId, now: datetime) -> bool:
        """Let a reader's file say again when digests come; return whether the reader had chosen anything else."""
        ...

    def rescheduled(self) -> Mapping[SubscriberId, Rescheduled]:
        """Return the readers who ever changed the schedule, and what they chose."""
        ...

    def mailed(self) -> AbstractSet[SubscriberId]:
        """Return every reader of whom a digest is on record."""
        ...

    def kept(self, who: SubscriberId) -> Kept:
        """Return what is kept of a reader, beside digests and tries."""
        ...

    def forget(self, who: SubscriberId, files: Sequence[str], now: datetime) -> Mapping[str, int]:
        """Remove all that is stored of a reader and these files; return how many rows of each table.

        Of a suppression a salted hash stays, so that it is in force for the same address.
        """
        ...


class Traffic(Protocol):
    """How much mail goes out, and when none may."""

    def ledger(self, now: datetime) -> Ledger:
        """Return what is on record of the way out, today in UTC."""
        ...

    def turn(self, gaps: Mapping[str, timedelta], now: datetime) -> datetime:
        """Take and return the next turn, *now* or later, that is so long after the last one of each of these scopes."""
        ...

    def pause(self, pause: Pause | None) -> None:
        """Store until when nothing may go out; None ends that."""
        ...


class Transport(Protocol):
    """The way out. It is opened and closed as an async context."""

    async def send(self, message: Message, line: int = 0) -> Outcome:
        """Hand *message* over once, on one of our lines, and return how that ended.

        That is to be stored before the line is used again: then a crash leaves no more in doubt than lines were open.
        """
        ...


class Clock(Protocol):
    """The time now, aware and in UTC."""

    def __call__(self) -> datetime: ...
