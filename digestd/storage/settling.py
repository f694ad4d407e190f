"""How tries ended, stored: the digests move on, and their readers' standing with them."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, Update, and_, bindparam, exists, or_, select

from digestd.model.delivery import Accepted, Claim, Ended, Fate, Outcome, Patience, Rejected, fate
from digestd.model.digest import DigestKey
from digestd.model.standing import HARD
from digestd.model.subscriber import SubscriberId
from digestd.storage.bulk import awaited, handed
from digestd.storage.schema import Instant, attempts, outbox, told
from digestd.storage.standing import count_accepted, count_bounce

_ABSENCE = timedelta(minutes=30)  # so long later it is looked again whether a reader is back


def turns_are_one(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Return the condition that two rows are of the same turn."""
    return and_(one.c.subscriber == other.c.subscriber, one.c.period == other.c.period)


def may_have_arrived(turns: FromClause) -> ColumnElement[bool]:
    """Return the condition that of some try of the turn in a row nobody knows how it ended."""
    return _has_try(turns, or_(attempts.c.outcome.is_(None), attempts.c.outcome == "uncertain"))


def _has_try(turns: FromClause, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(turns_are_one(attempts, turns), condition)


def _ended() -> Update:
    """Return the statement that stores how tries ended."""
    columns = (attempts.c.subscriber, attempts.c.period, attempts.c.number, attempts.c.outcome, attempts.c.reply)
    ends = awaited(columns, "ends")
    tried = attempts.update().where(turns_are_one(attempts, ends), attempts.c.number == ends.c.number)
    return tried.values(ended_at=bindparam("now", type_=Instant), outcome=ends.c.outcome, reply=ends.c.reply)


def _standing() -> Select[Any]:
    """Return the query for the states of the digests of some claims, but for those that were sent or dropped."""
    columns = (outbox.c.subscriber, outbox.c.period)
    mine = awaited(columns, "claims")
    query = select(*columns, outbox.c.attempt, outbox.c.state).join(mine, turns_are_one(outbox, mine))
    return query.where(outbox.c.state.in_(["sending", "held", "queued", "failed"])).with_for_update(of=outbox)


def _moved() -> Update:
    """Return the statement that moves digests on."""
    columns = (outbox.c.subscriber, outbox.c.period, outbox.c.state, outbox.c.next_at, outbox.c.refusals, outbox.c.last_reply)
    to = awaited(columns, "fates")
    values: dict[str, Any] = {column.name: to.c[column.name] for column in columns[2:]}
    return outbox.update().where(turns_are_one(outbox, to)).values(values)


_ENDED, _STANDING, _MOVED = _ended(), _standing(), _moved()  # to build them takes longer than to execute them


def settle(connection: Connection, ended: Sequence[Ended], now: datetime, patience: Patience) -> Sequence[Ended]:
    """Store how tries *ended*; return those by which their digests move on.

    A try moves its digest on while it holds the claim. One whose claim has lapsed does so only if it was accepted, so that the
    digest is not sent again, and unless another has begun. When it was the last try of a failed digest that may have arrived,
    and did not, the papers are given back.
    """
    if not ended:
        return []
    _write_ends(connection, ended, now)
    standing = _read_standing(connection, [claim.key for claim, _ in ended])
    mine = [(claim, outcome) for claim, outcome in ended if _is_moved(standing.get(claim.key), claim, outcome)]
    moved = [(claim, outcome, fate(claim, outcome, now, patience)) for claim, outcome in mine]
    if moved:
        _move(connection, moved)
    failed = {key for key, row in standing.items() if row.state == "failed"} - {claim.key for claim, _ in mine}
    for key in failed | {claim.key for claim, _, then in moved if then.state == "failed"}:
        _release_what_was_not_told(connection, key)
    _count(connection, mine, now)
    return mine


def put_off(connection: Connection, present: AbstractSet[SubscriberId], now: datetime, patience: Patience) -> int:
    """Let the digests wait that are due to others than *present*, or fail after too long; return how many these are.

    Those on whose try digestd died are due too, but where they are held.
    """
    waiting = ["queued"] if patience.on_uncertain == "hold" else ["queued", "sending"]
    due = select(outbox).where(outbox.c.state.in_(waiting), outbox.c.next_at <= now).with_for_update()
    absent = [row for row in connection.execute(due) if row.subscriber not in present]
    late = {DigestKey(row.subscriber, row.period) for row in absent if row.composed_at + patience.give_up_after <= now}
    if absent:
        connection.execute(_MOVED, handed("fates", [_put_off(row, late, now) for row in absent]))
    for key in late:
        _release_what_was_not_told(connection, key)
    return len(absent)


def _put_off(row: Row[Any], late: AbstractSet[DigestKey], now: datetime) -> tuple[Any, ...]:
    is_late = DigestKey(row.subscriber, row.period) in late
    how = ("failed", None) if is_late else ("queued", now + _ABSENCE)
    return row.subscriber, row.period, *how, row.refusals, "the reader is paused, or no longer among the readers"


def _write_ends(connection: Connection, ended: Sequence[Ended], now: datetime) -> None:
    rows = [(*_turn(claim), claim.attempt, type(outcome).__name__.lower(), outcome.reply) for claim, outcome in ended]
    connection.execute(_ENDED, handed("ends", rows) | {"now": now})


def _read_standing(connection: Connection, keys: Iterable[DigestKey]) -> Mapping[DigestKey, Row[Any]]:
    rows = connection.execute(_STANDING, handed("claims", [(key.subscriber, key.period) for key in keys]))
    return {DigestKey(row.subscriber, row.period): row for row in rows}


def _is_moved(row: Row[Any] | None, claim: Claim, outcome: Outcome) -> bool:
    if row is None:
        return False
    if row.state == "sending":
        return bool(row.attempt == claim.attempt)
    return isinstance(outcome, Accepted)


def _move(connection: Connection, moved: Sequence[tuple[Claim, Outcome, Fate]]) -> None:
    rows = [(*_turn(claim), then.state, then.next_at, then.refusals, outcome.reply) for claim, outcome, then in moved]
    connection.execute(_MOVED, handed("fates", rows))


def _release_what_was_not_told(connection: Connection, key: DigestKey) -> None:
    """Give the papers of a failed digest back, so that the next one tells them, unless some try has or may have arrived."""
    of_digest = told.c.subscriber == key.subscriber, told.c.period == key.period
    arrived = _has_try(told, attempts.c.outcome == "accepted")
    connection.execute(told.delete().where(*of_digest, ~may_have_arrived(told), ~arrived))


def _count(connection: Connection, mine: Sequence[Ended], now: datetime) -> None:
    """Let how tries ended count for and against their readers."""
    count_accepted(connection, [claim.key.subscriber for claim, outcome in mine if isinstance(outcome, Accepted)])
    for claim, outcome in mine:
        if isinstance(outcome, Rejected) and outcome.fault == "address":
            count_bounce(connection, claim.key.subscriber, HARD, outcome.reply, now)


def _turn(claim: Claim) -> tuple[str, str]:
    return claim.key.subscriber, claim.key.period
