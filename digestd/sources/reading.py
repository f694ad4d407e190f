"""What a process does that reads documents from strangers. It imports little, for there are several: no aiohttp, no asyncio."""

import fcntl
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from traceback import walk_tb
from typing import Any, BinaryIO

from digestd.model.paper import Identifiers, Links, Paper
from digestd.model.source import Failed
from digestd.sources.document import Body

_MEMORY = 512 << 20  # four times what 15 MiB of feed take


def main() -> None:
    """Read what comes over standard input until it closes; a stop meant for the daemon is not for us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _bind_to_daemon(int(sys.argv[1]))
    with _line() as (asked, told):
        while True:
            try:
                read, body = pickle.load(asked)  # noqa: S301 (the daemon's own words)
            except EOFError:
                return
            _tell(_answer(read, body), told)


@contextmanager
def _line() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Yield what the daemon asks and where it listens; whatever else is printed goes to the log."""
    with os.fdopen(os.dup(0), "rb") as asked, os.fdopen(os.dup(1), "wb") as told:
        os.dup2(2, 1)
        yield asked, told


def _bind_to_daemon(lifeline: int) -> None:
    """End, even in the middle of a document, when the daemon ends: its end of *lifeline* closes, and SIGIO tells us.

    It is a pipe of its own, in which nothing is ever written: the kernel may tell of a write after it has been read.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def _answer(read: Callable[[Body], Any], body: Body) -> Any:
    """Return what *read* makes of *body*; a fault of ours is told by its place, without a word of the document."""
    try:
        return read(body)
    except MemoryError:
        return Failed("reading the document took more memory than is allowed")
    except Exception as error:  # noqa: BLE001 (over hostile documents any; the next document is read all the same)
        *_, (frame, line) = walk_tb(error.__traceback__)
        return Failed(f"{type(error).__name__} while reading it ({Path(frame.f_code.co_filename).name}:{line})")


def _tell(answer: Any, told: BinaryIO) -> None:
    pickler = pickle.Pickler(told, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _APART
    pickler.dump(answer)
    told.flush()


def _apart(value: Any) -> tuple[type, tuple[Any, ...]]:
    return type(value), _FIELDS[type(value)](value)


# Papers go by their fields, which takes half the time that frozen dataclasses take by themselves.
_FIELDS = {kind: attrgetter(*(field.name for field in fields(kind))) for kind in (Paper, Links, Identifiers)}
_APART: Mapping[type, Callable[[Any], tuple[type, tuple[Any, ...]]]] = dict.fromkeys(_FIELDS, _apart)
