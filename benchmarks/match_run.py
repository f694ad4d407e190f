"""One crowd matched in a process of its own: `python -m benchmarks.match_run READERS PAPERS BOOLEAN`.

It prints as JSON what each stage took, in seconds of CPU, and the most memory that the process held.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import process_time
from typing import TypeVar

import numpy as np
from scipy import sparse

from benchmarks.match_crowd import MOST_PAPERS, Crowd, papers
from digestd.matching.corpus import Corpus
from digestd.matching.hits import hits
from digestd.matching.look import Look
from digestd.matching.points import points
from digestd.matching.rank import BLOCK, SLOTS, Candidate, Ranker
from digestd.matching.shelf import Profiles, Shelf
from digestd.model.subscriber import SubscriberId

NOW = datetime(2026, 3, 5, 6, tzinfo=UTC)
SHOWN = 20
RECENT = 2_000  # papers that say what is rare
ROUNDS, MANY = 3, 1_000_000  # so many readers are matched once

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a crowd took: seconds of CPU, the *matches* found, and bytes of memory at the *peak*.

    *whole* is from text to the ranked papers of every reader. *product* and *sort* are those of *ranking*, done bare.
    """

    compiling: float
    rare: float
    whole: float
    stages: Mapping[str, float]
    matches: int
    peak: int


def shown(look: Look, who: Sequence[SubscriberId]) -> Iterator[tuple[SubscriberId, Sequence[Candidate]]]:
    """Yield the papers that each reader of one profile is shown; the reasons of each are the bits of what was found."""
    return ((reader, list(found[0][:SHOWN])) for reader, found in look.findings(who))


def measured(readers: int, count: int, boolean: float) -> Spent:
    """Return what it takes to match so many papers for so many readers."""
    everything = papers(MOST_PAPERS)
    day, recent = everything[:count], Corpus(everything[-RECENT:])
    wanted = _profiles(Crowd(everything, boolean), readers)
    compiling, shelf = timed(lambda: Shelf(wanted))
    rare, _ = timed(lambda: shelf.rarity(recent))
    who = list(wanted)
    whole = [
        timed(lambda: _ranked(Look([shelf], Corpus(day), recent, {}, NOW), who)) for _ in range(ROUNDS if readers < MANY else 1)
    ]
    most = peak()
    stages, matches = _stages(shelf, lambda: Corpus(day), shelf.rarity(recent))
    return Spent(compiling, rare, float(np.median([spent for spent, _ in whole])), stages, matches, most)


def timed(run: Callable[[], Result]) -> tuple[float, Result]:
    """Return what a run took, in seconds of CPU, and its result."""
    begun = process_time()
    result = run()
    return process_time() - begun, result


def _profiles(crowd: Crowd, readers: int) -> dict[SubscriberId, Profiles]:
    return {one.id: one.profiles for one in crowd.readers(readers)}


def _ranked(look: Look, who: Sequence[SubscriberId]) -> int:
    return sum(len(found) for _, found in shown(look, who))


def _stages(shelf: Shelf, read: Callable[[], Corpus], rare: np.ndarray) -> tuple[dict[str, float], int]:
    """Return what each stage takes, and how many matches there are."""
    library = shelf.library
    words, corpus = timed(read)
    singular, _ = timed(lambda: corpus.singular)
    walk, found = timed(lambda: hits(library, corpus))
    worth, matrix = timed(lambda: points(library, corpus, found, rare))
    ranker = Ranker(library, corpus, matrix, np.ones(len(corpus.papers)), NOW)
    blocks = [np.arange(start, min(start + BLOCK, library.count)) for start in range(0, library.count, BLOCK)]
    ranking, sizes = timed(lambda: [len(ranker.ranking(rows, None).papers) for rows in blocks])
    product, _ = timed(lambda: _products(shelf, matrix, blocks))
    chance = np.random.default_rng(1)
    numbers = [chance.integers(1 << 62, size=size) for size in sizes]
    sort, _ = timed(lambda: [np.argsort(some) for some in numbers])
    stages = {"words": words + singular, "walk": walk, "points": worth, "ranking": ranking, "product": product, "sort": sort}
    return stages, sum(sizes)


def _products(shelf: Shelf, matrix: sparse.csr_array, blocks: Sequence[np.ndarray]) -> None:
    """Make the two products of sparse matrices that say what is found for each profile: its score, and the reasons."""
    wanted, width = shelf.library.wanted, shelf.library.width
    there = sparse.csr_array((np.ones(matrix.nnz, np.int64), matrix.indices, matrix.indptr), matrix.shape)
    for rows in blocks:
        starts = wanted.starts[rows[0] : rows[-1] + 2]
        own = slice(starts[0], starts[-1])
        slot = np.arange(starts[-1] - starts[0]) - np.repeat(starts[:-1] - starts[0], np.diff(starts))
        for values, other in ((wanted.weights[own].astype(float), matrix), (1 << np.minimum(slot, SLOTS), there)):
            _ = sparse.csr_array((values, wanted.columns[own], starts - starts[0]), (len(rows), width)) @ other


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
