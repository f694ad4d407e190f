"""The clerk: goes to the store for all who deliver. What they bring while it is there, it takes along the next time.

That is about one transaction for as many digests as go side by side. An attempt is committed before its digest is handed to
anyone, and how it ended before its deliverer is given the next.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import structlog

from digestd.model.delivery import Claim, Ended, Exchange
from digestd.model.paper import Paper, PaperId
from digestd.model.traffic import Lane, Wish
from digestd.pipeline.round import Round, name_of, without_addresses
from digestd.ports import Clock, DatabaseTrouble, Outbox, SeenPapers

Papers = Mapping[PaperId, Paper]

_LONGEST_WAIT = 30  # seconds between two tries to store an outcome
_HOPELESS = 5  # such tries, when the database says that trying again will not help
_AT_HAND = 4_000  # papers: more than a day brings

log = structlog.get_logger("digestd.deliver")


@dataclass(frozen=True, slots=True)
class Stores:
    """What the clerk goes to; a claim is a lease for so long."""

    outbox: Outbox
    seen: SeenPapers
    clock: Clock
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Given:
    """A claim, and the papers that its digest tells."""

    claim: Claim
    papers: Papers


@dataclass(slots=True)
class _Errand:
    """What one deliverer wants of the store, and what came of it."""

    ended: Ended | None
    wish: Wish | None
    given: Given | None = None
    was_held: bool = False
    is_done: bool = False
    fault: Exception | None = None


class Clerk:
    """Does the errands of a round, one transaction at a time. While an outcome cannot be stored, nothing is claimed."""

    def __init__(self, stores: Stores, current: Round) -> None:
        self._papers: Papers = {}  # at hand
        self._stores = stores
        self._round = current
        self._errands: list[_Errand] = []
        self._way = asyncio.Lock()

    async def exchange(self, ended: Ended | None, wish: Wish | None) -> tuple[bool, Given | None]:
        """Settle what *ended*, and claim one digest of *wish*; return whether the one still held its claim, and the other."""
        errand = _Errand(ended, wish)
        self._errands.append(errand)
        async with self._way:
            if not errand.is_done:
                await self._go()
        if errand.fault is not None:
            raise errand.fault
        return errand.was_held, errand.given

    async def insist(self, write: Callable[[], Any], ended: Sequence[Ended]) -> Any:
        """Do *write*, again and again until the database takes it, also while the daemon drains; return what it returned."""
        async with self._way:
            return await _insist(write, ended)

    async def _go(self) -> None:
        """Do all errands that wait; those who sent the clerk share what went wrong."""
        errands, self._errands = self._errands, []
        try:
            await self._do(errands)
        except Exception as fault:  # noqa: BLE001 - each of them raises it
            for errand in errands:
                errand.fault = fault
        for errand in errands:
            errand.is_done = True

    async def _do(self, errands: Sequence[_Errand]) -> None:
        ended = [errand.ended for errand in errands if errand.ended is not None]
        done, lanes = await _insist(partial(self._exchange, ended, errands), ended)
        for claim, outcome in done.lapsed:
            self._round.report(claim, outcome, held=True)
        claims = {lane: iter(some) for lane, some in zip(lanes, done.claims, strict=False)}
        await self._fetch({paper for some in done.claims for claim in some for paper in claim.digest.tells})
        for errand in errands:
            errand.was_held = errand.ended in done.held
            if errand.wish and (claim := next(claims.get(errand.wish.lane, iter(())), None)):
                errand.given = Given(claim, self._papers)

    def _exchange(self, ended: Sequence[Ended], errands: Sequence[_Errand]) -> tuple[Exchange, Sequence[Lane]]:
        """Go to the store, with one wish for each lane; with none once the round is stopped."""
        wishes: dict[Lane, Wish] = {}
        for wish in (errand.wish for errand in errands if errand.wish and self._round.stopped is None):
            more = wishes.get(wish.lane)
            wishes[wish.lane] = replace(more, most=more.most + wish.most) if more else wish
        stores = self._stores
        return stores.outbox.exchange(ended, list(wishes.values()), stores.lease, stores.clock()), list(wishes)

    async def _fetch(self, shown: AbstractSet[PaperId]) -> None:
        """Have the papers at hand that digests show, and the titles of those that they count."""
        new = {paper for paper in shown if paper not in self._papers}
        if len(self._papers) + len(new) > _AT_HAND:
            self._papers, new = {}, {*shown}
        if new:
            self._papers = {**self._papers, **await asyncio.to_thread(self._stores.seen.papers, new)}


async def _insist(write: Callable[[], Any], ended: Sequence[Ended]) -> Any:
    """Do *write* until the database takes it. Where nothing has ended, its trouble is raised at once."""
    try:
        return await asyncio.to_thread(write)
    except DatabaseTrouble as trouble:
        if not ended:
            raise
        _tell_unsettled(ended, str(trouble))
    for tries in count():
        await asyncio.sleep(min(2**tries, _LONGEST_WAIT))
        try:
            return await asyncio.to_thread(write)
        except DatabaseTrouble as trouble:
            if not trouble.temporary and tries + 1 >= _HOPELESS:
                raise
    raise AssertionError


def _tell_unsettled(ended: Sequence[Ended], trouble: str) -> None:
    for claim, outcome in ended:
        how = {"outcome": type(outcome).__name__.lower(), "reply": without_addresses(outcome.reply)}
        log.error("deliver.unsettled", digest=name_of(claim), **how, trouble=trouble)
