"""What survives a restart: papers seen, digests composed, tries made. SQLAlchemy Core; its objects do not leave this room."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from digestd.ports import DatabaseTrouble
from digestd.storage.engine import Database
from digestd.storage.migrations import migrate
from digestd.storage.outbox import OutboxStore
from digestd.storage.papers import PaperStore
from digestd.storage.records import RecordStore

__all__ = ["Database", "DatabaseTrouble", "OutboxStore", "PaperStore", "RecordStore", "open_database", "scratch_copy"]


@contextmanager
def open_database(path: Path, now: datetime) -> Iterator[Database]:
    """Open the database file at *path*, made or brought up to date as needed.

    Raises DatabaseTrouble when that cannot be done.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it names the readers and what they read
    except OSError as error:
        raise DatabaseTrouble(f"database {path}: {error.strerror}. See that its folder can be made.") from error
    database = Database(path)
    try:
        migrate(database, now)
        yield database
    finally:
        database.close()


@contextmanager
def scratch_copy(database: Database, now: datetime) -> Iterator[Database]:
    """Open a copy that is thrown away: whatever is done to it, *database* stays as it is."""
    with TemporaryDirectory(prefix="digestd-") as folder:
        target = Path(folder) / "scratch.db"
        database.copy_to(target)
        with open_database(target, now) as copy:
            yield copy
