"""How fast mail goes out: how much side by side, how much a second, how much a day; in all, and to some domains."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate

from digestd.model.traffic import EVERYBODY, Lane, Ledger, Quota, Share, ramp
from digestd.ports import Traffic

_MARGIN = timedelta(minutes=5)  # how long a claim may be in force before its try begins


@dataclass(frozen=True, slots=True)
class Track:
    """A lane, and how much goes side by side on it."""

    lane: Lane
    side_by_side: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How many tries go on side by side, how long one may take at most, and what the operator allows.

    *domains* have tracks and quotas of their own, so that none of them holds up the others.
    """

    side_by_side: int
    longest_try: timedelta
    quota: Quota = field(default_factory=Quota)
    domains: Mapping[str, tuple[int, Quota]] = field(default_factory=dict)
    warm_up: bool = False

    @property
    def lease(self) -> timedelta:
        return self.longest_try + _MARGIN

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Return the track of all the rest, which has what the domains leave, and one for each domain."""
        own = [Track(Lane(domain), side_by_side) for domain, (side_by_side, _) in self.domains.items()]
        return (Track(Lane(others=tuple(self.domains)), self._left), *own)

    @property
    def _left(self) -> int:
        return self.side_by_side - sum(side_by_side for side_by_side, _ in self.domains.values())

    def share(self, share: Share) -> "Pace":
        """Return the pace of one of several processes: their connections are ours; rates are kept in common."""
        counts = [self._left, *(many for many, _ in self.domains.values())]
        left, *parts = map(share.part, counts, accumulate(counts, initial=0))
        domains = {domain: (part, quota) for part, (domain, (_, quota)) in zip(parts, self.domains.items(), strict=True)}
        return replace(self, side_by_side=left + sum(parts), domains=domains)

    def quotas(self, lane: Lane, ledger: Ledger, now: datetime) -> Mapping[str, Quota]:
        """Return the quotas today that each mail of *lane* counts against, by scope."""
        limits = [limit for limit in (self.quota.per_day, ramp(ledger.first_mail, now) if self.warm_up else None) if limit]
        every = replace(self.quota, per_day=min(limits, default=None))
        return {EVERYBODY: every} | ({lane.domain: self.domains[lane.domain][1]} if lane.domain else {})


class Turns:
    """The turns of a run among all that deliver now. Its time goes on from *now*, whatever the clock does."""

    def __init__(self, traffic: Traffic, now: datetime) -> None:
        self._traffic, self._begin = traffic, now
        self._begun = asyncio.get_running_loop().time()
        self._gates: dict[Lane, asyncio.Lock] = defaultdict(asyncio.Lock)

    def gate(self, lane: Lane) -> asyncio.Lock:
        """Return what one at a time passes to wait for its turn on *lane*."""
        return self._gates[lane]

    async def take(self, quotas: Mapping[str, Quota]) -> float:
        """Take the next turn that every scope of *quotas* allows; return in how many seconds it comes."""
        gaps = {scope: quota.gap for scope, quota in quotas.items() if quota.gap}
        now = self._begin + timedelta(seconds=asyncio.get_running_loop().time() - self._begun)
        return (await asyncio.to_thread(self._traffic.turn, gaps, now) - now).total_seconds()
