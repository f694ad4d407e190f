"""Processes that read documents from strangers: they can be killed, and they know no secrets.

What a hostile feed can do to a parser (minutes of CPU, all memory) it does to a child, which is replaced.
"""

import asyncio
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, cast

from digestd.model.source import Failed
from digestd.sources.document import Body, Told

DEADLINE = timedelta(seconds=20)  # 15 MiB, the most that is read, take feedparser about 4 s
CHILDREN = 8
IDLE = timedelta(minutes=1)
_SIDE_BY_SIDE = min(max(len(os.sched_getaffinity(0)), 2), CHILDREN)
_LARGE = 4 << 20  # bytes of a document after which a child would keep much memory
_PATIENCE = 1.5  # seconds of a processor that a document may keep others waiting
_CHECKS, _BETWEEN = 12, 0.5  # how often, and after how many seconds, we look


class Worker:
    """Children, begun as documents come: one to a core, others only beside those that take long, none when there is nothing
    to read for a while.
    """

    def __init__(self, deadline: timedelta = DEADLINE, idle: timedelta = IDLE) -> None:
        self._deadline, self._idle = deadline.total_seconds(), idle.total_seconds()
        self._room = asyncio.Semaphore(CHILDREN)
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._threads = ThreadPoolExecutor(CHILDREN, "reading")
        self._children: set[_Child] = set()
        self._resting: list[_Child] = []
        self._waiting, self._calm = 0, asyncio.Event()
        self._calm.set()
        self._closed = False

    async def ready(self) -> None:
        """Return once few documents wait: whoever brings more waits here, so that few are held in memory."""
        await self._calm.wait()

    async def read(self, read: Callable[[Body], Told], body: Body) -> Told | Failed:
        """Return what *read*, a function that pickle finds by its name, makes of *body*."""
        pickle.dumps(read)  # what cannot be sent is a fault of ours: it raises here, not in the middle of the line
        async with AsyncExitStack() as room, AsyncExitStack() as slot:
            with self._waits():
                await room.enter_async_context(self._room)
                await slot.enter_async_context(self._slots)
            if self._closed:
                return Failed("the document was not read: digestd is stopping")
            child = self._taken()
            reading = asyncio.get_running_loop().run_in_executor(self._threads, child.read, read, body)
            begun = time.monotonic()
            await self._patience(reading, child)
            if not reading.done():
                child.step_back()
                await slot.aclose()
                await _done_or_ended(reading, child, begun + self._deadline - time.monotonic())
            return cast("Told | Failed", await self._answer(child, reading))

    def close(self) -> None:
        """End the children, even in the middle of a document."""
        self._closed = True
        for child in self._children:
            child.kill()
        self._threads.shutdown()
        for child in tuple(self._children):
            self._drop(child)

    async def _patience(self, reading: "asyncio.Future[Any]", child: "_Child") -> None:
        """Wait until a document is read, or has cost much of a processor: on a busy machine more children help nobody."""
        enough = child.seconds() + _PATIENCE
        for _ in range(_CHECKS):
            await _done_or_ended(reading, child, min(_BETWEEN, self._deadline / _CHECKS))
            if reading.done() or child.seconds() >= enough:
                return

    @contextmanager
    def _waits(self) -> Iterator[None]:
        self._waiting += 1
        if self._waiting >= _SIDE_BY_SIDE:
            self._calm.clear()
        try:
            yield
        finally:
            self._waiting -= 1
            if self._waiting < _SIDE_BY_SIDE:
                self._calm.set()

    def _taken(self) -> "_Child":
        """Return the child that was at work last, so that others are let go; a new one where none rests."""
        while self._resting:
            child = self._resting.pop()
            if child.is_well():
                return child
            self._drop(child)
        child = _Child()
        self._children.add(child)
        return child

    async def _answer(self, child: "_Child", reading: "asyncio.Future[Any]") -> Any:
        late = not reading.done()
        if late:
            child.kill()
        answer = await reading
        if answer is not None and not child.is_worn:
            self._rest(child)
        else:
            self._drop(child)
        if answer is not None:
            return answer
        if late:
            return Failed(f"the document could not be read within {self._deadline:g} s")
        return Failed("the process that reads documents ended over this one")

    def _rest(self, child: "_Child") -> None:
        self._resting.append(child)
        child.leave = asyncio.get_running_loop().call_later(self._idle, self._let_go, child)

    def _let_go(self, child: "_Child") -> None:
        self._resting.remove(child)
        self._drop(child)

    def _drop(self, child: "_Child") -> None:
        self._children.discard(child)
        child.end()


async def _done_or_ended(reading: "asyncio.Future[Any]", child: "_Child", seconds: float) -> None:
    """Wait for a document so long; when whoever asked wants it no longer, neither do we."""
    try:
        await asyncio.wait({reading}, timeout=seconds)
    except asyncio.CancelledError:
        child.kill()
        raise


class _Child:
    """A running child and the line to it. Its environment is the import path alone: no credentials."""

    def __init__(self) -> None:
        theirs, ours = os.pipe()
        self._lifeline = os.fdopen(ours, "wb")  # which closes when we end, however that comes
        command = [sys.executable, "-P", "-c", "from digestd.sources.reading import main; main()", str(theirs)]
        path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(  # noqa: S603 (it is us)
            command, env=path, pass_fds=[theirs], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        os.close(theirs)
        self._asked, self._told = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        self.leave: asyncio.TimerHandle | None = None
        self.is_worn = False

    def is_well(self) -> bool:
        """Return whether the child still lives, which from now on is not let go."""
        if self.leave:
            self.leave.cancel()
        return self._process.poll() is None

    def read(self, read: Callable[[Body], Any], body: Body) -> Any | None:
        """Return the answer of *read*; None when the child ended over it."""
        self.is_worn = len(body.content) >= _LARGE
        try:
            pickle.dump((read, body), self._asked, pickle.HIGHEST_PROTOCOL)
            self._asked.flush()
            return pickle.load(self._told)  # noqa: S301 (a child gone bad could read our files without asking us)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None

    def seconds(self) -> float:
        """Return how long the child has had a processor (proc(5): user and system time in ticks)."""
        with suppress(OSError):
            ticks = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def step_back(self) -> None:
        """Let other processes go first, from now on."""
        self.is_worn = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        if self.leave:
            self.leave.cancel()
        self._process.kill()
        self._process.wait()
        for line in (self._asked, self._told, self._lifeline):
            with suppress(OSError):  # what was not said yet cannot be said any more
                line.close()
