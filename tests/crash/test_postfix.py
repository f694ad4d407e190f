"""Into real mail servers: digests through a private Postfix into Maildirs, from which a private Dovecot hands them out."""

import imaplib
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest

from digestd.model.source import Cursor, Fetched
from digestd.pipeline.compose import Rules, compose
from digestd.storage import OutboxStore, PaperStore, open_database
from tests.crash.form import long_form
from tests.crash.judge import mail_in, verdict
from tests.rendering.test_dkim import pem, records, rsa_private
from tests.support.builders import DAY, NOON, paper, subscriber
from tests.support.dovecot import Dovecot, dovecot
from tests.support.postfix import Postfix, postfix
from tests.support.site import Site, make_site

CONNECTIONS = 4
SETTINGS = """\
contact = "admin@example.org"

[sender]
address = "papers@digest.example.org"
bounce_address = "bounce@bounces.example.org"

[smtp]
host = "127.0.0.1"
port = {port}
connections = {connections}
max_per_second = {per_second}

[dkim]
selector = "one"
key_file = "dkim.key"

[transport]
kind = "{kind}"
"""
TRACE = re.compile(rb"\A(?:(?:Return-Path|X-Original-To|Delivered-To|Received): .*\n(?:[ \t].*\n)*)+")


@pytest.fixture
def server() -> Iterator[Postfix]:
    with postfix() as started:
        yield started


@pytest.mark.timeout(300)
@pytest.mark.parametrize("digests", [50, pytest.param(2_000, marks=long_form)])
def test_a_server_that_stops_for_a_while_has_each_digest_once_and_unchanged(
    server: Postfix, tmp_path: Path, digests: int
) -> None:
    site = site_with(digests, tmp_path / "site", server)
    before = shutil.copy(site.folder / "var" / "digestd.db", tmp_path)
    first = site.begin("--now", NOON.isoformat(), "deliver")
    wait_for(digests // 3, server)
    server.stop()
    first.join(60)
    there = len(mails(server))
    server.start()
    second = site.begin("--now", (NOON + DAY / 4).isoformat(), "deliver")
    second.join(120)
    wait_for(digests, server)

    assert (first.exitcode, second.exitcode) == (1, 0)
    assert there < digests
    found = verdict([mail_in(reader, content) for reader, content in mails(server)], {name: [1, 2] for name in names(digests)})
    print(f"\n{digests} digests through Postfix, which stopped after {there}: {found}")
    found.assert_clean(CONNECTIONS)
    truth = written_into_a_folder(site, Path(before), tmp_path / "truth")
    assert {mail_in("", content).body for _, content in mails(server)} == {mail_in("", content).body for content in truth}
    some = names(digests)[:: digests // 50]
    with dovecot(server.lab, some) as mailboxes:
        assert all(dkim.verify(content, dnsfunc=records) for name in some for content in read_by(name, mailboxes))


def read_by(name: str, server: Dovecot) -> list[bytes]:
    """Return what a reader's mail program gets from a mailbox, in which is one mail, or the same twice."""
    with imaplib.IMAP4("127.0.0.1", server.port) as line:
        line.authenticate("PLAIN", lambda _: f"\0{name}\0tide ü".encode())
        _, (count,) = line.select("INBOX", readonly=True)
        found = [line.fetch(str(number), "(BODY.PEEK[])")[1][0] for number in range(1, int(count or 0) + 1)]
    assert found
    return [part[1] for part in found if isinstance(part, tuple)]


def site_with(digests: int, folder: Path, server: Postfix) -> Site:
    """Return an installation where so many digests are composed."""
    site = make_site(folder, settings(server.port, digests / 4), {}).writes("dkim.key", pem(rsa_private()))
    (folder / "dkim.key").chmod(0o600)
    readers = [subscriber(name, email=f"{name}@lab.example.org") for name in names(digests)]
    with open_database(folder / "var" / "digestd.db", NOON) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1), paper(2)), Cursor()), NOON)
        compose(readers, PaperStore(database), OutboxStore(database), Rules(DAY, "example.org"), NOON)
    return site


def settings(port: int, per_second: float, kind: str = "smtp") -> str:
    return SETTINGS.format(port=port, connections=CONNECTIONS, per_second=per_second, kind=kind)


def written_into_a_folder(site: Site, database: Path, folder: Path) -> list[bytes]:
    """Return what the same installation sends from *database* without a mail server."""
    shutil.copytree(site.folder, folder)
    shutil.copy(database, folder / "var" / "digestd.db")
    twin = Site(folder).writes("digestd.toml", settings(1, 10_000, "maildir"))
    life = twin.begin("--now", NOON.isoformat(), "deliver")
    life.join(120)
    assert life.exitcode == 0
    return twin.mails()


def names(digests: int) -> list[str]:
    return [f"reader{number}" for number in range(digests)]


def mails(server: Postfix) -> list[tuple[str, bytes]]:
    """Return all that came into the Maildirs, without what the server wrote on top: the reader's name, and the mail."""
    found = server.lab.glob("*/new/*")
    return [(path.parents[1].name, TRACE.sub(b"", path.read_bytes())) for path in found]


def wait_for(number: int, server: Postfix) -> None:
    end = time.monotonic() + 60
    while sum(1 for _ in server.lab.glob("*/new/*")) < number:
        assert time.monotonic() < end
        time.sleep(0.1)
