"""What a year leaves on disk, and how long prunes take: `python -m benchmarks.bench_retention [DAYS] [PART] [PAPERS_KEPT]`.

400 days, 2,000 papers a day, 1,000 readers who are each told ten a day, on SQLite and pruned daily; a PART of 10 has a tenth.
"""

import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import tell
from digestd.config.settings import RetentionKeys
from digestd.model.delivery import Accepted
from digestd.model.digest import Digest, DigestKey, Evidence, Match, Section, message_id
from digestd.model.paper import Identifiers, Links, Paper, PaperId
from digestd.model.period import PeriodKey, Schedule
from digestd.model.retention import Ages
from digestd.model.source import Cursor, Fetched
from digestd.model.subscriber import Profile, Subscriber, SubscriberId
from digestd.pipeline.compose import Rules
from digestd.pipeline.prune import Prune
from digestd.storage import Database, OutboxStore, PaperStore, RetentionStore, open_database
from tests.support.outbox import claim_from, settle_in

BEGIN = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAY, LEASE = timedelta(days=1), timedelta(minutes=15)
PAPERS, READERS, TOLD = 2_000, 1_000, 10
LIMIT = 2e9  # bytes
HOLD = 0.1  # seconds that a transaction may keep others from writing
TITLE, ABSTRACT, AUTHORS = 75, 1_220, 5  # letters and names: the means of arXiv's


def main(days: int = 400, part: int = 1, kept: int = RetentionKeys().papers.days) -> None:
    with TemporaryDirectory(prefix="bench-") as folder, open_database(Path(folder) / "digestd.db", BEGIN) as database:
        year = _Year(database, part, Ages(timedelta(kept), RetentionKeys().receipts, RetentionKeys().lookups))
        for day in range(days):
            year.pass_day(day)
            if (day + 1) % 40 == 0:
                year.report(day)
        size = year.size() * part
    tell(f"limit: {LIMIT / 1e9:.0f} GB; measured {size / 1e9:.2f} GB, {size / LIMIT:.2f} of it")
    longest, mean = max(year.steps) * 1e3, sum(year.steps) / len(year.steps) * 1e3
    tell(f"limit: {HOLD * 1e3:.0f} ms for a transaction; the longest took {longest:.0f} ms, the mean {mean:.0f}")
    sys.exit(size > LIMIT)


class _Year:
    """An installation, day by day."""

    def __init__(self, database: Database, part: int, ages: Ages) -> None:
        self._seen, self._outbox, self._database = PaperStore(database), OutboxStore(database), database
        self._papers, self._part = PAPERS // part, part
        self._readers = [_reader(number) for number in range(READERS // part)]
        self._prune = Prune(RetentionStore(database), self._outbox, Rules(3 * DAY, "example.org"), ages)
        self._chance = random.Random(1)
        self.steps: list[float] = [0.0]
        self._spent = 0.0

    def pass_day(self, day: int) -> None:
        now = BEGIN + day * DAY
        papers = [_paper(day, number, self._chance) for number in range(self._papers)]
        self._seen.record("arxiv", Fetched(tuple(papers), Cursor()), now)
        digests = (_digest(reader, self._chance.sample(papers, TOLD), now) for reader in self._readers)
        for some in _pieces(digests, 500):
            self._outbox.enqueue(some, now)
            claims = claim_from(self._outbox, now, LEASE, len(some))
            settle_in(self._outbox, [(claim, Accepted("250 2.0.0 Ok: queued as 4ZzTide0Lantern")) for claim in claims], now)
        self._pass_night(now)

    def report(self, day: int) -> None:
        size = f"{self.size() * self._part / 1e6:,.0f} MB"
        tell(f"day {day + 1}: {size}; the last prune took {self._spent:.1f} s, its longest step {max(self._last) * 1e3:.0f} ms")

    def size(self) -> int:
        return self._database.size()

    def _pass_night(self, now: datetime) -> None:
        self._last = [0.0]
        begin = last = time.perf_counter()
        for _ in self._prune.steps(self._readers, now):
            self._last.append(time.perf_counter() - last)
            last = time.perf_counter()
        self._spent = time.perf_counter() - begin
        self.steps += self._last[2:]  # before the first, what is old is looked for, and nobody waits


def _reader(number: int) -> Subscriber:
    return Subscriber(f"reader{number:04}@example.org", Schedule(), (Profile("Lanterns", ("lantern*",)),))


def _paper(day: int, number: int, chance: random.Random) -> Paper:
    arxiv = f"{26 + day // 360:02}{day % 360 // 30 + 1:02}.{day % 30 * PAPERS + number:05}"
    text = "".join(chance.choices("etaoin shrdlu", k=TITLE + 12 * AUTHORS))
    return Paper(
        id=PaperId(f"arXiv:{arxiv}"),
        title=text[:TITLE],
        abstract=text[:61] * (ABSTRACT // 61),
        authors=tuple(f"A. {text[at : at + 10].replace(' ', '')}" for at in range(TITLE, TITLE + 12 * AUTHORS, 12)),
        categories=("cs.LG", "cs.CL"),
        published=BEGIN + day * DAY,
        sources=("arxiv",),
        links=Links(f"https://arxiv.org/abs/{arxiv}", f"https://arxiv.org/pdf/{arxiv}"),
        ids=Identifiers(arxiv=arxiv),
        version=1,
    )


def _digest(reader: Subscriber, papers: Sequence[Paper], now: datetime) -> Digest:
    key = DigestKey(SubscriberId(reader.id), PeriodKey(f"daily/{now:%Y-%m-%d}"))
    shown = tuple(Match(one.id, "Lanterns", 2.4181, _evidence(one)) for one in papers)
    sections = (Section("Lanterns", shown),)
    named = message_id(key, "digest.example.org")
    return Digest(key, named, now - 4 * DAY, now, reader.email, "A. Reader", reader.schedule, sections, looked_at=PAPERS)


def _evidence(paper: Paper) -> tuple[Evidence, ...]:
    return (
        Evidence("lantern*", "title", 12, 20, 1.2103, paper.title[12:20]),
        Evidence("tidal lantern", "abstract", 210, 223, 0.8127, paper.abstract[210:223]),
    )


def _pieces(digests: Iterator[Digest], size: int) -> Iterator[list[Digest]]:
    while some := list(islice(digests, size)):
        yield some


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
