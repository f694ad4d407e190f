"""Whether a reader may be mailed: suppressions, and the score of what bounced."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from digestd.model.period import Rescheduled
from digestd.model.subscriber import SubscriberId

Reason = Literal["bounce", "complaint", "unsubscribe", "operator"]

FORGOTTEN = "forgotten:"
HARD, SOFT = 8, 2  # points of a bounce; HARD points suppress
BOUNCE_WINDOW = timedelta(days=14)  # a bounce counts when a digest was sent so lately: later ones are no answer to ours
_PATIENCE = timedelta(days=14)  # soft bounces alone suppress only after so long
_SUPPRESSED_FOR = timedelta(days=180)  # an address that was dead may live again
_REMEMBERED_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a reader gets no mail, and until when: for ever, where it does not say."""

    reason: Reason
    since: datetime
    until: datetime | None = None
    note: str = ""

    @classmethod
    def of(cls, reason: Reason, note: str, now: datetime) -> "Suppression":
        """Return the suppression that begins *now*: for a bounce it ends, for a reader's own word it does not."""
        return cls(reason, now, now + _SUPPRESSED_FOR if reason == "bounce" else None, note)

    def holds(self, now: datetime) -> bool:
        return self.until is None or self.until > now


@dataclass(frozen=True, slots=True)
class Suppressions:
    """The suppressions in force, by the readers' ids, or by the hashes of those who were forgotten: then there is a *salt*."""

    by_reader: Mapping[str, Suppression]
    salt: str = ""

    def of(self, who: SubscriberId) -> Suppression | None:
        """Return the suppression of a reader, also of one who was forgotten and has come back."""
        return self.by_reader.get(who) or (self.by_reader.get(forgotten(self.salt, who)) if self.salt else None)


@dataclass(frozen=True, slots=True)
class Score:
    """The points of a reader's bounces, less one for each digest accepted since."""

    points: int
    first_at: datetime
    last_at: datetime
    note: str = ""

    def suppresses(self, points: int, now: datetime) -> bool:
        """Say whether this score, a bounce of so many *points* in it, is enough."""
        return points >= HARD or (self.points >= HARD and now - self.first_at >= _PATIENCE)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a reader, beside digests and tries: papers told, with the period, the score, and own choices."""

    told: tuple[tuple[str, str], ...] = ()
    score: Score | None = None
    paused_until: datetime | None = None
    paused: bool = False
    rescheduled: Rescheduled | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """What a look into the mailbox brought: how many messages of each kind and effect, or why it could not be had."""

    tally: Mapping[str, int]
    trouble: str | None = None


def scored(score: Score | None, points: int, note: str, now: datetime) -> Score | None:
    """Return the score after a bounce, or None where it does not count: of those of one day (UTC), the heaviest does."""
    if points <= 0:
        return None
    if score is None or now - score.last_at > _REMEMBERED_FOR:
        return Score(points, now, now, note)
    if score.last_at.date() < now.date():
        return Score(score.points + points, score.first_at, now, note)
    return Score(points, score.first_at, now, note) if points > score.points else None


def forgotten(salt: str, who: SubscriberId) -> str:
    """Return what stands for a reader who was forgotten: the same for the same address, and nothing to read it from."""
    return f"{FORGOTTEN}{hmac.digest(bytes.fromhex(salt), who.encode(), hashlib.sha256).hex()}"
