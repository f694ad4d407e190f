"""One crowd matched in a process of its own: `python -m benchmarks.match_run READERS PAPERS BOOLEAN`.

It prints as JSON what each stage took, in seconds of CPU, and the most memory that the process held.
"""

import gc
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

import numpy as np

from benchmarks.match_crowd import MOST_PAPERS, Crowd, papers
from digestd.matching.corpus import Corpus
from digestd.matching.findings import Candidate, Found
from digestd.matching.hits import hits
from digestd.matching.look import Look
from digestd.matching.points import points
from digestd.matching.rank import Ranker
from digestd.matching.shelf import Profiles, Shelf
from digestd.model.paper import Paper
from digestd.model.subscriber import SubscriberId

NOW = datetime(2026, 3, 5, 6, tzinfo=UTC)
SHOWN = 20
RECENT = 2_000  # papers that say what is rare
ROUNDS, MANY = 3, 1_000_000  # so many readers are matched once

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a crowd took: seconds of CPU, the *matches* found, and bytes of memory at the *peak*.

    *whole* is from text to the ranked papers of every reader, in arrays; *objects* is what it takes to make candidates of the
    first of each.
    """

    compiling: float
    rare: float
    whole: float
    objects: float
    stages: Mapping[str, float]
    matches: int
    peak: int


def shown(found: Found) -> Iterator[tuple[SubscriberId, Sequence[Candidate]]]:
    """Yield the papers that each reader of one profile is shown; the reasons of each are the bits of what was found."""
    return ((reader, list(best[:SHOWN])) for reader, [best] in found.items())


def measured(readers: int, count: int, boolean: float) -> Spent:
    """Return what it takes to match so many papers for so many readers."""
    everything = papers(MOST_PAPERS)
    day, recent = everything[:count], Corpus(everything[-RECENT:])
    wanted = _profiles(Crowd(everything, boolean), readers)
    gc.disable()  # as composing does
    compiling, shelf = timed(lambda: Shelf(wanted))
    rare, _ = timed(lambda: shelf.rarity(recent))
    rounds = [_round(shelf, day, recent, list(wanted)) for _ in range(ROUNDS if readers < MANY else 1)]
    most = peak()
    stages, matches = _stages(shelf, lambda: Corpus(day), shelf.rarity(recent))
    whole, objects = map(median, zip(*rounds, strict=True))
    return Spent(compiling, rare, whole, objects, stages, matches, most)


def _round(shelf: Shelf, day: Sequence[Paper], recent: Corpus, who: Sequence[SubscriberId]) -> tuple[float, float]:
    """Return what it takes to rank the papers of a day for all, and then to make candidates of the first of each."""
    ranking, found = timed(lambda: Look([shelf], Corpus(day), recent, {}, NOW).findings(who))
    objects, _ = timed(lambda: sum(len(best) for _, best in shown(found)))
    return ranking, objects


def timed(run: Callable[[], Result]) -> tuple[float, Result]:
    """Return what a run took, in seconds of CPU, and its result."""
    begun = process_time()
    result = run()
    return process_time() - begun, result


def _profiles(crowd: Crowd, readers: int) -> dict[SubscriberId, Profiles]:
    return {one.id: one.profiles for one in crowd.readers(readers)}


def _stages(shelf: Shelf, read: Callable[[], Corpus], rare: np.ndarray) -> tuple[dict[str, float], int]:
    """Return what each stage takes, and how many matches there are."""
    library = shelf.library
    words, corpus = timed(read)
    singular, _ = timed(lambda: corpus.singular)
    walk, found = timed(lambda: hits(library, corpus))
    worth, values = timed(lambda: points(library, corpus, found, rare))
    ranker = Ranker(library, corpus, values, np.ones(len(corpus.papers)), NOW)
    blocks = np.split(np.arange(library.count), range(ranker.most, library.count, ranker.most))
    ranking, sizes = timed(lambda: [len(ranker.ranking(rows).papers) for rows in blocks])
    stages = {"words": words + singular, "walk": walk, "points": worth, "ranking": ranking}
    return stages, sum(sizes)


def peak() -> int:
    """Return the most bytes that this process held (proc(5)); that of getrusage may be its parent's."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Measure what the command line says."""
    readers, count, boolean = islice(sys.argv, 1, 4)
    sys.stdout.write(json.dumps(asdict(measured(int(readers), int(count), float(boolean)))))


if __name__ == "__main__":
    main()
