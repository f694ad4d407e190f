"""What a process and all that it began take, as Linux tells it under /proc."""

import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_NANOSECONDS = 1e9
_BETWEEN_LOOKS = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """What a program took from its start to its end, with all that it began: seconds, and bytes at the peak; what it *told*.

    *idle* is the share of all processors that nobody used meanwhile: where there is none, its wall says little.
    """

    wall: float
    cpu: float
    peak: int
    idle: float
    told: str


def run(command: Sequence[str | Path]) -> Run:
    """Run a program, and return what it took. Exits when it fails."""
    begun, before, peak = time.perf_counter(), _ticks(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        end = os.pidfd_open(program.pid)
        while not select.select([end], [], [], _BETWEEN_LOOKS)[0]:
            peak = max(peak, memory(program.pid))
        wall, after = time.perf_counter() - begun, _ticks()
        os.close(end)
        _, status, used = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
        if program.returncode:
            sys.exit(f"{' '.join(map(str, command))[:200]} ended with {program.returncode}")
        idle = (after[0] - before[0]) / max(after[1] - before[1], 1)
        return Run(wall, used.ru_utime + used.ru_stime, peak, idle, program.stdout.read().decode())


def cpu(pid: int) -> float:
    """Return the CPU seconds of this process, *pid*, of those that it began and that have ended, and of those that live."""
    ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    living = sum(_on_cpu(child) for child in tree(pid) if child != pid)
    return sum(one.ru_utime + one.ru_stime for one in ended) + living


def memory(pid: int) -> int:
    """Return the bytes that *pid* and its children hold, where what they share counts once (PSS)."""
    return sum(_proportional(one) for one in tree(pid))


def tree(pid: int) -> Iterator[int]:
    """Yield *pid* and the processes below it."""
    yield pid
    with suppress(OSError):  # it may end while we look
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from tree(int(child))


def _ticks() -> tuple[int, int]:
    """Return for how long processors were idle, and for how long there were any (proc(5))."""
    told = [int(count) for count in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    return told[3] + told[4], sum(told)


def _on_cpu(pid: int) -> float:
    """Return the CPU seconds of all threads of a process."""
    with suppress(OSError):
        return (
            sum(int((thread / "schedstat").read_text().split()[0]) for thread in Path(f"/proc/{pid}/task").iterdir())
            / _NANOSECONDS
        )
    return 0.0


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
