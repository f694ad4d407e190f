"""The processes that read documents: what they give back, and what is left of them however a reading or the daemon ends."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from digestd.model.source import Cursor, Failed, Fetched
from digestd.sources.document import Body
from digestd.sources.worker import CHILDREN, Worker
from tests.sources.documents import body
from tests.support.builders import NOON, paper

CORES = max(len(os.sched_getaffinity(0)), 2)
PAPERS = tuple(paper(n, categories=("cs.LG",), published=NOON) for n in range(3))


@asynccontextmanager
async def opened(**how: timedelta) -> AsyncIterator[Worker]:
    worker = Worker(**how)
    try:
        yield worker
    finally:
        worker.close()


async def test_what_a_reader_returns_comes_back_as_it_was() -> None:
    async with opened() as worker:
        told = await worker.read(announce, Body(b"", cursor=Cursor(etag='"one"')))

    assert told == Fetched(PAPERS, Cursor(etag='"one"'), wait=timedelta(minutes=1))


async def test_documents_wait_for_each_other_and_none_gets_anothers_answer() -> None:
    async with opened() as worker:
        told = await asyncio.gather(*(worker.read(echo, body(str(n))) for n in range(20)))

    assert told == [Failed(str(n)) for n in range(20)]


async def test_a_few_processes_read_many_documents() -> None:
    async with opened() as worker:
        told = await asyncio.gather(*(worker.read(process, body("")) for _ in range(20)))

    assert len(set(told)) <= CORES


async def test_a_document_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    begun = time.monotonic()
    async with opened(deadline=timedelta(seconds=2)) as worker:
        slow = await worker.read(stall, body(""))
        fine = await worker.read(answer, body(""))

    assert slow == Failed("the document could not be read within 2 s")
    assert fine == Failed("read")
    assert time.monotonic() - begun < 8


async def test_hostile_documents_do_not_keep_others_waiting() -> None:
    async with opened() as worker:
        hostile = [asyncio.create_task(worker.read(burn, body(""))) for _ in range(CORES)]
        await asyncio.sleep(0)
        begun = time.monotonic()
        told = await worker.read(answer, body(""))
        took = time.monotonic() - begun
        worker.close()
        await asyncio.gather(*hostile)

    assert told == Failed("read")
    assert took < 15


@pytest.mark.parametrize("ending", ["end", "crash"])
async def test_a_document_that_ends_the_process_is_a_failure_and_the_next_is_read(ending: str) -> None:
    async with opened() as worker:
        dead = await worker.read({"end": end, "crash": crash}[ending], body(""))
        fine = await worker.read(answer, body(""))

    assert dead == Failed("the process that reads documents ended over this one")
    assert fine == Failed("read")


async def test_a_process_that_died_at_rest_is_replaced() -> None:
    async with opened() as worker:
        first = await worker.read(process, body(""))
        assert isinstance(first, Failed)
        os.kill(int(first.reason), signal.SIGKILL)
        await asyncio.to_thread(gone, int(first.reason))
        second = await worker.read(process, body(""))

    assert isinstance(second, Failed)
    assert second.reason.isdigit()
    assert second != first


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        pytest.param("stumble", "KeyError while reading it (test_worker.py:", id="fault"),
        pytest.param("hoard", "more memory", id="memory"),
    ],
)
async def test_a_fault_in_reading_is_told_without_a_word_of_the_document(reader: str, words: str) -> None:
    async with opened() as worker:
        told = await worker.read({"stumble": stumble, "hoard": hoard}[reader], body("lantern"))
        fine = await worker.read(answer, body(""))

    assert isinstance(told, Failed)
    assert words in told.reason
    assert "lantern" not in told.reason
    assert fine == Failed("read")


async def test_what_a_reader_prints_is_not_taken_for_its_answer(capfd: pytest.CaptureFixture[str]) -> None:
    async with opened() as worker:
        told = await worker.read(chatter, body(""))

    assert told == Failed("read")
    assert "lantern" in capfd.readouterr().err


async def test_a_reader_that_cannot_be_sent_is_our_own_fault_and_the_next_is_read() -> None:
    async with opened() as worker:
        with pytest.raises((AttributeError, TypeError)):
            await worker.read(lambda _: Failed(""), body(""))

        assert await worker.read(answer, body("")) == Failed("read")


async def test_a_worker_ends_in_the_middle_of_a_document() -> None:
    async with opened() as worker:
        reading = asyncio.create_task(worker.read(stall, body("")))
        waiting = [asyncio.create_task(worker.read(stall, body(""))) for _ in range(CHILDREN)]
        await asyncio.sleep(0.5)
        worker.close()

        assert all(isinstance(told, Failed) for told in await asyncio.gather(reading, *waiting))


async def test_who_wants_a_document_no_longer_ends_its_process(tmp_path: Path) -> None:
    async with opened() as worker:
        reading = asyncio.create_task(worker.read(partial(stall_after, file=tmp_path / "pid"), body("")))
        pid = await asyncio.to_thread(written, tmp_path / "pid")
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    assert await asyncio.to_thread(gone, pid)


async def test_processes_at_rest_are_let_go_after_a_while() -> None:
    async with opened(idle=timedelta(seconds=0.2)) as worker:
        told = await worker.read(process, body(""))
        assert isinstance(told, Failed)
        ended = await asyncio.to_thread(gone, int(told.reason))
        again = await worker.read(answer, body(""))

    assert ended
    assert again == Failed("read")


async def test_a_process_that_read_a_large_document_is_not_kept() -> None:
    async with opened() as worker:
        first = await worker.read(process, Body(bytes(5_000_000)))
        second = await worker.read(process, body(""))

    assert first != second


async def test_who_brings_documents_waits_while_several_are_unread() -> None:
    async with opened(deadline=timedelta(seconds=0.5)) as worker:
        reading = [asyncio.create_task(worker.read(stall, body(""))) for _ in range(CHILDREN)]
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(worker.ready(), 0.1)
        await asyncio.gather(*reading)

        await asyncio.wait_for(worker.ready(), 0.1)


async def test_a_process_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTD_SMTP__PASSWORD", "tide-and-lantern")
    async with opened() as worker:
        told = await worker.read(environment, body(""))

    assert isinstance(told, Failed)
    assert "PASSWORD" not in told.reason


def test_what_is_read_needs_neither_the_web_client_nor_the_store() -> None:
    reads = "import sys, digestd.sources.reading, digestd.sources.kinds; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", reads], capture_output=True, text=True, check=True).stdout.split()

    assert not {"aiohttp", "asyncio", "sqlalchemy", "pydantic", "apscheduler", "multiprocessing"} & set(imported)


@pytest.mark.parametrize("busy", [True, False], ids=["in_the_middle_of_a_document", "at_rest"])
def test_processes_end_with_a_daemon_that_is_killed(tmp_path: Path, busy: bool) -> None:
    daemon = subprocess.Popen([sys.executable, "-c", DAEMON, str(tmp_path / "pid"), "1" if busy else ""])
    pid = written(tmp_path / "pid")
    daemon.kill()
    daemon.wait()

    assert gone(pid)


DAEMON = """
import asyncio, sys
from functools import partial
from pathlib import Path
from digestd.sources.worker import Worker
from tests.sources.documents import body
from tests.sources.test_worker import burn_after, note

read = partial(burn_after if sys.argv[2] else note, file=Path(sys.argv[1]))
async def main():
    worker = Worker()
    await worker.read(read, body(""))
    await asyncio.sleep(60)
asyncio.run(main())
"""


def written(file: Path) -> int:
    """Return the process that a reader noted in *file*."""
    for _ in range(1000):
        if file.exists() and (text := file.read_text()):
            return int(text)
        time.sleep(0.01)
    raise AssertionError("no process began to read")


def gone(pid: int) -> bool:
    """Return whether a process ends within a moment; one that nobody has waited for yet has ended."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def announce(given: Body) -> Fetched | Failed:
    return Fetched(PAPERS, given.cursor, wait=timedelta(minutes=1))


def stall(_: Body) -> Failed:
    time.sleep(60)
    return Failed("too late")


def stall_after(given: Body, file: Path) -> Failed:
    note(given, file)
    return stall(given)


def burn(_: Body) -> Failed:
    until = time.process_time() + 60
    while time.process_time() < until:
        pass
    return Failed("too late")


def burn_after(given: Body, file: Path) -> Failed:
    note(given, file)
    return burn(given)


def note(_: Body, file: Path) -> Failed:
    file.write_text(str(os.getpid()))
    return Failed("noted")


def answer(_: Body) -> Failed:
    return Failed("read")


def echo(given: Body) -> Failed:
    return Failed(given.content.decode())


def process(_: Body) -> Failed:
    return Failed(str(os.getpid()))


def end(_: Body) -> Failed:
    os._exit(1)


def crash(_: Body) -> Failed:
    os.kill(os.getpid(), signal.SIGSEGV)
    return Failed("alive")


def stumble(given: Body) -> Failed:
    words: dict[bytes, Failed] = {}
    return words[given.content]


def hoard(_: Body) -> Failed:
    return Failed(str(len(bytes(1 << 30))))


def chatter(_: Body) -> Failed:
    print("lantern", flush=True)
    return Failed("read")


def environment(_: Body) -> Failed:
    return Failed(" ".join(os.environ))
