"""The calendar: when a reader's periods end on the reader's own wall clock, and what each is called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal, NewType
from zoneinfo import ZoneInfo

PeriodKey = NewType("PeriodKey", str)
Every = Literal["day", "weekday", "week", "month"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_LONGEST = 40 * _DAY


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch of time `[start, end)` in UTC, and its name in the reader's calendar."""

    key: PeriodKey
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """When periods end: every day, weekday, week (on a weekday 0–6, Monday first) or month (on a day 1–31) at a time of day.

    A day of the month that a month lacks is its last day. A time of day that a zone skips is read with the offset
    before the change, one that comes twice is the first (PEP 495, fold=0).
    """

    every: Every = "day"
    at: time = time(7, 30)
    timezone: str = "UTC"
    on: int = 0

    def latest_period(self, now: datetime) -> Period:
        """Return the newest period that has ended by *now*."""
        ends = ((day, end) for day, end in self._ends_before(now) if end <= now)
        for (day, end), (_, start) in pairwise(ends):
            if start < end:  # a zone that skips a whole day makes two ends one instant
                return Period(self._key(day), start, end)
        raise AssertionError("the calendar has no beginning")

    def current_period(self, now: datetime) -> Period:
        """Return the period that *now* lies in."""
        period = self.latest_period(now + _LONGEST)
        while period.start > now:
            period = self.latest_period(period.start)
        return period

    def _ends_before(self, now: datetime) -> Iterator[tuple[date, datetime]]:
        """Yield the days on which a period ends and the instant in UTC, newest first, beginning after *now*."""
        zone = ZoneInfo(self.timezone)
        for day in self._days_back(now.astimezone(zone).date() + 2 * _DAY):
            yield day, datetime.combine(day, self.at, zone).astimezone(UTC)

    def _days_back(self, day: date) -> Iterator[date]:
        while True:
            if self._ends_on(day):
                yield day
            day -= _DAY

    def _ends_on(self, day: date) -> bool:
        match self.every:
            case "day":
                return True
            case "weekday":
                return day.weekday() < 5
            case "week":
                return day.weekday() == self.on
            case "month":
                return day.day == self.on or (day.day < self.on and (day + _DAY).day == 1)

    def _key(self, day: date) -> PeriodKey:
        match self.every:
            case "day" | "weekday":
                return PeriodKey(f"daily/{day.isoformat()}")
            case "week":
                year, week, _ = day.isocalendar()
                return PeriodKey(f"weekly/{year}-W{week:02}")
            case "month":
                return PeriodKey(f"monthly/{day:%Y-%m}")
