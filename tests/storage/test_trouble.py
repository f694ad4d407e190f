"""A database that is full, locked or read-only in the middle of a write: that is said clearly, and nothing is lost."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from digestd.model.delivery import Accepted, Claim
from digestd.model.source import Cursor, Fetched
from digestd.storage import Database, DatabaseTrouble, OutboxStore, PaperStore, open_database
from tests.support.builders import NOON, digest, paper
from tests.support.outbox import claim_from, settle_in

Claims = Sequence[Claim]
State = Callable[[Path], AbstractContextManager[str]]

LEASE = timedelta(minutes=10)
PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA foreign_keys = ON", "PRAGMA busy_timeout = 50")


def record(database: Database, _: Claims) -> None:
    papers = tuple(paper(number, abstract="tide " * 200) for number in range(200, 400))
    PaperStore(database).record("arxiv", Fetched(papers, Cursor()), NOON)


def enqueue(database: Database, _: Claims) -> None:
    OutboxStore(database).enqueue([digest(f"new{number}", paper(1)) for number in range(300)], NOON)


def claim(database: Database, _: Claims) -> None:
    claim_from(OutboxStore(database), NOON, LEASE, 300)


def settle(database: Database, claims: Claims) -> None:
    reply = "250 " + "queued as something long " * 40
    settle_in(OutboxStore(database), [(one, Accepted(reply)) for one in claims], NOON)


WRITES: Mapping[str, Callable[[Database, Claims], None]] = {
    "record": record,
    "enqueue": enqueue,
    "claim": claim,
    "settle": settle,
}


@contextmanager
def full(path: Path) -> Iterator[str]:
    """Let the file not grow by a page."""
    with closing(sqlite3.connect(path)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    yield f"PRAGMA max_page_count = {pages}"


@contextmanager
def locked(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield "PRAGMA busy_timeout = 50"


@contextmanager
def read_only(path: Path) -> Iterator[str]:
    yield "PRAGMA query_only = ON"


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param((full, "Free some space and try again.", True), id="full"),
        pytest.param((locked, "Another program holds it; try again.", True), id="locked"),
        pytest.param((read_only, "is writable and has space", False), id="read_only"),
    ],
)
def test_a_write_that_cannot_be_stored_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: str, trouble: tuple[State, str, bool]
) -> None:
    path, (state, says, temporary) = tmp_path / "digestd.db", trouble
    claims = fill(path)
    before = contents(path)

    with state(path) as pragma, monkeypatch.context() as patch:
        patch.setattr("digestd.storage.engine._PRAGMAS", (*PRAGMAS, pragma))
        with closing(Database(path)) as database, pytest.raises(DatabaseTrouble) as caught:
            WRITES[write](database, claims)

    assert says in str(caught.value)
    assert caught.value.temporary == temporary
    assert contents(path) == before
    with open_database(path, NOON) as database:
        WRITES[write](database, claims)
    assert contents(path) != before


def fill(path: Path) -> Claims:
    """Store digests: some to be claimed, and as many whose claims are returned."""
    with open_database(path, NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1),), Cursor()), NOON)
        outbox = OutboxStore(database)
        outbox.enqueue([digest(f"reader{number}", paper(1)) for number in range(600)], NOON)
        return claim_from(outbox, NOON, LEASE, 300)


def contents(path: Path) -> Sequence[str]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return list(connection.iterdump())


CHILD = """
import resource, sys
from pathlib import Path
from digestd.storage import DatabaseTrouble, open_database
from tests.storage.test_trouble import NOON, WRITES
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
try:
    with open_database(Path(sys.argv[1]), NOON) as database:
        WRITES[sys.argv[2]](database, [])
except DatabaseTrouble as trouble:
    sys.exit(f"{trouble.temporary} {trouble}")
"""


@pytest.mark.parametrize("write", ["record", "enqueue", "claim"])
def test_a_disk_that_fills_up_in_the_middle_loses_nothing(tmp_path: Path, write: str) -> None:
    path = tmp_path / "digestd.db"
    fill(path)
    before = contents(path)

    done = subprocess.run([sys.executable, "-c", CHILD, str(path), write], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith(f"True database {path}: ")
    assert done.stderr.endswith("Free some space and try again.\n")
    assert contents(path) == before
