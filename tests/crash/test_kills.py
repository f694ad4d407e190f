"""SIGKILL, at every named point and at random instants, on both databases. The mail server's own log is the judge."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from threading import Event

import pytest

from digestd.storage import Address
from tests.crash.form import KILLS, SEED
from tests.crash.points import AtSource, AtStep, Point, points, trap
from tests.crash.scene import Scene, scene
from tests.support.builders import DAY
from tests.support.web import Answer
from tests.support.web import Site as Web

AT_RANDOM = "at a random instant"

Held = Callable[[], bool]


@pytest.mark.timeout(600)
def test_no_kill_loses_a_paper_or_tells_one_twice(tmp_path: Path, address: Address, web: Web) -> None:
    chance, hits = Random(SEED), Counter[str]()
    begun = time.monotonic()
    with scene(tmp_path, address, web) as set_up:
        usual = life_of_its_own(set_up)
        for point in turns(address, chance):
            set_up.now += DAY
            set_up.grow(chance.randrange(1, 4))
            hit = kill_at_random(set_up, usual, chance) if point is None else kill_at(set_up, point, 3 * usual, chance)
            hits.update([point.name if point else AT_RANDOM] * hit)
            if hits.total() == KILLS:
                break
        found = set_up.come_to_rest()

    print(f"\n{hits.total()} kills on {'SQLite' if isinstance(address, Path) else 'PostgreSQL'}, CRASH_SEED={SEED}: {found}")
    print(f"{time.monotonic() - begun:.0f} s")
    for name in sorted(hits):
        print(f"{hits[name]:5}  {name}")
    found.assert_clean()


def turns(address: Address, chance: Random) -> Iterator[Point | None]:
    """Yield each point in turn, in ever new orders, and None, a random instant, after every second."""
    while True:
        for number, point in enumerate(chance.sample(points(address), len(points(address)))):
            yield point
            if number % 2:
                yield None


def life_of_its_own(set_up: Scene) -> float:
    """Return how many seconds a life takes that is not killed."""
    set_up.live("--version")  # the first of all loads the modules
    begun = time.monotonic()
    assert set_up.live("tick") == 0, set_up.said()
    return time.monotonic() - begun


def kill_at(set_up: Scene, point: Point, longest: float, chance: Random) -> bool:
    """Kill a life at *point*; return whether it came there, in *longest* seconds or before it had nothing more to do."""
    verb = chance.choice([point.name.partition(":")[0], "tick", "run"])
    with hold(set_up, point, chance) as is_held:
        life = set_up.begin(verb)
        hit = wait_for(is_held, life, longest)
        life.kill()
        life.join()
    return hit


def kill_at_random(set_up: Scene, usual: float, chance: Random) -> bool:
    """Kill a life at an instant of its usual length; return whether it was alive."""
    life = set_up.begin(chance.choice(["tick", "run"]))
    life.join(chance.uniform(0, usual))
    hit = life.is_alive()
    life.kill()
    life.join()
    return hit


def wait_for(is_held: Held, life: ForkServerProcess, longest: float) -> bool:
    end = time.monotonic() + longest
    while life.is_alive() and time.monotonic() < end:
        if is_held():
            return True
        time.sleep(0.01)
    return False


@contextmanager
def hold(set_up: Scene, point: Point, chance: Random) -> Iterator[Held]:
    """Let the one who can hold whoever comes to *point*, and go on at the end."""
    match point.held:
        case AtSource():
            with silent_source(set_up) as asked:
                yield asked.is_set
        case AtStep(step):
            set_up.mail.hold(step, chance.randrange(5))
            yield set_up.mail.has_held
            set_up.mail.go()
        case at_commit:
            with trap(set_up.address, at_commit) as set_trap:
                yield set_trap.has_caught


@contextmanager
def silent_source(set_up: Scene) -> Iterator[Event]:
    """Let the source fall silent when it is asked, which the event tells."""
    asked, over = Event(), Event()

    def silence(_: str) -> Answer:
        asked.set()
        over.wait(60)
        return Answer(status=503)

    set_up.web.serve_by("/feed.json", silence)
    yield asked
    over.set()
    set_up.grow(0)
