"""`backup` and `restore`: a copy in a file of the operator's, and a database begun again from one."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from digestd.ports import DatabaseTrouble
from digestd.storage import dumps
from digestd.storage.copies import NOTHING, Carried, Restored, hold_all, standing_in, tables_of
from digestd.storage.engine import Address, Database
from digestd.storage.migrations import STEPS, take_steps
from digestd.storage.opening import held, is_made, open_database

_LOGS = ("-wal", "-shm", "-journal")


def back_up(address: Address, target: Path) -> None:
    """Write a consistent copy of the database to *target*, for us alone, while others work.

    Raises DatabaseTrouble where that cannot be done, FileExistsError where *target* is there.
    """
    if not is_made(address):
        raise DatabaseTrouble(f"database {address}: there is none yet, so there is nothing to copy.")
    with _new_file(target) as new:
        if isinstance(address, Path):
            with held(address), closing(Database(address)) as database:
                database.copy_to(new)
            _version_in(new)
        else:
            dumps.dump(address, new)
            dumps.version_in(address, new)


def restore(address: Address, copy: Path, state: Path, now: datetime) -> Restored:
    """Put *copy* in the place of the database, which is kept beside it (in *state*, from a server); hold what would go out.

    Whom the database that was there would not have mailed gets no mail from the new one either. Raises DatabaseTrouble where
    something works with the database, and for a file that is no copy, or a newer one.
    """
    kept = f"before-restore.{now:%Y%m%dT%H%M%S}.{os.getpid()}"
    if isinstance(address, Path):
        with held(address, alone=True):
            return _restore_file(address, copy, address.with_name(f"{address.name}.{kept}"), now)
    _refuse_newer(copy, dumps.version_in(address, copy))
    before = state / f"digestd.{kept}.dump" if is_made(address) else None
    with dumps.held_alone(address):
        for left in state.glob("digestd.before-restore.*.dump.part"):  # by one that died
            left.unlink(missing_ok=True)
        if before is not None:
            with _new_file(before) as new:
                dumps.dump(address, new)
        dumps.load(address, copy, now)
    with open_database(address, now) as database:
        return Restored(*hold_all(database, copy.name, now), before)


def _restore_file(path: Path, copy: Path, kept: Path, now: datetime) -> Restored:
    """Make the new file ready beside the old one, and let it take its place in one step."""
    _refuse_newer(copy, _version_in(copy))
    fresh = path.with_name(f"{path.name}.restoring")
    _remove(fresh)  # left by one that died
    try:
        before = _standing_in(path)
        times = _make_ready(fresh, copy, before or NOTHING, now)
        was_there = _keep(path, kept)
        fresh.replace(path)
    finally:
        _remove(fresh)
    _sync(path.parent)
    return Restored(*times, kept if was_there else None, carried=before is not None)


def _standing_in(path: Path) -> Carried | None:
    """Return what a database says of its readers; None where it cannot be read. Its log is written into it: nothing is lost
    should we die between taking away the log and putting the new file in its place.
    """
    if not path.exists():
        return NOTHING
    try:
        with closing(Database(path)) as database:
            before = standing_in(database)
    except DatabaseTrouble as trouble:
        if trouble.temporary:
            raise
        return None
    except (TypeError, ValueError, OverflowError):  # a row that no digestd wrote
        return None
    if Path(f"{path}-wal").exists():
        raise DatabaseTrouble(
            f"database {path}: its log cannot be written into it. Free some space and try again.", temporary=True
        )
    return before


def _make_ready(fresh: Path, copy: Path, before: Carried, now: datetime) -> tuple[datetime, int]:
    """Write to *fresh* what *copy* holds, brought up to date, with what the replaced database says of its readers."""
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(Database(copy)) as source:
        source.copy_to(fresh)
    try:
        with closing(Database(fresh)) as database:
            take_steps(database)
            times = hold_all(database, copy.name, now, before)
    except DatabaseTrouble as trouble:
        why = getattr(trouble.__cause__, "orig", trouble.__cause__)
        raise trouble if trouble.temporary else _no_backup(copy, str(why)) from trouble
    _sync(fresh)
    return times


def _keep(path: Path, kept: Path) -> bool:
    """Give a database a second name, and its log, which only one that cannot be read has yet. Say if there was one."""
    parts = [end for end in ("", "-wal", "-shm") if Path(f"{path}{end}").exists()]
    for end in parts:
        os.link(f"{path}{end}", f"{kept}{end}")
    _sync(path.parent)
    for end in parts:
        if end:  # it is not the new database's, which would take it for its own
            Path(f"{path}{end}").unlink()
    return "" in parts


def _version_in(copy: Path) -> int:
    """Return the version of a file that holds a whole database of ours. Raises DatabaseTrouble for any other file."""
    try:
        with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            (version,) = connection.execute("SELECT max(version) FROM schema_version").fetchone()
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise _no_backup(copy, str(error)) from error
    if verdict != "ok":
        raise DatabaseTrouble(f"{copy}: this copy is damaged: {verdict}. Take another; nothing was changed.")
    if not isinstance(version, int) or version < 1:
        raise _no_backup(copy, "its schema has no version")
    if lacking := tables_of(version) - tables:
        raise _no_backup(copy, f"no table {min(lacking)}")
    return version


def _no_backup(copy: Path, why: str) -> DatabaseTrouble:
    return DatabaseTrouble(f"{copy} is no backup of digestd: {' '.join(why.split())}. Nothing was changed.")


def _refuse_newer(copy: Path, version: int) -> None:
    if version > len(STEPS):
        raise DatabaseTrouble(
            f"{copy}: its schema is version {version}, this digestd knows {len(STEPS)}. "
            "Install a newer digestd; nothing was changed."
        )


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Yield the name of an empty file that becomes *target* when all went well, and is never seen when it did not."""
    part = target.with_name(f"{target.name}.part")
    try:
        lock = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)  # it names the readers and what they read
    except OSError as error:
        raise DatabaseTrouble(f"{target}: {error.strerror}. Name a file in a folder that can be written.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with _removed(part):
            _begin(target, part, lock)
            yield part
            _sync(part)
            _publish(part, target)
            _sync(target.parent)
    except BlockingIOError:
        raise DatabaseTrouble(f"{target}: another backup is writing it; try again.", temporary=True) from None
    finally:
        os.close(lock)


@contextmanager
def _removed(path: Path) -> Iterator[None]:
    """Remove a file and its logs, however it ends."""
    try:
        yield
    finally:
        with suppress(OSError):
            _remove(path)


def _begin(target: Path, part: Path, opened: int) -> None:
    """Empty the file that one who died has left. Raises FileExistsError where *target* is there."""
    if os.path.lexists(target):
        raise FileExistsError(target)
    os.fchmod(opened, 0o600)
    os.truncate(opened, 0)
    _remove(part, *_LOGS)


def _publish(part: Path, target: Path) -> None:
    """Give the file its name, if nobody took that."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without second names, as on a memory stick
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        part.rename(target)


def _remove(path: Path, *ends: str) -> None:
    for end in ends or ("", *_LOGS):
        Path(f"{path}{end}").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Let what was written outlive a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
