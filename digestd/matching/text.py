"""Text as words: where they stand, and what they are when case, accents, TeX and plurals do not count."""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Literal

from digestd.matching.plurals import singular

Span = tuple[int, int]
View = Literal["written", "folded", "singular"]

END = "\x1e"  # ASCII's record separator: after the words of a stretch; no word has it in it

_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega
"""
_GREEK_NAMES = _NAMES.split()
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
_PLAIN_LETTERS = str.maketrans(
    dict(zip(_GREEK_LETTERS, _GREEK_NAMES, strict=True))
    | {"∆": "delta", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)

# Signs by what they do in a word; each is the inside of a [class].
_GREEK_SIGNS = "\u00b5\u0370-\u0373\u0376-\u03ff\u1f00-\u1fff\u2126\u2206\U0001d6a8-\U0001d7cb"
_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # each is a word: no blanks
_SILENT = "\u00ad\u061c\u200b-\u200f\u2060\ufeff"  # soft hyphen, zero widths, directions
_APOSTROPHES = "'’‘ʼ´＇"
_SCRIPTS_WITH_MARKS = chain(range(0x300, 0x3100), range(0xA66F, 0xAC00), range(0xFE00, 0xFE30))
_MARKS = "".join(mark for mark in map(chr, _SCRIPTS_WITH_MARKS) if unicodedata.category(mark)[0] == "M")
_LETTER = rf"[^\W_{_CJK}{_GREEK_SIGNS}ʼ]"


def _run(letter: str) -> str:
    """Return the pattern of letters with their marks. More than 32 at once are no writing, and NFKD would sort them slowly."""
    return rf"{letter}++(?:[{_MARKS}]{{1,32}}+(?:{letter}++|(?![{_MARKS}]))|[{_SILENT}]{{1,8}}+{letter}++)*+"


_ENDING = r"(?:\+\+|\\?\#(?!\w))?"  # C++, C#
# It is no part of a word: Alzheimer's disease is Alzheimer disease.
_GENITIVE = rf"(?:[{_APOSTROPHES}][sS](?![^\W{_CJK}])(?<!{END}..))*+"
_POINT = r"(?<=\d)(?:\.(?=\d)|,(?<!\d{4},)(?=\d{3}(?!\d)))"  # in 3.5 and 1,000

_BLANK = rf"[^\S{END}]"
_BASE = r"(?:\\[ij](?![A-Za-z])|[A-Za-z])"
_ACCENT = rf"""\\(?:['`^"~=.](?:\{{{_BASE}\}}|{_BASE})|[Hcvudkrb](?:{_BLANK}*\{{{_BASE}\}}|{_BLANK}+{_BASE}))"""
_NAMED = r"\\(?:ss|ae|AE|oe|OE|aa|AA|dj|DJ|ell|[oOlLij])"
_SPECIAL = rf"{_NAMED}(?![A-Za-z])(?:\{{\}}|[ ](?=[a-z]))?"
_TEX_LETTER = rf"\{{{_ACCENT}\}}|{_ACCENT}|\{{{_SPECIAL}\}}|{_SPECIAL}"
_STYLE = r"\\(?:text(?:bf|it|sc|sf|tt|rm)|emph|underline)"
_FIRST_IN_BRACES = r"\{[A-Za-z]{1,5}\}(?=[a-z]{2})"  # \textbf{R}etrieval
_IN_BRACES = rf"{_STYLE}\{{[A-Za-z]{{1,5}}\}}"
_DIGITS = r"(?:\{\d+[+-]?\}|\d)"
# MoS$_2$ is MoS2, m$^2$ is m2, but 10$^5$ is not 105.
_SCRIPT = rf"(?<!\d)(?:\$\^{_DIGITS}\$|\^{_DIGITS})|\$_{_DIGITS}\$|_{_DIGITS}|\\textsu(?:b|per)script\{{\d+\}}"
_ISOTOPE = rf"(?<!\d)(?:\$(?:\{{\}})?\^{_DIGITS}\$|(?:\{{\}})?\^{_DIGITS})(?=[A-Za-z])"  # $^{13}$C is 13C
_GREEK = rf"\\(?:var)?(?:{'|'.join(f'[{name[0].upper()}{name[0]}]{name[1:]}' for name in _GREEK_NAMES)})(?![A-Za-z])"
_POINTING = rf"\\(?:cite[a-z]*|url|href|ref|eqref|label)\{{[^{{}}{END}]*+\}}"

_USUAL = rf"[0-9A-Za-z]++(?=[\ ;:)?!\n{END}-]|,(?!\d)|\.[\ \n{END}])"  # nearly all words, tried first: a third less time

_ANY_WORD = re.compile(
    rf"""
      ( {_USUAL} | {END} | [{_CJK}] | {_GREEK} | {_run(f"[{_GREEK_SIGNS}]")}
      | (?:{_ISOTOPE})? (?:{_TEX_LETTER}|{_FIRST_IN_BRACES}|{_run(_LETTER)})
        (?:{_TEX_LETTER}|{_IN_BRACES}|{_run(_LETTER)}|{_SCRIPT}|{_POINT})*+ {_ENDING}
      ) {_GENITIVE}
    | {_POINTING} | \\[A-Za-z]++       # are no words
    """,
    re.VERBOSE,
)
# The same for ASCII without TeX, twice as fast: no group; what is rare is tried only where its first sign stands, and whether
# an s is a genitive's only where it stands alone.
_PLAIN = "[0-9A-Za-z]"
_NO_GENITIVE = rf"(?<!{_PLAIN}'[sS])(?<!{_PLAIN}\#'[sS])(?<!{_PLAIN}\+\+'[sS])"
_PLAIN_WORD = re.compile(
    rf"(?:{_PLAIN}{{2,}}+|{_PLAIN}{_NO_GENITIVE})(?:(?=[.,+\\#])(?:{_POINT}{_PLAIN}++)*+{_ENDING})?+", re.ASCII
)
_TEX_IN_PLAIN_TEXT = re.compile(r"[\\_^{]")

# Only here may a word, or what is passed over as none, have blanks inside.
_HOLDS_BLANKS = rf"\\[Hcvudkrb]{_BLANK}++|{_NAMED}[ ]|{_POINTING}"
_BLANKS_INSIDE = re.compile(_HOLDS_BLANKS)
_STRETCH = re.compile(rf"(?:[^\s\\]++|{_HOLDS_BLANKS}|\\)++")

_ACCENT_SIGN = re.compile(r"\\(?:['`^\"~=.]|[Hcvudkrb](?=[\s{]))")
_LIGATURE = {"aa": "a", "AA": "a", "ell": "l"}
_COMMAND = re.compile(rf"\\(aa|AA|ell)(?![A-Za-z])|{_STYLE}(?=\{{)|\\textsu(?:b|per)script|\\var(?=[a-z])")
_CHARGE = re.compile(r"[+-](?=\})")
_SIGNS = re.compile(rf"[\\$}}{{_^,\s{_SILENT}]")
_SPEAKING_MARKS = {0, 7, 8, 9}  # classes of marks that make another letter: nukta, kana voicing, virama (UAX 44, table 15)


class Passage:
    """A text, its words as *written*, *folded* (no case, accents, TeX) and *singular* (folded, without plural)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[str, dict[str, list[int]]] = {}

    @cached_property
    def written(self) -> tuple[str, ...]:
        return tuple(written_words(self.text))

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(map(fold, self.written))

    @cached_property
    def singular(self) -> tuple[str, ...]:
        return tuple(map(_singular, self.folded))

    def places(self, view: View, word: str) -> Sequence[int]:
        """Return the places at which a word stands, as *view* has it."""
        known = self._places.get(view)
        if known is None:
            known = self._places[view] = _places(self.words(view))
        return known.get(word, ())

    def words(self, view: View) -> tuple[str, ...]:
        words: tuple[str, ...] = getattr(self, view)
        return words

    def span(self, first: int, after: int) -> Span:
        """Return where the words from *first* to the one before *after* stand in the text."""
        return self._edges[2 * first], self._edges[2 * after - 1]

    @cached_property
    def _edges(self) -> "array[int]":
        return array("I", chain.from_iterable(spans(self.text)))


def _places(words: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        found.setdefault(word, []).append(place)
    return found


def written_words(text: str) -> list[str]:
    """Return the words of *text* as they stand there: those that `spans` spans. Plain ASCII is one search."""
    return _PLAIN_WORD.findall(text) if _is_plain(text) else [word for word in _ANY_WORD.findall(text) if word > END]


def stretches(text: str) -> list[str]:
    """Return the parts of *text* that no word crosses: nearly always what stands between blanks."""
    return _STRETCH.findall(text) if "\\" in text and _BLANKS_INSIDE.search(text) else text.split()


def words_of_each(parts: Iterable[str]) -> list[str]:
    """Return the words of each of some stretches, and an END after each."""
    return [word for word in _ANY_WORD.findall(END.join([*parts, ""])) if word]


def spans(text: str) -> Iterator[Span]:
    """Yield where each word of *text* starts and ends."""
    if _is_plain(text):
        return map(re.Match.span, _PLAIN_WORD.finditer(text))
    return (found.span(1) for found in _ANY_WORD.finditer(text) if (found[1] or END) > END)


def folded_words(text: str) -> list[str]:
    """Return the words of *text*, folded."""
    return [*map(fold, written_words(text))]


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Return a word as it is when case, accents and TeX do not count.

    >>> fold(r"Erd\\H{o}s"), fold("Gödel"), fold("β"), fold("MoS$_2$"), fold("1,000")
    ('erdos', 'godel', 'beta', 'mos2', '1000')
    """
    if word.isascii() and word.isalnum():
        return word.lower()
    letters = unicodedata.normalize("NFKD", _without_tex(word)).casefold()
    return "".join(letter for letter in letters if unicodedata.combining(letter) in _SPEAKING_MARKS).translate(_PLAIN_LETTERS)


_singular = lru_cache(maxsize=1 << 16)(singular)


def _without_tex(word: str) -> str:
    if "\\" in word:
        word = _COMMAND.sub(lambda found: _LIGATURE.get(found[1], ""), _ACCENT_SIGN.sub("", word))
    return _SIGNS.sub("", _CHARGE.sub("", word))


def _is_plain(text: str) -> bool:
    return text.isascii() and not _TEX_IN_PLAIN_TEXT.search(text)
