"""What is filled in later, so that what is rendered with it serves for many."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, NoReturn

NUMBER = "\x01"  # stands for a number: no text of a stranger keeps a control character (see clean)
ALIGNED = "\x05\x05"  # stands for a number in two columns, or more if it needs them
PLACE = "\x02"  # on both sides of the number of a use

Make = Callable[[Any], str]  # from what was blank to the text that stands in its place


class CountedOn(ArithmeticError):
    """Something that is not known yet was asked for more than its letters."""


class _Unknown:
    """Whatever would depend on its value is an error."""

    __slots__ = ()

    def _unknown(self, *_: object) -> NoReturn:
        raise CountedOn("this is not known yet")

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __int__ = __float__ = __index__ = __iter__ = __len__ = _unknown


@dataclass(frozen=True, slots=True, eq=False)
class Blank(_Unknown):
    """A number. It can be printed."""

    def __str__(self) -> str:
        return NUMBER

    def __format__(self, spec: str) -> str:
        return self._unknown() if spec else str(self)


class Uses:
    """What is to be made of blanks, in the order of their places."""

    def __init__(self) -> None:
        self._makes: list[tuple[str, Make]] = []

    def add(self, name: str, make: Make) -> str:
        """Return what marks the place of what *make* makes of the blank of that name."""
        self._makes.append((name, make))
        return f"{PLACE}{len(self._makes) - 1}{PLACE}"

    def __getitem__(self, at: int) -> tuple[str, Make]:
        return self._makes[at]


@dataclass(frozen=True, slots=True, eq=False)
class Later(_Unknown):
    """A value that is not known yet, but whether there is one. *text* are its letters, where only their looks are not known."""

    name: str
    is_there: bool
    uses: Uses
    text: str | None = None

    def __bool__(self) -> bool:
        return self.is_there

    def __str__(self) -> str:
        return self._unknown()

    def __html__(self) -> str:
        return self.use(escape)

    def use(self, make: Make) -> str:
        return self.uses.add(self.name, make)
