"""Text in blocks: those that many mails share are made and quoted once, and only what is between them is made for each.

Whatever may be followed by more is quoted so that a soft break (RFC 2045 6.7) ends its line: then bytes can be joined.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from digestd.rendering.blank import DIGIT, PLACE, Make, Uses
from digestd.rendering.quoted import quoted, quoted_open, unquoted

_HOLE = re.compile("\0([0-9]+)\0")
_PLACE = re.compile(f"{PLACE}([0-9]+){PLACE}")
_RARE = "`~^|\\{}"  # letters that quoted-printable leaves alone, seldom in a text


@dataclass(frozen=True, slots=True)
class Block:
    """A text of *size* bytes in UTF-8, quoted, and cut where a number goes.

    Where a soft break may stand between two digits, it is cut for each of its *digits*.
    """

    size: int
    cut: Sequence[bytes]
    digits: int = 1

    def quoted(self, number: int) -> bytes:
        told = b"%d" % number
        if self.digits == 1:
            return told.join(self.cut)
        pieces = [b""] * (2 * len(self.cut) - 1)
        pieces[::2] = self.cut
        pieces[1::2] = [b"%c" % digit for digit in told] * (len(self.cut) // self.digits)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where stands what *make* makes of a value of that *name*; *is_open* where the line goes on after it."""

    name: str
    make: Make
    is_open: bool

    def filled(self, whole: object) -> tuple[int, bytes]:
        """Return how many bytes it has, and the text quoted."""
        text = self.make(getattr(whole, self.name))
        return len(text.encode()), quoted_open(text) if self.is_open else quoted(text)


@dataclass(frozen=True, slots=True)
class Mold:
    """What blocks are made in: the *pieces* that they share, quoted and cut where digits go, and places for their own."""

    size: int
    pieces: Sequence[Sequence[bytes] | _Place]
    width: int

    @classmethod
    def of(cls, text: str, width: int, uses: Uses) -> Self | None:
        """Return the mold for *text*, in which numbers of *width* digits are blank, and *uses* have their places.

        None where it has not every number as a whole, or none of the rare letters is free.
        """
        free = next((letter for letter in _RARE if letter not in text), None)
        if not free or DIGIT in text.replace(DIGIT * width, ""):
            return None
        loose = _PLACE.split(text.replace(DIGIT, free))
        own = [
            _Place(*uses[int(at)], is_open=not after.startswith("\n"))
            for at, after in zip(loose[1::2], loose[2::2], strict=True)
        ]
        shared = [quoted_open(one).split(free.encode()) for one in loose[::2]]
        pieces = [shared[0], *(piece for pair in zip(own, shared[1:], strict=True) for piece in pair)]
        return cls(sum(len(one.encode()) for one in loose[::2]), pieces, width)

    def block(self, whole: object) -> Block:
        """Return the block in which the places are filled from *whole*."""
        cut: list[bytes] = []
        size, told = self.size, b""  # since the last digit
        for piece in self.pieces:
            if isinstance(piece, _Place):
                more, own = piece.filled(whole)
                size, told = size + more, told + own
            else:
                *before, last = piece
                cut += [told + before[0], *before[1:]] if before else []
                told = last if before else told + last
        cut.append(told)
        is_split = any(one for at, one in enumerate(cut) if at % self.width)
        return Block(size, cut, self.width) if is_split else Block(size, cut[:: self.width])


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
        """Return it quoted-printable."""
        return b"".join(self._quoted())

    def _quoted(self) -> Iterator[bytes]:
        *loose, last = _HOLE.split(self.frame)
        for at, one in enumerate(loose):
            yield self._block(one) if at % 2 else _quoted_frame(one)
        lines, newline, end = last.rpartition("\n")
        yield _quoted_frame(lines + newline) + quoted(end)


def hole(at: int) -> str:
    """Return what marks the place of the block of that number in a frame."""
    return f"\0{at}\0"


def _quoted_frame(text: str) -> bytes:
    """Return what is between two blocks quoted: most of its lines are those of every mail."""
    return b"".join(map(_kept, text.splitlines(keepends=True)))


_kept = lru_cache(4_096)(quoted_open)
