"""How benchmarks measure: runs of the rivals take turns, CPU time counts, medians are compared, ratios are told."""

import statistics
import sys
import time
from collections.abc import Callable, Mapping

Run = Callable[[], object]


def medians(rivals: Mapping[str, Run], rounds: int = 5) -> dict[str, float]:
    """Return the median CPU seconds of each rival over *rounds* in which all take their turn."""
    spent: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, run in rivals.items():
            begin = time.process_time()
            run()
            spent[name].append(time.process_time() - begin)
    return {name: statistics.median(times) for name, times in spent.items()}


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
