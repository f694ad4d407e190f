"""Lives of digestd: processes that run the program's own `main`. Python and the modules are loaded once, for all of them."""

import gc
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import IO, Any

from digestd import cli
from digestd.cli import main

_NURSERY = get_context("forkserver")
_VERBS = [f"digestd.cli.{file.stem}" for file in Path(cli.__file__).parent.glob("*.py") if file.stem != "__init__"]
_NURSERY.set_forkserver_preload([__name__, *_VERBS, "digestd.daemon", "sqlalchemy.dialects.postgresql.psycopg"])

Streams = tuple[IO[bytes], IO[bytes], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a life finds: its environment, and files of ours as its stdin, stdout and stderr."""

    environment: Mapping[str, str]
    streams: Streams

    def __reduce__(self) -> tuple[Callable[..., "_Received"], tuple[Any, ...]]:
        return _Received, (dict(self.environment), [DupFd(stream.fileno()) for stream in self.streams], Path.cwd())


@dataclass(frozen=True, slots=True)
class _Received:
    """Surroundings as they come to the life itself."""

    environment: Mapping[str, str]
    streams: Sequence[Any]
    folder: Path


def digestd(*words: str) -> None:
    """Be the program, called with *words*."""
    sys.argv = ["digestd", *words]
    main()


def begin(target: Callable[..., None], surroundings: Surroundings, *words: str) -> ForkServerProcess:
    """Begin a life that does *target* with *words*."""
    life = _NURSERY.Process(target=_furnished, args=(target, surroundings, words), daemon=True)
    life.start()
    return life


def _furnished(target: Callable[..., None], found: _Received, words: tuple[str, ...]) -> None:
    """Do *target* in its surroundings; warnings are errors, those too that come last of all."""
    gc.freeze()  # what is loaded already is not looked through again
    warnings.simplefilter("error")
    os.chdir(found.folder)
    os.environ.clear()
    os.environ.update(found.environment)
    time.tzset()
    for number, stream in enumerate(found.streams):
        _put(stream.detach(), number)
    sys.stdin = os.fdopen(0, closefd=False)
    try:
        target(*words)
    finally:
        gc.collect()


def _put(file: int, number: int) -> None:
    os.dup2(file, number)
    os.close(file)
