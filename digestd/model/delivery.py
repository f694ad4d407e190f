"""The right to try a delivery, how a try ended, and what comes then."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, assert_never

from digestd.model.digest import Digest, DigestKey

GIVE_UP_AFTER = timedelta(hours=36)  # an old digest is useless; its papers are told in the next one
_FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=30), timedelta(hours=4)  # RFC 5321 4.5.4.1: at least 30 minutes
UNRENDERED = "not rendered: "  # so begins the reply of a try that found no message to send; then come template and line

Fault = Literal["address", "message", "ours"]
State = Literal["accepted", "queued", "failed", "held"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to try one delivery until *expires*. *attempt* is its fencing token: a later claim outdates it.

    *refusals* counts the tries that ended in a word about this recipient, or in doubt.
    """

    digest: Digest
    attempt: int
    refusals: int
    composed_at: datetime
    expires: datetime

    @property
    def key(self) -> DigestKey:
        return self.digest.key


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took the message: its reply is the receipt."""

    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now. *everyone* says that the server, not the recipient, is the reason; then it is left alone for *wait* at least."""

    reply: str
    everyone: bool = False
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never. At fault is the address, which is dead; this message alone; or what we do, which only the operator can mend."""

    reply: str
    fault: Fault = "message"


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The line broke when the server may have had it already (RFC 1047)."""

    reply: str


Outcome = Accepted | Deferred | Rejected | Uncertain
Ended = tuple[Claim, Outcome]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Which tries still held their claim when they were stored, the digests that each wish got, and tries that we died on.

    These *lapsed* are told where doubt is held for the operator; elsewhere they are claimed again.
    """

    held: Sequence[Ended]
    claims: Sequence[Sequence[Claim]]
    lapsed: Sequence[Ended] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a digest is worth a try, and whether one that may have arrived is sent again or held for the operator."""

    give_up_after: timedelta = GIVE_UP_AFTER
    on_uncertain: Literal["resend", "hold"] = "resend"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a digest after a try: its state, when its next try comes if one does, and its refusals so far."""

    state: State
    next_at: datetime | None
    refusals: int


def fate(claim: Claim, outcome: Outcome, now: datetime, patience: Patience) -> Fate:
    """Return what becomes of the digest of *claim* when its try has ended in *outcome*."""
    match outcome:
        case Accepted():
            return Fate("accepted", None, claim.refusals)
        case Rejected():
            return Fate("failed", None, claim.refusals)
        case Uncertain() if patience.on_uncertain == "hold":
            return Fate("held", None, claim.refusals + 1)
        case Deferred(everyone=True):
            return _again(claim, now, claim.refusals, patience)  # how long the server is left alone is not a digest's matter
        case Deferred() | Uncertain():
            return _again(claim, now + _wait(claim), claim.refusals + 1, patience)
        case _:
            assert_never(outcome)


def _again(claim: Claim, at: datetime, refusals: int, patience: Patience) -> Fate:
    if at > claim.composed_at + patience.give_up_after:
        return Fate("failed", None, refusals)
    return Fate("queued", at, refusals)


def _wait(claim: Claim) -> timedelta:
    """Return how long to leave the recipient alone: longer each time, up to four hours, and a little by chance."""
    longer = float(2 ** min(claim.refusals, 8)) * (1 + _jitter(claim) / 4)
    return min(_FIRST_WAIT * longer, LONGEST_WAIT)


def _jitter(claim: Claim) -> float:
    """Return a fraction that spreads retries, the same for the same try: real chance would make replays differ."""
    seed = f"{claim.key.subscriber}\0{claim.key.period}\0{claim.attempt}".encode()
    return int.from_bytes(hashlib.sha256(seed).digest()[:4]) / 2**32
