"""The crew: processes that deliver beside this one. Each has its share of connections and rates, and claims for itself.

A child lives on a line that closes when we end, however that comes: then it hands over nothing new, and ends. One that dies is
told in the log; what it had claimed is due again when its lease is over.
"""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass

import structlog

from digestd.model.traffic import Share
from digestd.pipeline.round import Round

log = structlog.get_logger("digestd.deliver")


@dataclass(frozen=True, slots=True)
class Crew:
    """*most* processes, each of them begun by *command*, which is told its share."""

    most: int = 1
    command: Sequence[str] = ()

    @asynccontextmanager
    async def at_work(self, processes: int, current: Round) -> AsyncIterator[Share]:
        """Let so many processes work while the context lasts, and yield our own share."""
        children = [await self._begin(Share(place, processes)) for place in range(1, processes)]
        watching = [asyncio.create_task(_watch(child, current)) for child in children]
        ending = asyncio.create_task(_end(children, current))
        try:
            yield Share(0, processes)
        except BaseException:
            current.stop("digestd met a fault")
            raise
        finally:
            await asyncio.gather(*watching)
            ending.cancel()

    async def _begin(self, share: Share) -> Process:
        return await asyncio.create_subprocess_exec(*self.command, str(share), stdin=PIPE, stdout=PIPE)


async def _watch(child: Process, current: Round) -> None:
    """Count what *child* has done, once it has ended."""
    assert child.stdout is not None
    told = await child.stdout.read()
    if code := await child.wait():
        log.error("deliver.process_died", pid=child.pid, code=code)
    else:
        current.tally.update(json.loads(told))


async def _end(children: Sequence[Process], current: Round) -> None:
    """Tell the children when the round is over."""
    await current.over()
    for child in children:
        if child.stdin is not None:
            child.stdin.close()


@contextmanager
def drained_at_signals(current: Round) -> Iterator[None]:
    """Stop *current* at a signal: nothing new goes out, what is on its way is waited for. The second signal ends us."""
    loop, numbers = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)

    def stop() -> None:
        current.stop("digestd is stopping")
        restore()

    def restore() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)

    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        restore()


async def stop_with_parent(current: Round) -> None:
    """Stop the round of a child when its line closes."""
    line = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(line), sys.stdin)
    with closing(pipe):
        await line.read()
    current.stop("digestd is stopping")
