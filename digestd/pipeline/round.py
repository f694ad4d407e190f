"""One run of delivering: how tries ended, why it stops, and how both are told."""

import asyncio
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from digestd.model.delivery import UNRENDERED, Claim, Outcome, Rejected, Uncertain

_AT = r"(?:@|%40|=40)"
_ADDRESS = re.compile(rf"<[^<>]*{_AT}[^<>]*>|[^\s<>]+{_AT}[^\s<>]+", re.IGNORECASE)

log = structlog.get_logger("digestd.deliver")


@dataclass(slots=True)
class Round:
    """One run of the stage: how tries ended, and why it stops early, once it does."""

    tally: Counter[str] = field(default_factory=Counter)
    stopped: str | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self, why: str) -> None:
        self.stopped = self.stopped or why
        self._over.set()

    async def over(self) -> None:
        """Wait until the round is stopped."""
        await self._over.wait()

    async def rest(self, seconds: float) -> None:
        """Let that time pass, or what is left of it when the round is stopped."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), seconds)

    def report(self, claim: Claim, outcome: Outcome, *, held: bool) -> None:
        """Count and log how a try ended."""
        how, fault = type(outcome).__name__.lower(), {}
        self.tally[how] += 1
        tell = log.warning if isinstance(outcome, Uncertain) else log.info
        if isinstance(outcome, Rejected):
            fault = {"fault": outcome.fault}
            tell = log.error if outcome.fault == "ours" else log.info
        if outcome.reply.startswith(UNRENDERED):
            tell = log.error
        reply = without_addresses(outcome.reply)
        tell(f"deliver.{how}", digest=name_of(claim), attempt=claim.attempt, reply=reply, settled=held, **fault)


def without_addresses(reply: str) -> str:
    """Return *reply* for the log: servers like to name the recipient, the log does not."""
    return _ADDRESS.sub("<address>", reply)


def name_of(claim: Claim) -> str:
    """Name a digest in the log without the reader's address."""
    return claim.digest.message_id
