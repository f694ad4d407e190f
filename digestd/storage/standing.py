"""Whether and when readers may be mailed: suppressions, pauses, what bounced, and own schedules (the port Standing)."""

import secrets
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, replace
from datetime import datetime, time
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Column, ColumnElement, Connection, Row, Table, exists, or_, select, union

from digestd.model.period import OwnSchedule, Rescheduled
from digestd.model.standing import BOUNCE_WINDOW, FORGOTTEN, Kept, Reason, Score, Suppression, Suppressions, forgotten, scored
from digestd.model.subscriber import SubscriberId
from digestd.storage.bulk import among, awaited, handed, insert, put
from digestd.storage.engine import Database
from digestd.storage.schema import attempts, bounces, marks, outbox, pauses, schedules, subscriber_files, suppressions, told

_SALT = "salt"
_CHANGED = {
    suppressions: suppressions.c.since,
    pauses: pauses.c.since,
    schedules: schedules.c.since,
    bounces: bounces.c.last_at,
}
STANDING = (*_CHANGED, marks)  # where it stands whether and when a reader may be mailed
_READERS = awaited([bounces.c.subscriber], "readers")
_ONE_LESS = bounces.update().where(bounces.c.subscriber == _READERS.c.subscriber).values(points=bounces.c.points - 1)
_OF_A_READER = (told, attempts, outbox, bounces, pauses, schedules, suppressions)  # in order: rows refer to later tables


class StandingStore:
    """The port Standing on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def suppressions(self, now: datetime) -> Suppressions:
        query = select(suppressions).where(_holds(suppressions, now))
        with self._database.reading() as connection:
            found = {row.subscriber: _suppression(row) for row in connection.execute(query)}
            hashed = any(name.startswith(FORGOTTEN) for name in found)
            return Suppressions(found, (_salt(connection) or "") if hashed else "")

    def suppress(self, who: SubscriberId, reason: Reason, note: str, now: datetime) -> None:
        with self._database.writing() as connection:
            _suppress(connection, who, Suppression.of(reason, note, now))

    def lift(self, who: SubscriberId) -> bool:
        with self._database.writing() as connection:
            gone = connection.execute(suppressions.delete().where(_is_of(connection, who))).rowcount
            gone += _remove(connection, bounces, who)
        return gone > 0

    def bounced(self, who: SubscriberId, points: int, note: str, now: datetime) -> bool:
        with self._database.writing() as connection:
            return count_bounce(connection, who, points, note, now)

    def pause(self, who: SubscriberId, until: datetime | None, now: datetime) -> None:
        with self._database.writing() as connection:
            put(connection, pauses, [(who, now, until)], renew=["since", "until"])

    def rest(self, who: SubscriberId, until: datetime, now: datetime) -> None:
        with self._database.writing() as connection:
            held = connection.execute(select(pauses.c.until).where(pauses.c.subscriber == who)).first()
            if held is None or held.until is not None:
                put(connection, pauses, [(who, now, until)], renew=["since", "until"])

    def resume(self, who: SubscriberId) -> bool:
        with self._database.writing() as connection:
            return _remove(connection, pauses, who) > 0

    def paused(self, now: datetime) -> Mapping[SubscriberId, datetime | None]:
        query = select(pauses.c.subscriber, pauses.c.until).where(_holds(pauses, now))
        with self._database.reading() as connection:
            return {row.subscriber: row.until for row in connection.execute(query)}

    def come_back(self, who: SubscriberId, since: datetime) -> None:
        left = suppressions.c.reason == "unsubscribe", suppressions.c.since >= since
        with self._database.writing() as connection:
            if connection.execute(suppressions.delete().where(_is_of(connection, who), *left)).rowcount:
                _remove(connection, bounces, who)
            connection.execute(pauses.delete().where(pauses.c.subscriber == who, pauses.c.until.is_not(None)))

    def reschedule(self, who: SubscriberId, own: OwnSchedule, now: datetime) -> None:
        with self._database.writing() as connection:
            before = _rescheduled(connection, who)
            chosen = before.own.then(own) if before else own
            if before is None or chosen != before.own:
                at = chosen.at.isoformat() if chosen.at is not None else None
                row = who, now, chosen.every, chosen.on, at, chosen.timezone
                put(connection, schedules, [row], renew=["since", "every", "day", "at", "timezone"])

    def replan(self, who: SubscriberId, now: datetime) -> bool:
        chosen = or_(*(schedules.c[name].is_not(None) for name in ("every", "at", "timezone")))
        plan = schedules.update().values(since=now, every=None, day=0, at=None, timezone=None)
        with self._database.writing() as connection:
            return connection.execute(plan.where(schedules.c.subscriber == who, chosen)).rowcount > 0

    def rescheduled(self) -> Mapping[SubscriberId, Rescheduled]:
        with self._database.reading() as connection:
            return {row.subscriber: _read_rescheduled(row) for row in connection.execute(select(schedules))}

    def mailed(self) -> AbstractSet[SubscriberId]:
        with self._database.reading() as connection:
            return set(connection.scalars(select(outbox.c.subscriber).distinct()))

    def kept(self, who: SubscriberId) -> Kept:
        query = select(told.c.paper, told.c.period).where(told.c.subscriber == who).order_by(told.c.period, told.c.paper)
        with self._database.reading() as connection:
            papers = tuple((row.paper, row.period) for row in connection.execute(query))
            pause = connection.execute(select(pauses).where(pauses.c.subscriber == who)).first()
            until, chosen = pause.until if pause else None, _rescheduled(connection, who)
            return Kept(papers, _score(connection, who), until, pause is not None, chosen)

    def forget(self, who: SubscriberId, files: Sequence[str], now: datetime) -> Mapping[str, int]:
        with self._database.writing() as connection:
            if held := _suppression_of(connection, who):
                _suppress(connection, forgotten(_made_salt(connection, now), who), replace(held, note=""))
            removed = {table.name: _remove(connection, table, who) for table in _OF_A_READER}
            there = subscriber_files.delete().where(among(subscriber_files.c.file, files))
            return removed | {subscriber_files.name: connection.execute(there).rowcount}


def kept_back(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Return the condition on `outbox` that its reader is suppressed or paused now."""
    return or_(
        *(exists().where(table.c.subscriber == outbox.c.subscriber, _holds(table, now)) for table in (suppressions, pauses))
    )


def count_bounce(connection: Connection, who: SubscriberId, points: int, note: str, now: datetime) -> bool:
    """Count a bounce where it counts, suppress the reader with whom that makes too many, and return whether it counted."""
    held = _suppression_of(connection, who)
    score = scored(_score(connection, who, lock=True), points, note, now)
    if score is None or (held and held.holds(now)) or not _was_mailed(connection, who, now):
        return False
    if score.suppresses(points, now):
        _suppress(connection, who, Suppression.of("bounce", note, now))
        _remove(connection, bounces, who)
    else:
        row = (who, score.points, score.first_at, score.last_at, score.note)
        put(connection, bounces, [row], renew=["points", "first_at", "last_at", "note"])
    return True


def count_accepted(connection: Connection, readers: Sequence[SubscriberId]) -> None:
    """Take a point from each of *readers*, to whom a digest went."""
    if readers and connection.execute(_ONE_LESS, handed("readers", [(who,) for who in readers])).rowcount:
        connection.execute(bounces.delete().where(bounces.c.points <= 0))


def carry_over(connection: Connection, before: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """Take over what another database says of readers' standing: rows of the tables of STANDING, by name. The newer holds."""
    put(connection, marks, [row for row in before.get(marks.name, ()) if row[0] == _SALT])
    for table, changed in _CHANGED.items():
        _carry_newer(connection, table, changed, before.get(table.name, ()))
    _forget_again(connection)


def _carry_newer(connection: Connection, table: Table, changed: Column[datetime], rows: Sequence[tuple[Any, ...]]) -> None:
    at, names = table.columns.keys().index(changed.name), [one.name for one in table.columns if one.name != "subscriber"]
    known = {row.subscriber: row.changed for row in connection.execute(select(table.c.subscriber, changed.label("changed")))}
    newer = [row for row in rows if row[0] not in known or row[at] >= known[row[0]]]
    put(connection, table, sorted(newer, key=itemgetter(at)), renew=names)


def _forget_again(connection: Connection) -> None:
    """Remove the readers who are here again, and of whom the hash says that they were suppressed and forgotten."""
    names = set(connection.scalars(select(suppressions.c.subscriber).where(suppressions.c.subscriber.startswith(FORGOTTEN))))
    salt = _salt(connection) if names else None
    if not salt:
        return
    for who in connection.scalars(union(*(select(table.c.subscriber) for table in _OF_A_READER))).all():
        if forgotten(salt, who) in names:
            for table in _OF_A_READER:
                _remove(connection, table, who)


def _suppress(connection: Connection, who: str, suppression: Suppression) -> None:
    """Store a suppression, unless one without an end is in force. Who leaves after a bounce cannot come back by a page."""
    held = _suppression_of(connection, who)
    if held and held.until and suppression.reason == "unsubscribe" and held.until > suppression.since:
        suppression = replace(held, until=None, note=f"{held.note}; then {suppression.note}")
    if held is None or held.until is not None:
        put(connection, suppressions, [(who, *astuple(suppression))], renew=["reason", "since", "until", "note"])


def _suppression_of(connection: Connection, who: str) -> Suppression | None:
    row = connection.execute(select(suppressions).where(suppressions.c.subscriber == who)).first()
    return _suppression(row) if row else None


def _suppression(row: Row[Any]) -> Suppression:
    return Suppression(row.reason, row.since, row.until, row.note)


def _is_of(connection: Connection, who: SubscriberId) -> ColumnElement[bool]:
    """Return the condition on `suppressions` that it is of a reader, or of one who was forgotten and has come back."""
    salt = _salt(connection)
    return suppressions.c.subscriber.in_([who, *([forgotten(salt, who)] if salt else [])])


def _rescheduled(connection: Connection, who: SubscriberId) -> Rescheduled | None:
    row = connection.execute(select(schedules).where(schedules.c.subscriber == who)).first()
    return _read_rescheduled(row) if row else None


def _read_rescheduled(row: Row[Any]) -> Rescheduled:
    at = time.fromisoformat(row.at) if row.at is not None else None
    return Rescheduled(row.since, OwnSchedule(row.every, row.day, at, row.timezone))


def _score(connection: Connection, who: SubscriberId, *, lock: bool = False) -> Score | None:
    query = select(bounces).where(bounces.c.subscriber == who)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return Score(row.points, row.first_at, row.last_at, row.note) if row else None


def _was_mailed(connection: Connection, who: SubscriberId, now: datetime) -> bool:
    lately = attempts.c.started_at > now - BOUNCE_WINDOW, attempts.c.started_at <= now
    return (
        connection.execute(select(attempts.c.number).where(attempts.c.subscriber == who, *lately).limit(1)).first() is not None
    )


def _holds(table: Table, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return or_(table.c.until.is_(None), table.c.until > now)


def _remove(connection: Connection, table: Table, who: SubscriberId) -> int:
    return connection.execute(table.delete().where(table.c.subscriber == who)).rowcount


def _salt(connection: Connection) -> str | None:
    return connection.scalar(select(marks.c.note).where(marks.c.name == _SALT))


def _made_salt(connection: Connection, now: datetime) -> str:
    """Return the salt, made at the first need."""
    made = {"name": _SALT, "at": now, "note": secrets.token_hex(16)}
    connection.execute(insert(connection, marks).values(made).on_conflict_do_nothing())
    return _salt(connection) or ""
