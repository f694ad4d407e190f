"""Lives that may be killed; what they say goes into the site's `said`."""

import asyncio
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from digestd.cli.context import Context
from digestd.cli.house import enter
from digestd.pipeline.deliver import Round
from digestd.wiring.house import House
from tests.support.site import Site


def begin_by_hand_clock(site: Site, clock: Path) -> ForkServerProcess:
    """Begin a `digestd deliver` whose time is what stands in a file, also when that changes while it sleeps."""
    return site.begin_life(_deliver, str(site.folder), str(clock))


def _deliver(site: str, clock: str) -> None:
    async def deliver(house: House) -> None:
        async with house.stages() as stages:
            await stages.deliver(Round())

    with enter(Context(Path(site), lambda: datetime.fromisoformat(Path(clock).read_text(encoding="ascii")))) as house:
        asyncio.run(deliver(house))
