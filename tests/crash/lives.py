"""Lives of digestd: processes that run the program's own `main`, and may be killed. Python and the modules are loaded once."""

import asyncio
import os
import sys
import warnings
from collections.abc import Callable
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from digestd.cli import main
from digestd.cli.context import Context
from digestd.cli.house import enter
from digestd.pipeline.deliver import Round
from digestd.wiring import House
from tests.support.site import Site

_NURSERY = get_context("forkserver")
_NURSERY.set_forkserver_preload(["digestd.cli.stages", "digestd.cli.run", "digestd.cli.house"])


def begin(site: Site, *words: str) -> ForkServerProcess:
    """Begin `digestd --config SITE` with *words*; what it says goes into the site's `said`."""
    return _begun(_live, site, site.command(*words)[2:])


def begin_by_hand_clock(site: Site, clock: Path) -> ForkServerProcess:
    """Begin a `digestd deliver` whose time is what stands in a file, also when that changes while it sleeps."""
    return _begun(_deliver, site, clock)


def _begun(target: Callable[..., None], site: Site, what: object) -> ForkServerProcess:
    life = _NURSERY.Process(target=_furnished, args=(target, site, what), daemon=True)
    life.start()
    return life


def _furnished(target: Callable[..., None], site: Site, what: object) -> None:
    """Do *target* with the environment and the streams that a process of the program's own would have."""
    warnings.simplefilter("error")
    os.environ.clear()
    os.environ.update(site.environment())
    with (site.folder / "said").open("ab", 0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    target(site, what)


def _live(_: Site, words: list[str]) -> None:
    sys.argv = words
    main()


def _deliver(site: Site, clock: Path) -> None:
    async def deliver(house: House) -> None:
        async with house.stages() as stages:
            await stages.deliver(Round())

    with enter(Context(site.folder, lambda: datetime.fromisoformat(clock.read_text(encoding="ascii")))) as house:
        asyncio.run(deliver(house))
