"""Composing, against its limits: `python -m benchmarks.bench_compose [--readers N]`. It takes about six minutes.

Each reader is told about 20 papers of 2,000, drafted with their evidence and stored in a real SQLite file, as the daemon does;
the next day as many again, when the store knows what they were told. Matching is told apart: bench_match has its limit.
It exits 1 if a limit is missed.
"""

import argparse
import gc
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from benchmarks.bench_poll import MIB, Table
from benchmarks.match_crowd import MOST_PAPERS, Crowd, papers
from benchmarks.match_run import peak, timed
from benchmarks.measure import tell
from digestd.matching.corpus import Corpus
from digestd.matching.matcher import Matcher
from digestd.model.digest import Digest
from digestd.model.paper import Paper, PaperId
from digestd.model.period import Schedule
from digestd.model.source import Cursor, Fetched
from digestd.model.subscriber import Profile, Subscriber, SubscriberId
from digestd.pipeline.compose import Rules, compose
from digestd.pipeline.match import prepared
from digestd.storage import Database, OutboxStore, PaperStore, open_database

READERS, PAPERS, TOLD = 100_000, 2_000, 20
LIMIT, MOST_MEMORY = 30, 1_024  # seconds that READERS take, matching apart; MiB
FIRST_DAY = datetime(2026, 3, 5, 5, tzinfo=UTC)
DAY = timedelta(days=1)
_DRAWN = 4  # keywords to draw from, by reader
_MOST_OF_ONE = 6  # papers that a keyword finds


@dataclass
class Watched:
    """What parts of a compose took, in seconds of CPU."""

    matching: float = 0.0
    asking: float = 0.0
    storing: float = 0.0
    stored: int = 0


class Papers(PaperStore):
    """The papers; how long it takes to ask for what was told is noted."""

    def __init__(self, database: Database, watched: Watched) -> None:
        super().__init__(database)
        self._watched = watched

    def told(self, who: Iterable[SubscriberId], since: datetime) -> Mapping[SubscriberId, AbstractSet[PaperId]]:
        spent, found = timed(lambda: super(Papers, self).told(who, since))
        self._watched.asking += spent
        return found


class Digests(OutboxStore):
    """The outbox; how long it takes to store digests is noted."""

    def __init__(self, database: Database, watched: Watched) -> None:
        super().__init__(database)
        self._watched = watched

    def enqueue(self, digests: Sequence[Digest], now: datetime) -> int:
        spent, stored = timed(lambda: super(Digests, self).enqueue(digests, now))
        self._watched.storing += spent
        self._watched.stored += sum(len(digest.shown) for digest in digests)
        return stored


@dataclass
class Day:
    """A day's compose: for how many *readers*, and against which limits."""

    now: datetime
    news: Sequence[Paper]
    database: Database
    readers: Sequence[Subscriber]
    rules: Rules
    watched: Watched = field(default_factory=Watched)

    def pass_by(self, table: Table) -> None:
        """Tell what composing takes."""
        seen, outbox = Papers(self.database, self.watched), Digests(self.database, self.watched)
        seen.record("arxiv", Fetched(tuple(self.news), Cursor()), self.now)
        self._match(seen)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here (proc(5))
        begun, wall = process_time(), perf_counter()
        composed = compose(self.readers, seen, outbox, self.rules, self.now + DAY / 8)
        spent, wall = process_time() - begun, perf_counter() - wall
        assert composed.stored == len(self.readers)
        self._tell(table, spent, wall)

    def _match(self, seen: PaperStore) -> None:
        """Match once by itself: profiles are compiled then, and what is rare is settled."""
        since = self.now - self.rules.look_back
        corpus = [one.paper for one in seen.window(since, self.now + DAY)]
        matcher = prepared(self.rules.matcher, self.readers, seen, self.now)
        who = [reader.id for reader in self.readers]
        matcher.look(Corpus([]), {}, self.now)
        spent, _ = timed(lambda: matcher.look(Corpus(corpus), {}, self.now).findings(who))
        self.watched.matching = spent

    def _tell(self, table: Table, spent: float, wall: float) -> None:
        readers, watched = len(self.readers), self.watched
        limit = LIMIT * readers / READERS
        apart = spent - watched.matching
        tell(f"{self.now:%A}: {readers:,} readers, {watched.stored / readers:.1f} papers shown to each; CPU in seconds")
        table.most("matching, all at once", watched.matching, None)
        table.most("asking what was told", watched.asking, None)
        table.most("drafting", apart - watched.asking - watched.storing, None)
        table.most("storing", watched.storing, None)
        table.most("composing, matching apart", apart, limit)
        table.most("composing, by the clock", wall, None)
        table.most("µs for each paper shown", 1e6 * apart / max(watched.stored, 1), None)
        table.most("memory of the process at most, MiB", peak() / MIB, MOST_MEMORY)


def main() -> int:
    """Measure and tell all; return how many limits were missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=READERS, help=f"how many readers there are (default: {READERS})")
    count, table = parser.parse_args().readers, Table()
    readers, days = _readers(count), [papers(2 * PAPERS)[:PAPERS], papers(2 * PAPERS)[PAPERS:]]
    gc.collect()
    rules = Rules(timedelta(days=3), "digest.example.org")
    with (
        TemporaryDirectory(prefix="digestd-bench-") as folder,
        open_database(Path(folder) / "digestd.db", FIRST_DAY) as database,
    ):
        for number, news in enumerate(days):
            Day(FIRST_DAY + number * DAY, news, database, readers, rules).pass_by(table)
        tell(f"the file has {database.size() / MIB:,.0f} MiB")
    return table.missed


def _readers(count: int) -> Sequence[Subscriber]:
    """Return so many readers, each with keywords that find about as many papers as it is to be told, of each of two days."""
    chance, drawn = Random(3), _rare(2 * PAPERS, max(count, 100) * _DRAWN)
    schedule = Schedule()
    profiles = (_profile(chance, drawn) for _ in range(count))
    return [Subscriber(f"reader{number}@example.org", schedule, (one,)) for number, one in enumerate(profiles)]


def _profile(chance: Random, drawn: Sequence[tuple[str, int]]) -> Profile:
    keywords, found = [], 0
    while found < 2 * TOLD:
        keyword, papers = drawn[int(chance.random() * len(drawn))]
        keywords.append(keyword)
        found += papers
    return Profile("All", tuple(keywords))


def _rare(count: int, most: int) -> Sequence[tuple[str, int]]:
    """Return keywords that find few papers each, and how many."""
    matcher, crowd = Matcher(), Crowd(papers(MOST_PAPERS))
    keywords = list(dict.fromkeys(keyword for reader in crowd.readers(most // 8) for keyword in reader.profiles[0].keywords))
    alone = {f"{number}@example.org": keyword for number, keyword in enumerate(keywords)}
    matcher.keep(Subscriber(email, Schedule(), (Profile("", (keyword,)),)) for email, keyword in alone.items())
    findings = matcher.look(Corpus(papers(count)), {}, FIRST_DAY).findings(map(SubscriberId, alone))
    return [(alone[who], len(found)) for who, [found] in findings.items() if 0 < len(found) <= 2 * _MOST_OF_ONE]


if __name__ == "__main__":
    sys.exit(main() > 0)
