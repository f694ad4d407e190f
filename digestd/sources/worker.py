"""A process that reads documents from strangers: it can be killed, and it knows no secrets.

What a hostile feed can do to a parser (minutes of CPU, all memory) it does to a child, which is replaced.
"""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, cast

from digestd.model.source import Failed, Fetched
from digestd.sources.document import Body, Read

DEADLINE = timedelta(seconds=20)  # 15 MiB, the most that is read, take feedparser about 4 s
_MEMORY = 1 << 30


class Worker:
    """One child at a time, begun at the first document and kept for the next."""

    def __init__(self, deadline: timedelta = DEADLINE) -> None:
        self._deadline = deadline.total_seconds()
        self._thread = ThreadPoolExecutor(1, "reading")  # its queue is what makes documents wait for each other
        self._child: _Child | None = None

    async def read(self, read: Read, body: Body) -> Fetched | Failed:
        """Return what *read*, a function that pickle finds by its name, makes of *body*."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, read, body)

    def close(self) -> None:
        """End the child, even in the middle of a document."""
        if child := self._child:
            child.process.kill()
        self._thread.shutdown(cancel_futures=True)
        self._end()

    def _ask(self, read: Read, body: Body) -> Fetched | Failed:
        self._child = self._child or _Child()
        try:
            self._child.line.send((read, body))
            if self._child.line.poll(self._deadline):
                return cast("Fetched | Failed", self._child.line.recv())
            reason = f"the document could not be read within {self._deadline:g} s"
        except (EOFError, OSError):
            reason = "the process that reads documents ended over this one"
        self._end()
        return Failed(reason)

    def _end(self) -> None:
        if self._child:
            self._child.end()
        self._child = None


class _Child:
    """A running child and the line to it. Its environment is the import path alone: no credentials."""

    def __init__(self) -> None:
        self.line, theirs = Pipe()
        command = [sys.executable, "-P", "-c", f"from {__name__} import main; main()", str(theirs.fileno())]
        path, ours = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}, [theirs.fileno()]
        self.process = subprocess.Popen(command, env=path, pass_fds=ours, stdin=subprocess.DEVNULL)  # noqa: S603 (it is us)
        theirs.close()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.line.close()


def main() -> None:
    """Read what comes over the line until it closes; a stop meant for the daemon is not for us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    line: Connection[Any, Any] = Connection(int(sys.argv[1]))
    try:
        while True:
            read, body = line.recv()
            line.send(read(body))
    except (EOFError, OSError):
        line.close()
