"""Readers, and the standing queries that they keep."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType

from digestd.model.period import Rescheduled, Schedule

SubscriberId = NewType("SubscriberId", str)


@dataclass(frozen=True, slots=True)
class Profile:
    """A standing query. *keywords* and *mute* are in the query language of docs/queries.md."""

    name: str
    keywords: tuple[str, ...] = ()
    mute: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    dislike: tuple[str, ...] = ()
    min_score: float | None = None
    max_papers: int | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader: where mail goes, when, and what for. *rescheduled_at* is when the reader last changed the schedule."""

    email: str
    schedule: Schedule
    profiles: tuple[Profile, ...]
    name: str = ""
    max_papers: int = 20
    paused: bool = False
    language: str = "en"
    rescheduled_at: datetime | None = None

    @property
    def id(self) -> SubscriberId:
        return subscriber_id(self.email)

    def timed(self, chosen: Rescheduled | None) -> "Subscriber":
        """Return the reader with the schedule that is in force with what was *chosen*."""
        if chosen is None:
            return self
        return replace(self, schedule=chosen.own.over(self.schedule), rescheduled_at=chosen.since)


@dataclass(frozen=True, slots=True)
class Readers:
    """The subscribers in force, and what is wrong with the files of the others."""

    subscribers: tuple[Subscriber, ...] = ()
    complaints: tuple[str, ...] = ()


def subscriber_id(email: str) -> SubscriberId:
    """Return the identity of the reader at *email*: no provider in use tells two readers apart by case."""
    return SubscriberId(email.strip().casefold())
