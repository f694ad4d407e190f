"""The daemon as systemd runs it: ready, at work, stopped."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.test_verbs import POLITE, SOURCES
from tests.sources.documents import arxiv_item, daily_paper, rss
from tests.support.site import SETTINGS, Site, make_site
from tests.support.web import Site as Web

Notices = Callable[[], str]


@pytest.fixture
def site(tmp_path: Path, web: Web) -> Site:
    web.serve("/rss/cs.LG", rss(arxiv_item()))
    web.serve("/api/daily_papers", json.dumps([daily_paper()]))
    return make_site(tmp_path / "site", SETTINGS + POLITE + SOURCES.format(web=web.url()))


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(20)
        yield listening


def start(site: Site, tmp_path: Path) -> "subprocess.Popen[str]":
    environment = site.environment({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    return subprocess.Popen(site.command("run"), env=environment, stderr=subprocess.PIPE, text=True)


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_daemon_does_the_job_and_stops_when_told(site: Site, tmp_path: Path, manager: socket.socket) -> None:
    with start(site, tmp_path) as daemon:
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
    with start(site, tmp_path) as daemon:
        assert manager.recv(4096) == b"READY=1"
        until(lambda: bool(web.requests))
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=30)

    assert daemon.returncode == 0, log
    assert "Traceback" not in log


def test_two_daemons_on_one_database_send_once(site: Site, tmp_path: Path, manager: socket.socket) -> None:
    with start(site, tmp_path) as one, start(site, tmp_path) as other:
        until(lambda: bool(site.mails()))
        time.sleep(1)
        for daemon in (one, other):
            daemon.send_signal(signal.SIGTERM)
        assert (one.wait(30), other.wait(30)) == (0, 0)

    assert len(site.mails()) == 1


def drained(manager: socket.socket) -> bytes:
    manager.setblocking(False)
    notices = b""
    while True:
        try:
            notices += manager.recv(4096)
        except BlockingIOError:
            return notices
