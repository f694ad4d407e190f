"""Text as words: where they stand, and what they are when case, accents, TeX and plurals do not count."""

import re
import unicodedata
from array import array
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from string import digits
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
_MARKS, _FAR_MARKS = (
    "".join(mark for mark in map(chr, codes) if unicodedata.category(mark)[0] == "M")
    for codes in (_SCRIPTS_WITH_MARKS, range(0x10000, 0x1F000))
)
_MARK = rf"(?:[{_MARKS}]|(?=[\U00010000-\U0010ffff])[{_FAR_MARKS}])"  # the far ones are looked at where there are any
_LETTER = rf"[^\W_{_CJK}{_GREEK_SIGNS}ʼ]"


def _run(letter: str) -> str:
    """Return the pattern of letters with their marks. More than 32 at once are no writing, and NFKD would sort them slowly."""
    return rf"{letter}++(?:{_MARK}{{1,32}}+(?:{letter}++|(?!{_MARK}))|[{_SILENT}]{{1,8}}+{letter}++)*+"


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
# \textbf{R}etrieval, \textbf{V}LM, \textbf{\underline{R}}etrieval
_FIRST_IN_BRACES = (
    rf"(?:\{{[A-Za-z]{{1,5}}\}}|\{{{_STYLE}\{{[A-Za-z]{{1,5}}\}}\}})(?=[a-z]{{2}})|\{{[A-Z]\}}(?=[A-Z]{{1,4}}s?(?![A-Za-z]))"
)
_IN_BRACES = rf"{_STYLE}\{{[A-Za-z]{{1,5}}\}}"
_FONT = r"\\(?:text|rm|math[a-z]{1,5})(?![A-Za-z])"
_FRAME = rf"(?:{_FONT}\{{[A-Za-z]{{1,12}}\}}|\{{{_FONT}[ ]?[A-Za-z]{{1,12}}\}})"
_DIGITS = rf"(?:\{{(?:{_FONT}[ ]?)?\d+[+-]?\}}|\d)"
# MoS$_2$ is MoS2, m$^2$ is m2, but 10$^5$ is not 105. The formula may go on: AdS$_5\times S^5$.
_SCRIPT = (
    rf"(?<!\d)(?:\$(?:\{{\}})?\^{_DIGITS}\$|\^{_DIGITS})|\$(?:\{{\}})?_{_DIGITS}\$?|\\\(_{_DIGITS}\\\)|_{_DIGITS}"
    r"|\\textsu(?:b|per)script\{\d+\}"
)
_FRAMED = rf"\${_FRAME}[_^]{_DIGITS}\$|{_FRAME}[_^]{_DIGITS}"  # $\mathrm{CO}_2$ is CO2
_UP = rf"(?:\{{\}})?\^{_DIGITS}"
_ISOTOPE = rf"(?<!\d)(?:\${_UP}\$|\\\({_UP}\\\)|{_UP})(?=[A-Za-z])"  # $^{13}$C is 13C
_FRAMED_ISOTOPE = rf"(?<!\d)(?:\${_UP}{_FRAME}\$|{_UP}{_FRAME})"
_GREEK = rf"\\(?:var)?(?:{'|'.join(f'[{name[0].upper()}{name[0]}]{name[1:]}' for name in _GREEK_NAMES)})(?![A-Za-z])"
# Four Greek letters side by side begin a Greek word; fewer are a word each, as in γδ T cells.
_GREEK_SIGN = rf"[{_GREEK_SIGNS}]{_MARK}{{0,32}}+"
_GREEK_WORD = rf"(?=(?:[{_GREEK_SIGNS}]{_MARK}{{0,4}}+){{4}}){_run(f'[{_GREEK_SIGNS}]')}"
_IN_TEX = rf"(?:{_ISOTOPE})?(?:{_TEX_LETTER}|{_FIRST_IN_BRACES}|{_run(_LETTER)})"
_POINTING = rf"\\(?:cite[a-z]*|url|href|ref|eqref|label)\{{[^{{}}{END}]*+\}}"

_USUAL = rf"[0-9A-Za-z]++(?=[\ ;:)?!\n{END}-]|,(?!\d)|\.[\ \n{END}])"  # nearly all words, tried first: a third less time

_ANY_WORD = re.compile(
    rf"""
      ( {_USUAL} | {END} | [{_CJK}] | {_GREEK} | (?=[{_GREEK_SIGNS}])(?:{_GREEK_WORD}|{_GREEK_SIGN})
      | (?:{_run(_LETTER)}|(?=[$\\{{^])(?:{_FRAMED}|{_FRAMED_ISOTOPE}|{_IN_TEX}))
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
_HOLDS_BLANKS = rf"\\[Hcvudkrb]{_BLANK}++|(?:{_NAMED}|{_FONT})[ ]|{_POINTING}"
_BLANKS_INSIDE = re.compile(_HOLDS_BLANKS)
_STRETCH = re.compile(rf"(?:[^\s\\]++|{_HOLDS_BLANKS}|\\)++")

_ACCENT_SIGN = re.compile(r"\\(?:['`^\"~=.]|[Hcvudkrb](?=[\s{]))")
_LIGATURE = {"aa": "a", "AA": "a", "ell": "l"}
_COMMAND = re.compile(
    rf"\\(aa|AA|ell)(?![A-Za-z])|{_STYLE}(?=\{{)|{_FONT}|\\textsu(?:b|per)script|\\var(?=[a-zA-Z])|(?<!\\)\\[()]"
)
_EMPHASIS = re.compile(rf"^\{{(?:{_STYLE}\{{)?([A-Za-z]{{1,5}})\}}{{1,2}}|{_STYLE}\{{([A-Za-z]{{1,5}})\}}")
_CHARGE = re.compile(r"[+-](?=\})")
_SIGNS = re.compile(rf"[\\$}}{{_^,\s{_SILENT}]")
_SPEAKING_MARKS = {0, 7, 8, 9}  # classes of marks that make another letter: nukta, kana voicing, virama (UAX 44, table 15)


# Greek names that are told from what stands beside them; short ones are in too many words, but before these figures.
_SPELLINGS = """
alpha beta gamma delta epsilon zeta theta kappa lambda sigma omega chi2 chi3 phi29
"""
_SPELLED = _SPELLINGS.split()
_COMPOUND = re.compile(r"(?:kappaB|lambdaCDM)(?![A-Za-z])", re.IGNORECASE)
_MOST_BACK = 30  # letters of a TeX command


class Passage:
    """A text, its words as *written*, *folded* (no case, accents, TeX) and *singular* (folded, without plural)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[str, dict[str, list[int]]] = {}

    @cached_property
    def written(self) -> tuple[str, ...]:
        return tuple(map(bare, written_words(self.text)))

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
    text = _cut(text, seams(text))
    return _PLAIN_WORD.findall(text) if _is_plain(text) else [word for word in _ANY_WORD.findall(text) if word > END]


def seams(text: str) -> list[int]:
    """Return where a word of *text* falls in two, for it spells a Greek letter: beta1 is β1, TNFalpha TNFα, kappaB κB."""
    found: set[int] = set()
    small = text.replace("İ", "I").lower()  # as long as the text: of no other letter small ones are two
    for name in _SPELLED:
        start = small.find(name)
        while start >= 0:
            end = start + len(name.rstrip(digits))
            found.update(_seams_at(text, start, end, is_long=name.isalpha()))
            start = small.find(name, end)
    return sorted(found)


def _seams_at(text: str, start: int, end: int, *, is_long: bool) -> Iterator[int]:
    """Yield those beside a Greek letter's name, unless it is a command of TeX; before a short one may be no letter."""
    first = next((at for at in range(start, max(start - _MOST_BACK, 0), -1) if not text[at - 1].isalpha()), 0)
    after = text[end : end + 1]
    if text[first - 1 : first] == "\\" or not (is_long or first == start):
        return
    if start and text[start - 1].isalnum() and not after.isalpha():
        yield start
    if after.isdigit() or (first == start and _COMPOUND.match(text, start)):
        yield end


def _cut(text: str, places: Sequence[int]) -> str:
    """Return *text* with a hyphen at each of some places."""
    return "-".join(text[start:end] for start, end in pairwise([0, *places, len(text)])) if places else text


def stretches(text: str) -> list[str]:
    """Return the parts of *text* that no word crosses: nearly always what stands between blanks."""
    return _STRETCH.findall(text) if "\\" in text and _BLANKS_INSIDE.search(text) else text.split()


def words_of_each(parts: Iterable[str]) -> list[str]:
    """Return the words of each of some stretches, and an END after each."""
    text = END.join([*parts, ""])
    return [word for word in _ANY_WORD.findall(_cut(text, seams(text))) if word]


def spans(text: str) -> Iterator[Span]:
    """Yield where each word of *text* starts and ends."""
    places = seams(text)
    found = _spans(_cut(text, places))
    if not places:
        return found
    hyphens = [place + before for before, place in enumerate(places)]
    return ((start - bisect(hyphens, start), end - bisect(hyphens, end - 1)) for start, end in found)


def _spans(text: str) -> Iterator[Span]:
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


def bare(word: str) -> str:
    """Return a word without emphasis of letters inside it: \\textbf{V}LM is VLM."""
    return _EMPHASIS.sub(r"\1\2", word) if "{" in word else word


_singular = lru_cache(maxsize=1 << 16)(singular)


def _without_tex(word: str) -> str:
    if "\\" in word:
        word = _COMMAND.sub(lambda found: _LIGATURE.get(found[1], ""), _ACCENT_SIGN.sub("", word))
    return _SIGNS.sub("", _CHARGE.sub("", word))


def _is_plain(text: str) -> bool:
    return text.isascii() and not _TEX_IN_PLAIN_TEXT.search(text)
