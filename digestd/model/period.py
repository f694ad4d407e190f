"""The calendars: when a reader's periods end on the reader's own wall clock, and when a source announces on its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise, takewhile
from typing import Literal, NewType
from zoneinfo import ZoneInfo, available_timezones

PeriodKey = NewType("PeriodKey", str)
Every = Literal["day", "weekday", "week", "month"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_LONGEST = 40 * _DAY
_BACK = 31 * _DAY
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)  # a clock before it was never set


def onward(now: datetime, known: datetime | None, dated: datetime | None = None) -> datetime:
    """Return *now*, or what is *known* to have been later: a clock that runs behind does not turn time back.

    One that says over a month less than what is known was ahead then, and has been put right; unless the newest of what is
    read now is *dated* after what it says, and about when is known.
    """
    if known is None or known <= now:
        return now
    is_behind = now < _BEGINNING or known - now <= _BACK or (dated is not None and dated > now and known - dated <= _BACK)
    return known if is_behind else now


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

    def named_by_day(self, period: Period) -> Period:
        """Return *period* with the day of its end in its name: `weekly/2026-W34-5`, `monthly/2026-08-21`.

        Where the day changes, two periods of a week or a month may end, on two days.
        """
        day = period.end.astimezone(ZoneInfo(self.timezone)).date()
        ending = {"week": f"-{day.isoweekday()}", "month": f"-{day:%d}"}.get(self.every, "")
        return replace(period, key=PeriodKey(f"{period.key}{ending}"))

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


@dataclass(frozen=True, slots=True)
class OwnSchedule:
    """What a reader chose of the schedule, day and all where it says how often; what is None is as the reader's file says."""

    every: Every | None = None
    on: int = 0
    at: time | None = None
    timezone: str | None = None

    def over(self, planned: Schedule) -> Schedule:
        """Return the schedule in force over the *planned* one; a zone that there is no more is as planned."""
        every, on = (planned.every, planned.on) if self.every is None else (self.every, self.on)
        at = planned.at if self.at is None else self.at
        return Schedule(every, at, timezone_called(self.timezone or "") or planned.timezone, on)

    def then(self, later: "OwnSchedule") -> "OwnSchedule":
        """Return what is chosen after the *later* choice, too."""
        every, on = (self.every, self.on) if later.every is None else (later.every, later.on)
        at = self.at if later.at is None else later.at
        return OwnSchedule(every, on, at, later.timezone or self.timezone)


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """When a reader last changed the schedule, and what is chosen since: nothing, where it is as the file says again."""

    since: datetime
    own: OwnSchedule = OwnSchedule()

    @property
    def is_in_force(self) -> bool:
        return self.own != OwnSchedule()


def timezone_called(name: str) -> str | None:
    """Return the zone that is called so, whichever letters are large; None where there is none."""
    return _timezones().get(name.casefold())


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a source announces: at a time of day on its clock, on these weekdays (0–6, Monday first), but not on *holidays*.

    *grace* is how late an announcement may be before it is missed.
    """

    timezone: str
    at: time = time()
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()
    grace: timedelta = timedelta(hours=12)

    def latest(self, now: datetime) -> datetime:
        """Return the newest instant, not after *now*, at which an announcement was due."""
        return next(at for at in self._before(now) if at <= now)

    def missed(self, since: datetime, now: datetime) -> tuple[datetime, ...]:
        """Return the announcements due after *since*, oldest first, but for the latest, which is still there to be read."""
        return tuple(reversed([at for at in takewhile(lambda at: at > since, self._before(now)) if at < self.latest(now)]))

    def rests(self, now: datetime) -> bool:
        """Say whether *now* lies on a day on which nothing is announced."""
        return not self._announces_on(now.astimezone(ZoneInfo(self.timezone)).date())

    def _before(self, now: datetime) -> Iterator[datetime]:
        """Yield the instants of announcements, newest first, beginning after *now*."""
        zone = ZoneInfo(self.timezone)
        day = now.astimezone(zone).date() + _DAY
        while True:
            if self._announces_on(day):
                yield datetime.combine(day, self.at, zone).astimezone(UTC)
            day -= _DAY

    def _announces_on(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays


@cache
def _timezones() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones()}
