"""The form in which a reader says when digests come: what it offers, and what was written in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time

from digestd.model.period import WEEKDAYS, Every, OwnSchedule, timezone_called

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?")
_LONGEST = 60  # characters of a field that are looked at, and shown again
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}


@dataclass(frozen=True, slots=True)
class Turn:
    """How often a digest may come."""

    every: Every
    on: int
    words: str


TURNS: Mapping[str, Turn] = {
    "day": Turn("day", 0, "every day"),
    "weekday": Turn("weekday", 0, "every weekday, Monday to Friday"),
    **{short: Turn("week", day, f"every {_DAYS[day]}") for day, short in enumerate(WEEKDAYS)},
    **{str(day): Turn("month", day, f"on the {day}{_ENDINGS.get(day, 'th')} of every month") for day in range(1, 29)},
    "last": Turn("month", 31, "on the last day of every month"),
}


@dataclass(frozen=True, slots=True)
class Timing:
    """The fields of the form, as they were filled in."""

    every: str = ""
    at: str = ""
    timezone: str = ""

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> "Timing":
        """Return what *fields* say; of a name that comes twice, the first."""
        said: dict[str, str] = {}
        for name, value in fields:
            said.setdefault(name, "".join(filter(str.isprintable, value[:_LONGEST])))
        return cls(said.get("every", "").lower(), said.get("at", ""), said.get("timezone", ""))

    @property
    def faults(self) -> Mapping[str, str]:
        """Say what is wrong with which field: with the first, where none is filled in."""
        found = {}
        if not (self.every or self.at or self.timezone):
            found["every"] = "Choose what is to change: how often, the time of day, or the time zone."
        if self.every and self.every not in TURNS:
            found["every"] = "Choose one of these."
        if self.at and self._time is None:
            found["at"] = "That is no time of day: write hours and minutes, such as 07:30 or 18:00."
        if self.timezone and self._zone is None:
            found["timezone"] = "There is no such time zone: write a continent and a city, such as Europe/Berlin."
        return found

    @property
    def own(self) -> OwnSchedule:
        """Return what is chosen, where nothing is wrong."""
        turn = TURNS.get(self.every)
        return OwnSchedule(turn.every if turn else None, turn.on if turn else 0, self._time, self._zone)

    @property
    def words(self) -> str:
        """Return in words what is chosen: "every Friday at 18:00, in the time zone Europe/Berlin"."""
        turn = TURNS[self.every].words if self.every else ""
        at = f"at {self._time:%H:%M}" if self._time is not None else ""
        zone = f"in the time zone {self._zone}" if self._zone else ""
        return ", ".join(filter(None, (f"{turn} {at}".strip(), zone)))

    @property
    def _time(self) -> time | None:
        found = _TIME.fullmatch(self.at)
        return time(int(found[1]), int(found[2])) if found else None

    @property
    def _zone(self) -> str | None:
        return timezone_called(re.sub(r"\s+", "_", self.timezone))
