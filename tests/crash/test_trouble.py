"""Trouble around digestd: a mail server that dies, a full disk, a clock that is stepped, a second daemon, one that slept."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from digestd.storage import Address
from tests.crash.form import IS_LONG, SEED, long_form
from tests.crash.judge import judge
from tests.crash.lives import begin_by_hand_clock
from tests.crash.mail import MailServer
from tests.crash.scene import CONNECTIONS, Scene, scene
from tests.crash.test_kills import life_of_its_own
from tests.support.builders import DAY
from tests.support.web import Site as Web

HOUR = timedelta(hours=1)
ROUNDS = 8 if IS_LONG else 2


def until(met: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.01)


@long_form
def test_a_mail_server_that_is_killed_while_mail_goes_out(tmp_path: Path, address: Address, web: Web) -> None:
    chance = Random(SEED)
    with scene(tmp_path, address, web, readers=15, delay=0.01) as set_up:
        assert set_up.live("poll") == 0
        set_up.now += DAY
        assert set_up.live("compose") == 0
        for _ in range(deaths := ROUNDS // 2):
            enough = set_up.mail.lines() + chance.randrange(2, 5)
            life = set_up.begin("deliver")
            until(lambda enough=enough: set_up.mail.lines() >= enough)  # type: ignore[misc]
            set_up.mail.kill()
            set_up.mail.start()
            life.join(30)
            assert life.exitcode == 1
            set_up.now += HOUR
        found = set_up.come_to_rest()

    print(f"\nmail server killed {deaths} times: {found}")
    found.assert_clean(deaths * CONNECTIONS)


@long_form
def test_a_clock_that_is_stepped_back_and_forth(tmp_path: Path, address: Address, web: Web) -> None:
    chance = Random(SEED)
    with scene(tmp_path, address, web) as set_up:
        usual = life_of_its_own(set_up)
        for _ in range(2 * ROUNDS):
            set_up.now += DAY / 2
            set_up.grow(chance.randrange(1, 4))
            life = set_up.begin("tick", ahead=HOUR * chance.uniform(-30, 30))
            life.join(chance.uniform(usual / 2, 1.5 * usual))
            life.kill()
            life.join()
        set_up.now += 3 * DAY
        found = set_up.come_to_rest()

    print(f"\nclock stepped {2 * ROUNDS} times: {found}")
    found.assert_clean()


def test_two_daemons_on_one_database(tmp_path: Path, address: Address, web: Web) -> None:
    with scene(tmp_path, address, web, readers=9) as set_up:
        for day in range(ROUNDS):
            set_up.live("poll")
            set_up.now += DAY
            daemons = [set_up.begin("run"), set_up.begin("run")]
            until(lambda wanted=9 * (day + 1): set_up.mail.lines() >= wanted)  # type: ignore[misc]
            until(lambda wanted=2 * (day + 1): set_up.said().count("daemon.started") >= wanted)  # type: ignore[misc]
            for daemon in daemons:
                daemon.terminate()
            for daemon in daemons:
                daemon.join(30)
            assert [daemon.exitcode for daemon in daemons] == [0, 0], set_up.said()
            set_up.grow(4)
        found = set_up.come_to_rest()

    found.assert_clean()
    assert found.repeated == 0


@pytest.mark.parametrize("step", [pytest.param("MAIL", marks=long_form), "message"])
def test_a_daemon_that_slept_longer_than_its_lease(tmp_path: Path, address: Address, web: Web, step: str) -> None:
    with scene(tmp_path, address, web, readers=9) as set_up:
        set_up.live("poll")
        set_up.now += DAY
        set_up.live("compose")
        clock = tmp_path / "clock"
        clock.write_text(set_up.now.isoformat(), encoding="ascii")
        set_up.mail.hold(step, 0)
        with asleep(begin_by_hand_clock(set_up.site, clock), set_up.mail) as sleeper:
            set_up.mail.go()
            clock.write_text((set_up.now + HOUR).isoformat(), encoding="ascii")
            assert set_up.live("deliver", ahead=HOUR) == 0

        assert sleeper.exitcode == 0, set_up.said()
        found = set_up.come_to_rest()

    print(f"\na daemon slept: {found}")
    found.assert_clean(CONNECTIONS)


@contextmanager
def asleep(life: ForkServerProcess, mail: MailServer) -> Iterator[ForkServerProcess]:
    """Suspend *life* once the mail server holds it; then let it go on, and come to its end."""
    assert life.pid
    try:
        until(mail.has_held)
        time.sleep(0.2)  # the other connections come to the same place
        os.kill(life.pid, signal.SIGSTOP)
        yield life
        os.kill(life.pid, signal.SIGCONT)
        life.join(30)
    finally:
        life.kill()


@long_form
@pytest.mark.parametrize("victim", ["first", "second"])
def test_one_of_two_processes_that_deliver_is_killed(tmp_path: Path, address: Address, web: Web, victim: str) -> None:
    with scene(tmp_path, address, web, readers=400, delay=0.02) as set_up:
        set_up.live("poll")
        set_up.now += DAY
        set_up.live("compose")
        first = set_up.begin("deliver")
        until(lambda: set_up.mail.lines() > 150)
        (second,) = children(first.pid)
        os.kill({"first": first.pid, "second": second}[victim] or 0, signal.SIGKILL)
        first.join(30)
        until(lambda: not is_alive(second))
        there = set_up.mail.lines()
        found = set_up.come_to_rest()

    print(f"\nof two processes, the {victim} was killed, {there} lines in the log then: {found}")
    found.assert_clean()


def children(process: int | None) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_full_disk(tmp_path: Path, web: Web) -> None:
    with small_disk() as disk, scene(tmp_path, disk.folder / "digestd.db", web) as set_up:
        assert disk.run(set_up, "poll").returncode == 0
        disk.fill()

        stopped = disk.run(set_up, "tick")

        assert stopped.returncode == 75
        assert "Free some space and try again" in stopped.stderr
        disk.clear()
        set_up.mail.hold("message", 0)
        with disk.begin(set_up, "tick") as life:
            until(set_up.mail.has_held)
            disk.fill()
            set_up.mail.go()
            until(lambda: "deliver.unsettled" in set_up.said())
            assert life.poll() is None
            disk.clear()
            assert life.wait(60) == 0
        found = judge(set_up.mail.log, set_up.wanted())

    found.assert_clean()
    assert found.repeated == 0


class SmallDisk:
    """A file system of two megabytes, which only processes in one name space see."""

    def __init__(self, folder: Path, keeper: int) -> None:
        self.folder, self._keeper = folder, keeper
        self._filling = Path(f"/proc/{keeper}/root{folder}/filling")

    def run(self, set_up: Scene, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(self._command(set_up, *words), capture_output=True, text=True, timeout=60, check=False)

    def begin(self, set_up: Scene, *words: str) -> "subprocess.Popen[bytes]":
        with (set_up.site.folder / "said").open("ab") as said:
            return subprocess.Popen(self._command(set_up, *words), stdout=said, stderr=said)

    def fill(self) -> None:
        """Leave no block free."""
        with self._filling.open("ab", 0) as file:
            for size in (4096, 1):
                try:
                    while file.write(b"." * size):
                        """There was room."""
                except OSError:
                    """It is full."""

    def clear(self) -> None:
        self._filling.unlink()

    def _command(self, set_up: Scene, *words: str) -> list[str]:
        inside = ["nsenter", "--mount", f"--target={self._keeper}", f"--wd={Path.cwd()}"]
        return [*inside, *set_up.site.command("--now", set_up.now.isoformat(), *words)]


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    if os.getuid() != 0 or not shutil.which("unshare") or not shutil.which("nsenter"):
        pytest.skip("needs root, to mount a small file system where nobody else sees it")
    with TemporaryDirectory() as name:
        mount = f"mount -t tmpfs -o size=2m tmpfs {name} && echo mounted && exec sleep 600"
        command = ["unshare", "--mount", "sh", "-c", mount]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as keeper:
            assert keeper.stdout is not None
            try:
                if keeper.stdout.readline() != "mounted\n":
                    pytest.skip("may not mount a file system here")
                yield SmallDisk(Path(name), keeper.pid)
            finally:
                keeper.kill()
