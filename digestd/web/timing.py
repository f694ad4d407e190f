"""The form in which a reader says when digests come: what it offers, and what was written in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time

from digestd.model.period import WEEKDAYS, Every, OwnSchedule, timezone_called

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?")
_LONGEST = 60  # characters of a field that are looked at, and shown again


@dataclass(frozen=True, slots=True)
class Turn:
    """How often a digest may come."""

    every: Every
    on: int = 0


TURNS: Mapping[str, Turn] = {
    "day": Turn("day"),
    "weekday": Turn("weekday"),
    **{short: Turn("week", day) for day, short in enumerate(WEEKDAYS)},
    **{str(day): Turn("month", day) for day in range(1, 29)},
    "last": Turn("month", 31),
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
    def faults(self) -> tuple[str, ...]:
        """Return which fields are wrong: the first, where none is filled in."""
        wrong = {
            "every": self.every not in TURNS if self.every else not (self.at or self.timezone),
            "at": bool(self.at) and self._time is None,
            "timezone": bool(self.timezone) and self._zone is None,
        }
        return tuple(name for name, is_wrong in wrong.items() if is_wrong)

    @property
    def own(self) -> OwnSchedule:
        """Return what is chosen, where nothing is wrong."""
        turn = TURNS.get(self.every)
        return OwnSchedule(turn.every if turn else None, turn.on if turn else 0, self._time, self._zone)

    @property
    def _time(self) -> time | None:
        found = _TIME.fullmatch(self.at)
        return time(int(found[1]), int(found[2])) if found else None

    @property
    def _zone(self) -> str | None:
        return timezone_called(re.sub(r"\s+", "_", self.timezone))
