"""The daemon as systemd runs it: ready, at work, stopped."""

import asyncio
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NoReturn

import pytest

from digestd.config import ConfigTrouble
from digestd.daemon import Daemon
from digestd.model.delivery import Deferred
from digestd.model.subscriber import Readers
from digestd.pipeline.compose import Rules
from digestd.pipeline.deliver import Delivery, Pace
from digestd.pipeline.stages import Stages
from digestd.ports import Clock
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, TrafficStore
from tests.cli.test_verbs import POLITE, SOURCES
from tests.pipeline.test_deliver import render
from tests.sources.documents import arxiv_item, daily_paper, rss
from tests.support.builders import NOON, digest
from tests.support.fakes import FakeTransport
from tests.support.site import SETTINGS, Site, make_site
from tests.support.web import Site as Web


@pytest.fixture
def site(tmp_path: Path, web: Web) -> Site:
    web.serve("/rss/cs.LG", rss(arxiv_item()))
    web.serve("/api/daily_papers", json.dumps([daily_paper()]))
    return make_site(tmp_path / "site", SETTINGS + POLITE + SOURCES.format(web=web.url()))


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


@contextmanager
def daemon_of(site: Site, tmp_path: Path) -> Iterator[ForkServerProcess]:
    """Begin a daemon, which is gone in the end."""
    life = site.begin("run", environment=notifying(tmp_path))
    try:
        yield life
    finally:
        life.kill()


def notifying(tmp_path: Path) -> dict[str, str]:
    return {"NOTIFY_SOCKET": str(tmp_path / "notify")}


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_daemon_does_the_job_and_stops_when_told(site: Site, tmp_path: Path, manager: socket.socket) -> None:
    command, environment = site.command("run"), site.environment(notifying(tmp_path))  # as systemd runs it
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as daemon:
        assert manager.recv(4096) == b"READY=1"
        until(lambda: bool(site.mails()))
        assert b"STATUS=" in manager.recv(4096)
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=30)

    assert daemon.returncode == 0, log
    assert "Traceback" not in log
    assert len(site.mails()) == 1
    assert b"STOPPING=1" in drained(manager)


def test_a_daemon_told_to_stop_while_it_polls_stops(site: Site, tmp_path: Path, manager: socket.socket, web: Web) -> None:
    web.serve("/rss/cs.LG", b"x" * 1000, slow=1.0)
    with daemon_of(site, tmp_path) as daemon:
        assert manager.recv(4096) == b"READY=1"
        until(lambda: bool(web.requests))
        daemon.terminate()
        daemon.join(30)

    log = (site.folder / "said").read_text(encoding="utf-8")
    assert daemon.exitcode == 0, log
    assert "Traceback" not in log


def test_two_daemons_on_one_database_send_once(site: Site, tmp_path: Path, manager: socket.socket) -> None:
    with daemon_of(site, tmp_path) as one, daemon_of(site, tmp_path) as other:
        for _ in range(2):
            until(lambda: manager.recv(4096).startswith(b"STATUS=deliver ran last"))
        for daemon in (one, other):
            daemon.terminate()
            daemon.join(30)

    assert (one.exitcode, other.exitcode) == (0, 0)
    assert len(site.mails()) == 1


def drained(manager: socket.socket) -> bytes:
    manager.setblocking(False)
    notices = b""
    while True:
        try:
            notices += manager.recv(4096)
        except BlockingIOError:
            return notices


async def test_a_daemon_delivers_again_when_the_server_is_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.daemon._SECONDS_BETWEEN", {"deliver": 0.05})
    OutboxStore(database).enqueue([digest("ada"), digest("ben")], NOON)
    transport = FakeTransport(Deferred("421 busy", everyone=True))
    begin = time.monotonic()
    daemon = Daemon(make_stages(database, transport, lambda: NOON + (time.monotonic() - begin) * timedelta(hours=1)))

    running = asyncio.create_task(daemon.run())
    await comes_true(lambda: RecordStore(database).states() == {"accepted": 2})
    daemon.stop()
    await running

    assert len(transport.sent) == 3


async def test_a_fault_of_ours_ends_the_daemon(database: Database) -> None:
    def broken() -> NoReturn:
        raise ZeroDivisionError

    stages = replace(make_stages(database, FakeTransport(), lambda: NOON), readers=broken)

    with pytest.raises(ZeroDivisionError):
        await Daemon(stages).run()


async def test_trouble_with_the_configuration_waits_for_the_next_tick(database: Database) -> None:
    def gone() -> NoReturn:
        raise ConfigTrouble([])

    daemon = Daemon(replace(make_stages(database, FakeTransport(), lambda: NOON), readers=gone))
    running = asyncio.create_task(daemon.run())
    await comes_true(lambda: "deliver" in {beat.stage for beat in RecordStore(database).beats()})
    daemon.stop()

    await running


def make_stages(database: Database, transport: FakeTransport, clock: Clock) -> Stages:
    """Return stages without sources and readers, on a real store."""
    seen, outbox = PaperStore(database), OutboxStore(database)
    delivery = Delivery(outbox, seen, TrafficStore(database), render, clock, Pace(1, timedelta(minutes=1)))
    rules = Rules(timedelta(days=3), "example.org")
    return Stages([], seen, outbox, RecordStore(database), Readers, rules, lambda: delivery, lambda: transport, clock)


async def comes_true(met: Callable[[], bool]) -> None:
    for _ in range(400):
        if met():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come true within 20 s")
