"""TeX's macros in prose: accents, letters, signs, fonts, links and what else begins with a backslash."""

import re
from collections.abc import Callable

from digestd.rendering.maths import unicode_maths
from digestd.rendering.tex_reading import Reading, Turned
from digestd.rendering.tex_scripts import script
from digestd.rendering.tex_table import (
    LETTERS,
    MARKS,
    PROSE_FONTS,
    SIGNS,
    SPACED,
    SWITCHES,
    SYMBOLS,
    WITH_ARGUMENTS,
    WORDS,
    accented,
)

_MACRO = re.compile(r"\\(?:(?P<name>[A-Za-z]+)\*?|(?P<sign>.)|$)", re.DOTALL)
_PATH = re.compile(r"(?<![\w\\])(?:[A-Za-z]:|\\\\[\w.$-]+)\\[^\s\"'<>|$]*")
_ACCENT = re.compile(
    rf"""
    \\(?:(?P<mark>['`^"~=.])\s?|(?P<letter>[Hcvukr](?=\s)|[{"".join(filter(str.isalpha, MARKS))}](?={{))\s*)
    (?:(?P<brace>{{)\s*)?
    (?:\\(?P<dotless>[ij])(?![A-Za-z])(?:\s(?=[a-z]))?|\\(?P<named>{"|".join(LETTERS)})(?![A-Za-z])|(?P<base>[^\W\d_]))
    (?(brace)\s*}})
    """,
    re.VERBOSE,
)
_OUTER_ACCENT = re.compile(rf"\\([{''.join(map(re.escape, MARKS))}])\{{(?=\\)")
_APOSTROPHE = re.compile(r"(?<=\w)\\'(?=(?:s|t|re|ve|ll|d|m)(?![\w{\\]))")
_SPLIT_GREEK = re.compile(r"\\([A-Za-z])\{([a-z]{2,9})\}")  # "\b{eta}": somebody took \beta for an accent
_ESCAPED = re.compile(r"\\([&%$#_{}])")
_BLANK = re.compile(r"(?<=[\w.,:;)}])\\ (?=\S)|\\\\(?=\s|$)|(?<=[\w})$%])(?P<thin>\\,)(?=[\w\\$])|(?<=\w)\\[-@](?=[\w.,])")
_INLINE = re.compile(r"\\\((?P<round>.{1,400}?)\\\)|\\\[(?P<square>.{1,400}?)\\\]", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\begin\{(?P<kind>[a-z]+\*?)\}(?P<inside>.{1,2000}?)\\end\{(?P=kind)\}", re.DOTALL)
_LAYOUT = re.compile(r"\\(?:begin|end)\{(?:itemize|enumerate|quote|quotation|center|abstract)\}\s*")
_HREF = re.compile(r"\\(?:href|hyperlink)\s*\{(?P<url>[^{}]*)\}\s*(?P<said>\{)")
_URL = re.compile(r"\\(?:url|path|nolinkurl)\s*\{(?P<url>[^{}]*)\}")
_COLOURED = re.compile(r"\\(?:textcolor|colorbox)(?:\[\w+\])?\s*\{[^{}]*\}\s*(?P<said>\{)")
_SCRIPTED = re.compile(r"\W*+(?:javascript|vbscript|data):", re.IGNORECASE)
_COLOUR = re.compile(r"\\color(?:\[\w+\])?\s*\{[^{}]*\}\s?")
_SPACE = re.compile(r"\\(?:[vh]space\*?\s*\{\s*+(?P<less>-)?[^{}]*\}|h?phantom\s*\{[^{}]*\}|(?P<flat>vphantom)\s*\{[^{}]*\})")
_CITED = re.compile(r"\\[a-z]+\*?\s*\{([^{}]*)\}", re.IGNORECASE)
_SCRIPT = re.compile(r"\\textsu(?P<kind>b|per)script\s*\{(?P<inside>[^{}\\$]*)\}")
_CHEMISTRY = re.compile(r"\\ce\s*\{((?:[^{}\\$]|\^\{[^{}\\$]*\})+)\}")
_LETTER = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s(?=[a-z])|(?!/))")
_NAME = re.compile(r"\\([A-Za-z]+)\*?(?:\{\})?")
_FONT = re.compile(r"\\[A-Za-z]+\*?\s*(\{)")
_SWITCH = re.compile(r"(?<![\w:\\])\\[A-Za-z]+\s+(?=[^\s{])|(?<=\{)\\[A-Za-z]+\s*")
_OPTION = re.compile(r"\\[A-Za-z]+\*?\s*(?:\[[^\]]{0,9}\])?(?=\{)")
_JOINS = frozenset("_~µ‘“„«‹<>\\")  # signs after which the blank is not meant
_ARGUMENT = re.compile(r"\\[A-Za-z]+\*?\s*(?:\d\d?|\\[A-Za-z]+|(?<=\s)[A-Za-z](?![A-Za-z]))")
_SCHEME = re.compile(r"^https?://(?:www\.)?")
_ESCAPES = re.compile(r"\\([_%#&~$])(?:\{\})?")
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}|[_:]$")
_CHARGE = re.compile(r"\^\{?(\d*[+-])\}?")

Reader = Callable[[Reading, int], Turned | None]


def macro(reading: Reading, at: int) -> Turned:
    """Return where the macro at *at* ends, and what stands for it."""
    found = _MACRO.match(reading.text, at)
    name = found["name"] if found else None
    if path := _path(reading.text, at, name):
        return path, None
    read = _BY_NAME.get(name, _accent) if name else _sign
    return read(reading, at) or (found.end() if found else at + 1, None)


def address(text: str) -> str:
    """Return an address of the web without TeX's backslashes."""
    return _ESCAPES.sub(r"\1", text)


def _path(text: str, at: int, name: str | None) -> int:
    r"""Return where the file's path ends that begins with this backslash, as in `C:\temp`; 0 when none does."""
    is_drive = text[at - 1 : at] == ":" and name not in _BY_NAME
    found = _PATH.match(text, at - 2 if is_drive else at) if at > 1 or not is_drive else None
    return found.end() if found else 0


def _sign(reading: Reading, at: int) -> Turned | None:
    if found := _ESCAPED.match(reading.text, at):
        return found.end(), found[1]
    if found := _BLANK.match(reading.text, at):
        return found.end(), _blank(found)
    return _inline(reading, at) or _accent(reading, at)


def _blank(found: re.Match[str]) -> str:
    if found["thin"]:
        return "\u00a0"
    return " " if found[0] == "\\ " else ""


def _inline(reading: Reading, at: int) -> Turned | None:
    found = _INLINE.match(reading.text, at)
    return (found.end(), unicode_maths(found[found.lastgroup or 0])) if found else None


def _accent(reading: Reading, at: int) -> Turned | None:
    text = reading.text
    if _APOSTROPHE.match(text, at) or (text.startswith('\\"', at) and reading.quotes):
        return at + 2, text[at + 1]
    if (found := _SPLIT_GREEK.match(text, at)) and found[1] + found[2] in SYMBOLS:
        return found.end(), SYMBOLS[found[1] + found[2]]
    found = _ACCENT.match(text, at)
    whole = _accented(found) if found else ""
    return (found.end(), whole) if found and whole else _accent_on_accent(text, at)


def _accent_on_accent(text: str, at: int) -> Turned | None:
    outer = _OUTER_ACCENT.match(text, at)
    inner = _ACCENT.match(text, outer.end()) if outer else None
    if not outer or not inner or text[inner.end() : inner.end() + 1] != "}":
        return None
    return inner.end() + 1, accented(_accented(inner), MARKS[outer[1]])


def _accented(found: re.Match[str]) -> str:
    r"""Return the letter with its accent; "" where it may be something else: `\.c` of a pattern, or a sign that nobody uses."""
    letter = found["base"] or found["dotless"] or LETTERS[found["named"]]
    whole = accented(letter, MARKS[found["mark"] or found["letter"]])
    is_likely = len(whole) == 1 and (found["mark"] != "." or letter in "zZI")
    return whole if found["brace"] or is_likely else ""


def _letter(reading: Reading, at: int) -> Turned | None:
    found = _LETTER.match(reading.text, at)
    return (found.end(), LETTERS[found[1]]) if found else None


def _named_sign(reading: Reading, at: int) -> Turned | None:
    found = _NAME.match(reading.text, at)
    if not found:
        return None
    sign = SIGNS[found[1]]
    return found.end() + (sign in _JOINS and reading.text[found.end() : found.end() + 1] == " "), sign


def _font(reading: Reading, at: int) -> Turned | None:
    found = _FONT.match(reading.text, at)
    return reading.unwrapped(found.start(1)) if found else _switch(reading, at)


def _switch(reading: Reading, at: int) -> Turned | None:
    found = _SWITCH.match(reading.text, at)
    return (found.end(), "") if found else None


def _enquote(reading: Reading, at: int) -> Turned | None:
    found = _FONT.match(reading.text, at)
    return reading.unwrapped(found.start(1), "“", "”") if found else None


def _footnote(reading: Reading, at: int) -> Turned | None:
    found = _FONT.match(reading.text, at)
    before = "(" if reading.text[at - 1 : at].isspace() else " ("
    return reading.unwrapped(found.start(1), before, ")") if found else None


def _link(reading: Reading, at: int) -> Turned | None:
    found = _HREF.match(reading.text, at)
    if not found or found.start("said") not in reading.closing:
        return None
    url = address(found["url"])
    said = address(reading.text[found.end() : reading.closing[found.start("said")]])
    return reading.unwrapped(found.start("said"), "", "" if _is_enough(said, url) else f" ({url})")


def _is_enough(said: str, url: str) -> bool:
    """Say whether a reader who sees *said* knows the address, or need not know it."""
    if not url.strip() or _SCRIPTED.match(url):
        return True
    return _SCHEME.sub("", said).strip(" /") == _SCHEME.sub("", url).strip(" /")


def _url(reading: Reading, at: int) -> Turned | None:
    found = _URL.match(reading.text, at)
    return (found.end(), address(found["url"])) if found else None


def _coloured(reading: Reading, at: int) -> Turned | None:
    found = _COLOURED.match(reading.text, at)
    return reading.unwrapped(found.start("said")) if found else None


def _colour(reading: Reading, at: int) -> Turned | None:
    found = _COLOUR.match(reading.text, at)
    return (found.end(), "") if found else None


def _space(reading: Reading, at: int) -> Turned | None:
    found = _SPACE.match(reading.text, at)
    return (found.end(), "" if found.lastgroup else " ") if found else None


def _cited(reading: Reading, at: int) -> Turned | None:
    found = _CITED.match(reading.text, at)
    return (found.end(), f"[{found[1]}]") if found else None


def _script(reading: Reading, at: int) -> Turned | None:
    found = _SCRIPT.match(reading.text, at)
    return (found.end(), script("_" if found["kind"] == "b" else "^", found["inside"])) if found else None


def _chemistry(reading: Reading, at: int) -> Turned | None:
    found = _CHEMISTRY.match(reading.text, at)
    return (found.end(), _formula(found[1])) if found else None


def _formula(written: str) -> str:
    lowered = re.sub(r"(?<=[A-Za-z)\]])\d+", lambda found: script("_", found[0]), written.replace("->", "→"))
    return _CHARGE.sub(lambda found: script("^", found[1]), lowered)


def _environment(reading: Reading, at: int) -> Turned | None:
    if found := _LAYOUT.match(reading.text, at):
        return found.end(), ""
    found = _ENVIRONMENT.match(reading.text, at)
    if not found:
        return None
    is_maths = found["kind"].rstrip("*") in {"equation", "math", "displaymath", "align", "gather", "eqnarray"}
    return found.end(), unicode_maths(found["inside"].strip()) if is_maths else None


def _symbol(reading: Reading, at: int) -> Turned | None:
    """Return what stands for a symbol that is no part of a path, `src\\beta`."""
    found = _NAME.match(reading.text, at)
    return reading.maths(at, found.end()) if found and not _TWO_LETTERS.search(reading.text, max(at - 2, 0), at) else None


def _word(reading: Reading, at: int) -> Turned | None:
    """Return the name of a function, with a blank to each side where letters would join it."""
    end, text = _symbol(reading, at) or (0, None)
    if text is None:
        return None
    before, after = reading.text[at - 1 : at], reading.text[end : end + 1]
    return end, f"{' ' * (before.isalnum() or before == '}')}{text}{' ' * (after.isalnum() or after == chr(92))}"


def _with_arguments(reading: Reading, at: int) -> Turned | None:
    if found := _OPTION.match(reading.text, at):
        end = reading.after_braces(found.end())
        is_half = "frac" in found[0] and reading.closing.get(found.end(), -1) + 1 == end
        return reading.maths(at, end + (is_half and reading.text[end : end + 1].isalnum()))
    found = _ARGUMENT.match(reading.text, at)
    return reading.maths(at, found.end()) if found else None


_BY_NAME: dict[str, Reader] = {
    **dict.fromkeys(filter(str.isalpha, MARKS), _accent),
    **dict.fromkeys(WORDS, _word),
    **dict.fromkeys([*SYMBOLS, *SPACED], _symbol),
    **dict.fromkeys(WITH_ARGUMENTS, _with_arguments),
    **dict.fromkeys(SWITCHES, _switch),
    **dict.fromkeys(PROSE_FONTS, _font),
    **dict.fromkeys(LETTERS, _letter),
    **dict.fromkeys(SIGNS, _named_sign),
    **dict.fromkeys(("url", "path", "nolinkurl"), _url),
    **dict.fromkeys(("textcolor", "colorbox"), _coloured),
    **dict.fromkeys(("hspace", "vspace", "phantom", "hphantom", "vphantom"), _space),
    **dict.fromkeys(("textsuperscript", "textsubscript"), _script),
    **dict.fromkeys(("footnote", "thanks"), _footnote),
    **dict.fromkeys(("cite", "citep", "citet", "citeauthor", "citeyear", "parencite", "textcite", "autocite"), _cited),
    **dict.fromkeys(("href", "hyperlink"), _link),
    "color": _colour,
    "enquote": _enquote,
    "ce": _chemistry,
    "begin": _environment,
    "end": _environment,
}
