"""How much mail went out, when the next may, and the pause of the way out (the port Traffic)."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from digestd.model.traffic import Ledger, Pause, Quota
from digestd.storage.bulk import put
from digestd.storage.engine import Database
from digestd.storage.schema import marks, rates

_PAUSE, _FIRST, _TURN = "transport", "first_mail", "pace:"
_AHEAD = timedelta(minutes=1)  # and a few gaps: a turn that is later was taken by a clock that ran ahead
_MARKS = select(marks)
_TODAY = select(rates.c.scope, rates.c.tries).where(rates.c.day == bindparam("day")).order_by(rates.c.scope)
_TODAY_ALONE = _TODAY.with_for_update()


class TrafficStore:
    """The port Traffic on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ledger(self, now: datetime) -> Ledger:
        with self._database.reading() as connection:
            rows = connection.execute(_TODAY, {"day": _day(now)})
            return _ledger(connection, {row.scope: row.tries for row in rows if row.tries})

    def turn(self, gaps: Mapping[str, timedelta], now: datetime) -> datetime:
        with self._database.writing() as connection:
            last = {row.name: row.until for row in connection.execute(_MARKS) if row.name.startswith(_TURN)}
            turns = (min(last.get(_TURN + scope, now), now + _AHEAD + 10 * gap) for scope, gap in gaps.items())
            turn: datetime = max(now, *turns)
            rows = [(_TURN + scope, now, turn + gap, "") for scope, gap in gaps.items()]
            put(connection, marks, rows, renew=["at", "until"])
        return turn

    def pause(self, pause: Pause | None) -> None:
        with self._database.writing() as connection:
            if pause is None:
                connection.execute(marks.delete().where(marks.c.name == _PAUSE))
                return
            note = json.dumps({"failures": pause.failures, "reply": pause.reply})
            put(connection, marks, [(_PAUSE, pause.since, pause.until, note)], renew=["at", "until", "note"])


class Count:
    """The mail of these scopes counted within a transaction; until its end, nobody else counts theirs."""

    def __init__(self, connection: Connection, scopes: Iterable[str], now: datetime) -> None:
        self._connection, self._now = connection, now
        self._ledger = _ledger(connection, _tries_alone(connection, set(scopes), now))
        self._tries = dict(self._ledger.tries)

    def room(self, most: int, quotas: Mapping[str, Quota]) -> int:
        """Return how many may go out, *most* at the most: none while there is a pause."""
        if self._ledger.pause and self._ledger.pause.holds(self._now):
            return 0
        left = (quota.per_day - self._tries[scope] for scope, quota in quotas.items() if quota.per_day is not None)
        return max(min([most, *left]), 0)

    def add(self, tries: int, quotas: Mapping[str, Quota]) -> None:
        """Count so many tries against each scope."""
        self._tries |= {scope: self._tries[scope] + tries for scope in quotas}

    def store(self) -> None:
        """Store what was counted."""
        grown = [(scope, _day(self._now), tries) for scope, tries in self._tries.items() if tries > self._ledger.tries[scope]]
        put(self._connection, rates, grown, renew=["tries"])
        if grown and self._ledger.first_mail is None:
            put(self._connection, marks, [(_FIRST, self._now, None, "")])


def _tries_alone(connection: Connection, scopes: set[str], now: datetime) -> dict[str, int]:
    """Return the tries of today, and lock them."""
    today = {"day": _day(now)}
    tries = {row.scope: row.tries for row in connection.execute(_TODAY_ALONE, today)}
    if new := sorted(scopes - tries.keys()):
        put(connection, rates, [(scope, _day(now), 0) for scope in new])
        tries = {row.scope: row.tries for row in connection.execute(_TODAY_ALONE, today)}
    return tries


def _ledger(connection: Connection, tries: Mapping[str, int]) -> Ledger:
    known = {row.name: row for row in connection.execute(_MARKS)}
    first = known.get(_FIRST)
    return Ledger(_pause(known.get(_PAUSE)), tries, first.at if first else None)


def _day(now: datetime) -> str:
    return now.date().isoformat()


def _pause(row: Row[Any] | None) -> Pause | None:
    if row is None:
        return None
    note = json.loads(row.note)
    return Pause(row.at, row.until, note["failures"], note["reply"])
