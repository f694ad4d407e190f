"""TeX in titles and abstracts, turned to Unicode: what is simple is turned, all else stays as written."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digestd.rendering.maths import unicode_maths
from digestd.rendering.tex_macros import address, macro
from digestd.rendering.tex_reading import Reading, Turned
from digestd.rendering.tex_scripts import LOWERED, RAISED, flat, script
from digestd.rendering.tex_table import SYMBOLS, WORDS

_ANY = re.compile(r"[\\${}~^_]|--|``")
_NEXT = re.compile(
    r"\\|[${}~^_]|``|''|---?|https?://|text(?:bf|it|tt|sc|rm|sf|sl)\{|math(?:bf|it|tt|sf|rm|bb|cal|scr|frak)\{|left[(\[|]"
)
_MONEY_OR_MATHS = re.compile(
    r"\$\$(?P<shown>(?:\\.|[^$\\]){1,400}?)\$\$|\$(?P<inline>(?:\\.|[^$\\]){1,400}?)\$(?P<digit>\d)?", re.DOTALL
)
_ADDRESS = re.compile(r"\\(?:href|url)\s*\{")
_SIGN_OF_MATHS = re.compile(r"[\\^_]")
_RELATION = re.compile(r"[=<>+]")
_WORDS_IN_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}\s+[A-Za-z]{2,}(?![A-Za-z]*[{}])")
_NO_BEGINNING = re.compile(r"[,;:!?)\]]|\.(?!\d)")
_PRICE = re.compile(r"\d.*?(?:(?<![\\A-Za-z])[A-Za-z]{2,}\W*\s|[-–—/,(]$|\([^)]*$)", re.DOTALL)
_SIGNS_ALONE = re.compile(r"[-+±<>=≤≥~*/→×−]+")
_SCRIPT = re.compile(r"(?<=[\w)\]}|′'*])[\^_](?:(?P<brace>\{)|\\(?P<name>[A-Za-z]+))")
_POWER = re.compile(r"(?<=[0-9A-Za-z)\]])\^([-−+]?\d{1,3})(?![\w^])")
_LETTER_ABOVE = re.compile(r"(?:(?<=[0-9)\]])|(?<=(?<![A-Za-z])[A-Za-z]))\^([a-zT*])(?![\w^{\\*])")
_LETTER_BELOW = re.compile(r"(?<=(?<![\w\\/.@^])[A-Za-z])_([0-9a-z])(?![\w{\\])")
_QUOTES = {"``": "“", "''": "”"}
_DASH = re.compile(r"(?<![-\s<!])---?(?![->])|(?<=\s)---?(?=\s)")
_DASHES = {"--": "–", "---": "—"}
_TIE = re.compile(r"(?<=[A-Za-z.)}])~(?=\S)|(?<=[\d$%,])~(?=[A-Za-z\\$\[(]|-~)|(?<=~-)~(?=\S)")
_LINK = re.compile(r"https?://(?:\\[_%#&~$]|[^\s{}\\$])*")
_LOST_TIMES = re.compile(r"([^\W_]{1,3})times ([^\W_]{1,3})")
_LOST_BACKSLASH = re.compile(r"(?<![\\\w])(text|math)[a-z]+\{")
_LOST_BACKSLASHES = re.compile(r"(?<![\\a-z])left(?P<open>[(\[|])(?P<inside>[^$\\]{1,80}?)right(?P<close>[)\]|])")
_COMMA = re.compile(r"(?<=\d)\{,\}(?=\d)")
_WORD = re.compile(r"[A-Za-z][\w.'’-]*[\w.]|[A-Z]")

_NAME = re.compile(r"[A-Z][^,;$]*$")  # of a collaboration, as BibTeX has it
_CAPITALS = re.compile(r"[A-Z]{1,4}")
_BRACES = re.compile(r"[{}]")
_ARGUMENT_OF = re.compile(r"\\[A-Za-z]+\*?$")

_Reader = Callable[[Reading, int], Turned]


@dataclass(frozen=True, slots=True)
class Run:
    """The *text* that stands for `[start, end)` of a source. Only a *plain* one, which is the source itself, may be cut.

    In any other the scripts that Unicode does not have are marked (see tex_scripts).
    """

    start: int
    end: int
    text: str
    plain: bool = False


def convert(source: str) -> str:
    """Return *source* with its TeX in Unicode.

    >>> convert(r"Erd\\H{o}s--R\\'enyi graphs in $O(n\\log n)$")
    'Erdős–Rényi graphs in O(n log n)'
    """
    return "".join(run.text if run.plain else flat(run.text) for run in runs(source))


def runs(source: str) -> Iterator[Run]:
    """Yield *source* in runs that tile it: plain ones, and those in which TeX was turned."""
    at = done = 0
    if _ANY.search(source):
        reading = Reading(source)
        while found := _NEXT.search(source, at):
            start = found.start()
            at, text = _READERS[found[0][0]](reading, start)
            if text is not None:
                yield Run(done, start, source[done:start], plain=True)
                yield Run(start, at, text)
                done = at
    yield Run(done, len(source), source[done:], plain=True)


def _maths(reading: Reading, at: int) -> Turned:
    if at in reading.ends:
        return at + 1, reading.ends[at]
    found = _MONEY_OR_MATHS.match(reading.text, at)
    if found and found["inline"] and _ADDRESS.match(found["inline"]):
        reading.ends[found.end("inline")] = ""
        return at + 1, ""
    if not found or not _is_maths(found):
        return at + 1, None
    text = unicode_maths(found["shown"] or found["inline"])
    end = found.start("digit") if found["digit"] else found.end()
    return (end, text) if text is not None or r"\begin" in found[0] else (at + 1, None)


def _is_maths(found: re.Match[str]) -> bool:
    """Tell maths from money and from what stands between two formulas."""
    inner = found["shown"] or found["inline"]
    core = inner.strip()
    is_loose = core != inner
    if not core or (_WORDS_IN_PROSE.search(core) and (is_loose or not _SIGN_OF_MATHS.search(core))):
        return False
    if is_loose and (found["digit"] or _PRICE.match(core)):
        return False
    if _SIGN_OF_MATHS.search(core) or found["shown"]:
        return True
    if found["digit"] or _NO_BEGINNING.match(core):
        return bool(found["digit"] and _SIGNS_ALONE.fullmatch(core))
    is_formula = bool(_RELATION.search(core))
    return is_formula or (not _PRICE.match(core) and (not is_loose or len(core) <= 2))


def _script(reading: Reading, at: int) -> Turned:
    text = reading.text
    if found := _SCRIPT.match(text, at):
        brace = reading.closing.get(at + 1) if found["brace"] else None
        if brace and (lost := _LOST_TIMES.fullmatch(text, at + 2, brace)):
            return brace + 1, script(text[at], f"{lost[1]} × {lost[2]}")
        is_known = brace is not None or found["name"] in SYMBOLS or found["name"] in WORDS
        return reading.maths(at, brace + 1 if brace else found.end()) if is_known else (at + 1, None)
    found = (_POWER if text[at] == "^" else _LETTER_BELOW).match(text, at) or _LETTER_ABOVE.match(text, at)
    if found and all(letter in (RAISED if text[at] == "^" else LOWERED) for letter in found[1]):
        return found.end(), script(text[at], found[1])
    return at + 1, None


def _opening(reading: Reading, at: int) -> Turned:
    if found := _COMMA.match(reading.text, at):
        return found.end(), ","
    end = reading.closing.get(at)
    return reading.unwrapped(at) if end and _is_wrapper(reading.text, at, end) else (at + 1, None)


def _is_wrapper(source: str, at: int, end: int) -> bool:
    """Tell braces that wrap TeX or one word from those of prose, and from the arguments of an unknown macro."""
    before, inside = source[max(0, at - 30) : at], source[at + 1 : min(end, at + 60)]
    if before.endswith(("\\", "^", "_", "}", "]")) or _ARGUMENT_OF.search(before):
        return False
    if inside.lstrip("{").startswith("\\") or (at == 0 and end == len(source) - 1 and _NAME.match(inside)):
        return True
    if before[-1:].isalnum():  # Mc{D}onald
        return bool(_CAPITALS.fullmatch(inside)) and source[end + 1 : end + 2].islower()
    return bool(_WORD.fullmatch(_BRACES.sub("", inside))) or (not inside and source[end + 1 : end + 2] in {"^", "_"})


def _closing(reading: Reading, at: int) -> Turned:
    return at + 1, reading.ends.get(at)


def _quote(reading: Reading, at: int) -> Turned:
    sign = reading.text[at : at + 2]
    return at + 2, _QUOTES[sign] if "``" in reading.text else None


def _dash(reading: Reading, at: int) -> Turned:
    found = _DASH.match(reading.text, at)
    return (found.end(), _DASHES[found[0]]) if found else (at + 1, None)


def _tie(reading: Reading, at: int) -> Turned:
    return at + 1, "\u00a0" if _TIE.match(reading.text, at) else None


def _link(reading: Reading, at: int) -> Turned:
    found = _LINK.match(reading.text, at)
    if not found:
        return at + 1, None
    return found.end(), address(found[0]) if "\\" in found[0] else None


def _without_backslash(reading: Reading, at: int) -> Turned:
    """Return what stands for `textbf{F}`, of which the backslash was lost on the way."""
    found = _LOST_BACKSLASH.match(reading.text, at)
    if not found or found.end() - 1 not in reading.closing:
        return at + 1, None
    if found[1] == "text":
        return reading.unwrapped(found.end() - 1)
    end = reading.after_braces(found.end() - 1)
    return end, unicode_maths("\\" + reading.text[at:end])


def _without_backslashes(reading: Reading, at: int) -> Turned:
    """Return what stands for `left(n^{2}right)`, of which the backslashes were lost on the way."""
    found = _LOST_BACKSLASHES.match(reading.text, at)
    if not found or not re.search(r"[\^_]", found["inside"]):
        return at + 1, None
    return found.end(), unicode_maths(found["open"] + found["inside"] + found["close"])


_READERS: dict[str, _Reader] = {
    "\\": macro,
    "$": _maths,
    "{": _opening,
    "}": _closing,
    "~": _tie,
    "^": _script,
    "_": _script,
    "`": _quote,
    "'": _quote,
    "-": _dash,
    "h": _link,
    "t": _without_backslash,
    "m": _without_backslash,
    "l": _without_backslashes,
}
