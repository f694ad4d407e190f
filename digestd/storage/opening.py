"""Opening a database so that it can be used: made or brought up to date, and held, so that no copy is restored over it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from digestd.ports import DatabaseTrouble
from digestd.storage.engine import Address, Database
from digestd.storage.migrations import migrate, version_of


@contextmanager
def open_database(address: Address, now: datetime, *, looking: bool = False) -> Iterator[Database]:
    """Open the database at *address*, made or brought up to date as needed; for *looking*, also where the disk is full.

    Raises DatabaseTrouble when that cannot be done.
    """
    if isinstance(address, Path):
        with held(address), _opened(address, now, looking=looking) as database:
            yield database
        return
    with _opened(address, now, looking=looking) as database:  # whoever is connected to a server holds a lock there
        yield database


def is_made(address: Address) -> bool:
    """Say whether there is a database at *address*, with tables of ours."""
    if isinstance(address, Path):
        return address.exists()
    database = Database(address)
    try:
        return version_of(database) > 0
    finally:
        database.close()


@contextmanager
def held(path: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the database file at *path*, which is made where there is none, together with others or *alone*.

    Raises DatabaseTrouble when that cannot be done.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseTrouble(f"database {path}: {error.strerror}. See that its folder can be made.") from error
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        who = "A digestd works with it: stop it, and" if alone else "A copy is being restored;"
        raise DatabaseTrouble(f"database {path}: in use. {who} try again.", temporary=True) from None
    finally:
        os.close(lock)


@contextmanager
def _opened(address: Address, now: datetime, *, looking: bool) -> Iterator[Database]:
    if isinstance(address, Path):
        _make(address)
    database = Database(address, looking=looking)
    try:
        migrate(database, now)
        yield database
    finally:
        database.close()


def _make(path: Path) -> None:
    try:
        path.touch(mode=0o600)  # it names the readers and what they read
    except OSError as error:
        raise DatabaseTrouble(f"database {path}: {error.strerror}. See that it can be written.") from error
