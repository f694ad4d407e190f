"""A text while its TeX is read."""

import re
from functools import cached_property

from digestd.rendering.maths import unicode_maths

Turned = tuple[int, str | None]  # where a piece of TeX ends, and what stands for it, if it does not stay as written

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_CLOSING_QUOTE = re.compile(r"""\\"(?=[\s.,;:!?)\]]|$)""")
_SCRIPT = re.compile(r"\s?[\^_]\s?(?:(?P<brace>{)|\\[A-Za-z]+|[A-Za-z0-9*](?![A-Za-z0-9]))")
_LONGEST = 400


class Reading:
    """A *text*, and what will stand for some of its closing braces: their *ends*."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ends: dict[int, str] = {}

    @cached_property
    def closing(self) -> dict[int, int]:
        """Where each brace is closed."""
        pairs: dict[int, int] = {}
        opened: list[int] = []
        for found in _BRACE.finditer(self.text):
            if found[0] == "{":
                opened.append(found.start())
            elif found[0] == "}" and opened:
                pairs[opened.pop()] = found.start()
        return pairs

    @cached_property
    def quotes(self) -> bool:
        r"""Whether `\"` is a quotation mark here, and no accent."""
        return bool(_CLOSING_QUOTE.search(self.text))

    def unwrapped(self, brace: int, before: str = "", after: str = "") -> Turned:
        """Return *before* for all up to an opening *brace* and with it; *after* will stand for the one that closes it."""
        if brace not in self.closing:
            return brace, None
        self.ends[self.closing[brace]] = after
        return brace + 1, before

    def maths(self, start: int, end: int) -> Turned:
        """Return what stands for the maths from *start* to *end* and for the scripts that follow."""
        while found := _SCRIPT.match(self.text, end):
            after = self.closing.get(found.start("brace"), -1) + 1 if found["brace"] else found.end()
            if not after:
                break
            end = after
        return end, unicode_maths(self.text[start:end]) if end - start <= _LONGEST else None

    def after_braces(self, at: int) -> int:
        """Return where the braces end that follow one another from *at*."""
        while at in self.closing:
            at = self.closing[at] + 1
        return at
