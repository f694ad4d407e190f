"""`digestd tick`, `poll`, `compose`, `deliver`: the stages, once each. systemd or cron may call `tick` instead of a daemon."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import typer

from digestd.cli.context import FAILED, complain, context, say, wait_for
from digestd.pipeline.deliver import Round
from digestd.pipeline.poll import Polled
from digestd.pipeline.stages import Stages
from digestd.wiring import House

Work = Callable[[Stages], Awaitable[bool]]


def tick(ctx: typer.Context) -> None:
    """Poll what is due, compose, deliver: once each."""
    _run(ctx, _tick)


def poll(ctx: typer.Context) -> None:
    """Ask every source now, and store what is new."""
    _run(ctx, _poll)


def compose(ctx: typer.Context) -> None:
    """Compose the digest of every reader whose period has ended."""
    _run(ctx, _compose)


def deliver(ctx: typer.Context) -> None:
    """Send the digests that are due."""
    _run(ctx, _deliver)


def _run(ctx: typer.Context, work: Work) -> None:
    """Run *work* on the stages, and exit with 1 when something failed and was recorded."""
    with context(ctx).house() as house:
        well = wait_for(_on_stages(house, work))
    if not well:
        raise typer.Exit(FAILED)


async def _on_stages(house: House, work: Work) -> bool:
    async with house.stages() as stages:
        return await work(stages)


async def _tick(stages: Stages) -> bool:
    polled = await _polled(stages, await stages.poll_due())
    composed = await _compose(stages)
    delivered = await _deliver(stages)
    return polled and composed and delivered


async def _poll(stages: Stages) -> bool:
    return await _polled(stages, await stages.poll_now())


async def _polled(stages: Stages, polled: Sequence[Polled]) -> bool:
    news = sum(one.news for one in polled)
    say(f"poll     {_count(len(polled), 'source')} asked, {_count(news, 'new paper')}")
    failing = await asyncio.to_thread(stages.failing)
    for name, error in failing.items():
        complain(f"source {name}: {error}")
    return not failing


async def _compose(stages: Stages) -> bool:
    done = await asyncio.to_thread(stages.compose)
    told = f"{_count(done.stored - done.silent, 'digest')} composed, {done.silent} empty"
    say(f"compose  {_count(done.due, 'reader')} due, {told}")
    return True


async def _deliver(stages: Stages) -> bool:
    done = await stages.deliver(Round())
    tally = ", ".join(f"{number} {how}" for how, number in sorted(done.tally.items()))
    say(f"deliver  {tally or 'nothing to send'}")
    if done.stopped is not None:
        complain(f"no mail goes out now: {done.stopped}. The digests wait and are tried again")
    return set(done.tally) <= {"accepted"}


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
