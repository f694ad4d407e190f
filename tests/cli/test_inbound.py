"""`digestd inbound`: what a mail server's pipe hands over, and what it is told."""

import json
import sqlite3
from contextlib import closing
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
import typer

from digestd.cli.app import app
from digestd.cli.context import Context
from digestd.cli.house import enter
from digestd.cli.inbound import inbound
from digestd.rendering.tokens import token
from tests.inbound.returned import ADA, KEY, mail, report, verp
from tests.support.builders import NOON
from tests.support.site import Site, make_site

NOW = "2026-03-05T12:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return an installation whose key we know."""
    made = make_site(tmp_path / "site")
    (made.folder / "var").mkdir()
    (made.folder / "var" / "secret.key").write_bytes(KEY.ljust(32, b"."))
    return made


def state(site: Site) -> str:
    (reader,) = json.loads(site.run("--now", NOW, "subscribers", "--json").stdout)
    return f"{reader['state']} {reader['why']}"


def leaving(key: bytes) -> bytes:
    return mail(f"Subject: unsubscribe {token(key, 'unsubscribe', ADA)}")


def test_a_reader_leaves_by_mail(site: Site) -> None:
    done = site.run("--now", NOW, "inbound", stdin=leaving(KEY.ljust(32, b".")))

    assert (done.returncode, done.stdout) == (0, "inbound  unsubscribe: suppressed\n")
    assert state(site).startswith("suppressed unsubscribe")


def test_who_leaves_without_a_token_is_said_to_be_for_the_operator_to_help(site: Site) -> None:
    done = site.run("--now", NOW, "inbound", stdin=mail(f"From: {ADA}", "Subject: unsubscribe"))

    by_hand = "if its sender is one, `digestd subscribers suppress EMAIL` does it by hand"
    assert done.stdout == f"inbound  unsubscribe: refused (it names no reader that we know: {by_hand})\n"
    assert "why=" in done.stderr
    assert ADA not in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\x00" * 2_000_000, id="four_megabytes_of_noise"),
        pytest.param(report(to=verp()), id="a_report_signed_with_another_key"),
        pytest.param(leaving(b"another key of enough bytes here"), id="a_forged_token"),
    ],
)
def test_a_strange_message_is_taken_without_effect(site: Site, content: bytes) -> None:
    done = site.run("--now", NOW, "inbound", stdin=content)

    assert done.returncode == 0
    assert state(site) == "in force "


def test_a_locked_database_is_a_reason_to_try_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.storage.engine._PRAGMAS", ("PRAGMA journal_mode = WAL", "PRAGMA busy_timeout = 50"))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(leaving(KEY.ljust(32, b".")))))
    options = Context(site.folder, lambda: NOON)
    with enter(options), closing(sqlite3.connect(site.folder / "var" / "digestd.db")) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(typer.Exit) as ended:
            inbound(typer.Context(typer.main.get_command(app), obj=options))

    assert ended.value.exit_code == 75


def test_trouble_with_the_configuration_is_a_reason_to_try_again(site: Site) -> None:
    site.writes("digestd.toml", "colour = 1\n")

    assert site.run("inbound", stdin=leaving(KEY)).returncode == 75


def test_a_tick_reads_the_mailbox_when_it_is_time(site: Site) -> None:
    site.writes("digestd.toml", (site.folder / "digestd.toml").read_text(encoding="utf-8") + '\n[inbound]\nkind = "maildir"\n')
    for name in ("new", "cur"):
        (site.folder / "var" / "inbound" / name).mkdir(parents=True)
    (site.folder / "var" / "inbound" / "new" / "1.here").write_bytes(leaving(KEY.ljust(32, b".")))

    first = site.run("--now", NOW, "tick")
    second = site.run("--now", NOW, "tick")

    assert "inbound  1 unsubscribe: suppressed" in first.stdout.splitlines()
    assert "inbound" not in second.stdout
    assert state(site).startswith("suppressed")


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        pytest.param("var", " does not exist: nothing comes in until your mail server makes it", id="missing"),
        pytest.param("var/inbound", " is no Maildir, which has the folders new, cur and tmp", id="a_plain_folder"),
        pytest.param("var/inbound/new", "", id="a_maildir"),
    ],
)
def test_check_looks_where_mail_is_to_come_in(tmp_path: Path, folder: str, says: str) -> None:
    site = make_site(tmp_path, '[inbound]\nkind = "maildir"\n')
    (tmp_path / folder).mkdir(parents=True)

    notes = [line for line in site.run("check").stdout.splitlines() if "inbound.path" in line]

    assert notes == ([f"note: inbound.path: {tmp_path / 'var/inbound'}{says}"] if says else [])


def test_a_mailbox_that_cannot_be_read_is_said_and_the_rest_is_done(site: Site) -> None:
    keys = '\n[inbound]\nkind = "imap"\nhost = "127.0.0.1"\nport = 9\nusername = "a"\npassword = "b"\nsecurity = "none"\n'
    site.writes("digestd.toml", (site.folder / "digestd.toml").read_text(encoding="utf-8") + keys)

    done = site.run("--now", NOW, "tick")

    assert done.returncode == 1
    assert "what came back cannot all be read: 127.0.0.1:9: " in done.stderr
    assert "compose  1 reader due" in done.stdout
