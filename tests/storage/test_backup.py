"""Copies of a database: taken while others work, begun again from, and refused where they are none. On both databases."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from digestd.model.delivery import Accepted
from digestd.model.period import OwnSchedule, Rescheduled
from digestd.model.records import Beat
from digestd.model.source import Cursor, Fetched
from digestd.model.standing import SOFT, Score, Suppression
from digestd.model.subscriber import SubscriberId
from digestd.storage import (
    RESTORED,
    Address,
    Database,
    DatabaseTrouble,
    MarkStore,
    OutboxStore,
    PaperStore,
    RecordStore,
    Server,
    StandingStore,
    dumps,
    open_database,
)
from digestd.storage.backup import back_up, restore
from digestd.storage.copies import CARRIED, tables_of
from digestd.storage.engine import run_script
from digestd.storage.migrations import STEPS
from tests.support.builders import DAY, NOON, digest, paper
from tests.support.outbox import claim_from, settle_in
from tests.support.postgres import Postgres

LEASE = timedelta(minutes=10)
ADA, BEN, CY, EVE = (SubscriberId(f"{name}@example.org") for name in ("ada", "ben", "cy", "eve"))
VERSION_FOUR = "CREATE TABLE schema_version (version INTEGER); INSERT INTO schema_version VALUES (4)"


def fill(address: Address) -> None:
    """Store three papers and three digests: one sent, one under way, one that waits."""
    with open_database(address, NOON) as database:
        PaperStore(database).record("arxiv", Fetched(tuple(map(paper, range(1, 4))), Cursor()), NOON)
        outbox = OutboxStore(database)
        outbox.enqueue([digest(name, paper(1)) for name in ("ada", "ben", "cy")], NOON)
        first, _ = claim_from(outbox, NOON, LEASE, 2)
        settle_in(outbox, [(first, Accepted("250 ok"))], NOON)
        RecordStore(database).beat(Beat("deliver", NOON, "{}"))


def states(address: Address) -> dict[str, int]:
    with open_database(address, NOON) as database:
        return dict(RecordStore(database).states())


def papers_of(address: Address) -> list[str]:
    with open_database(address, NOON) as database:
        return sorted(sighting.paper.id for sighting in PaperStore(database).window(NOON - DAY, NOON + 9 * DAY))


def test_a_copy_is_whole_and_for_us_alone(address: Address, tmp_path: Path) -> None:
    fill(address)
    with open_database(address, NOON) as database, database.writing() as connection:
        connection.execute(text("DELETE FROM beats"))  # a writer at work does not stop it
        back_up(address, tmp_path / "copy")

    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("copy.*"))


def test_a_copy_never_takes_the_place_of_a_file(address: Address, tmp_path: Path) -> None:
    fill(address)
    (tmp_path / "copy").write_text("precious")

    with pytest.raises(FileExistsError):
        back_up(address, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "precious"


def test_what_was_restored_waits_for_the_operator(address: Address, tmp_path: Path) -> None:
    fill(address)
    back_up(address, tmp_path / "copy")
    with open_database(address, NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(7),), Cursor()), NOON + DAY)

    done = restore(address, tmp_path / "copy", tmp_path, NOON + 2 * DAY)

    assert (done.copied_at, done.held) == (NOON, 2)
    assert states(address) == {"accepted": 1, "held": 2}
    assert papers_of(address) == [paper(number).id for number in (1, 2, 3)]
    with open_database(address, NOON) as database:
        outbox = OutboxStore(database)
        outbox.enqueue([digest("dora", paper(2)), digest("eve", silent=True)], NOON + 2 * DAY)
        assert claim_from(outbox, NOON + 9 * DAY, LEASE, 10) == []
        mark = MarkStore(database).get(RESTORED)
    assert (mark and mark.at, mark and mark.note) == (NOON, "copy")
    assert states(address) == {"accepted": 1, "held": 3, "empty": 1}


def test_the_database_that_was_there_is_kept(address: Address, tmp_path: Path) -> None:
    fill(address)
    back_up(address, tmp_path / "copy")
    with open_database(address, NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(7),), Cursor()), NOON + DAY)
    done = restore(address, tmp_path / "copy", tmp_path, NOON)
    assert done.kept is not None

    restore(address, done.kept, tmp_path, NOON + DAY)

    assert papers_of(address) == [paper(number).id for number in (1, 2, 3, 7)]


def test_a_copy_goes_into_an_empty_place(address: Address, tmp_path: Path, postgres: Postgres) -> None:
    fill(address)
    back_up(address, tmp_path / "copy")
    place = tmp_path / "new.db" if isinstance(address, Path) else postgres.make()

    done = restore(place, tmp_path / "copy", tmp_path, NOON)

    assert done.kept is None
    assert states(place) == {"accepted": 1, "held": 2}


def test_nothing_is_restored_under_a_daemon(address: Address, tmp_path: Path) -> None:
    fill(address)
    back_up(address, tmp_path / "copy")
    with open_database(address, NOON) as daemon:
        RecordStore(daemon).beats()
        with pytest.raises(DatabaseTrouble, match="stop it, and try again") as caught:
            restore(address, tmp_path / "copy", tmp_path, NOON)

    assert caught.value.temporary
    assert states(address) == {"accepted": 1, "queued": 1, "sending": 1}


@pytest.mark.parametrize("content", [b"", b"a shopping list\n" * 1000, b"SQLite format 3\0" + b"\xa5" * 8000, b"PGDMP\1\2\3"])
def test_what_is_no_copy_is_refused(address: Address, tmp_path: Path, content: bytes) -> None:
    fill(address)
    (tmp_path / "copy").write_bytes(content)

    with pytest.raises(DatabaseTrouble, match=r"[Nn]othing was changed"):
        restore(address, tmp_path / "copy", tmp_path, NOON)
    assert states(address) == {"accepted": 1, "queued": 1, "sending": 1}


def test_a_newer_copy_is_refused(address: Address, tmp_path: Path) -> None:
    fill(address)
    with open_database(address, NOON) as database, database.writing() as connection:
        connection.execute(text("INSERT INTO schema_version VALUES (:number)"), {"number": len(STEPS) + 1})
    back_up(address, tmp_path / "copy")
    with pytest.raises(DatabaseTrouble, match="newer digestd"):
        restore(address, tmp_path / "copy", tmp_path, NOON)


@pytest.mark.parametrize("version", range(1, len(STEPS)))
def test_an_older_copy_is_brought_up_to_date(
    address: Address, tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch, postgres: Postgres
) -> None:
    old = tmp_path / "old.db" if isinstance(address, Path) else postgres.make()
    with monkeypatch.context() as before:
        before.setattr("digestd.storage.migrations.STEPS", STEPS[:version])
        with open_database(old, NOON) as database, database.writing() as connection:
            for name, state in (("ada", "queued"), ("ben", "sending"), ("cy", "failed")):
                row = f"('{name}', 'daily/1', '{state}', '<1@x>', 0, 0, 0, 0, 0, 0, NULL, '{{}}')"
                connection.execute(text(f"INSERT INTO outbox VALUES {row}"))
        back_up(old, tmp_path / "copy")

    assert restore(address, tmp_path / "copy", tmp_path, NOON).held == 2


def leavings(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.iterdir() if "before-restore" not in path.name)


def lose_power_after_deleting_the_beats(path: Path) -> None:
    """Leave the last commit in the log alone."""
    was = path.parent / "was"
    shutil.copy(path, was)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM beats")
        connection.commit()
        for end in ("-wal", "-shm"):
            shutil.copy(f"{path}{end}", f"{was}{end}")
    for end in ("", "-wal", "-shm"):
        shutil.move(f"{was}{end}", f"{path}{end}")


def killed(work: Callable[[], object], line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do *work* in a process that is killed when it calls *line*."""
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(line, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        work()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_backup_that_was_killed_is_not_seen_and_can_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, copy = tmp_path / "digestd.db", tmp_path / "copy"
    fill(path)

    killed(lambda: back_up(path, copy), "digestd.storage.backup._sync", monkeypatch)
    assert leavings(tmp_path) == ["copy.part", "digestd.db", "digestd.db.lock"]

    (tmp_path / "copy.part-journal").write_text("of a full disk")
    back_up(path, copy)
    assert leavings(tmp_path) == ["copy", "digestd.db", "digestd.db.lock"]


@pytest.mark.parametrize("line", ["os.link", "pathlib.Path.replace"])
def test_a_restore_that_was_killed_loses_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    path = tmp_path / "digestd.db"
    fill(path)
    back_up(path, tmp_path / "copy")
    lose_power_after_deleting_the_beats(path)

    killed(lambda: restore(path, tmp_path / "copy", tmp_path, NOON), line, monkeypatch)

    with open_database(path, NOON) as database:
        assert RecordStore(database).beats() == []


def test_whom_the_replaced_database_would_not_mail_the_restored_one_does_not(address: Address, tmp_path: Path) -> None:
    fill(address)
    with open_database(address, NOON) as database:
        StandingStore(database).suppress(EVE, "bounce", "before the copy", NOON)
    back_up(address, tmp_path / "copy")
    with open_database(address, NOON) as database:
        standing = StandingStore(database)
        assert standing.bounced(ADA, SOFT, "full", NOON + DAY)
        standing.suppress(ADA, "unsubscribe", "since the copy", NOON + DAY)
        standing.suppress(EVE, "complaint", "since the copy", NOON + DAY)
        standing.pause(CY, None, NOON + DAY)
        standing.suppress(BEN, "unsubscribe", "since the copy", NOON + DAY)
        standing.forget(BEN, [], NOON + DAY)

    done = restore(address, tmp_path / "copy", tmp_path, NOON + 2 * DAY)

    assert done.carried
    assert states(address) == {"accepted": 1, "held": 1}
    with open_database(address, NOON) as database:
        standing, found = StandingStore(database), StandingStore(database).suppressions(NOON + 900 * DAY)
        assert [why and why.reason for why in map(found.of, (ADA, BEN, CY, EVE))] == ["unsubscribe"] * 2 + [None, "complaint"]
        assert BEN not in found.by_reader
        assert standing.paused(NOON + 900 * DAY) == {CY: None}
        assert standing.kept(ADA).score == Score(SOFT, NOON + DAY, NOON + DAY, "full")
        with database.reading() as connection:
            assert not inspect(connection).has_table(CARRIED)


def test_what_readers_chose_since_the_copy_is_carried_over(address: Address, tmp_path: Path) -> None:
    fill(address)
    with open_database(address, NOON) as database:
        StandingStore(database).reschedule(ADA, OwnSchedule("day"), NOON)
        StandingStore(database).reschedule(CY, OwnSchedule("day"), NOON)
    back_up(address, tmp_path / "copy")
    with open_database(address, NOON) as database:
        StandingStore(database).replan(ADA, NOON + DAY)
        StandingStore(database).reschedule(BEN, OwnSchedule("week", 4, time(18), "Europe/Berlin"), NOON + DAY)

    restore(address, tmp_path / "copy", tmp_path, NOON + 2 * DAY)

    with open_database(address, NOON) as database:
        assert StandingStore(database).rescheduled() == {
            ADA: Rescheduled(NOON + DAY),
            BEN: Rescheduled(NOON + DAY, OwnSchedule("week", 4, time(18), "Europe/Berlin")),
            CY: Rescheduled(NOON, OwnSchedule("day")),
        }


def test_a_restore_that_was_killed_is_finished_by_the_next(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(address)
    back_up(address, tmp_path / "copy")
    with open_database(address, NOON) as database:
        StandingStore(database).suppress(ADA, "unsubscribe", "", NOON + DAY)

    killed(lambda: restore(address, tmp_path / "copy", tmp_path, NOON), "digestd.storage.backup.hold_all", monkeypatch)
    done = restore(address, tmp_path / "copy", tmp_path, NOON + DAY)

    assert done.held == 2
    with open_database(address, NOON) as database:
        assert StandingStore(database).suppressions(NOON).of(ADA) is not None


def test_what_the_copy_knows_better_stays(address: Address, tmp_path: Path) -> None:
    fill(address)
    back_up(address, tmp_path / "older")
    with open_database(address, NOON) as database:
        StandingStore(database).suppress(ADA, "unsubscribe", "", NOON + DAY)
    back_up(address, tmp_path / "newer")
    with open_database(address, NOON) as database:
        StandingStore(database).lift(ADA)
        StandingStore(database).suppress(ADA, "bounce", "", NOON)

    restore(address, tmp_path / "newer", tmp_path, NOON + 2 * DAY)

    with open_database(address, NOON) as database:
        suppression = StandingStore(database).suppressions(NOON + 2 * DAY).of(ADA)
    assert suppression == Suppression("unsubscribe", NOON + DAY)


@pytest.mark.parametrize("content", [b"a shopping list\n" * 1000, b"SQLite format 3\0" + b"\xa5" * 8000])
def test_a_database_that_cannot_be_read_is_replaced_all_the_same(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "digestd.db"
    fill(path)
    back_up(path, tmp_path / "copy")
    path.write_bytes(content)

    done = restore(path, tmp_path / "copy", tmp_path, NOON)

    assert (done.carried, done.held) == (False, 2)
    assert done.kept is not None
    assert done.kept.read_bytes() == content


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(VERSION_FOUR, id="no_tables"),
        pytest.param("CREATE TABLE schema_version (version TEXT); INSERT INTO schema_version VALUES ('four')", id="a_word"),
        pytest.param("CREATE TABLE schema_version (version INTEGER)", id="no_version"),
        pytest.param("".join(f"CREATE TABLE {name} (id TEXT);" for name in tables_of(4)) + VERSION_FOUR, id="other_columns"),
    ],
)
def test_a_database_of_another_program_is_refused(address: Address, tmp_path: Path, postgres: Postgres, script: str) -> None:
    fill(address)
    other = tmp_path / "copy" if isinstance(address, Path) else postgres.make()
    if isinstance(other, Server):
        with closing(Database(other)) as database, database.writing() as connection:
            run_script(connection, script)
        dumps.dump(other, tmp_path / "copy")
    else:
        with closing(sqlite3.connect(other)) as file:
            file.executescript(script)
    before = leavings(tmp_path)

    with pytest.raises(DatabaseTrouble, match=r"Nothing was changed") as caught:
        restore(address, tmp_path / "copy", tmp_path, NOON)
    assert not caught.value.temporary
    assert leavings(tmp_path) == before
    assert states(address) == {"accepted": 1, "queued": 1, "sending": 1}


def test_restoring_leaves_nothing_of_the_old_log_behind(tmp_path: Path) -> None:
    path = tmp_path / "digestd.db"
    fill(path)
    back_up(path, tmp_path / "copy")
    lose_power_after_deleting_the_beats(path)
    for left in ("", "-journal"):  # by one that was killed
        Path(f"{path}.restoring{left}").write_text("half a copy")

    done = restore(path, tmp_path / "copy", tmp_path, NOON)

    assert leavings(tmp_path) == ["copy", "digestd.db", "digestd.db.lock"]
    assert done.kept is not None
    with open_database(done.kept, NOON) as kept, open_database(path, NOON) as fresh:
        assert RecordStore(kept).beats() == []
        assert len(RecordStore(fresh).beats()) == 1


def test_a_copy_for_which_there_is_no_room_is_not_seen(tmp_path: Path) -> None:
    fill(tmp_path / "digestd.db")
    (tmp_path / "folder").mkdir()

    with pytest.raises(DatabaseTrouble, match="folder that can be written"):
        back_up(tmp_path / "digestd.db", tmp_path / "nowhere" / "copy")
    with pytest.raises(DatabaseTrouble, match="nothing to copy"):
        back_up(tmp_path / "other.db", tmp_path / "folder" / "copy")
    assert list((tmp_path / "folder").iterdir()) == []
