"""Numbers that are filled in later, so that what is rendered with them serves for many."""

from dataclasses import dataclass
from typing import NoReturn

DIGIT = "\x01"  # stands for a digit: no text of a stranger keeps a control character (see clean)


class CountedOn(ArithmeticError):
    """A number that is not known yet was asked for more than its letters."""


@dataclass(frozen=True, slots=True, eq=False)
class Blank:
    """A number of that many digits. It can be printed; whatever would depend on its value is an error."""

    width: int

    def __str__(self) -> str:
        return DIGIT * self.width

    def __format__(self, spec: str) -> str:
        return self._unknown() if spec else str(self)

    def _unknown(self, *_: object) -> NoReturn:
        raise CountedOn("the number is not known yet")

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __int__ = __float__ = __index__ = _unknown
