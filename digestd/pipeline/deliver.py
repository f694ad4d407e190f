"""Deliver: claim digests, render and send each, and settle it before the next goes out on the same connection."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from digestd.model.delivery import Claim, Deferred, Outcome
from digestd.model.digest import Digest, Message
from digestd.model.paper import Paper, PaperId
from digestd.ports import Clock, Outbox, SeenPapers, Transport
from digestd.rendering import TemplateError

Papers = Mapping[PaperId, Paper]
Render = Callable[[Digest, Papers, datetime], Message]

_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_MARGIN = timedelta(minutes=5)  # how long a claim may wait for its try

log = structlog.get_logger("digestd.deliver")


@dataclass(frozen=True, slots=True)
class Pace:
    """How many tries go on side by side, and how long one may take at most."""

    side_by_side: int
    longest_try: timedelta

    @property
    def lease(self) -> timedelta:
        return self.longest_try + _MARGIN


@dataclass(slots=True)
class Round:
    """One run of the stage: how tries ended, and why it stops early, once it does."""

    tally: Counter[str] = field(default_factory=Counter)
    stopped: str | None = None

    def stop(self, why: str) -> None:
        self.stopped = self.stopped or why


@dataclass(frozen=True, slots=True)
class Delivery:
    """The stage, between the ports it stands on."""

    outbox: Outbox
    seen: SeenPapers
    render: Render
    clock: Clock
    pace: Pace

    async def run(self, transport: Transport, current: Round) -> None:
        """Deliver until nothing is due, or *current* is stopped; what is claimed and not tried then goes back."""
        while current.stopped is None and (claims := await self._claim()):
            papers = await asyncio.to_thread(self.seen.papers, _shown(claims))
            rest = iter(claims)
            workers = (self._work(rest, papers, transport, current) for _ in range(self.pace.side_by_side))
            await asyncio.gather(*workers)

    async def _claim(self) -> Sequence[Claim]:
        """Claim no more than can be tried at once: what we die on is in doubt, and its papers are not told again."""
        return await asyncio.to_thread(self.outbox.claim, self.clock(), self.pace.lease, self.pace.side_by_side)

    async def _work(self, rest: Iterator[Claim], papers: Papers, transport: Transport, current: Round) -> None:
        """Try one claim after another; each is settled before the next, so that a crash leaves one in doubt at most."""
        for claim in rest:
            outcome = await self._try(claim, papers, transport, current)
            if outcome is None:
                continue
            if isinstance(outcome, Deferred) and outcome.everyone:
                current.stop(outcome.reply)
            held = await asyncio.to_thread(self.outbox.settle, [(claim, outcome)], self.clock())
            _report(claim, outcome, current, held=bool(held))

    async def _try(self, claim: Claim, papers: Papers, transport: Transport, current: Round) -> Outcome | None:
        """Return how the try ended; None when the claim is too old to begin, and another may hold it soon."""
        if current.stopped is not None:
            return Deferred(f"not tried: {current.stopped}", everyone=True)
        if self.clock() + self.pace.longest_try > claim.expires:
            return None
        try:
            message = self.render(claim.digest, papers, self.clock())
        except TemplateError as error:
            return Deferred(f"not rendered: {error}")
        except Exception as error:  # one digest that cannot be rendered never stops the others
            log.exception("deliver.unrenderable", digest=_name(claim))
            return Deferred(f"not rendered: {error}")
        return await transport.send(message)


def _shown(claims: Sequence[Claim]) -> set[PaperId]:
    """Return the papers to render: those shown, and the titles of those counted."""
    return {paper for claim in claims for paper in claim.digest.tells}


def _report(claim: Claim, outcome: Outcome, current: Round, *, held: bool) -> None:
    how = type(outcome).__name__.lower()
    current.tally[how] += 1
    reply = _ADDRESS.sub("<address>", outcome.reply)  # servers like to name the recipient; the log does not
    log.info(f"deliver.{how}", digest=_name(claim), attempt=claim.attempt, reply=reply, held=held)


def _name(claim: Claim) -> str:
    """Name a digest in the log without the reader's address."""
    return claim.digest.message_id
