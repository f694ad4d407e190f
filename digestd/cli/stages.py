"""`digestd tick`, `poll`, `compose`, `deliver`, `prune`: the stages, once each. systemd or cron may call `tick` in
place of a daemon.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Annotated

import typer

from digestd.cli.cellar import doubtful_words, tell_if_restored
from digestd.cli.context import FAILED, TEMPORARY, complain, context, counted, print_json_line, say, wait_for, when
from digestd.cli.house import enter
from digestd.model.retention import Pruned
from digestd.model.traffic import Share
from digestd.pipeline.crew import drained_at_signals, stop_with_parent
from digestd.pipeline.deliver import Round
from digestd.pipeline.poll import Polled
from digestd.pipeline.stages import Stages
from digestd.wiring.house import House

Work = Callable[[Stages, House], Awaitable[bool]]


def tick(ctx: typer.Context) -> None:
    """Poll what is due, take what came back, compose, deliver, and once a day prune."""
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


def deliver(ctx: typer.Context, share: Annotated[str | None, typer.Option(hidden=True)] = None) -> None:
    """Send the digests that are due."""
    if share is None:
        _run(ctx, _deliver_alone, delivers=True)
        return
    with enter(context(ctx)) as house:
        print_json_line(wait_for(_beside(house, Share.read(share))))


def prune(ctx: typer.Context) -> None:
    """Remove what is older than the section `retention` of digestd.toml says, and than any digest may yet look at."""
    _run(ctx, _prune)


def _run(ctx: typer.Context, work: Work, *, delivers: bool = False) -> None:
    """Run *work* on the stages, and exit with 1 when something failed and was recorded."""
    with enter(context(ctx)) as house:
        tell_if_restored(house)
        if delivers:
            house.delivery()  # what can never work is said before anything is done
        well = wait_for(_on_stages(house, work))
    if not well:
        raise typer.Exit(FAILED)


async def _on_stages(house: House, work: Work) -> bool:
    async with house.stages() as stages:
        return await work(stages, house)


async def _tick(stages: Stages, house: House) -> bool:
    polled = await _polled(stages, await stages.poll_due())
    taken = await _take_in(stages)
    composed = await _compose(stages, house)
    delivered = await _deliver(stages, house)
    _say_pruned(await stages.prune_due())
    return polled and taken and composed and delivered


async def _poll(stages: Stages, _: House, names: Sequence[str]) -> bool:
    if unknown := set(names) - {name for source in stages.sources for name in (source.name, source.label)}:
        raise typer.BadParameter(f"no source is called {min(unknown)!r}; `digestd sources` lists them")
    polled = await stages.poll_now(names)
    return await _polled(stages, polled, {one.source for one in polled} if names else None)


async def _polled(stages: Stages, polled: Sequence[Polled], only: AbstractSet[str] | None = None) -> bool:
    """Say what was polled; return whether all sources are well, or *only* those."""
    news, failed = sum(one.news for one in polled), {one.source for one in polled if one.error is not None}
    told = f"{counted(len(polled), 'source')} asked, {counted(news, 'new paper')}" if polled else "no source is due"
    say(f"poll     {told}{f', {len(failed)} failed' if failed else ''}")
    failing = await asyncio.to_thread(stages.failing)
    concerned = [name for name in failing if only is None or name in only]
    for name in concerned:
        if name not in failed:  # the log has named those that failed just now
            complain(f"source {name}: {failing[name]}")
    return not concerned


async def _take_in(stages: Stages) -> bool:
    """Say what came back, where a mailbox was looked into; return whether that went well."""
    intake = await stages.inbound()
    if intake is None:
        return True
    say(f"inbound  {', '.join(f'{number} {what}' for what, number in sorted(intake.tally.items())) or 'nothing new'}")
    if intake.trouble is not None:
        complain(f"what came back cannot all be read: {intake.trouble}")
    return intake.trouble is None


async def _compose(stages: Stages, _: House) -> bool:
    done = await asyncio.to_thread(stages.compose)
    told = f"{counted(done.stored - done.silent, 'digest')} composed, {done.silent} empty"
    if later := done.due - done.stored:
        told += f", {later} later, when their sources have answered"
    say(f"compose  {counted(done.due, 'reader')} due, {told}")
    return not await asyncio.to_thread(lambda: stages.readers().complaints)


async def _deliver(stages: Stages, house: House) -> bool:
    done, before = Round(), await asyncio.to_thread(_in_doubt, house)
    with drained_at_signals(done):
        await stages.deliver(done)
    in_doubt = await asyncio.to_thread(_in_doubt, house)
    tally = ", ".join(f"{number} {how}" for how, number in sorted(done.tally.items()))
    say(f"deliver  {tally or await asyncio.to_thread(_waiting, house)}")
    if done.stopped is not None:
        complain(f"no mail goes out now: {done.stopped.rstrip('.')}. The digests wait and are tried again")
    if in_doubt > before:
        complain(doubtful_words(in_doubt))
    return set(done.tally) <= {"accepted"} and in_doubt <= before and not await asyncio.to_thread(_is_paused, house)


async def _deliver_alone(stages: Stages, house: House) -> bool:
    """Deliver; where the way out is paused and digests wait, end with the code that asks to try again."""
    was_paused = await asyncio.to_thread(_is_paused, house)
    well = await _deliver(stages, house)
    if was_paused and not well:
        raise typer.Exit(TEMPORARY)
    return well


def _in_doubt(house: House) -> int:
    """Return how many digests are held that may have arrived, where these are not sent again."""
    return house.operator.in_doubt() if house.settings.digest.on_uncertain == "hold" else 0


def _is_paused(house: House) -> bool:
    """Say whether the way out is paused though digests wait."""
    pause = house.traffic.ledger(house.clock()).pause
    return pause is not None and pause.holds(house.clock()) and house.operator.waiting().digests > 0


async def _beside(house: House, share: Share) -> Mapping[str, int]:
    """Deliver a share of what is due, beside another process; return how the tries ended."""
    current = Round()
    telling = asyncio.create_task(stop_with_parent(current))
    with drained_at_signals(current):
        async with house.transport() as transport:
            await house.delivery().share(share).run(transport, current)
    telling.cancel()
    await asyncio.wait([telling])
    return current.tally


async def _prune(stages: Stages, _: House) -> bool:
    pruned = await stages.prune()
    _say_pruned(pruned)
    if pruned == Pruned():
        say("prune    nothing is old enough")
    return True


def _say_pruned(pruned: Pruned) -> None:
    if pruned != Pruned():
        say(f"prune    {counted(pruned.papers, 'paper')} shortened, {counted(pruned.digests, 'digest')} removed")


def _waiting(house: House) -> str:
    """Return that there is nothing to send now, and what waits for its next try."""
    waiting, now = house.operator.waiting(), house.clock()
    if not waiting.digests:
        return "nothing to send"
    wait = f"{waiting.digests} {'waits' if waiting.digests == 1 else 'wait'}"
    pause = house.traffic.ledger(now).pause
    if pause and pause.holds(now):
        return f"nothing to send now; {wait}: the way out is paused until {when(pause.until)}"
    the_next = "it" if waiting.digests == 1 else "the next"
    due = "is due at" if waiting.next_at and waiting.next_at > now else "has been due since"
    return f"nothing to send now; {wait}: {the_next} {due} {when(waiting.next_at)}"
