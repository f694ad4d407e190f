"""Copies of a database: one to look at and throw away, one to keep, and one to begin again from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Table, func, insert, inspect, select, text

from digestd.model.records import Mark
from digestd.storage.engine import Database
from digestd.storage.marks import RESTORED, set_mark
from digestd.storage.opening import open_database
from digestd.storage.schema import Instant, beats, from_microseconds, metadata, outbox, papers
from digestd.storage.standing import STANDING, carry_over

Carried = Mapping[str, Sequence[tuple[Any, ...]]]  # rows of the tables about readers' standing, by the table's name

NOTHING: Carried = {}
CARRIED = "carried"  # the table in which a server keeps such rows while a copy takes the place of its tables
_ROWS = 1_000
_SINCE = {"schedules": 5, "rates": 4, "suppressions": 4, "bounces": 4, "pauses": 4, "marks": 4, "lookups": 3, "names": 2}


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of restoring: the time of the copy, how many digests are held, where the database is that was there, and
    whether what it said of readers' standing was *carried* over.
    """

    copied_at: datetime
    held: int
    kept: Path | None
    carried: bool = True


@contextmanager
def scratch_copy(database: Database, now: datetime) -> Iterator[Database]:
    """Open a copy, in a file that is thrown away: whatever is done to it, *database* stays as it is."""
    with TemporaryDirectory(prefix="digestd-") as folder:
        target = Path(folder) / "scratch.db"
        if isinstance(database.address, Path):
            database.copy_to(target)
        with open_database(target, now) as copy:
            if not isinstance(database.address, Path):
                _copy_rows(database, copy)
            yield copy


def tables_of(version: int) -> set[str]:
    """Return the names of the tables that a database of this version has."""
    return {name for name in metadata.tables if _SINCE.get(name, 1) <= version}


def standing_in(database: Database) -> Carried:
    """Return whom a database would not mail, and what bounced."""
    with database.reading() as connection:
        known = inspect(connection).get_table_names()
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))] for table in STANDING if table.name in known
        }


def hold_all(database: Database, note: str, now: datetime, before: Carried = NOTHING) -> tuple[datetime, int]:
    """Hold every digest that would go out, mark the database as a copy, and return the copy's time and how many are held.

    What the database *before* it said of readers' standing is carried over, or what the server has kept of that.
    """
    would_go = outbox.update().where(outbox.c.state.in_(("queued", "sending")))
    with database.writing() as connection:
        times = [
            connection.scalar(select(func.max(column))) for column in (beats.c.at, outbox.c.composed_at, papers.c.first_at)
        ]
        copied_at = max((time for time in times if time is not None), default=now)
        carry_over(connection, before or _kept_by_server(connection))
        held = connection.execute(would_go.values(state="held", next_at=None)).rowcount
        set_mark(connection, Mark(RESTORED, copied_at, note=note))
    return copied_at, held


def _kept_by_server(connection: Connection) -> Carried:
    """Take away the rows that a server has kept, and return them."""
    if not inspect(connection).has_table(CARRIED):
        return NOTHING
    rows = connection.execute(text(f"SELECT source, document::text AS document FROM {CARRIED}")).all()  # noqa: S608
    connection.execute(text(f"DROP TABLE {CARRIED}"))
    documents = [(row.source, json.loads(row.document)) for row in rows]
    return {table.name: [_row(table, document) for name, document in documents if name == table.name] for table in STANDING}


def _row(table: Table, document: Mapping[str, Any]) -> tuple[Any, ...]:
    values = [(column, document[column.name]) for column in table.columns]
    return tuple(
        from_microseconds(value) if isinstance(column.type, Instant) and value is not None else value
        for column, value in values
    )


def _copy_rows(database: Database, copy: Database) -> None:
    """Copy all rows of one state of *database* into an empty *copy*."""
    with copy.writing() as into, database.reading() as connection:
        for table in metadata.tables.values():
            for rows in connection.execution_options(yield_per=_ROWS).execute(select(table)).partitions():
                into.execute(insert(table), [row._asdict() for row in rows])
