"""One poll by digestd, in a process of its own: `python -m benchmarks.poll_digestd KIND FEEDS PORT AT_ONCE DATABASE`.

It prints what the poll took as JSON. The CPU is that of this process and of those that read for it, without what it takes to
begin any of them: each has read a document of one entry before.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import digestd.daemon  # noqa: F401 (to hold in memory what the daemon holds)
from benchmarks.poll_documents import KINDS as DOCUMENTS
from benchmarks.poll_processes import cpu
from benchmarks.poll_server import host
from digestd.pipeline.poll import poll
from digestd.ports import Source
from digestd.sources.document import Body
from digestd.sources.http import Manners, Web
from digestd.sources.kinds import KINDS
from digestd.storage import PaperStore, open_database

NOW = datetime(2026, 3, 5, 6, tzinfo=UTC)  # the day of the lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Settings of a source, as an operator's file would give them."""

    kind: str
    name: str
    url: str
    allow_private: bool = True
    categories: Sequence[str] = ("cs.LG",)
    every: timedelta = timedelta(hours=1)
    look_back: timedelta = timedelta(days=3)
    revisions: bool = False
    cross_lists: bool = True
    query: str | None = None
    date_field: str | None = None
    issn: Sequence[str] = ()
    venue: str | None = None
    api_key: str | None = None
    contact: str | None = "bench@example.org"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a poll took, in seconds, and what came of it."""

    wall: float
    cpu: float
    papers: int
    news: int
    failed: Sequence[str]


def sources(kind: str, feeds: int, port: int, web: Web) -> Sequence[Source]:
    """Return the sources as `KINDS` builds them, each at an address of its own."""
    wanted = (Wanted(kind=kind, name=f"feed{feed}", url=f"http://{host(feed)}:{port}") for feed in range(feeds))
    return [source for one in wanted for source in KINDS[kind].sources(one, web)]


async def polled(kind: str, feeds: int, port: int, at_once: int, store: PaperStore) -> Spent:
    """Poll all feeds once, and return what that took. Of feeds polled before there may be nothing to read."""
    manners = Manners("digestd-bench (+mailto:bench@example.org)", per_host_gap=timedelta(0), at_once=at_once)
    async with Web(manners) as web:
        if not store.sources():
            await _warm(kind, web)
        before, begun = cpu(os.getpid()), time.perf_counter()
        told = await poll(sources(kind, feeds, port, web), store, timedelta(days=3), NOW)
        wall, spent = time.perf_counter() - begun, cpu(os.getpid()) - before
    papers, news = sum(one.papers or 0 for one in told), sum(one.news for one in told)
    return Spent(wall, spent, papers, news, [one.error for one in told if one.error])


async def _warm(kind: str, web: Web) -> None:
    """Begin a child on each core, and let it import what it needs."""
    document = Body(DOCUMENTS[kind](1, 1)[0], "http://127.0.0.1/")
    read = partial(KINDS[kind].read, name="warm")
    await asyncio.gather(*(web.read(read, document) for _ in os.sched_getaffinity(0)))


def main() -> None:
    """Poll as the command line says."""
    kind, feeds, port, at_once, database = sys.argv[1:]
    with open_database(Path(database), NOW) as opened:
        spent = asyncio.run(polled(kind, int(feeds), int(port), int(at_once), PaperStore(opened)))
    sys.stdout.write(json.dumps(asdict(spent)))


if __name__ == "__main__":
    main()
