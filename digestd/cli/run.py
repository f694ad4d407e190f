"""`digestd run`: the daemon."""

from dataclasses import replace
from datetime import UTC, datetime

import typer

from digestd.cli.cellar import tell_if_restored
from digestd.cli.context import context, wait_for
from digestd.cli.house import enter
from digestd.daemon import Daemon
from digestd.ports import Clock
from digestd.wiring.house import House
from digestd.wiring.pages import serve_pages


def run(ctx: typer.Context) -> None:
    """Poll, compose and deliver until told to stop (SIGTERM or Ctrl-C)."""
    options = context(ctx)
    with enter(replace(options, clock=_moving(options.clock))) as house:
        tell_if_restored(house)
        house.delivery()  # what can never work is said now, not by a daemon that looks alive
        wait_for(_run(house))


async def _run(house: House) -> None:
    async with house.stages() as stages, serve_pages(house):
        await Daemon(stages).run()


def _moving(clock: Clock) -> Clock:
    """Return a clock that goes on from what *clock* says now: a daemon in a standing moment would never tick."""
    ahead = clock() - datetime.now(UTC)
    return lambda: datetime.now(UTC) + ahead
