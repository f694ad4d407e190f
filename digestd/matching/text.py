"""Text as words: where they stand, and what they are when case, accents, TeX and plurals do not count."""

import re
import unicodedata
from array import array
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import chain

from digestd.matching.plurals import singular

Span = tuple[int, int]

_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega
"""
_GREEK_NAMES = _NAMES.split()
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
_PLAIN_LETTERS = str.maketrans(
    dict(zip(_GREEK_LETTERS, _GREEK_NAMES, strict=True))
    | {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)
_TEX_SIGNS = str.maketrans("", "", "\\${}_ ")

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # written without blanks: each sign is a word
_RUN = rf"[^\W_{_CJK}]++(?:[\u0300-\u036f]++[^\W_{_CJK}]*+)*+"
_ENDING = r"(?:\+\+|\#(?!\w))?"  # C++, C#
_GENITIVE = r"(?:['’][sS](?!\w))?"  # is no part of a word: Alzheimer's disease is Alzheimer disease
_BASE = r"(?:\\[ij](?![A-Za-z])|[A-Za-z])"
_ACCENT = rf"""\\(?:['`^"~=.](?:\{{{_BASE}\}}|{_BASE})|[Hcvudkrb](?:\s*\{{{_BASE}\}}|\s+{_BASE}))"""
_SPECIAL = r"\\(?:ss|ae|AE|oe|OE|aa|AA|[oOlLij])(?![A-Za-z])(?:\{\}|[ ](?=[a-z]))?"
_TEX_LETTER = rf"\{{{_ACCENT}\}}|{_ACCENT}|\{{{_SPECIAL}\}}|{_SPECIAL}"
_SUBSCRIPT = r"\$_(?:\{\d+\}|\d)\$|_(?:\{\d+\}|\d)"  # MoS$_2$ is MoS2
_GREEK = "|".join(sorted(_GREEK_NAMES, key=len, reverse=True))

_ANY_WORD = re.compile(
    rf"""
      ( [{_CJK}] | (?:{_TEX_LETTER}|{_RUN}) (?:{_TEX_LETTER}|{_RUN}|{_SUBSCRIPT}|(?<=\d)\.(?=\d))*+ {_ENDING} ) {_GENITIVE}
    | \\(?:var(?={_GREEK})|(?!(?:{_GREEK})(?![A-Za-z]))[A-Za-z]+)       # a command is no word, but \alpha is
    """,
    re.VERBOSE,
)
_PLAIN_WORD = re.compile(rf"(\w++(?:(?<=\d)\.(?=\d)\w++)*+{_ENDING}){_GENITIVE}")
_ACCENT_SIGN = re.compile(r"\\(?:['`^\"~=.]|[Hcvudkrb](?=[\s{]))")
_RING = re.compile(r"\\(?:aa|AA)(?![A-Za-z])")


class Passage:
    """A text, its words as *written*, *folded* (no case, accents, TeX) and *singular* (folded, without plural)."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def written(self) -> tuple[str, ...]:
        return tuple(_written_words(self.text))

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(folded_words(self.text))

    @cached_property
    def singular(self) -> tuple[str, ...]:
        return tuple(map(_singular, folded_words(self.text)))

    def span(self, first: int, after: int) -> Span:
        """Return where the words from *first* to the one before *after* stand in the text."""
        return self._edges[2 * first], self._edges[2 * after - 1]

    @cached_property
    def _edges(self) -> "array[int]":
        return array("I", chain.from_iterable(spans(self.text)))


def spans(text: str) -> Iterator[Span]:
    """Yield where each word of *text* starts and ends."""
    pattern = _PLAIN_WORD if _is_plain(text) else _ANY_WORD
    return (found.span(1) for found in pattern.finditer(text) if found[1])


def folded_words(text: str) -> list[str]:
    """Return the words of *text*, folded: what a Passage finds, faster."""
    if _is_plain(text):
        return _PLAIN_WORD.findall(text.lower())
    return [fold(word) for word in _written_words(text)]


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Return a word as it is when case, accents and TeX do not count.

    >>> fold(r"Erd\\H{o}s"), fold("Gödel"), fold("β"), fold("MoS$_2$")
    ('erdos', 'godel', 'beta', 'mos2')
    """
    if word.isascii() and word.isalnum():
        return word.lower()
    if "\\" in word:
        word = _RING.sub("a", _ACCENT_SIGN.sub("", word))
    letters = unicodedata.normalize("NFKD", word.translate(_TEX_SIGNS)).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_PLAIN_LETTERS)


_singular = lru_cache(maxsize=1 << 16)(singular)


def _written_words(text: str) -> list[str]:
    return _PLAIN_WORD.findall(text) if _is_plain(text) else [word for word in _ANY_WORD.findall(text) if word]


def _is_plain(text: str) -> bool:
    return text.isascii() and "\\" not in text and "_" not in text
