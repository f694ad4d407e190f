"""The points at which a kill hits digestd, and who holds it there: the source, the database or the mail server, never digestd.

- The *source* does not end its answer.
- The *database* lets the transaction in which something happens never come to its end. On SQLite a trigger asks for an endless
  count; on PostgreSQL a deferred trigger waits, within COMMIT, for a lock that the test has.
- The *mail server* does not go on (tests/support/smtp.py).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import psycopg

from digestd.storage import Address, Server

_LOCK = 7_041
_LOOKS = 4  # so often in a row SQLite must be found locked: a common transaction is shorter than that


@dataclass(frozen=True, slots=True)
class AtSource:
    """The source is asked, and has not yet answered."""


@dataclass(frozen=True, slots=True)
class AtStep:
    """The mail server holds the conversation at this step."""

    step: Literal["MAIL", "body", "message"]


@dataclass(frozen=True, slots=True)
class AtCommit:
    """The transaction that writes such a row is not yet committed; *onward*: the server commits it after the kill."""

    table: str
    when: str = ""
    onward: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the life of the program."""

    name: str
    held: AtSource | AtStep | AtCommit


_SENDING, _ACCEPTED = "NEW.state = 'sending'", "NEW.state = 'accepted'"

POINTS = (
    Point("poll: the source is answering", AtSource()),
    Point("poll: before the papers' commit", AtCommit("papers")),
    Point("poll: after the papers' commit", AtCommit("beats", "NEW.stage = 'poll'")),
    Point("compose: before the digests' commit", AtCommit("outbox", "NEW.state IN ('queued', 'empty')")),
    Point("compose: after the digests' commit", AtCommit("beats", "NEW.stage = 'compose'")),
    Point("deliver: before the claim's commit", AtCommit("outbox", _SENDING)),
    Point("deliver: after the claim's commit", AtStep("MAIL")),
    Point("deliver: in the middle of DATA", AtStep("body")),
    Point("deliver: between the dot and the reply", AtStep("message")),
    Point("deliver: between the reply and the settling's commit", AtCommit("outbox", _ACCEPTED)),
    Point("deliver: after the last settling's commit", AtCommit("beats", "NEW.stage = 'deliver'")),
)
ON_SERVERS = (
    Point("poll: within COMMIT, which the server ends", AtCommit("papers", onward=True)),
    Point("compose: within COMMIT, which the server ends", AtCommit("outbox", "NEW.state IN ('queued', 'empty')", onward=True)),
    Point("deliver: within the claim's COMMIT, which the server ends", AtCommit("outbox", _SENDING, onward=True)),
    Point("deliver: within the settling's COMMIT, which the server ends", AtCommit("outbox", _ACCEPTED, onward=True)),
)


class Trap(Protocol):
    """What holds a transaction."""

    def has_caught(self) -> bool:
        """Say whether the program is held now."""
        ...


def points(address: Address) -> tuple[Point, ...]:
    """Return the points there are on such a database."""
    return POINTS if isinstance(address, Path) else POINTS + ON_SERVERS


@contextmanager
def trap(address: Address, held: AtCommit) -> Iterator[Trap]:
    """Hold the program where it commits such a row; whoever is held must have been killed at the end."""
    with _file_trap(address, held) if isinstance(address, Path) else _server_trap(address, held) as set_up:
        yield set_up


@dataclass(slots=True)
class _FileTrap:
    connection: sqlite3.Connection
    looks: int = 0

    def has_caught(self) -> bool:
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self.looks += 1
        else:
            self.connection.execute("ROLLBACK")
            self.looks = 0
        return self.looks >= _LOOKS


@contextmanager
def _file_trap(path: Path, held: AtCommit) -> Iterator[Trap]:
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    when = f"WHEN {held.when}" if held.when else ""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute(f"CREATE VIEW endless AS {count}")
        for event in ("INSERT", "UPDATE"):
            trigger = f"CREATE TRIGGER trap_{event} BEFORE {event} ON {held.table} {when}"
            connection.execute(f"{trigger} BEGIN SELECT count(*) FROM endless; END")
        try:
            connection.execute("PRAGMA busy_timeout = 0")
            yield _FileTrap(connection)
        finally:
            connection.execute("PRAGMA busy_timeout = 30000")
            for what in ("TRIGGER trap_INSERT", "TRIGGER trap_UPDATE", "VIEW endless"):
                connection.execute(f"DROP {what}")


@dataclass(frozen=True, slots=True)
class _ServerTrap:
    connection: "psycopg.Connection[tuple[int]]"

    def has_caught(self) -> bool:
        return bool(self.caught())

    def caught(self) -> list[tuple[int]]:
        query = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
        return self.connection.execute(query, [_LOCK]).fetchall()


@contextmanager
def _server_trap(server: Server, held: AtCommit) -> Iterator[Trap]:
    wait = f"BEGIN PERFORM pg_advisory_xact_lock({_LOCK}); RETURN NULL; END"
    with closing(psycopg.connect(server.url, autocommit=True)) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        connection.execute(f"CREATE OR REPLACE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ {wait} $$")
        connection.execute(
            f"CREATE CONSTRAINT TRIGGER trap AFTER INSERT OR UPDATE ON {held.table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW {f'WHEN ({held.when})' if held.when else ''} EXECUTE FUNCTION trap()"
        )
        yielded = _ServerTrap(connection)
        try:
            yield yielded
        finally:
            if not held.onward:
                for (session,) in yielded.caught():
                    connection.execute("SELECT pg_terminate_backend(%s, 10000)", [session])
            connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
            connection.execute(f"DROP TRIGGER trap ON {held.table}")
