"""The digests composed and how far each has come (the port Outbox)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError

from digestd.model.delivery import UNRENDERED, Accepted, Claim, Ended, Exchange, Patience, Uncertain
from digestd.model.digest import Digest, DigestKey
from digestd.model.subscriber import SubscriberId
from digestd.model.traffic import Lane, Wish
from digestd.storage import documents
from digestd.storage.bulk import add, add_each, among, awaited, given, handed
from digestd.storage.engine import Database
from digestd.storage.marks import RESTORED, find_mark
from digestd.storage.schema import Instant, attempts, outbox, told
from digestd.storage.settling import put_off, settle, turns_are_one
from digestd.storage.shelf import current_names
from digestd.storage.standing import kept_back
from digestd.storage.traffic import Count

Tellings = Sequence[tuple[Digest, AbstractSet[str]]]  # digests, each with the papers that it tells, by their names now

_TURN = (outbox.c.subscriber, outbox.c.period)
_AHEAD = timedelta(days=1)  # so much a clock may be


class OutboxStore:
    """The port Outbox on a database."""

    def __init__(self, database: Database, patience: Patience = Patience()) -> None:  # noqa: B008 - it is frozen
        self._database = database
        self._patience = patience

    def missing(self, keys: Iterable[DigestKey]) -> set[DigestKey]:
        wanted = set(keys)
        with self._database.reading() as connection:
            return wanted - _taken(connection, wanted)

    def answered_until(self, who: Iterable[SubscriberId], now: datetime) -> Mapping[SubscriberId, datetime]:
        asked, sure = list(who), (outbox.c.state != "failed", outbox.c.until <= now + _AHEAD)
        newest = func.max(outbox.c.until).label("until"), func.max(outbox.c.composed_at).label("composed_at")
        answered = select(outbox.c.subscriber, *newest).where(*sure)
        ended = select(func.max(attempts.c.ended_at)).where(turns_are_one(attempts, outbox)).scalar_subquery()
        failed = select(outbox.c.subscriber, outbox.c.since, outbox.c.composed_at, ended.label("ended_at"))
        with self._database.reading() as connection:
            rows = connection.execute(answered.where(among(outbox.c.subscriber, asked)).group_by(outbox.c.subscriber)).all()
            failures = connection.execute(failed.where(outbox.c.state == "failed", among(outbox.c.subscriber, asked))).all()
        return {row.subscriber: row.until for row in rows} | self._reaching_back(rows, failures)

    def enqueue(self, digests: Sequence[Digest], now: datetime) -> int:
        try:
            return self._enqueue(digests, now, lambda _, telling: telling)
        except IntegrityError:  # a turn is taken, or a paper was told: rare, and dear to look for
            return self._enqueue(digests, now, _new)

    def due(self, now: datetime, most: int) -> int:
        due = select(outbox.c.next_at).where(_under_way(), outbox.c.next_at <= now).limit(most)
        with self._database.reading() as connection:
            return len(connection.execute(due).all())

    def rouse(self, mended_at: datetime, now: datetime) -> int:
        with self._database.writing() as connection:
            return connection.execute(_ROUSED, {"mended_at": mended_at, "now": now}).rowcount

    def put_off(self, present: AbstractSet[SubscriberId], now: datetime) -> int:
        with self._database.writing() as connection:
            return put_off(connection, present, now, self._patience)

    def exchange(self, ended: Sequence[Ended], wishes: Sequence[Wish], lease: timedelta, now: datetime) -> Exchange:
        with self._settling(ended) as connection:
            held = settle(connection, ended, now, self._patience)
            lapsed = self._hold_what_lapsed(connection, now)
            return Exchange(held, _fulfil(connection, wishes, lease, now) if wishes else [], lapsed)

    def _enqueue(self, digests: Sequence[Digest], now: datetime, chosen: Callable[[Connection, Tellings], Tellings]) -> int:
        with self._database.writing() as connection:
            tells = [digest.tells for digest in digests]
            current = current_names(connection, frozenset().union(*tells))
            named = (frozenset(map(current.__getitem__, papers)) for papers in tells)
            new = chosen(connection, list(zip(digests, named, strict=True)))
            state = "held" if find_mark(connection, RESTORED) else "queued"
            add(connection, outbox, [_row(digest, state, now) for digest, _ in new])
            rows = [(digest.key.subscriber, sorted(papers), digest.key.period) for digest, papers in new]
            add_each(connection, told, rows, told.c.paper)
        return len(new)

    def _hold_what_lapsed(self, connection: Connection, now: datetime) -> Sequence[Ended]:
        """Hold digests on whose try we died, where what may have arrived is not sent again; return these tries."""
        if self._patience.on_uncertain != "hold":
            return []
        rows = connection.execute(_HELD, {"now": now}).all()
        return [(_claim_of(row, row.attempt, now), Uncertain(row.last_reply)) for row in rows]

    def _settling(self, ended: Sequence[Ended]) -> AbstractContextManager[Connection]:
        """Open a transaction to settle in. A digest that may have failed gives papers back, of which others write."""
        fail = any(not isinstance(outcome, Accepted) for _, outcome in ended)
        return self._database.writing() if fail else self._database.claiming()

    def _reaching_back(self, answers: Iterable[Any], failures: Iterable[Any]) -> dict[SubscriberId, datetime]:
        """Return from where to look again for readers whose digests may have failed after the newest had been composed.

        It did not tell their papers. A digest fails by a try, however late that ended, or when there was none for too long.
        """
        newest = {row.subscriber: row for row in answers}
        back: dict[SubscriberId, datetime] = {}
        for row in failures:
            answer = newest.get(row.subscriber)
            failed_at = max(row.ended_at or row.composed_at, row.composed_at + self._patience.give_up_after)
            if answer is None or failed_at + _AHEAD > answer.composed_at:
                until = back.get(row.subscriber, answer.until if answer else row.since)
                back[row.subscriber] = min(until, row.since)
        return back


def key_of(row: Any) -> DigestKey:
    """Return the key of a row that has the columns of a turn."""
    return DigestKey(row.subscriber, row.period)


def _taken(connection: Connection, keys: Iterable[DigestKey]) -> set[DigestKey]:
    asked = given(_TURN, keys)
    return {DigestKey(*row) for row in connection.execute(select(*_TURN).join(asked, turns_are_one(outbox, asked)))}


def _new(connection: Connection, digests: Tellings) -> Tellings:
    """Return the digests whose turn is not taken, the first of each, and which tell nothing twice."""
    first = {digest.key: digest for digest, _ in reversed(digests)}
    taken = _taken(connection, first)
    new = [(digest, tells) for digest, tells in digests if first[digest.key] is digest and digest.key not in taken]
    return _that_tell_nothing_twice(connection, new)


def _that_tell_nothing_twice(connection: Connection, digests: Tellings) -> Tellings:
    """Return the digests none of whose papers its reader was told of: the others are to be composed anew, by the next tick."""
    pairs = {(digest.key.subscriber, paper) for digest, tells in digests for paper in tells}
    asked = given((told.c.subscriber, told.c.paper), pairs)
    same = (told.c.subscriber == asked.c.subscriber) & (told.c.paper == asked.c.paper)
    known = {
        (row.subscriber, row.paper) for row in connection.execute(select(told.c.subscriber, told.c.paper).join(asked, same))
    }
    fit = []
    for digest, tells in digests:
        mine = {(digest.key.subscriber, paper) for paper in tells}
        if known.isdisjoint(mine):
            fit.append((digest, tells))
            known |= mine
    return fit


def _row(digest: Digest, state: str, now: datetime) -> tuple[Any, ...]:
    """Return the row of a new digest, in the order of the table's columns."""
    stands = "empty" if digest.silent else state
    what = stands, digest.message_id, digest.since, digest.until
    turn = now, 0, 0, now if stands == "queued" else None, None
    return digest.key.subscriber, digest.key.period, *what, *turn, documents.write(digest)


def _fulfil(connection: Connection, wishes: Sequence[Wish], lease: timedelta, now: datetime) -> Sequence[Sequence[Claim]]:
    """Claim what each of *wishes* may have, and count it."""
    count = Count(connection, {scope for wish in wishes for scope in wish.quotas}, now)
    claims = []
    for wish in wishes:
        room = count.room(wish.most, wish.quotas)
        claims.append(_claim(connection, room, wish.lane, lease, now) if room else [])
        count.add(len(claims[-1]), wish.quotas)
    count.store()
    return claims


def _claim(connection: Connection, limit: int, lane: Lane, lease: timedelta, now: datetime) -> Sequence[Claim]:
    rows, expires = _lock(connection, limit, lane, now), now + lease
    _change(connection, rows, _TAKEN, {"expires": expires})
    add(connection, attempts, [(row.subscriber, row.period, row.attempt + 1, now, None, None, None) for row in rows])
    return [_claim_of(row, row.attempt + 1, expires) for row in rows]


def _lock(connection: Connection, limit: int, lane: Lane, now: datetime) -> Sequence[Row[Any]]:
    """Lock digests that are due, and return those whose readers may be mailed now: the others are suppressed."""
    while rows := connection.execute(_due(lane), {"now": now, "most": limit}).all():
        _change(connection, [row for row in rows if row.is_kept_back], _SUPPRESSED, {})
        if free := [row for row in rows if not row.is_kept_back]:
            return free
    return []


def _change(connection: Connection, rows: Sequence[Row[Any]], change: Update, values: Mapping[str, Any]) -> None:
    if rows:
        connection.execute(change, handed("mine", [(row.subscriber, row.period) for row in rows]) | dict(values))


@lru_cache(maxsize=128)
def _due(lane: Lane) -> Select[Any]:
    """Return the query for digests of *lane* that are due, and whether their readers are kept back."""
    now = bindparam("now", type_=Instant)
    due = select(outbox, kept_back(now).label("is_kept_back")).where(_under_way(), outbox.c.next_at <= now, _carried_by(lane))
    due = due.order_by(outbox.c.next_at, outbox.c.subscriber).limit(bindparam("most", type_=Integer))
    return due.with_for_update(skip_locked=True, of=outbox)


def _changed(**values: Any) -> Update:
    """Return the statement that changes digests."""
    mine = awaited(_TURN, "mine")
    return outbox.update().where(turns_are_one(outbox, mine)).values(values)


def _under_way() -> ColumnElement[bool]:
    """Name the states as the index does: a partial index is used only when the words are the same."""
    return outbox.c.state.in_([literal_column("'queued'"), literal_column("'sending'")])


def _carried_by(lane: Lane) -> ColumnElement[bool]:
    """Return the condition that a lane carries a digest's reader."""
    if lane.domain is not None:
        return _is_at(lane.domain)
    return and_(true(), *(not_(_is_at(domain)) for domain in lane.others))


def _is_at(domain: str) -> ColumnElement[bool]:
    return outbox.c.subscriber.endswith(f"@{domain}", autoescape=True)


def _claim_of(row: Row[Any], attempt: int, expires: datetime) -> Claim:
    digest = documents.read(key_of(row), row.message_id, row.document)
    return Claim(digest, attempt, row.refusals, row.composed_at, expires)


_SUPPRESSED = _changed(state="suppressed", next_at=None)
_HELD = (
    outbox.update()
    .where(outbox.c.state == literal_column("'sending'"), outbox.c.next_at <= bindparam("now", type_=Instant))
    .values(state="held", next_at=None, last_reply="digestd died on this try: it may have arrived")
    .returning(outbox)
)
_ROUSED = (
    outbox.update()
    .where(
        outbox.c.state == "queued",
        outbox.c.next_at > bindparam("now", type_=Instant),
        outbox.c.last_reply.startswith(UNRENDERED, autoescape=True),
        exists().where(
            turns_are_one(attempts, outbox),
            attempts.c.number == outbox.c.attempt,
            attempts.c.ended_at < bindparam("mended_at", type_=Instant),
        ),
    )
    .values(next_at=bindparam("now", type_=Instant))
)
_TAKEN = _changed(state="sending", attempt=outbox.c.attempt + 1, next_at=bindparam("expires", type_=Instant))
