"""Into real mail servers: digests through a private Postfix to a private Dovecot, which keeps Maildirs and hands them out."""

import imaplib
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.context import ForkServerProcess
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
QUEUED = re.compile(rb"\(Postfix\) with \w+ id (\w+)")


@pytest.fixture(params=[50, pytest.param(2_000, marks=long_form)])
def readers(request: pytest.FixtureRequest) -> list[str]:
    return [f"reader{number}" for number in range(request.param)]


@pytest.fixture
def mailboxes(readers: list[str]) -> Iterator[Dovecot]:
    with dovecot(readers) as started:
        yield started


@pytest.fixture
def server(mailboxes: Dovecot) -> Iterator[Postfix]:
    with postfix(mailboxes.lmtp) as started:
        yield started


@pytest.mark.timeout(300)
def test_a_server_that_stops_for_a_while_has_each_digest_once_and_unchanged(
    server: Postfix, mailboxes: Dovecot, readers: list[str], tmp_path: Path
) -> None:
    site = site_with(readers, tmp_path / "site", server)
    before = shutil.copy(site.folder / "var" / "digestd.db", tmp_path)
    with delivering(site, NOON) as first:
        wait_for(len(readers) // 3, mailboxes)
        server.stop()
        first.join(60)
    there = len(mails(mailboxes))
    server.start()
    with delivering(site, NOON + DAY / 4) as second:
        second.join(120)
    wait_for(len(readers), mailboxes)

    assert (first.exitcode, second.exitcode) == (1, 0)
    assert there < len(readers)
    came = mails(mailboxes)
    found = verdict([mail_in(reader, content) for reader, content in came], {reader: [1, 2] for reader in readers})
    print(f"\n{len(readers)} digests through Postfix, which stopped after {there}: {found}")
    found.assert_clean(CONNECTIONS)
    truth = written_into_a_folder(site, Path(before), tmp_path / "truth")
    assert {mail_in("", content).body for _, content in came} == {mail_in("", content).body for content in truth}
    assert all(dkim.verify(content, dnsfunc=records) for _, content in came)
    some = readers[:: len(readers) // 50]
    assert all(dkim.verify(content, dnsfunc=records) for reader in some for content in read_by(reader, mailboxes))


@contextmanager
def delivering(site: Site, now: datetime) -> Iterator[ForkServerProcess]:
    """Begin a delivery, which is over at the end."""
    life = site.begin("--now", now.isoformat(), "deliver")
    try:
        yield life
    finally:
        life.kill()
        life.join()


def read_by(name: str, server: Dovecot) -> list[bytes]:
    """Return what a reader's mail program gets from a mailbox, in which is one mail, or the same twice."""
    with imaplib.IMAP4("127.0.0.1", server.port) as line:
        line.authenticate("PLAIN", lambda _: f"\0{name}\0tide ü".encode())
        _, (count,) = line.select("INBOX", readonly=True)
        found = [line.fetch(str(number), "(BODY.PEEK[])")[1][0] for number in range(1, int(count or 0) + 1)]
    assert found
    return [part[1] for part in found if isinstance(part, tuple)]


def site_with(names: Sequence[str], folder: Path, server: Postfix) -> Site:
    """Return an installation where digests for readers of these names are composed."""
    site = make_site(folder, settings(server.port, len(names) / 8), {}).writes("dkim.key", pem(rsa_private()))
    (folder / "dkim.key").chmod(0o600)
    readers = [subscriber(name, email=f"{name}@lab.example.org") for name in names]
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


def mails(server: Dovecot) -> list[tuple[str, bytes]]:
    """Return all that the server wrote into Maildirs, without what both wrote on top: the reader's name, and the mail.

    What Postfix had from us once, and hands over again since it stopped before Dovecot's reply (RFC 1047), is one mail.
    """
    found: dict[tuple[str, bytes], bytes] = {}
    for path in server.mail.glob("*/new/*"):
        content = path.read_bytes()
        trace, queued = TRACE.match(content), QUEUED.search(content)
        assert trace
        assert queued
        found[path.parents[1].name, queued[1]] = content[trace.end() :]
    return [(reader, content) for (reader, _), content in found.items()]


def wait_for(number: int, server: Dovecot) -> None:
    """Wait until so many readers have mail."""
    end = time.monotonic() + 60
    while len({path.parent for path in server.mail.glob("*/new/*")}) < number:
        assert time.monotonic() < end
        time.sleep(0.1)
