"""`backup`, `restore`, `migrate`, and a database on a server, as the operator uses them."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from digestd.model.source import Cursor, Fetched
from digestd.storage import Address, OutboxStore, PaperStore, open_database
from digestd.storage.migrations import STEPS
from tests.support.builders import NOON, digest, paper
from tests.support.site import SETTINGS, Site, make_site

NOW = ("--now", NOON.isoformat())
HELD = "`digestd queue release --all` sends what is held, `digestd queue drop --all` drops it"


@pytest.fixture
def site(tmp_path: Path, address: Address) -> Site:
    """Return an installation, its database of either kind, that saw a paper and sent a digest of it."""
    url = f"sqlite:///{address}" if isinstance(address, Path) else address.url
    site = make_site(tmp_path / "etc", f'database = "{url}"\n{SETTINGS}').writes("var/.keep", "")
    with open_database(address, NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1),), Cursor()), NOON)
    return site


def mails(site: Site) -> int:
    return sum(len(files) for folder, _, files in os.walk(site.folder.parent) if folder.endswith("maildir/new"))


def test_a_day_on_either_database(site: Site, address: Address) -> None:
    assert site.run(*NOW, "tick").stdout.splitlines()[-1] == "deliver  1 accepted"
    assert mails(site) == 1

    told = site.run(*NOW, "status").stdout
    assert "Outbox    1 accepted" in told
    assert f"Database  {address} (" in told
    assert "nothing to send" in site.run(*NOW, "preview", "--poll").stdout


def test_what_is_long_past_is_not_mailed_after_a_restore(site: Site, address: Address, tmp_path: Path) -> None:
    with open_database(address, NOON) as database:
        OutboxStore(database).enqueue([digest("ada", paper(1))], NOON)
    assert site.run("backup", str(tmp_path / "copy")).stdout.splitlines()[1].endswith("keep a copy of that, too")

    restored = site.run(*NOW, "restore", str(tmp_path / "copy"))
    later = site.run("--now", "2026-03-09T12:00:00Z", "tick")
    status, shape = site.run("status"), site.run("status", "--json")

    assert restored.stdout.splitlines()[-1] == f"1 digest is held, and whatever is composed from now on: {HELD}"
    assert "since the copy are carried over; papers told since may be told again" in restored.stdout
    assert HELD in later.stderr
    assert f"Restored  the database is a copy of 2026-03-05 12:00 UTC, so that nothing is sent: {HELD}" in status.stdout
    assert json.loads(shape.stdout)["restored"] == {"at": "2026-03-05T12:00:00Z"}
    assert later.stdout.splitlines()[-1] == "deliver  nothing to send"
    assert mails(site) == 0


def test_it_is_said_when_a_database_that_cannot_be_read_is_replaced(tmp_path: Path) -> None:
    site, path = make_site(tmp_path), tmp_path / "var" / "digestd.db"
    assert site.run("migrate").returncode == 0
    assert site.run("backup", str(tmp_path / "copy")).returncode == 0
    path.write_bytes(b"a shopping list")

    done = site.run("restore", str(tmp_path / "copy"))

    assert (done.returncode, "suppressions, pauses, schedules and bounces since the copy are lost" in done.stdout) == (0, True)


def test_a_copy_takes_no_files_place(tmp_path: Path) -> None:
    site = make_site(tmp_path).writes("copy", "precious")
    assert site.run("migrate").returncode == 0

    done = site.run("backup", str(tmp_path / "copy"))

    assert (done.returncode, "is there already" in done.stderr) == (2, True)


def test_migrate_says_where_the_tables_are(site: Site, address: Address) -> None:
    done = site.run("migrate")

    assert done.stdout.splitlines()[-1] == f"{address}: its tables are version {len(STEPS)}, up to date"
    assert ("pg_dump" in done.stdout) == (not isinstance(address, Path))


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    site, path = make_site(tmp_path), tmp_path / "var" / "digestd.db"
    with open_database(path, NOON):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO schema_version VALUES (99)")
        before = list(connection.iterdump())

    done = site.run("tick")

    assert (done.returncode, "Install a newer digestd" in done.stderr) == (78, True)
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before


def test_a_password_is_shown_nowhere(tmp_path: Path) -> None:
    url = "postgresql://digestd:hunter2@127.0.0.1:1/papers"
    site = make_site(tmp_path, f'database = "{url}"\n{SETTINGS}')

    for verb in ("tick", "status"):
        done = site.run("-v", verb)
        assert done.returncode == 75
        assert "hunter2" not in done.stdout + done.stderr
        assert "database postgresql://digestd@127.0.0.1:1/papers: " in done.stderr


def test_a_key_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    with open_database(tmp_path / "var" / "digestd.db", NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1),), Cursor()), NOON)
    assert site.run(*NOW, "tick").returncode == 0
    (tmp_path / "var" / "secret.key").unlink()

    done = site.run(*NOW, "tick")

    assert (done.returncode, "secret.key is missing: restore it from a copy" in done.stderr) == (78, True)
    assert not (tmp_path / "var" / "secret.key").exists()
