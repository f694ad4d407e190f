"""Polling, against the limits set for it, feedparser alone, rss2email and reader. It takes about four minutes.

Each run is a process of its own, and rivals take turns. The server is another process, whose CPU does not count.
It exits 1 if a limit is missed by more than the NOISE that two runs of one program show on a shared machine.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measure import tell
from benchmarks.poll_peers import Command, Peer, installed
from benchmarks.poll_processes import Run, run
from benchmarks.poll_server import host, serving
from digestd.sources.http import Manners

SETS = {"feed": (200, 100), "arxiv": (20, 1_000)}  # feeds, and entries in each
LATENCY = 0.05  # seconds that the server takes to answer
ROUNDS, LONG_ROUNDS = 3, 2  # the long ones read all feeds with feedparser
FREE = 0.1  # the share of the processors' time that is left over at least, where others do not keep the machine busy
NOISE = 1.2
USUAL = Manners("").at_once
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Ingest:
    """Rounds of first polls, and the CPU that feedparser alone needed for the same bytes in each."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    whole: list[Run] = field(default_factory=list)


@dataclass
class Table:
    """Numbers as they are told, each with its limit, and how many of them *missed* it."""

    missed: int = 0

    def most(self, what: str, value: float, limit: float | None, *, busy: bool = False) -> None:
        """Tell a number that should be at most *limit*, if there is one, and if others did not keep the machine *busy*."""
        self._tell(what, value, f"at most {limit:g}" if limit else "", value / limit if limit else 0, busy=busy)

    def least(self, what: str, value: float, limit: float) -> None:
        """Tell a number that should be at least *limit*."""
        self._tell(what, value, f"at least {limit:g}", limit / value)

    def _tell(self, what: str, value: float, limit: str, excess: float, *, busy: bool = False) -> None:
        self.missed += excess > NOISE and not busy
        verdict = (
            "over, but others kept the machine busy" if busy else "over, within the noise" if excess <= NOISE else "MISSED"
        )
        verdict = verdict if excess > 1 else ""
        tell(f"  {what:<46}{value:>8.2f}   {limit:<14}{verdict}".rstrip())


def main() -> int:
    """Measure and tell all; return how many limits were missed."""
    table = Table()
    with TemporaryDirectory(prefix="digestd-bench-") as name:
        folder = Path(name)
        with serving("feed", *SETS["feed"], LATENCY) as port:
            rounds = _ingested("feed", port, folder, LONG_ROUNDS)
            _tell_ingest(table, "feed", rounds)
            _tell_unchanged(table, port, folder)
            _tell_peers(rounds.whole, port, folder)
        with serving("arxiv", *SETS["arxiv"], LATENCY) as port:
            _tell_ingest(table, "arxiv", _ingested("arxiv", port, folder, ROUNDS))
    return table.missed


def _ingested(kind: str, port: int, folder: Path, rounds: int) -> Ingest:
    """Poll for the first time, in each round into a new database; the last one stays."""
    feeds, entries = SETS[kind]
    taken = Ingest()
    for _ in range(rounds):
        _database(kind, folder).unlink(missing_ok=True)
        alone = run([sys.executable, "-m", "benchmarks.poll_parser", kind, str(feeds), str(entries)])
        ours = run(_poll(kind, port, USUAL, folder))
        spent = json.loads(ours.told)
        if spent["failed"] or spent["news"] != feeds * entries:
            sys.exit(f"digestd took {spent['news']} papers for new of {feeds * entries}: {spent['failed'][:3]}")
        taken.alone.append(float(alone.told))
        taken.wall.append(spent["wall"])
        taken.cpu.append(spent["cpu"])
        taken.whole.append(ours)
    return taken


def _tell_ingest(table: Table, kind: str, rounds: Ingest) -> None:
    feeds, entries = SETS[kind]
    ours, alone = (1e6 * median(cpu) / (feeds * entries) for cpu in (rounds.cpu, rounds.alone))
    what = f"{feeds} {'lists of arXiv' if kind == 'arxiv' else 'RSS and Atom feeds'} of {entries:,}, for the first time"
    tell(f"{what}: {ours:.0f} µs of CPU a paper, feedparser alone {alone:.0f}")
    ratios = [one / other for one, other in zip(rounds.cpu, rounds.alone, strict=True)]
    if kind == "arxiv":
        table.least("CPU, times less than feedparser alone", 1 / median(ratios), 8)
    else:
        table.most("CPU, by that of feedparser alone", median(ratios), 1.3)
        wall = median(map(float.__truediv__, rounds.wall, rounds.cpu))
        table.most("wall, by CPU", wall, 0.7, busy=_is_busy(rounds.whole))
    table.most("memory of all processes at most, MiB", max(one.peak for one in rounds.whole) / MIB, 120)


def _tell_unchanged(table: Table, port: int, folder: Path) -> None:
    """Poll what did not change, so many at once by turns."""
    feeds, _ = SETS["feed"]
    spent: dict[int, list[Run]] = {at_once: [] for at_once in sorted({USUAL, 10, 12, 16, 20})}
    for _ in range(ROUNDS):
        for at_once, runs in spent.items():
            runs.append(run(_poll("feed", port, at_once, folder)))
    tell(f"{feeds} feeds unchanged, each answering after {1000 * LATENCY:.0f} ms")
    for at_once, runs in spent.items():
        what = f"wall, s, {at_once} at once ({feeds / at_once * LATENCY:.2f} s of it waiting)"
        table.most(what, _median_of("wall", runs), 1 if at_once == USUAL else None, busy=_is_busy(runs))
    table.most("CPU, s", _median_of("cpu", spent[USUAL]), 0.7)


def _median_of(what: str, runs: Sequence[Run]) -> float:
    """Return the median of what polls themselves took, as they told."""
    return median(float(json.loads(one.told)[what]) for one in runs)


def _is_busy(runs: Sequence[Run]) -> bool:
    return median(one.idle for one in runs) < FREE


def _tell_peers(first: Sequence[Run], port: int, folder: Path) -> None:
    """Tell how the same feeds take the whole of digestd and of others, from start to end."""
    peers = installed(folder / "peers")
    polling = {"digestd": _poll("feed", port, USUAL, folder)}
    polling |= {peer.name: _prepared(peer, port, folder) for peer in peers}
    begun = {name: first if name == "digestd" else [run(command)] for name, command in polling.items()}  # some take a minute
    again: dict[str, list[Run]] = {name: [] for name in polling}
    for _ in range(ROUNDS):
        for name, command in polling.items():
            again[name].append(run(command))
    _tell_rivals("for the first time", begun)
    _tell_rivals("unchanged", again)


def _prepared(peer: Peer, port: int, folder: Path) -> Command:
    home = folder / f"home-of-{peer.name}"
    home.mkdir()
    return peer.prepare(home, [f"http://{host(feed)}:{port}/feed.xml" for feed in range(SETS["feed"][0])])


def _tell_rivals(what: str, runs: Mapping[str, Sequence[Run]]) -> None:
    wall = {name: median(one.wall for one in some) for name, some in runs.items()}
    cpu = {name: median(one.cpu for one in some) for name, some in runs.items()}
    tell(f"the same feeds {what}: digestd takes {wall['digestd']:.1f} s, {cpu['digestd']:.1f} s of CPU, its start included")
    for name in wall.keys() - {"digestd"}:
        tell(f"  {name}: {wall[name] / wall['digestd']:.1f} times the wall, {cpu[name] / cpu['digestd']:.1f} times the CPU")


def _poll(kind: str, port: int, at_once: int, folder: Path) -> Command:
    feeds = str(SETS[kind][0])
    return [sys.executable, "-m", "benchmarks.poll_digestd", kind, feeds, str(port), str(at_once), _database(kind, folder)]


def _database(kind: str, folder: Path) -> Path:
    return folder / f"{kind}.db"


if __name__ == "__main__":
    sys.exit(main() > 0)
