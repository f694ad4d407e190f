"""Opening a database: the only place that knows how SQLite must be set so that a commit survives a power cut."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from digestd.ports import DatabaseTrouble

BUSY_TIMEOUT = 30_000  # milliseconds; writers hold the lock for a batch, never while they wait for a stranger

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL may forget the last commits after a power cut: a mail sent, and not known to be
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT}",
)


class Database:
    """A database file, and the two ways to use it: a transaction that reads, and one that writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _sqlite(path)
        self._turn = Lock()  # our own threads wait here: SQLite's busy handler sleeps up to 100 ms between two looks

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database, and waits for no writer."""
        with self._explained(), self._engine.connect().execution_options(reading=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the one transaction that may write; it is committed at the end, or rolled back as a whole."""
        with self._turn, self._explained(), self._engine.begin() as connection:
            yield connection

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy to *target*, which must not exist, while others go on working (VACUUM INTO)."""
        with self._explained(), closing(sqlite3.connect(self.path)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if isinstance(cause, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.InterfaceError):
                raise
            advice, temporary = _advice(str(cause))
            raise DatabaseTrouble(f"database {self.path}: {cause}. {advice}", temporary=temporary) from error


def _sqlite(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_TIMEOUT / 1000})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # Python's sqlite3 would begin transactions by itself, deferred and too late
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a deferred transaction that turns into a writer cannot wait, it fails."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _advice(problem: str) -> tuple[str, bool]:
    """Return what the operator should do about *problem*, and whether trying again may help."""
    if "locked" in problem:
        return "Another program holds it; try again.", True
    if "full" in problem or "disk I/O" in problem:
        return "Free some space and try again.", True
    if "malformed" in problem or "not a database" in problem:
        return "Restore a copy; the file is left as it is.", False
    return "See that its folder exists, is writable and has space.", False
