"""The stages as the daemon and the command line run them: each logs its events and leaves a beat."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import structlog

from digestd.model.records import Beat
from digestd.model.subscriber import Readers
from digestd.pipeline import compose as composing
from digestd.pipeline import examples as looking_up
from digestd.pipeline import poll as polling
from digestd.pipeline.deliver import Delivery, Round
from digestd.pipeline.health import state_of
from digestd.ports import Clock, Outbox, Records, SeenPapers, Source, Transport

log = structlog.get_logger("digestd.stages")


@dataclass(frozen=True, slots=True)
class Stages:
    """What a tick runs, and the ports it runs on. *readers* gives the subscribers in force, read anew each time.

    *examples* are looked up after each poll.
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
        report = {"due": composed.due, "stored": composed.stored, "silent": composed.silent}
        self._beat("compose", composed.due, report | {"broken_files": len(readers.complaints)})
        return composed

    async def deliver(self, current: Round) -> Round:
        """Deliver what is due; *current* tells how it goes, and can be stopped by another task."""
        async with self.open_transport() as transport:
            await self.delivery().run(transport, current)
        report = dict(current.tally) | ({"stopped": current.stopped} if current.stopped else {})
        await asyncio.to_thread(self._beat, "deliver", len(report), report)
        return current

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

    async def _look_up(self, *, retry: bool) -> None:
        if self.examples is not None:
            looking_up.report(await self.examples.look_up(self.clock(), retry=retry))

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
