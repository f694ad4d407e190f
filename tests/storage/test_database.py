"""The file itself: how it came to be, and what happens when it is not what it should be."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from digestd.model.records import Beat
from digestd.storage import DatabaseTrouble, PaperStore, RecordStore, open_database, scratch_copy
from digestd.storage.migrations import STEPS
from digestd.storage.schema import metadata
from tests.storage.test_papers import fetched
from tests.support.builders import NOON, paper


def test_the_migrations_make_the_tables_that_the_queries_name(tmp_path: Path) -> None:
    path = tmp_path / "digestd.db"
    with open_database(path, NOON):
        engine = create_engine(f"sqlite:///{path}")
        made = inspect(engine)
        columns = {table: [column["name"] for column in made.get_columns(table)] for table in made.get_table_names()}
        keys = {table: made.get_pk_constraint(table)["constrained_columns"] for table in made.get_table_names()}
        engine.dispose()

    named = metadata.tables.items()
    assert columns == {name: table.columns.keys() for name, table in named} | {"schema_version": ["version"]}
    assert keys == {name: table.primary_key.columns.keys() for name, table in named} | {"schema_version": ["version"]}


def test_a_database_opens_again_with_all_that_it_held(tmp_path: Path) -> None:
    with open_database(tmp_path / "digestd.db", NOON) as database:
        PaperStore(database).record("arxiv", fetched(paper(1)), NOON)

    with open_database(tmp_path / "digestd.db", NOON) as database:
        assert PaperStore(database).sources().keys() == {"arxiv"}


def test_an_older_database_is_copied_and_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "digestd.db"
    with monkeypatch.context() as before:
        before.setattr("digestd.storage.migrations.STEPS", STEPS[:2])
        with open_database(path, NOON) as database:
            PaperStore(database).record("arxiv", fetched(paper(1)), NOON)

    with open_database(path, NOON) as database:
        seen = PaperStore(database)
        seen.remember([], [paper(2).id], NOON)
        assert seen.unasked([paper(1).id, paper(2).id, paper(3).id], NOON) == {paper(3).id}
    assert len(list(tmp_path.glob("digestd.db.version-2.*"))) == 1


def test_commits_survive_a_power_cut(tmp_path: Path) -> None:
    with open_database(tmp_path / "digestd.db", NOON) as database, database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "digestd.db"
    with open_database(path, NOON):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO schema_version VALUES (?)", (len(STEPS) + 1,))
        before = "\n".join(connection.iterdump())

    with pytest.raises(DatabaseTrouble, match="newer digestd"), open_database(path, NOON):
        pass
    with closing(sqlite3.connect(path)) as connection:
        assert "\n".join(connection.iterdump()) == before


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "digestd.db"
    path.write_bytes(b"this is a shopping list, not a database\n" * 100)

    with pytest.raises(DatabaseTrouble, match=r"digestd\.db.*Restore a copy"), open_database(path, NOON):
        pass
    assert path.read_bytes().startswith(b"this is a shopping list")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DatabaseTrouble, match="its folder"), open_database(tmp_path / "file" / "digestd.db", NOON):
        pass


def test_a_locked_database_is_temporary_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.storage.engine._PRAGMAS", ("PRAGMA busy_timeout = 50",))
    path = tmp_path / "digestd.db"
    with open_database(path, NOON) as database, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseTrouble, match="Another program holds it") as caught:
            RecordStore(database).beat(Beat("poll", NOON, "{}"))
    assert caught.value.temporary


def test_a_scratch_copy_leaves_the_database_as_it_is(tmp_path: Path) -> None:
    with open_database(tmp_path / "digestd.db", NOON) as database:
        PaperStore(database).record("arxiv", fetched(paper(1)), NOON)
        with scratch_copy(database, NOON) as copy:
            PaperStore(copy).record("arxiv", fetched(paper(1), paper(2)), NOON)
            assert len(PaperStore(copy).papers([paper(1).id, paper(2).id])) == 2
        assert len(PaperStore(database).papers([paper(1).id, paper(2).id])) == 1


def test_a_stage_leaves_its_last_beat(tmp_path: Path) -> None:
    with open_database(tmp_path / "digestd.db", NOON) as database:
        records = RecordStore(database)
        for beat in (Beat("poll", NOON, "{}"), Beat("compose", NOON, "{}"), Beat("poll", NOON, '{"news": 1}')):
            records.beat(beat)

        assert records.beats() == [Beat("compose", NOON, "{}"), Beat("poll", NOON, '{"news": 1}')]


def test_readers_files_are_kept_and_forgotten(tmp_path: Path) -> None:
    with open_database(tmp_path / "digestd.db", NOON) as database:
        records = RecordStore(database)
        records.keep_subscriber_files({"ada.toml": "1", "ben.toml": "1"}, [])
        records.keep_subscriber_files({"ada.toml": "2"}, ["ben.toml"])

        assert records.subscriber_files() == {"ada.toml": "2"}
