"""How fast mail goes out: how much side by side, how much a second, how much a day; in all, and to some domains."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate

from digestd.model.traffic import EVERYBODY, Lane, Ledger, Quota, Share, ramp

_MARGIN = timedelta(minutes=5)  # how long a claim may be in force before its try begins
_LONGEST_WAIT = timedelta(minutes=1)  # for a turn on record: one that is later was written by a clock that ran ahead


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
        """Return the pace of one of several processes: all of them together keep to this one."""
        counts = [self._left, *(many for many, _ in self.domains.values())]
        left, *parts = map(share.part, counts, accumulate(counts, initial=0))
        domains = {
            domain: (part, quota.share(part / many))
            for part, (domain, (many, quota)) in zip(parts, self.domains.items(), strict=True)
        }
        mine = left + sum(parts)
        return replace(self, side_by_side=mine, quota=self.quota.share(mine / self.side_by_side), domains=domains)

    def quotas(self, lane: Lane, ledger: Ledger, now: datetime) -> Mapping[str, Quota]:
        """Return the quotas today that each mail of *lane* counts against, by scope."""
        limits = [limit for limit in (self.quota.per_day, ramp(ledger.first_mail, now) if self.warm_up else None) if limit]
        every = replace(self.quota, per_day=min(limits, default=None))
        return {EVERYBODY: every} | ({lane.domain: self.domains[lane.domain][1]} if lane.domain else {})


class Turns:
    """The next turn of each scope, which goes on from where the last run was."""

    def __init__(self, ledger: Ledger, now: datetime) -> None:
        begin = asyncio.get_running_loop().time()
        waits = {scope: min(turn - now, _LONGEST_WAIT).total_seconds() for scope, turn in ledger.turns.items()}
        self._next = {scope: begin + wait for scope, wait in waits.items()}
        self._gates: dict[Lane, asyncio.Lock] = defaultdict(asyncio.Lock)

    def gate(self, lane: Lane) -> asyncio.Lock:
        """Return what one at a time passes to wait for its turn on *lane*."""
        return self._gates[lane]

    def take(self, quotas: Mapping[str, Quota]) -> float:
        """Take the next turn that every scope of *quotas* allows; return in how many seconds it comes."""
        paced = {scope: quota.gap.total_seconds() for scope, quota in quotas.items() if quota.gap}
        now = asyncio.get_running_loop().time()
        turn = max([now, *(self._next.get(scope, now) for scope in paced)])
        self._next |= {scope: turn + gap for scope, gap in paced.items()}
        return turn - now
