"""Lines for a terminal, by columns: letters of East Asia take two, marks none (UAX 11). A link is never cut."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6"
    "\U0001f300-\U0001faff\U00020000-\U0003fffd"
)
_OPEN, _CLOSE = "（「『【《〈“‘", "、。，．：；！？）」』】》〉ー…”’),.:;!?%\u00a0"  # stay with the letter that they stand at
_LOOKS = "\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"  # of the letter before them
_UNIT = re.compile(rf"[{_OPEN}]*[{_WIDE}][{_CLOSE}{_LOOKS}\u0300-\u036f\u302a-\u302f\u3099\u309a]*| +|[^ {_WIDE}]+")
_LOOK = re.compile(f"[{_LOOKS}]")
# What is not surely of one column: emoji stand among the signs, and each script has marks of its own.
_UNEVEN = re.compile(
    "[^\0-\u02ff\u0370-\u0482\u048a-\u0590\u1d00-\u1dbf\u1e00-\u20cf\u2100-\u2319\u232b-\u23e8\u2400-\u25fc\u27c0-\u2b1a\U0001d400-\U0001d7ff]"
)


def is_even(text: str) -> bool:
    """Say whether each letter of *text* surely takes one column."""
    return text.isascii() or not _UNEVEN.search(text)


def columns(text: str) -> int:
    """Return how wide a terminal shows *text*."""
    return len(text) if is_even(text) else sum(map(_columns, text))


def filled(text: str, width: int, taken: int = 0) -> Iterator[str]:
    """Yield *text* in lines of at most *width* columns, of which the first has *taken*; words that are longer are cut."""
    line, gap = "", ""
    for unit in _units(text, width):
        if unit.isspace():
            gap = " "
            continue
        size = columns(unit)
        if line and taken + len(gap) + size > width:
            yield line
            line, gap, taken = "", "", 0
        gap = gap if line else ""
        line, taken, gap = f"{line}{gap}{unit}", taken + len(gap) + size, ""
    yield line


def _units(text: str, width: int) -> Iterator[str]:
    """Yield blanks, and what must stand in one line: words, letters of East Asia."""
    for unit in _UNIT.findall(text):
        if columns(unit) <= width or "://" in unit:
            yield unit
        else:
            yield from _cut(unit, width)


def _cut(word: str, width: int) -> Iterator[str]:
    piece, taken = "", 0
    for letter in _signs(word):
        size = columns(letter)
        if taken + size > width:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + letter, taken + size
    yield piece


def _signs(word: str) -> Iterator[str]:
    """Yield the letters of *word*, each with its marks and what makes it look so: ✔️ takes two columns."""
    sign = ""
    for letter in word:
        if sign and not (unicodedata.category(letter).startswith("M") or _LOOK.match(letter)):
            yield sign
            sign = ""
        sign += letter
    yield sign


@lru_cache(4_096)
def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
