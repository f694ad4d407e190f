"""Text in blocks: those that many mails share are made and quoted once, and only what is between them is made for each.

Whatever may be followed by more is quoted so that a soft break (RFC 2045 6.7) ends its line: then bytes can be joined.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Self

from digestd.rendering.blank import ALIGNED, NUMBER, PLACE, Make, Uses
from digestd.rendering.quoted import quoted, quoted_open, unquoted

_HOLE = "\0"  # on both sides of a number
_MARK = re.compile(f"({NUMBER}|{ALIGNED}|{PLACE}[0-9]+{PLACE})")
_FORMS = {NUMBER: b"%d=\r\n", ALIGNED: b"%2d=\r\n"}


@dataclass(frozen=True, slots=True)
class Block:
    """A text quoted: *form* has *places* for its number. It is *size* bytes long in UTF-8, if that has three digits."""

    size: int
    form: bytes
    places: int

    def quoted(self, number: int) -> bytes:
        return self.form % ((number,) * self.places)


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
    """What blocks are made in: the *pieces* that they share, as forms, and places for their own."""

    size: int
    pieces: Sequence[bytes | _Place]
    places: int

    @classmethod
    def of(cls, text: str, uses: Uses) -> Self:
        """Return the mold for *text*, in which numbers are blank, and *uses* have their places."""
        loose = _MARK.split(text)
        pieces: list[bytes | _Place] = [_form(quoted_open(loose[0]))]
        for mark, after in zip(loose[1::2], loose[2::2], strict=True):
            own = _FORMS.get(mark) or _Place(*uses[int(mark.strip(PLACE))], is_open=not after.startswith("\n"))
            pieces += [own, _form(quoted_open(after))]
        places = sum(mark in _FORMS for mark in loose[1::2])
        return cls(sum(len(one.encode()) for one in loose[::2]) + 3 * places, pieces, places)

    def block(self, whole: object) -> Block:
        """Return the block in which the places are filled from *whole*."""
        size, forms = self.size, []
        for piece in self.pieces:
            if isinstance(piece, _Place):
                more, own = piece.filled(whole)
                size += more
                forms.append(_form(own))
            else:
                forms.append(piece)
        return Block(size, b"".join(forms), self.places)


def _form(quoted: bytes) -> bytes:
    return quoted.replace(b"%", b"%%")


Numbered = tuple[Block, int]


@dataclass(frozen=True)
class Text:
    """A text, in which *blocks*, some at a time and each with its number, stand where *frame* has holes."""

    frame: str
    blocks: Sequence[Sequence[Numbered]] = ()

    def __str__(self) -> str:
        return "".join([unquoted(b"".join(self._filling(part))) if at % 2 else part for at, part in enumerate(self._parts)])

    def _filling(self, at: str) -> Sequence[bytes]:
        return [block.quoted(number) for block, number in self.blocks[int(at)]]

    @property
    def size(self) -> int:
        """How many bytes it has in UTF-8, if all numbers had three digits."""
        holes = len(self._parts) - 1 + sum(map(len, self._parts[1::2]))
        return self._octets - holes + sum([block.size for some in self.blocks for block, _ in some])

    @property
    def weight(self) -> int:
        """How many bytes it has quoted, or some more: each byte of a letter that is not ASCII takes three."""
        more = 4 * (self._octets - len(self.frame))
        return self._octets + more + sum([len(block.form) for some in self.blocks for block, _ in some])

    @cached_property
    def _parts(self) -> Sequence[str]:
        """What is between the marks of holes: text, and the number of a hole, by turns."""
        return self.frame.split(_HOLE)

    @cached_property
    def _octets(self) -> int:
        return len(self.frame.encode())

    def quoted(self) -> Iterator[bytes]:
        """Yield it quoted-printable, in pieces."""
        *loose, last = self._parts
        for at, one in enumerate(loose):
            yield from self._filling(one) if at % 2 else _quoted_frame(one)
        lines, newline, end = last.rpartition("\n")
        yield from (*_quoted_frame(lines + newline), _kept_end(end))


def hole(at: int) -> str:
    """Return what marks in a frame where the blocks of that number stand."""
    return f"{_HOLE}{at}{_HOLE}"


def _quoted_frame(text: str) -> Iterable[bytes]:
    """Return what is between two blocks quoted: most of its lines are those of every mail."""
    return map(_kept, text.splitlines(keepends=True))


_kept, _kept_end = lru_cache(4_096)(quoted_open), lru_cache(64)(quoted)
