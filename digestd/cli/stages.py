"""`digestd tick`, `poll`, `compose`, `deliver`: the stages, once each. systemd or cron may call `tick` instead of a daemon."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Annotated

import typer

from digestd.cli.context import FAILED, complain, context, say, wait_for, when
from digestd.cli.house import enter
from digestd.pipeline.deliver import Round
from digestd.pipeline.poll import Polled
from digestd.pipeline.stages import Stages
from digestd.wiring import House

Work = Callable[[Stages], Awaitable[bool]]


def tick(ctx: typer.Context) -> None:
    """Poll what is due, compose, deliver: once each."""
    _run(ctx, _tick, delivers=True)


def poll(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these, even if their servers call them gone.")
    ] = None,
) -> None:
    """Ask every source now, and store what is new."""
    _run(ctx, partial(_poll, names=names or ()))


def compose(ctx: typer.Context) -> None:
    """Compose the digest of every reader whose period has ended."""
    _run(ctx, _compose)


def deliver(ctx: typer.Context) -> None:
    """Send the digests that are due."""
    _run(ctx, _deliver, delivers=True)


def _run(ctx: typer.Context, work: Work, *, delivers: bool = False) -> None:
    """Run *work* on the stages, and exit with 1 when something failed and was recorded."""
    with enter(context(ctx)) as house:
        if delivers:
            house.delivery()  # what can never work is said before anything is done
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


async def _poll(stages: Stages, names: Sequence[str]) -> bool:
    if unknown := set(names) - {name for source in stages.sources for name in (source.name, source.label)}:
        raise typer.BadParameter(f"no source is called {min(unknown)!r}; `digestd sources` lists them")
    polled = await stages.poll_now(names)
    return await _polled(stages, polled, {one.source for one in polled} if names else None)


async def _polled(stages: Stages, polled: Sequence[Polled], only: AbstractSet[str] | None = None) -> bool:
    """Say what was polled; return whether all sources are well, or *only* those."""
    news, failed = sum(one.news for one in polled), {one.source for one in polled if one.error is not None}
    told = f"{_count(len(polled), 'source')} asked, {_count(news, 'new paper')}" if polled else "no source is due"
    say(f"poll     {told}{f', {len(failed)} failed' if failed else ''}")
    failing = await asyncio.to_thread(stages.failing)
    concerned = [name for name in failing if only is None or name in only]
    for name in concerned:
        if name not in failed:  # the log has named those that failed just now
            complain(f"source {name}: {failing[name]}")
    return not concerned


async def _compose(stages: Stages) -> bool:
    done = await asyncio.to_thread(stages.compose)
    told = f"{_count(done.stored - done.silent, 'digest')} composed, {done.silent} empty"
    if later := done.due - done.stored:
        told += f", {later} later, when their sources have answered"
    say(f"compose  {_count(done.due, 'reader')} due, {told}")
    return not await asyncio.to_thread(lambda: stages.readers().complaints)


async def _deliver(stages: Stages) -> bool:
    done = await stages.deliver(Round())
    tally = ", ".join(f"{number} {how}" for how, number in sorted(done.tally.items()))
    say(f"deliver  {tally or await asyncio.to_thread(_waiting, stages)}")
    if done.stopped is not None:
        complain(f"no mail goes out now: {done.stopped}. The digests wait and are tried again")
    return set(done.tally) <= {"accepted"}


def _waiting(stages: Stages) -> str:
    """Return that there is nothing to send now, and what waits for its next try."""
    turns = [entry.next_attempt_at for entry in stages.records.queue() if entry.next_attempt_at is not None]
    return f"nothing to send now; {len(turns)} wait, the next until {when(min(turns))}" if turns else "nothing to send"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
