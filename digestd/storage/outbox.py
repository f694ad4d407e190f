"""The digests composed and how far each has come (the port Outbox)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, exists, func, or_, select, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from digestd.model.delivery import (
    GIVE_UP_AFTER,
    Accepted,
    Claim,
    Deferred,
    Outcome,
    Rejected,
    Uncertain,
    is_about_the_server,
    next_attempt,
)
from digestd.model.digest import Digest, DigestKey
from digestd.model.paper import PaperId
from digestd.model.subscriber import SubscriberId
from digestd.storage import documents
from digestd.storage.bulk import batches
from digestd.storage.engine import Database
from digestd.storage.schema import attempts, outbox, told
from digestd.storage.shelf import current_names

_HIDDEN = 2 * GIVE_UP_AFTER  # a digest that fails so late was hidden behind a newer one, which did not tell its papers


class OutboxStore:
    """The port Outbox on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def missing(self, keys: Iterable[DigestKey]) -> set[DigestKey]:
        wanted = set(keys)
        with self._database.reading() as connection:
            for some in batches(wanted.copy()):
                turns = tuple_(outbox.c.subscriber, outbox.c.period).in_([(key.subscriber, key.period) for key in some])
                wanted -= {key_of(row) for row in connection.execute(select(outbox.c.subscriber, outbox.c.period).where(turns))}
        return wanted

    def answered_until(self, who: Iterable[SubscriberId]) -> Mapping[SubscriberId, datetime]:
        answered = select(outbox.c.subscriber, func.max(outbox.c.until).label("until")).where(outbox.c.state != "failed")
        failed = select(outbox.c.subscriber, outbox.c.since, outbox.c.until).where(outbox.c.state == "failed")
        found: dict[SubscriberId, datetime] = {}
        with self._database.reading() as connection:
            for some in batches(who):
                rows = connection.execute(answered.where(outbox.c.subscriber.in_(some)).group_by(outbox.c.subscriber))
                newest: dict[SubscriberId, datetime] = {row.subscriber: row.until for row in rows}
                failures = connection.execute(failed.where(outbox.c.subscriber.in_(some))).all()
                found |= newest | _reaching_back(newest, failures)
        return found

    def enqueue(self, digests: Sequence[Digest], now: datetime) -> int:
        with self._database.writing() as connection:
            current = current_names(connection, {paper for digest in digests for paper in digest.tells})
            return sum(
                _enqueue(connection, digest, {PaperId(current[paper]) for paper in digest.tells}, now) for digest in digests
            )

    def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Claim]:
        due = select(outbox.c.subscriber, outbox.c.period).where(_under_way(), outbox.c.next_at <= now)
        due = due.order_by(outbox.c.next_at, outbox.c.subscriber).limit(limit)
        taken = outbox.update().where(tuple_(outbox.c.subscriber, outbox.c.period).in_(due)).returning(outbox)
        with self._database.writing() as connection:
            rows = connection.execute(taken.values(state="sending", attempt=outbox.c.attempt + 1, next_at=now + lease)).all()
            if rows:
                connection.execute(insert(attempts), [_attempt(row, now) for row in rows])
        return [_claim(row) for row in rows]

    def settle(self, claims: Sequence[tuple[Claim, Outcome]], now: datetime) -> int:
        with self._database.writing() as connection:
            return sum(_settle(connection, claim, outcome, now) for claim, outcome in claims)


def key_of(row: Any) -> DigestKey:
    """Return the key of a row that has the columns of a turn."""
    return DigestKey(row.subscriber, row.period)


def _reaching_back(newest: Mapping[SubscriberId, datetime], failures: Iterable[Any]) -> dict[SubscriberId, datetime]:
    """Return from where to look again for readers whose digests failed after a newer one had been composed."""
    back: dict[SubscriberId, datetime] = {}
    for row in failures:
        answered = newest.get(row.subscriber, row.since)
        if row.until > answered - _HIDDEN:
            back[row.subscriber] = min(back.get(row.subscriber, answered), row.since)
    return back


def _enqueue(connection: Connection, digest: Digest, tells: AbstractSet[str], now: datetime) -> bool:
    """Store *digest* with all that it *tells*, by the names that its papers have now, or nothing of it."""
    try:
        with connection.begin_nested():
            if not _write_digest(connection, digest, now):
                return False
            if rows := [_turn(digest.key) | {"paper": paper} for paper in sorted(tells)]:
                connection.execute(told.insert(), rows)
    except IntegrityError:
        return False  # another digest told one of these papers meanwhile: the next tick composes this one anew
    return True


def _write_digest(connection: Connection, digest: Digest, now: datetime) -> bool:
    row = _turn(digest.key) | {
        "state": "empty" if digest.silent else "queued",
        "message_id": digest.message_id,
        "since": digest.since,
        "until": digest.until,
        "composed_at": now,
        "attempt": 0,
        "refusals": 0,
        "next_at": None if digest.silent else now,
        "document": documents.write(digest),
    }
    return connection.execute(insert(outbox).values(row).on_conflict_do_nothing()).rowcount == 1


def _settle(connection: Connection, claim: Claim, outcome: Outcome, now: datetime) -> bool:
    """Store *outcome*; the digest moves on only while it is still this claim's."""
    ended = {"ended_at": now, "outcome": type(outcome).__name__.lower(), "reply": outcome.reply}
    connection.execute(attempts.update().where(_of(attempts, claim.key), attempts.c.number == claim.attempt).values(ended))
    held = and_(_of(outbox, claim.key), outbox.c.state == "sending", outbox.c.attempt == claim.attempt)
    moved = outbox.update().where(held).values(_next_state(claim, outcome, now) | {"last_reply": outcome.reply})
    if connection.execute(moved).rowcount == 0:
        return False
    _release_what_was_not_told(connection, claim.key)
    return True


def _next_state(claim: Claim, outcome: Outcome, now: datetime) -> dict[str, Any]:
    match outcome:
        case Accepted():
            return {"state": "accepted", "next_at": None}
        case Rejected():
            return {"state": "failed", "next_at": None}
        case Deferred() | Uncertain():
            at = next_attempt(claim, outcome, now)
            refusals = claim.refusals + (not is_about_the_server(outcome))
            return {"state": "queued" if at else "failed", "next_at": at, "refusals": refusals}
        case _:
            assert_never(outcome)


def _release_what_was_not_told(connection: Connection, key: DigestKey) -> None:
    """Give the papers of a failed digest back, so that the next one tells them, unless some try may have arrived."""
    may_have_arrived = exists().where(_of(attempts, key), or_(attempts.c.outcome.is_(None), attempts.c.outcome == "uncertain"))
    failed = exists().where(_of(outbox, key), outbox.c.state == "failed")
    connection.execute(told.delete().where(_of(told, key), failed, ~may_have_arrived))


def _of(table: Table, key: DigestKey) -> ColumnElement[bool]:
    return and_(table.c.subscriber == key.subscriber, table.c.period == key.period)


def _under_way() -> ColumnElement[bool]:
    """Name the states as the index does: SQLite uses a partial index only when the words are the same."""
    return outbox.c.state.in_(("queued", "sending"))


def _turn(key: DigestKey) -> dict[str, Any]:
    return {"subscriber": key.subscriber, "period": key.period}


def _attempt(row: Row[Any], now: datetime) -> dict[str, Any]:
    return _turn(key_of(row)) | {"number": row.attempt, "started_at": now}


def _claim(row: Row[Any]) -> Claim:
    digest = documents.read(key_of(row), row.message_id, row.document)
    return Claim(digest, row.attempt, row.refusals, row.composed_at, row.next_at)
