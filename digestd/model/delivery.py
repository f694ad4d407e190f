"""The right to try a delivery, how a try ended, and when the next one comes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestd.model.digest import Digest, DigestKey

GIVE_UP_AFTER = timedelta(hours=36)  # an old digest is useless; its papers are told in the next one
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=30), timedelta(hours=4)  # RFC 5321 4.5.4.1: at least 30 minutes
_SERVER_WAIT = timedelta(minutes=2)


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
    """Not now. *everyone* says that the server, not the recipient, is the reason."""

    reply: str
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: the server refused this recipient or this message for good."""

    reply: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The line broke when the server may have had it already (RFC 1047)."""

    reply: str


Outcome = Accepted | Deferred | Rejected | Uncertain


def next_attempt(claim: Claim, outcome: Deferred | Uncertain, now: datetime) -> datetime | None:
    """Return when to try again after *outcome*, or None when the digest is too old to be worth it."""
    pause = _SERVER_WAIT if is_about_the_server(outcome) else min(_FIRST_WAIT * 2 ** min(claim.refusals, 8), _LONGEST_WAIT)
    at = now + pause * (1 + _jitter(claim) / 4)
    return at if at <= claim.composed_at + GIVE_UP_AFTER else None


def is_about_the_server(outcome: Outcome) -> bool:
    """Say whether *outcome* tells of the mail server, and nothing of the recipient."""
    return isinstance(outcome, Deferred) and outcome.everyone


def _jitter(claim: Claim) -> float:
    """Return a fraction that spreads retries, the same for the same try: chance would make replays differ."""
    seed = f"{claim.key.subscriber}\0{claim.key.period}\0{claim.attempt}".encode()
    return int.from_bytes(hashlib.sha256(seed).digest()[:4]) / 2**32
