"""Whose turn it is: one request at a time to a host, or to a service of many hosts, with a rest after each, and few in all."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from io import BufferedRandom
from pathlib import Path

from digestd.model.source import Failed
from digestd.sources.trouble import LeftAlone, Unfit

_HOSTS = {"arxiv.org": "arxiv", "ncbi.nlm.nih.gov": "pubmed"}  # to ask there is to ask that service, in whatever name
_LEAST = {
    "arxiv": 3.0,  # https://info.arxiv.org/help/api/tou.html: a request every three seconds, on one connection
    "pubmed": 0.34,  # https://www.ncbi.nlm.nih.gov/books/NBK25497/: three requests a second
}
_LEAVE_ALONE = {403, 429, 503}  # answers that speak for a whole service, where they say for how long
_AGAIN = 0.1  # seconds until another process is asked once more whether it has done


class Turns:
    """The turns of one installation: *gap* seconds lie between two of one line. Those of services hold over all its
    processes and over restarts, where there is a *folder* to keep them in.
    """

    def __init__(self, gap: float, at_once: int, folder: Path | None = None) -> None:
        self._gap = gap
        self._slots = asyncio.Semaphore(at_once)
        self._folder = folder
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def taken(self, host: str, service: str | None = None) -> AsyncIterator[None]:
        """Hold the turn of *service*, else of *host*, then one of the slots: each in the order of asking.

        Raises LeftAlone when the service was `refused` for a time that has not passed.
        """
        known = _service_at(host)
        gap = max(self._gap, _LEAST[known]) if known else self._gap
        line = self._line(host, service)
        async with line.lock:
            line.check()
            await asyncio.sleep(line.free_at - _now())
            async with self._alone(known or service, gap), self._slots:
                try:
                    yield
                finally:
                    line.free_at = _now() + gap

    def refused(self, answer: Failed, host: str, service: str | None = None) -> None:
        """Leave a service alone for as long as its *answer* says; a host that is no service may mean one address only."""
        if answer.wait and answer.status in _LEAVE_ALONE and (service or _service_at(host)):
            line = self._line(host, service)
            line.left_until, line.status = _now() + answer.wait.total_seconds(), answer.status

    def _line(self, host: str, service: str | None) -> "_Line":
        return self._lines.setdefault(_service_at(host) or service or host.rstrip("."), _Line())

    def _alone(self, service: str | None, gap: float) -> AbstractAsyncContextManager[None]:
        return _alone(self._folder / f"{service}.turn", gap) if self._folder and service else nullcontext()


@dataclass(slots=True)
class _Line:
    """Those within this process who wait for one turn, and until when there is none, as an answer of that *status* said."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    left_until: float = 0.0
    status: int | None = None

    def check(self) -> None:
        if (rest := self.left_until - _now()) > 0:
            raise LeftAlone(timedelta(seconds=rest), self.status)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _service_at(host: str) -> str | None:
    return next((service for domain, service in _HOSTS.items() if f".{host.rstrip('.')}".endswith(f".{domain}")), None)


@asynccontextmanager
async def _alone(file: Path, gap: float) -> AsyncIterator[None]:
    """Hold *file*, in which stands when its service was asked last, alone among all processes; a dead one holds nothing."""
    with _opened(file) as ours:
        await _locked(ours, gap)
        try:
            _note(ours)  # already now: should we die in the middle, it counts from here
            yield
        finally:
            _note(ours)


def _opened(file: Path) -> BufferedRandom:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
    except OSError as error:
        raise Unfit(f"the turns of services cannot be kept in {file}: {error.strerror}") from error


async def _locked(ours: BufferedRandom, gap: float) -> None:
    while True:
        if not (rest := _rest(ours, gap)):
            return
        await asyncio.sleep(rest)


def _rest(ours: BufferedRandom, gap: float) -> float:
    """Take the lock and return 0, or return in how many seconds to try again."""
    try:
        fcntl.flock(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _AGAIN
    since = time.time() - _noted(ours)
    if not since >= 0:  # a time in the future, by a clock since put right, tells nothing
        _note(ours)
        since = 0
    if since >= gap:
        return 0.0
    fcntl.flock(ours, fcntl.LOCK_UN)
    return gap - since


def _noted(ours: BufferedRandom) -> float:
    try:
        return float(os.pread(ours.fileno(), 32, 0) or 0)
    except ValueError:
        return 0.0


def _note(ours: BufferedRandom) -> None:
    os.pwrite(ours.fileno(), f"{time.time():020.6f}".encode(), 0)
