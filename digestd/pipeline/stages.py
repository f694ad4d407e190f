"""The stages as the daemon and the command line run them: each logs its events and leaves a beat."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from digestd.model.records import Beat
from digestd.model.retention import Pruned
from digestd.model.standing import Intake
from digestd.model.subscriber import Readers
from digestd.pipeline import compose as composing
from digestd.pipeline import examples as looking_up
from digestd.pipeline import poll as polling
from digestd.pipeline.crew import Crew
from digestd.pipeline.deliver import Delivery, Round
from digestd.pipeline.health import state_of
from digestd.pipeline.prune import EVERY, Prune
from digestd.ports import Clock, Outbox, Records, SeenPapers, Source, Transport

_BREATH = 0.05  # seconds between two transactions of a prune, in which others get their turn

log = structlog.get_logger("digestd.stages")


@dataclass(frozen=True, slots=True)
class Stages:
    """What a tick runs, and the ports it runs on. *readers* gives the subscribers in force, read anew each time.

    *examples* are looked up after each poll. *take_in* takes what came back, where there is a mailbox for it. *pruning* is what
    ends the day. The *crew* delivers beside us.
    """

    sources: Sequence[Source]
    seen: SeenPapers
    outbox: Outbox
    records: Records
    readers: Callable[[], Readers]
    rules: composing.Rules
    delivery: Callable[[], Delivery]
    open_transport: Callable[[], AbstractAsyncContextManager[Transport]]
    clock: Clock
    examples: looking_up.Examples | None = None
    take_in: Callable[[], Intake] | None = None
    take_in_every: timedelta = timedelta(minutes=5)
    pruning: Prune | None = None
    crew: Crew = field(default_factory=Crew)

    async def poll_due(self) -> Sequence[polling.Polled]:
        """Poll the sources whose turn has come."""
        polled = await self._poll(await asyncio.to_thread(polling.due, self.sources, self.seen, self.clock()))
        await self._look_up(retry=False)
        return polled

    async def poll_now(self, names: Sequence[str] = ()) -> Sequence[polling.Polled]:
        """Poll the sources that are called one of *names*, or all whose servers have not asked to be left alone."""
        chosen: Sequence[Source] = [source for source in self.sources if not names or {source.name, source.label} & set(names)]
        if not names:
            chosen = await asyncio.to_thread(polling.standing, chosen, self.seen)
        polled = await self._poll(await asyncio.to_thread(polling.allowed, chosen, self.seen, self.clock()))
        await self._look_up(retry=True)
        return polled

    def compose(self) -> composing.Composed:
        """Compose what is due."""
        readers = self.readers()
        composed = composing.compose(readers.subscribers, self.seen, self.outbox, self.rules, self.clock())
        absent = self.outbox.put_off({reader.id for reader in readers.subscribers if not reader.paused}, self.clock())
        report = {"due": composed.due, "stored": composed.stored, "silent": composed.silent, "absent": absent}
        self._beat("compose", composed.due, report | {"broken_files": len(readers.complaints)})
        return composed

    async def deliver(self, current: Round) -> Round:
        """Deliver what is due; *current* tells how it goes, and can be stopped by another task."""
        delivery = await asyncio.to_thread(self._begin_delivery)
        processes = self.crew.most if await asyncio.to_thread(delivery.pays_for, self.crew.most) else 1
        async with self.open_transport() as transport, self.crew.at_work(processes, current) as share:
            await delivery.share(share).run(transport, current)
        report = dict(current.tally) | ({"stopped": current.stopped} if current.stopped else {})
        await asyncio.to_thread(self._beat, "deliver", sum(current.tally.values()), report)
        return current

    async def inbound(self) -> Intake | None:
        """Take what came back, if it is time to look; return what it was."""
        return await asyncio.to_thread(self._take_in, self.take_in) if self.take_in is not None else None

    async def prune_due(self) -> Pruned:
        """Prune, if that has not been done today."""
        last = await asyncio.to_thread(self._last, "prune")
        is_done = last is not None and last <= self.clock() < last + EVERY
        return Pruned() if is_done else await self.prune()

    async def prune(self) -> Pruned:
        """Remove what is older than anybody may ask for, and return how much that was."""
        done = Pruned()
        if self.pruning is not None:
            steps = self.pruning.steps(await asyncio.to_thread(lambda: self.readers().subscribers), self.clock())
            while (some := await asyncio.to_thread(next, steps, None)) is not None:
                done += some
                await asyncio.sleep(_BREATH)
        report = {"papers": done.papers, "digests": done.digests}
        await asyncio.to_thread(self._beat, "prune", done.papers + done.digests, report)
        return done

    def failing(self) -> Mapping[str, str]:
        """Return the configured sources whose last poll failed, and why."""
        states = self.seen.sources()
        known = [state_of(source, states) for source in self.sources]
        return {state.name: state.last_error or "" for state in known if state.failures}

    async def _poll(self, sources: Sequence[Source]) -> Sequence[polling.Polled]:
        polled = await polling.poll(sources, self.seen, self.rules.look_back, self.clock())
        for one in polled:
            _report_poll(one)
        failed = sum(one.error is not None for one in polled)
        report = {"sources": len(polled), "news": sum(one.news for one in polled), "failed": failed}
        await asyncio.to_thread(self._beat, "poll", len(polled), report)
        return polled

    def _take_in(self, take_in: Callable[[], Intake]) -> Intake | None:
        now = self.clock()
        last = self._last("inbound")
        if last is not None and last <= now < last + self.take_in_every:
            return None
        intake = take_in()
        if intake.trouble is not None:
            log.error("inbound.failed", error=intake.trouble)
        report = dict(intake.tally) | ({"trouble": intake.trouble} if intake.trouble is not None else {})
        self._beat("inbound", sum(intake.tally.values()), report)
        return intake

    async def _look_up(self, *, retry: bool) -> None:
        if self.examples is not None:
            looking_up.report(await self.examples.look_up(self.clock(), retry=retry))

    def _begin_delivery(self) -> Delivery:
        """Return the delivering stage; where it cannot be, why not is left as its beat."""
        try:
            return self.delivery()
        except Exception as trouble:
            self._beat("deliver", 0, {"stopped": str(trouble)})
            raise

    def _last(self, stage: str) -> datetime | None:
        return next((beat.at for beat in self.records.beats() if beat.stage == stage), None)

    def _beat(self, stage: str, work: int, report: Mapping[str, Any]) -> None:
        """Leave a beat, and log it where there was work: a daemon runs its stages all day, mostly for nothing."""
        (log.info if work else log.debug)(f"{stage}.done", **report)
        self.records.beat(Beat(stage, self.clock(), json.dumps(report)))


def _report_poll(one: polling.Polled) -> None:
    for complaint in one.complaints:
        log.warning("poll.entry", source=one.source, complaint=complaint)
    if one.error is not None:
        log.error("poll.failed", source=one.source, error=one.error)
    else:
        log.info("poll.source", source=one.source, papers="unchanged" if one.papers is None else one.papers, news=one.news)
