import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digestd import systemd

UNITS = Path(__file__).parents[1] / "systemd"
SERVICES = ["digestd.service", "digestd-tick.service"]
SAYINGS = {
    "ready": (systemd.ready, b"READY=1"),
    "stopping": (systemd.stopping, b"STOPPING=1"),
    "watchdog": (systemd.watchdog, b"WATCHDOG=1"),
    "status": (lambda: systemd.status("12 digests sent"), b"STATUS=12 digests sent"),
    "status_of_two_lines": (lambda: systemd.status("one\nREADY=1\n"), b"STATUS=one READY=1"),
}
INTERVALS = {
    "half_of_what_is_allowed": ({"WATCHDOG_USEC": "180000000"}, timedelta(seconds=90)),
    "asked_of_us": ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=1)),
    "asked_of_another_process": ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, None),
    "nothing_asked": ({}, None),
    "never": ({"WATCHDOG_USEC": "0"}, None),
    "nonsense": ({"WATCHDOG_USEC": "often"}, None),
}


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Yield the socket on which a service manager listens."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@digestd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0"))
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        yield listening


@pytest.mark.parametrize("saying", SAYINGS)
def test_the_manager_hears(saying: str, manager: socket.socket) -> None:
    say, heard = SAYINGS[saying]

    say()

    assert manager.recv(4096) == heard


@pytest.mark.parametrize("address", ["", "/no/such/socket", "@no-such-socket", "vsock:2:1234", "/" + "long" * 99])
def test_a_manager_that_does_not_listen_is_no_trouble(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)

    systemd.ready()


def test_without_a_manager_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    systemd.ready()


def test_a_manager_that_is_deaf_holds_us_up_only_briefly(manager: socket.socket) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as noisy, contextlib.suppress(BlockingIOError):
        noisy.setblocking(False)
        while True:
            noisy.sendto(b"STATUS=nobody reads this", manager.getsockname())
    began = time.monotonic()

    systemd.ready()

    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("environment", "interval"), INTERVALS.values(), ids=INTERVALS)
def test_the_watchdog_is_fed_in_time(
    environment: dict[str, str], interval: timedelta | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert systemd.watchdog_interval() == interval


def test_both_services_are_hardened_alike() -> None:
    daemon, tick = (_settings(name, after="# Hardening") for name in SERVICES)

    assert len(daemon) > 25
    assert daemon == tick


def test_both_services_share_their_user_places_and_secrets() -> None:
    shared = re.compile(r"(DynamicUser|User|StateDirectory\w*|ConfigurationDirectory|LoadCredential|After|Wants)=")
    daemon, tick = ([line for line in _settings(name) if shared.match(line)] for name in SERVICES)

    assert len(daemon) >= 8
    assert daemon == tick


def test_a_secret_that_is_not_there_does_not_keep_the_daemon_from_starting() -> None:
    credentials = [line for line in _settings("digestd.service") if line.startswith("LoadCredential=")]

    assert credentials
    assert not any(":/" in line for line in credentials)


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_little_exposed(name: str) -> None:
    analysis = _analyze("security", "--offline=true", "--threshold=15", str(UNITS / name))

    assert analysis.returncode == 0, analysis.stdout + analysis.stderr


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("ExecStart=/usr/bin/digestd", f"ExecStart={sys.executable} -m digestd")
        (tmp_path / unit.name).write_text(text)

    analysis = _analyze("verify", "--man=no", *map(str, sorted(tmp_path.iterdir())))

    assert (analysis.returncode, analysis.stdout, analysis.stderr) == (0, "", "")


def _settings(name: str, after: str = "") -> list[str]:
    """Return the lines of a unit that set something, comments left out."""
    text = (UNITS / name).read_text()
    lines = text[text.index(after) :].partition("[Install]")[0].splitlines()
    return [line for line in lines if line and not line.startswith(("#", "["))]


def _analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    if not (program := shutil.which("systemd-analyze")):
        pytest.skip("this machine has no systemd-analyze")
    return subprocess.run([program, "--no-pager", *arguments], capture_output=True, text=True, timeout=60, check=False)
