"""TeX in titles and abstracts, turned to Unicode: what is simple is turned, all else stays as written."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from digestd.rendering.maths import SYMBOLS, unicode_maths

_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "i": "ı",
    "j": "ȷ",
}
_SIGNS = {
    "dots": "…",
    "ldots": "…",
    "textendash": "–",
    "textemdash": "—",
    "textasciitilde": "~",
    "S": "§",
    "copyright": "©",
    "eg": "e.g.",
    "ie": "i.e.",
    "deg": "°",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
}
_MARKS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "H": "\u030b",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "d": "\u0323",
    "k": "\u0328",
    "r": "\u030a",
}
_PROSE_SYMBOLS = {name: sign for name, sign in SYMBOLS.items() if len(name) > 1 and name not in _SIGNS} | {
    "sim": "∼",
    "approx": "≈",
    "times": "×",
    "leq": "≤",
    "geq": "≥",
    "rightarrow": "→",
}


def _names(table: dict[str, str]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


_TEX = re.compile(
    rf"""
      \$\$(?P<shown>(?:\\.|[^$\\]){{1,400}}?)\$\$
    | \$(?!\s)(?P<inline>(?:\\.|[^$\\]){{1,400}}?)(?<!\s)\$(?!\d)        # pandoc's rule: dollars in prose are not maths
    | \$\s(?P<loose>(?:\\.|[^$\\]){{1,400}}?)\s\$(?!\d)
    | \$(?P<before>\\(?:\\.|[^$\\]){{1,60}})\$(?=\d)
    | (?<=\w)(?P<script>[\^_]{{[^{{}}$\\]{{1,20}}}})
    | \\\((?P<round>.{{1,400}}?)\\\) | \\\[(?P<square>.{{1,400}}?)\\\]
    | \\(?P<escaped>[&%$\#_{{}}])
    | (?<![:\\])\\(?:(?P<sign>['`^"~=.])\s?|(?P<letter>[Hcvudkr])(?:\s+|(?={{)))
      (?:(?P<brace>{{)\s*)?(?:\\(?P<dotless>[ij])(?![A-Za-z])(?:\s(?=[a-z]))?|(?P<base>[A-Za-z]))(?(brace)\s*}})
    | (?<![:\\])\\(?P<joined>{_names(_LETTERS)})\s(?=[a-z])
    | (?<![:\\])\\(?P<special>{_names(_LETTERS | _SIGNS)})(?![A-Za-z])(?:{{}})?
    | (?<![\w:\\])\\(?P<symbol>{_names(_PROSE_SYMBOLS)})(?![A-Za-z])
    | \\(?:emph|text(?:bf|it|tt|sc|rm|sf|sl|up|normal)?|underline|mbox|url|mathrm)\s*(?P<font>{{)
    | \\href\s*{{(?P<href>[^{{}}]+)}}\s*{{(?P<said>[^{{}}]+)}}
    | (?P<switch>{{)\\(?:bf|em|it|tt|sc|rm|sl|bfseries|itshape)(?![A-Za-z])\s*
    | (?<=\d){{(?P<comma>,)}}(?=\d)
    | (?<![\\^_}}])(?P<group>{{) | (?P<end>}})
    | (?P<quote>``|'')
    | (?<![-\s<!])(?P<dash>---?)(?![->]) | (?<=\s)(?P<pause>---?)(?=\s)
    | (?<=[A-Za-z.])(?P<tie>~)(?=\S)
    | (?<=\.)(?P<space>\\[ ])
    """,
    re.VERBOSE | re.DOTALL,
)
_ANY = re.compile(r"[\\${}~]|--|``")
_DASHES = {"--": "–", "---": "—"}
_QUOTES = {"``": "“", "''": "”"}


@dataclass(frozen=True, slots=True)
class Run:
    """The *text* that stands for `[start, end)` of a source. Only a *plain* one, which is the source itself, may be cut."""

    start: int
    end: int
    text: str
    plain: bool = False


def convert(source: str) -> str:
    """Return *source* with its TeX in Unicode.

    >>> convert(r"Erd\\H{o}s--R\\'enyi graphs in $O(n\\log n)$")
    'Erdős–Rényi graphs in O(n log n)'
    """
    return "".join(run.text for run in runs(source))


def runs(source: str) -> Iterator[Run]:
    """Yield *source* in runs that tile it: plain ones, and those in which TeX was turned."""
    at = 0
    dropped: set[int] = set()
    closing = _closing(source)
    for found in _TEX.finditer(source) if _ANY.search(source) else ():
        turned = _turned(found, closing, dropped)
        if turned is not None:
            yield Run(at, found.start(), source[at : found.start()], plain=True)
            yield Run(found.start(), found.end(), turned)
            at = found.end()
    yield Run(at, len(source), source[at:], plain=True)


def _closing(source: str) -> dict[int, int]:
    """Return where each brace of *source* is closed."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for found in re.finditer(r"\\.|[{}]", source, re.DOTALL):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            pairs[opened.pop()] = found.start()
    return pairs


def _turned(found: re.Match[str], closing: dict[int, int], dropped: set[int]) -> str | None:
    """Return what stands for a piece of TeX, or None when it stays as written. *dropped* are braces on the way out."""
    kind = found.lastgroup or ""
    match kind:
        case "shown" | "inline" | "loose" | "before" | "script" | "round" | "square":
            return unicode_maths(found[kind]) if _is_maths(found[kind], loose=kind == "loose") else None
        case "said":
            return found["said"] if found["said"] == found["href"] else f"{found['said']} ({found['href']})"
        case "base" | "dotless":
            return _accented(found[kind], _MARKS[found["sign"] or found["letter"]])
        case "font" | "switch" | "group" | "end":
            return _brace(found, kind, closing, dropped)
        case "quote":
            return _QUOTES[found[0]] if "``" in found.string else None
        case _:
            return _plain(kind, found[kind])


def _is_maths(inner: str, *, loose: bool) -> bool:
    """Tell maths from money: a number, a blank and no sign of TeX is a price; so are dollars that stand *loose*."""
    sure = not loose and (not inner[0].isdigit() or " " not in inner)
    return sure or bool(re.search(r"[\\^_=<>+]", inner))


def _accented(letter: str, mark: str) -> str | None:
    whole = unicodedata.normalize("NFC", letter + mark)
    return whole if len(whole) == 1 else None


def _brace(found: re.Match[str], kind: str, closing: dict[int, int], dropped: set[int]) -> str | None:
    at = found.start(kind)
    if at in dropped:
        return ""
    end = closing.get(at)
    if end is None or (kind == "group" and not _is_wrapper(found.string, at, end)):
        return None
    dropped.add(end)
    return ""


def _is_wrapper(source: str, at: int, end: int) -> bool:
    """Tell braces that wrap TeX or one word from those of prose, and from the arguments of an unknown macro."""
    before, inside = source[max(0, at - 30) : at], source[at + 1 : end]
    if inside.startswith("\\"):
        return not re.search(r"\\[A-Za-z]+$", before)
    return bool(re.fullmatch(r"[\w-]+", inside)) and not re.search(r"\w$", before)


def _plain(kind: str, text: str) -> str:
    match kind:
        case "joined" | "special":
            return (_LETTERS | _SIGNS)[text]
        case "symbol":
            return _PROSE_SYMBOLS[text]
        case "dash" | "pause":
            return _DASHES[text]
        case "tie":
            return "\u00a0"
        case _:
            return text.removeprefix("\\")
