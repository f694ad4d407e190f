"""Matching, against its limits and against the loops of other tools. It takes about six minutes; `all` adds a million readers.

Readers have eight keywords each. Figures are seconds of CPU of one process, from raw text to the ranked papers of every reader,
each with its score and its reasons, in arrays; profiles are compiled before, and what is rare is settled once a day. To make
objects of the 20 best of each reader, as is done when digests are drafted, is measured apart. `digestd match` is timed whole.
It exits 1 if a limit is missed.
"""

import gc
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.bench_poll import MIB, Table
from benchmarks.match_crowd import BOOLEAN, KEYWORDS, MOST_PAPERS, Crowd, papers
from benchmarks.match_loops import by_patterns, by_substring
from benchmarks.match_run import NOW, RECENT, SHOWN, Spent, shown, timed
from benchmarks.measure import medians, tell
from benchmarks.poll_processes import run
from digestd.matching.corpus import Corpus
from digestd.matching.matcher import Matcher
from digestd.model.paper import Paper, PaperId
from digestd.model.shapes import paper_to_json
from digestd.model.subscriber import Subscriber

READERS, PAPERS = 100_000, 2_000
FEW_READERS, FEW_PAPERS = 50, 200  # for the loops, which are slow: their figures are those of so many, by pairs
COMPARED = 400  # readers whose results are compared
EXPLAINED = 500
MATCHED = 17_000  # papers of a file for `digestd match`
GROWTH = 1  # how much dearer a match may be in a larger crowd
MOST_MEMORY = 8 * 1024  # MiB, that a million readers may take
_CELL = 24  # bytes of a match: paper, score, reasons
_PLAIN = re.compile(r"[a-z ]+")


@dataclass(frozen=True, slots=True)
class Rivals:
    """The papers of a day, those before, and the readers for whom all match them."""

    day: Sequence[Paper]
    before: Sequence[Paper]
    readers: Sequence[Subscriber]
    matcher: Matcher

    def ours(self) -> int:
        """Match everything, and return how many papers are for all readers."""
        return self.matcher.look(Corpus(self.day), {}, NOW).findings(reader.id for reader in self.readers).matches

    def few(self) -> tuple[Sequence[Subscriber], Sequence[Paper]]:
        return self.readers[:FEW_READERS], self.day[:FEW_PAPERS]


def main() -> int:
    """Measure and tell all; return how many limits were missed."""
    gc.disable()  # as composing does
    table = Table()
    rivals = _rivals(table)
    _tell_loops(table, rivals)
    _tell_agreement(table, rivals)
    _tell_changed(table, rivals)
    _tell_evidence(table, rivals)
    del rivals
    _tell_cold_starts(table)
    usual = _spent(READERS, PAPERS)
    _tell_stages(table, usual)
    _tell_growth(table, usual)
    return table.missed


def _rivals(table: Table) -> Rivals:
    everything, matcher = papers(MOST_PAPERS), Matcher()
    readers = list(Crowd(everything).readers(READERS))
    compiling, _ = timed(lambda: matcher.keep(readers))
    tell(f"{READERS:,} readers with {KEYWORDS} keywords each, of which {BOOLEAN:.0%} have operators; CPU in seconds")
    table.most("compiling all profiles", compiling, 5)
    rivals = Rivals(everything[:PAPERS], everything[-RECENT:], readers, matcher)
    learning, _ = timed(lambda: _learn(rivals))
    table.most(f"what is rare among {RECENT:,} papers, once a day", learning, None)
    return rivals


def _learn(rivals: Rivals) -> None:
    rivals.matcher.learn(NOW, lambda: Corpus(rivals.before))
    rivals.matcher.look(Corpus([]), {}, NOW)  # counts how many papers have what is asked for


def _tell_loops(table: Table, rivals: Rivals) -> None:
    few = rivals.few()
    loops = {"a pattern for each keyword": by_patterns, "lower() and in": by_substring}
    spent = medians({"digestd": rivals.ours} | {name: partial(loop, *few) for name, loop in loops.items()}, rounds=3)
    pairs, ours = READERS * PAPERS, spent["digestd"]
    table.most(f"{PAPERS:,} papers, ranked for all", ours, 1)
    tell(f"  that is {pairs / ours / 1e6:,.0f} million pairs of paper and reader a second")
    for name in loops:
        whole = spent[name] / (FEW_READERS * FEW_PAPERS) * pairs
        tell(f"  {name}: {whole / ours:,.0f} times the CPU ({whole / 3600:.1f} h, by {FEW_READERS} × {FEW_PAPERS} pairs)")


def _tell_agreement(table: Table, rivals: Rivals) -> None:
    """Tell how much of what the loop finds of plain phrases we find too."""
    plain, day = [_plain(reader) for reader in rivals.readers[:COMPARED]], rivals.day[:FEW_PAPERS]
    matcher = Matcher()
    matcher.keep(plain)
    look = matcher.look(Corpus(day), {}, NOW)
    ours = {(who, look.id(one)) for who, [found] in look.findings(one.id for one in plain).items() for one in found}
    loop = by_patterns(plain, day)
    table.least(f"of {len(loop)} pairs that the patterns find, we find", len(loop & ours) / len(loop), 1)


def _plain(reader: Subscriber) -> Subscriber:
    """Return a reader without the keywords of which the loops know nothing."""
    (profile,) = reader.profiles
    kept = tuple(keyword for keyword in profile.keywords if _PLAIN.fullmatch(keyword))
    return replace(reader, profiles=(replace(profile, keywords=kept),))


def _tell_changed(table: Table, rivals: Rivals) -> None:
    """Tell what it costs that one reader changed, and that nobody did; the answers are those of the reader that it now is."""
    readers, place = list(rivals.readers), READERS // 2
    readers[place] = replace(readers[place], profiles=readers[0].profiles)
    keep = rivals.matcher.keep
    kept = {"back": partial(keep, rivals.readers), "same": partial(keep, rivals.readers), "changed": partial(keep, readers)}
    spent = medians(kept)
    look = rivals.matcher.look(Corpus(rivals.day), {}, NOW)
    found = look.findings([readers[place].id, readers[0].id])
    assert found[readers[place].id] == found[readers[0].id], "a reader who changed finds what another with that profile does"
    keep(rivals.readers)
    table.most("nobody changed: to see that, ms", 1000 * spent["same"], None)
    table.most("one reader changed: more than that, ms", 1000 * (spent["changed"] - spent["same"]), 10)


def _tell_evidence(table: Table, rivals: Rivals) -> None:
    """Tell what a match with its evidence takes: only of what is shown is any worked out."""
    look = rivals.matcher.look(Corpus(rivals.day), {}, NOW)
    profiles = {reader.id: reader.profiles[0] for reader in rivals.readers[:EXPLAINED]}
    chosen = [(profiles[who], one) for who, best in shown(look.findings(profiles)) for one in best]
    for what in ("a match with its evidence, µs", "the same once more, µs"):
        spent, _ = timed(lambda: [look.match(profile, one) for profile, one in chosen])
        table.most(what, 1e6 * spent / len(chosen), None)


def _tell_cold_starts(table: Table) -> None:
    """Tell what `digestd match` takes from its start to its last line. With an example it lists nearly all papers."""
    some = papers(MOST_PAPERS)
    some += [replace(paper, id=PaperId(f"{paper.id}-again")) for paper in some[: MATCHED - len(some)]]
    keywords = 'keywords = ["sparse attention", "RAG", "diffusion*", "language model NEAR/5 agent"]\n'
    tell(f"`digestd match`, {len(some):,} papers and one profile, seconds by the clock")
    with TemporaryDirectory() as folder:
        profile, file = Path(folder, "profile.toml"), Path(folder, "papers.jsonl")
        file.write_text("".join(f"{json.dumps(paper_to_json(paper))}\n" for paper in some))
        command = [sys.executable, "-m", "digestd", "match", "--json", "--profile", str(profile), "--papers", str(file)]
        for what, example in {"keywords": "", "keywords and an example": f'like = ["{some[0].id}"]\n'}.items():
            profile.write_text(f'name = "All"\n{keywords}{example}')
            table.most(what, median(_wall(command) for _ in range(3)), 3)


def _wall(command: Sequence[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _spent(readers: int, count: int, boolean: float = BOOLEAN) -> Spent:
    command = [sys.executable, "-m", "benchmarks.match_run", str(readers), str(count), str(boolean)]
    return Spent(**json.loads(run(command).told))


def _tell_stages(table: Table, usual: Spent) -> None:
    tell(f"the same in a process of its own: {usual.matches / READERS:.1f} papers are for each reader")
    table.most(f"{PAPERS:,} papers, ranked for all", usual.whole, 1)
    for stage, spent in usual.stages.items():
        table.most(f"  {stage}", spent, None)
    table.most("  all else", usual.whole - sum(usual.stages.values()), None)
    table.most(f"objects of the {SHOWN} best of each", usual.objects, None)
    floor = _floor(usual.matches)
    tell(f"  the memory's speed would allow {1000 * floor:.0f} ms: we take {usual.whole / floor:,.0f} times that")
    plain = _spent(READERS, PAPERS, 0)
    table.most("without operators", plain.whole, 1)
    table.most("without operators, compiling", plain.compiling, 5)


def _floor(matches: int) -> float:
    """Return the seconds that it takes to read the text and to write the matches, as fast as memory is copied."""
    block = np.ones(1 << 25)
    spent, _ = timed(lambda: [block.copy() for _ in range(4)])
    text = sum(len(paper.title) + len(paper.abstract) for paper in papers(PAPERS))
    return (text + matches * _CELL) * spent / (4 * 2 * block.nbytes)


def _tell_growth(table: Table, usual: Spent) -> None:
    """Tell what a match costs in crowds of other sizes, and what they hold in memory."""
    tell("crowds of other sizes, each in a process of its own")
    by_readers = {READERS // 10: _spent(READERS // 10, PAPERS), READERS: usual}
    if "all" in sys.argv[1:]:
        by_readers[READERS * 10] = _spent(READERS * 10, PAPERS)
    by_papers = {PAPERS // 4: _spent(READERS, PAPERS // 4), PAPERS: usual, PAPERS * 4: _spent(READERS, PAPERS * 4)}
    _tell_sizes(table, "readers", by_readers)
    _tell_sizes(table, "papers", by_papers)


def _tell_sizes(table: Table, what: str, sizes: Mapping[int, Spent]) -> None:
    for size, spent in sizes.items():
        tell(f"  {size:,} {what}: {spent.whole:.2f} s, {1e6 * spent.whole / spent.matches:.2f} µs a match")
        table.most("  memory of the process at most, MiB", spent.peak / MIB, MOST_MEMORY)
    for (_, small), (size, large) in pairwise(sizes.items()):
        dearer = large.whole / large.matches * small.matches / small.whole
        table.most(f"  a match among {size:,}, by one in the smaller crowd", dearer, GROWTH)


if __name__ == "__main__":
    sys.exit(main() > 0)
