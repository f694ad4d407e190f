"""Incidents of the machine around us: a mail server, a disk, an editor, a clock. Nothing is lost, and nothing comes twice."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from digestd.config import Places, load_settings
from digestd.model.source import Cursor, Fetched
from digestd.pipeline.deliver import Round
from digestd.storage import PaperStore, RecordStore, open_database
from digestd.wiring.house import House, open_house
from tests.incidents.scene import at
from tests.incidents.services import feed
from tests.support.builders import paper
from tests.support.site import ADA, SETTINGS, Site, make_site
from tests.support.smtp import SmtpServer, certificate, no_such_mailbox, server_is_busy
from tests.support.web import Site as Web

MORNING, THURSDAY, EVENING = at("2026-03-05 06:00"), at("2026-03-05 12:00"), at("2026-03-05 18:00")
FRIDAY = at("2026-03-06 12:00")
READERS = {f"{name}.toml": ADA.replace("ada", name).replace("Ada", name.title()) for name in ("ada", "ben", "cy")}
TO = [f"{name}@example.org" for name in ("ada", "ben", "cy")]
MAIL = """\
[sender]
address = "digest@example.org"

[smtp]
host = "127.0.0.1"
port = {port}
{security}
"""
LOGIN = 'username = "digestd"\npassword = "a very secret lantern"\n'
IN_THE_CLEAR = 'security = "none"\n'


@dataclass(frozen=True, slots=True)
class Home:
    """An installation of three readers, and its database. What is said of it as a program is said of a process."""

    site: Site

    @property
    def database(self) -> Path:
        return self.site.folder / "var" / "digestd.db"

    def sees(self, *numbers: int, now: datetime) -> None:
        """Store papers as if a source had announced them."""
        with open_database(self.database, now) as database:
            PaperStore(database).record("arxiv", Fetched(tuple(map(paper, numbers)), Cursor()), now)

    def runs(self, now: datetime, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.site.run("--now", now.isoformat(), *words)

    def ticks(self, now: datetime) -> Mapping[str, int]:
        """Do in this process, which is quicker, what `digestd tick` does; return how tries ended."""
        file = self.site.folder / "digestd.toml"
        with open_house(Places(file, load_settings(file)), lambda: now) as house:
            return asyncio.run(_tick(house))

    def states(self) -> Mapping[str, int]:
        with open_database(self.database, THURSDAY) as database:
            return RecordStore(database).states()

    def told(self) -> list[tuple[str, str]]:
        """Return who was told of which paper, sorted."""
        with open_database(self.database, THURSDAY) as database:
            accepted = [entry.digest for entry in RecordStore(database).queue() if entry.state == "accepted"]
        return sorted((digest.name, one) for digest in accepted for one in digest.tells)


async def _tick(house: House) -> Mapping[str, int]:
    async with house.stages() as stages:
        await stages.poll_due()
        stages.compose()
        return (await stages.deliver(Round())).tally


def everybody(*numbers: int) -> list[tuple[str, str]]:
    return [(name, paper(number).id) for name in ("Ada", "Ben", "Cy") for number in numbers]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return an installation that saw two papers on Thursday morning."""
    home = Home(make_site(tmp_path / "site", SETTINGS, READERS))
    home.sees(1, 2, now=MORNING)
    return home


def test_incident_15_550_for_one(home: Home) -> None:
    with SmtpServer({TO[1]: no_such_mailbox}) as server:
        home.site.writes("digestd.toml", MAIL.format(port=server.port, security=IN_THE_CLEAR))
        done = home.runs(THURSDAY, "tick")
        assert done.returncode == 1
        assert done.stdout.splitlines()[-1] == "deliver  2 accepted, 1 rejected"
        assert "550 5.1.1 No such mailbox" in done.stderr
        assert home.states() == {"accepted": 2, "failed": 1}

        server.troubles.clear()
        assert home.runs(EVENING, "subscribers", "restore", TO[1]).returncode == 0  # a dead address gets no mail until then
        home.sees(3, now=EVENING)
        assert home.ticks(FRIDAY) == {"accepted": 3}

    assert home.told() == everybody(1, 2, 3)  # Ben's digest of Friday tells what he was not told before
    assert Counter(kept.recipients[0] for kept in server.kept) == {TO[0]: 2, TO[1]: 1, TO[2]: 2}
    assert len({kept.message_id for kept in server.kept}) == 5


def busy(folder: Path) -> tuple[dict[str, Any], str]:
    return {"troubles": dict.fromkeys(TO, server_is_busy)}, IN_THE_CLEAR


def password_refused(folder: Path) -> tuple[dict[str, Any], str]:
    good = certificate(folder)
    server = {"login": ("digestd", "another"), "security": "tls", "certificate": good}
    return server, f'security = "tls"\nca_file = "{good.ca_file}"\n{LOGIN}'


def certificate_of_nobody(folder: Path) -> tuple[dict[str, Any], str]:
    return {"security": "tls", "certificate": certificate(folder)}, 'security = "tls"\n'


def without_starttls(folder: Path) -> tuple[dict[str, Any], str]:
    return {}, f'security = "starttls"\n{LOGIN}'


TROUBLES = {
    "421_for_all": (busy, "421 4.3.2 Busy, come back later"),
    "wrong_password": (password_refused, "535 5.7.8 Authentication credentials invalid"),
    "tls_that_cannot_be_verified": (certificate_of_nobody, "certificate verify failed"),
    "tls_refused": (without_starttls, "SMTP STARTTLS extension not supported by server"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_incident_15_a_server_that_takes_no_mail_at_all(home: Home, tmp_path: Path, trouble: str) -> None:
    make, words = TROUBLES[trouble]
    server, security = make(tmp_path)
    with SmtpServer(**server) as refusing:
        home.site.writes("digestd.toml", MAIL.format(port=refusing.port, security=security))
        done = home.runs(THURSDAY, "tick")

    assert done.returncode == 1
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("digestd: no mail goes out now: ")]
    assert words in said
    assert said.endswith(". The digests wait and are tried again")
    assert "secret lantern" not in done.stdout + done.stderr
    assert (home.states(), refusing.kept) == ({"queued": 3}, [])

    with SmtpServer() as taking:
        home.site.writes("digestd.toml", MAIL.format(port=taking.port, security=IN_THE_CLEAR))
        assert home.ticks(at("2026-03-05 13:00")) == {"accepted": 3}
    assert home.told() == everybody(1, 2)
    assert sorted(kept.recipients[0] for kept in taking.kept) == TO


def test_incident_16_a_corrupt_database(home: Home) -> None:
    home.ticks(THURSDAY)
    home.sees(3, now=EVENING)
    whole = home.database.read_bytes()
    broken = whole[:4096] + b"\xa5" * (len(whole) - 4096)  # its head is well: a file that is no database is another test's
    home.database.write_bytes(broken)

    done = home.runs(FRIDAY, "tick")

    assert done.returncode == 78
    assert f"digestd: database {home.database}: " in done.stderr
    assert "Restore a copy; the file is left as it is." in done.stderr
    assert home.database.read_bytes() == broken
    assert len(home.site.mails()) == 3

    shutil.rmtree(home.database.parent / "maildir")
    home.database.write_bytes(whole)
    assert home.ticks(FRIDAY) == {"accepted": 3}
    assert len(home.site.mails()) == 3
    assert home.told() == everybody(1, 2, 3)


# The program waits half a minute for who holds the lock: here it is told to wait less.
IMPATIENT = """
from digestd.storage import engine
engine.BUSY_TIMEOUT = 100
engine._PRAGMAS = (*engine._PRAGMAS, "PRAGMA busy_timeout = 100")
from digestd.cli import main
main()
"""


def test_incident_16_a_locked_database(home: Home) -> None:
    command = [sys.executable, "-c", IMPATIENT, *home.site.command("--now", THURSDAY.isoformat(), "tick")[3:]]
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=home.site.environment(), check=False)

    assert done.returncode == 75
    assert "Another program holds it; try again." in done.stderr
    assert "Traceback" not in done.stderr
    assert home.site.mails() == []

    assert home.ticks(THURSDAY) == {"accepted": 3}
    assert home.told() == everybody(1, 2)


def test_incident_17_a_broken_subscriber_file(home: Home) -> None:
    home.site.writes("subscribers.d/cy.toml", "email = ")
    assert home.ticks(THURSDAY) == {"accepted": 2}

    home.sees(3, now=EVENING)
    home.site.writes("subscribers.d/ben.toml", READERS["ben.toml"].replace("07:30", "25:00"))
    done = home.runs(FRIDAY, "tick")

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "deliver  2 accepted"  # Ben's last good file stays in force
    for words in ("subscribers.d/ben.toml:3 schedule.at: ", "subscribers.d/cy.toml:1 not TOML"):
        assert words in done.stderr

    for name in ("ben.toml", "cy.toml"):
        home.site.writes(f"subscribers.d/{name}", READERS[name])
    assert home.ticks(at("2026-03-06 13:00")) == {"accepted": 1}
    assert home.told() == everybody(1, 2, 3)


POLLING = """
[poll]
per_host_gap = 0
allow_private = true

[[sources]]
kind = "feed"
name = "quay"
url = "{url}"
"""


def test_incident_18_a_clock_that_jumps_a_year_ahead_and_back(home: Home, web: Web) -> None:
    home.site.writes("digestd.toml", SETTINGS + POLLING.format(url=web.url("/quay")))
    web.serve("/quay", feed([1]))
    assert home.ticks(THURSDAY) == {"accepted": 3}

    web.serve("/quay", feed([1, 2]))
    assert home.runs(at("2027-03-05 12:00"), "tick").returncode == 0

    web.serve("/quay", feed([1, 2, 3]))
    for now in (FRIDAY, at("2026-03-07 12:00")):
        home.ticks(now)
    assert len(web.requests) == 4
    told = home.told()
    assert len(told) == len(set(told)) == 3 * 5
