"""Text in blocks: those that many mails share are made and quoted once, and only what is between them is made for each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from digestd.rendering.blank import DIGIT
from digestd.rendering.quoted import quoted, unquoted

_HOLE = re.compile("\0([0-9]+)\0")
_MIDDLE = re.compile(r"([^\n]*\n+)(.*[^\n])(\n.*)", re.DOTALL)
_SHORT = 300
_RARE = "`~^|\\{}"  # letters that quoted-printable leaves alone, seldom in a text


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines between a *head* and a *tail*, which may share their lines with others; quoted, and cut where digits go."""

    head: str
    tail: str
    size: int
    cut: tuple[bytes, ...]

    @classmethod
    def of(cls, text: str, width: int) -> Self | None:
        """Return *text*, in which numbers of *width* digits are blank, as a block.

        None where it has no lines of its own, with every number, as a whole, on them, or none of the rare letters is free.
        """
        found = _MIDDLE.fullmatch(text)
        free = next((letter for letter in _RARE if letter not in text), None)
        if not found or not free or DIGIT in text.replace(DIGIT * width, ""):
            return None
        head, middle, tail = found.groups()
        if DIGIT in head + tail:
            return None
        cut = quoted(middle.replace(DIGIT, free)).split(free.encode())
        return cls(head, tail, len(middle.encode()), tuple(cut))

    def quoted(self, number: int) -> bytes:
        digits = [b"%c" % digit for digit in str(number).encode()]
        pieces = [b""] * (2 * len(self.cut) - 1)
        pieces[::2] = self.cut
        pieces[1::2] = digits * ((len(self.cut) - 1) // len(digits))  # a soft break may stand between two digits
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, in which *blocks*, each with its number, stand where *frame* has holes."""

    frame: str
    blocks: Sequence[tuple[Block, int]] = ()

    def __str__(self) -> str:
        return _HOLE.sub(lambda hole: unquoted(self._block(hole[1])), self.frame)

    def _block(self, at: str) -> bytes:
        block, number = self.blocks[int(at)]
        return block.quoted(number)

    @property
    def size(self) -> int:
        """How many bytes it has in UTF-8."""
        loose = _HOLE.split(self.frame)
        return len("".join(loose[::2]).encode()) + sum(self.blocks[int(at)][0].size for at in loose[1::2])

    def quoted(self) -> bytes:
        """Return it quoted-printable; the holes are whole lines, so that what is around them can be quoted alone."""
        return b"".join(self._quoted())

    def _quoted(self) -> Iterator[bytes]:
        for at, loose in enumerate(_HOLE.split(self.frame)):
            yield self._block(loose) if at % 2 else _quoted_frame(loose)


def hole(at: int) -> str:
    """Return what marks the place of the block of that number in a frame."""
    return f"\0{at}\0"


def _quoted_frame(text: str) -> bytes:
    """Return what is between two blocks quoted: most of its lines are those of every mail."""
    return _kept(text) if len(text) < _SHORT else b"\r\n".join(map(_kept, text.split("\n")))


_kept = lru_cache(4_096)(quoted)
