"""Deliver: claim digests, render and send each, and settle it before the next goes out on the same connection."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from digestd.model.delivery import LONGEST_WAIT, UNRENDERED, Claim, Deferred, Ended, Outcome
from digestd.model.digest import Digest, Message
from digestd.model.traffic import Lane, Ledger, Share, Streak, Wish, pause_after
from digestd.pipeline.clerk import Clerk, Given, Papers, Stores
from digestd.pipeline.pace import Pace, Track, Turns
from digestd.pipeline.round import Round, name_of, without_addresses
from digestd.ports import Clock, Outbox, SeenPapers, Traffic, Transport
from digestd.rendering import TemplateError

__all__ = ["Delivery", "Pace", "Round"]

Render = Callable[[Digest, Papers, datetime], Message]

LOOK_AGAIN = 15  # seconds
ENOUGH = 200  # digests due, or allowed in a second, from which on a second process pays: it takes most of a second to begin

log = structlog.get_logger("digestd.deliver")


@dataclass(frozen=True, slots=True)
class Delivery:
    """The stage, between the ports it stands on. *changed_at* is when the templates were changed last, where that is known."""

    outbox: Outbox
    seen: SeenPapers
    traffic: Traffic
    render: Render
    clock: Clock
    pace: Pace
    changed_at: datetime | None = None

    def share(self, share: Share) -> "Delivery":
        """Return the stage of one of several processes."""
        return replace(self, pace=self.pace.share(share))

    def pays_for(self, processes: int) -> bool:
        """Say whether so much is due that several processes are worth their while. After a pause, one goes ahead."""
        is_slow = (self.pace.quota.per_second or ENOUGH) < ENOUGH
        if processes == 1 or is_slow or self.outbox.due(self.clock(), ENOUGH) < ENOUGH:
            return False
        return self.traffic.ledger(self.clock()).pause is None

    async def run(self, transport: Transport, current: Round) -> None:
        """Deliver until nothing may go out now, or *current* is stopped; what is claimed and not tried then goes back."""
        await asyncio.to_thread(self._rouse)
        ledger = await asyncio.to_thread(self.traffic.ledger, self.clock())
        if ledger.pause and ledger.pause.holds(self.clock()):
            current.stop(f"paused until {ledger.pause.until:%Y-%m-%d %H:%M} UTC: {ledger.pause.reply}")
            return
        await _Run(self, transport, current, ledger).go()

    def _rouse(self) -> None:
        """Let digests be due that could not be rendered before the templates were changed; after the longest wait, all are."""
        if self.changed_at and self.changed_at <= self.clock() < self.changed_at + LONGEST_WAIT:
            self.outbox.rouse(self.changed_at, self.clock())


class _Run:
    """One run, until nothing may go out now."""

    def __init__(self, stage: Delivery, transport: Transport, current: Round, ledger: Ledger) -> None:
        self._stage = stage
        self._transport = transport
        self._round = current
        self._ledger = ledger
        self._pause = ledger.pause
        self._turns = Turns(stage.traffic, stage.clock())
        self._dry: set[Lane] = set()
        self._busy, self._all_rest = 0, asyncio.Event()
        self._streak = Streak()
        self._clerk = Clerk(Stores(stage.outbox, stage.seen, stage.clock, stage.pace.lease), current)

    async def go(self) -> None:
        """Deliver on all tracks side by side; after a pause, one digest after the other until it is seen to be over."""
        for track in self._stage.pace.tracks:
            while self._pause and self._round.stopped is None and (given := await self._next(track, None)):
                await self._settle(await self._try(given, 0))
        if not self._pause:
            many = [track for track in self._stage.pace.tracks for _ in range(track.side_by_side)]
            self._busy = len(many)
            await _all(self._deliver(track, line) for line, track in enumerate(many))

    async def _deliver(self, track: Track, line: int) -> None:
        """Try what there is, and look again while others are trying: what becomes due does not wait for a slow server."""
        try:
            await self._empty(track, line)
            while await self._others_try():
                self._dry.discard(track.lane)
                await self._empty(track, line)
        except BaseException:
            self._round.stop("digestd met a fault")  # raised when what is on its way has ended
            self._rest()
            raise

    async def _empty(self, track: Track, line: int) -> None:
        """Try one digest after the other. Each is settled as the next is claimed: a crash leaves one in doubt at most."""
        ended = None
        while given := await self._next(track, ended):
            ended = await self._try(given, line)

    async def _others_try(self) -> bool:
        """Rest for a while, and return whether some are still trying; they may have to wait for a server for minutes."""
        self._rest()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_rest.wait(), LOOK_AGAIN)
        if not self._busy:
            return False
        self._busy += 1
        return True

    def _rest(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._all_rest.set()

    async def _next(self, track: Track, ended: Ended | None) -> Given | None:
        """Settle what *ended*, and return the next digest in its turn, if there is one.

        None is claimed that cannot be tried at once: what we die on is in doubt, and its papers are not told again.
        """
        wish = Wish(track.lane, 1, self._stage.pace.quotas(track.lane, self._ledger, self._stage.clock()))
        if any(quota.gap for quota in wish.quotas.values()):
            await self._settle(ended)
            async with self._turns.gate(track.lane):
                if track.lane in self._dry or not await asyncio.to_thread(self._stage.outbox.due, self._stage.clock(), 1):
                    return None
                await self._round.rest(await self._turns.take(wish.quotas))
            ended = None
        return await self._settle(ended, None if self._round.stopped is not None else wish)

    async def _settle(self, ended: Ended | None, wish: Wish | None = None) -> Given | None:
        """Settle what *ended*, and claim what *wish* wants."""
        if ended is None and wish is None:
            return None
        was_held, given = await self._clerk.exchange(ended, wish)
        if ended is not None:
            self._round.report(*ended, held=was_held)
        if wish is not None and given is None:
            self._dry.add(wish.lane)
        return given

    async def _try(self, given: Given, line: int) -> Ended | None:
        """Return how the try ended; None when the claim is too old to begin, and another may hold it by now."""
        outcome = await self._outcome(given.claim, given.papers, line)
        return None if outcome is None else (given.claim, outcome)

    async def _outcome(self, claim: Claim, papers: Papers, line: int) -> Outcome | None:
        if self._round.stopped is not None:
            return Deferred(f"not tried: {self._round.stopped}", everyone=True)
        try:
            message = self._stage.render(claim.digest, papers, self._stage.clock())
        except TemplateError as error:
            return Deferred(f"{UNRENDERED}{error}")
        except Exception as error:  # one digest that cannot be rendered never stops the others
            log.exception("deliver.unrenderable", digest=name_of(claim))
            return Deferred(f"{UNRENDERED}{error}")
        if self._stage.clock() + self._stage.pace.longest_try > claim.expires:
            return None
        outcome = await self._transport.send(message, line)
        await self._heed(claim, outcome)
        return outcome

    async def _heed(self, claim: Claim, outcome: Outcome) -> None:
        """Pause when the server takes nothing now, and end an older pause when it answers as it should."""
        if self._round.stopped is not None:
            return  # it was paused by another try of this moment, or we are stopping
        if trouble := self._streak.trouble(outcome):
            trouble = replace(trouble, reply=without_addresses(trouble.reply))  # it is told beside other readers' names
            self._round.stop(trouble.reply)
            await self._begin_pause(trouble, (claim, outcome))
        elif self._pause and not self._streak.is_doubtful:
            over, self._pause = self._pause, None
            await self._clerk.insist(partial(self._stage.traffic.pause, None), [(claim, outcome)])
            log.info("deliver.resumed", since=over.since.isoformat(), failures=over.failures)

    async def _begin_pause(self, trouble: Deferred, ended: Ended) -> None:
        pause = self._pause = pause_after(self._pause, trouble, self._stage.clock())
        await self._clerk.insist(partial(self._stage.traffic.pause, pause), [ended])
        tell = log.error if pause.failures == 1 else log.info
        tell("deliver.paused", until=pause.until.isoformat(), failures=pause.failures, reply=pause.reply)


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait until all of *work* has ended, and raise what one of it raised: none is left alone with a message on its way."""
    ended = await asyncio.gather(*work, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, BaseException):
            raise fault
