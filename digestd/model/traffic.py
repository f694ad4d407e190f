"""How much mail may go out, which mail goes side by side, and when the way out is closed for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from digestd.model.delivery import Deferred, Outcome, Rejected, Uncertain

EVERYBODY = ""  # the scope of all mail; every other scope is a recipient's domain
_RAMP = (50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600)  # mails a day, from the first day on; then no limit
_MOST_DEAD, _MOST_UNCERTAIN = 10, 5  # tries in a row
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose mail goes one after the other: readers at *domain*, or, where that is None, all but those at *others*."""

    domain: str | None = None
    others: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Return the scopes that count each of its mails."""
        return (EVERYBODY, self.domain) if self.domain else (EVERYBODY,)


ALL = Lane()


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a process in what several do: the first is in *place* 0."""

    place: int = 0
    of: int = 1

    def __str__(self) -> str:
        return f"{self.place}/{self.of}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the share that `str` wrote."""
        return cls(*map(int, text.split("/")))

    def part(self, many: int, offset: int = 0) -> int:
        """Return how many of so many are ours; those that are left over begin at the place of *offset*."""
        return many // self.of + ((self.place - offset) % self.of < many % self.of)


@dataclass(frozen=True, slots=True)
class Quota:
    """The most mail that a scope may have; None is no limit."""

    per_second: float | None = None
    per_day: int | None = None

    @property
    def gap(self) -> timedelta:
        """Return the time from one mail to the next."""
        return timedelta(seconds=1 / self.per_second) if self.per_second else timedelta(0)


@dataclass(frozen=True, slots=True)
class Wish:
    """Digests that could be tried at once: up to *most* of *lane*, each counted against *quotas* by scope."""

    lane: Lane = ALL
    most: int = 1
    quotas: Mapping[str, Quota] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pause:
    """The way out is closed from *since* until *until*, after so many *failures* in a row; *reply* was the last."""

    since: datetime
    until: datetime
    failures: int
    reply: str

    def holds(self, now: datetime) -> bool:
        """Say whether nothing may go out at *now*. A pause that is longer than any was made before the clock went back."""
        return now < self.until <= now + _LONGEST_PAUSE


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is on record of the way out: its pause, today's tries by scope, and when the first mail went."""

    pause: Pause | None = None
    tries: Mapping[str, int] = field(default_factory=dict)
    first_mail: datetime | None = None


@dataclass(slots=True)
class Streak:
    """How tries ended in a row: when none arrives any more, the reason is likelier at our end than with each reader."""

    dead: int = 0
    uncertain: int = 0

    @property
    def is_doubtful(self) -> bool:
        """Say whether the last try showed nothing of the server's health."""
        return bool(self.dead or self.uncertain)

    def trouble(self, outcome: Outcome) -> Deferred | None:
        """Count *outcome*, and return what keeps everybody's mail back, if something does."""
        is_dead = isinstance(outcome, Rejected) and outcome.fault == "address"
        is_uncertain = isinstance(outcome, Uncertain)
        self.dead, self.uncertain = is_dead * (self.dead + 1), is_uncertain * (self.uncertain + 1)
        if isinstance(outcome, Deferred) and outcome.everyone:
            return outcome
        if self.dead == _MOST_DEAD:
            why = f"{self.dead} addresses in a row were called dead: see that the server knows where their mail goes"
        elif self.uncertain == _MOST_UNCERTAIN:
            why = f"{self.uncertain} mails in a row may have arrived or not: see what the server does after a message"
        else:
            return None
        return Deferred(f"{why}; the last reply: {outcome.reply}", everyone=True)


def pause_after(last: Pause | None, outcome: Deferred, now: datetime) -> Pause:
    """Return the pause that *outcome* asks for: longer each time, up to an hour."""
    failures = last.failures + 1 if last else 1
    wait = max(min(_FIRST_PAUSE * 2 ** min(failures - 1, 8), _LONGEST_PAUSE), outcome.wait)
    return Pause(last.since if last else now, now + wait, failures, outcome.reply)


def ramp(first_mail: datetime | None, now: datetime) -> int | None:
    """Return how many mails may go out today while a new sender warms up: so many on its first day, twice that on the next."""
    day = (now.date() - first_mail.date()).days if first_mail else 0
    return _RAMP[max(day, 0)] if day < len(_RAMP) else None
