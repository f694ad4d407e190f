"""What `digestd doctor` finds: how it stands with one thing, and what to do."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from digestd.rendering.clean import line

_LONGEST = 200  # of letters

Grade = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How it stands with *what*; *advice* says what to do about it."""

    grade: Grade
    what: str
    found: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.grade:<4}  {self.what:<10}  {self.found}{f': {self.advice}' if self.advice else ''}"

    @property
    def shape(self) -> dict[str, Any]:
        """The JSON shape."""
        return asdict(self)


def heard(text: str) -> str:
    """Return what a stranger says on one line, cut where it is long."""
    return line(text, _LONGEST)
