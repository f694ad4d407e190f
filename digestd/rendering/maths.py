"""Simple TeX maths in Unicode: enough for titles and abstracts, and honest about the rest."""

import re
from collections import deque
from collections.abc import Callable

from digestd.rendering.tex_scripts import END, FORMS, INDEX, INDICES, MARKED, RAISED, script
from digestd.rendering.tex_table import ACCENTS, DROPPED, FONTS, NO_FACTORS, SPACED, SPACES, SYMBOLS, WORDS, accented

_DOUBLE = str.maketrans("RNZQCPH", "ℝℕℤℚℂℙℍ")
_PLAIN = {"-": "−", "'": "′", "~": " "}
_SIGNS = {**{sign: f" {sign} " for sign in ("<", ">", "=", ":=", "=:", "<=", ">=", "==", "+=")}, "->": " → ", "<->": " ↔ "}
_TOKEN = re.compile(r"\\[A-Za-z]+\*?\s*|\\.|\s+|<->|->|[:<>=+]=|=:|.", re.DOTALL)
_DOUBLED = re.compile(r"\\(\\[A-Za-z]{2,})")
_NOT_SIMPLE = re.compile(r"\\(?:begin|end|def|newcommand)(?![A-Za-z])|\\\\|://")
_CONTROLS = re.compile("[\0-\x08\x0e-\x1f]")
_EDGE, _SOFT_EDGE = "\0", "\1"  # stand where words such as "log" may need a space; the soft one not after an index: Sr₂RuO₄
_ONE = re.compile(rf"\d+(?:\.\d+)?|[∂∇Δ]?\w[{FORMS}\u0300-\u036f]*(?:{MARKED})*|[∂∇]|\([^()]*\)|\|[^|]*\||…")
_BEFORE = re.compile(rf"(?<=[\w)\]}}{END}]){_EDGE}+(?=[^\W{FORMS}_]|[√∑∏∫])")
_HEXADECIMAL = re.compile(r"x[0-9A-Fa-f]{2,4}")
_AFTER_INDEX = re.compile(f"(?<=[{INDICES}]){_SOFT_EDGE}")
_OPERATORS = re.escape("".join({*SPACED.values(), "−"}))
_ON_SIGN = re.compile(rf"(?<=[{_OPERATORS}]) ({INDEX}+) *")  # as in "A ⊗ₖ B"
_FRACTIONS = ("frac", "tfrac", "dfrac", "sfrac", "nicefrac")
_FACTORS = {*SYMBOLS, *FONTS, *ACCENTS, *_FRACTIONS, "left", "binom", "mathbb"} - NO_FACTORS

_Tokens = deque[str]
_Reader = Callable[[_Tokens], str]


def unicode_maths(source: str) -> str | None:
    """Return *source*, the inside of `$…$`, in Unicode, its scripts marked; None when it is not simple."""
    if not 0 < len(source) <= 400:
        return None
    source = _DOUBLED.sub(lambda found: found[1] if found[1][1:] in _KNOWN else found[0], _CONTROLS.sub("", source))
    braces = re.sub(r"\\.", "", source)
    if _NOT_SIMPLE.search(source) or not braces.count("{") == braces.count("}") <= 40:
        return None
    tokens = deque(_TOKEN.findall(source))
    return _tidy("".join(iter(lambda: _sequence(tokens) if tokens else None, None)))


def _tidy(text: str) -> str:
    text = _BEFORE.sub(" ", _AFTER_INDEX.sub("", text).replace(_SOFT_EDGE, _EDGE)).replace(_EDGE, "")
    text = _ON_SIGN.sub(r"\1 ", text)
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=[(\[{⟨⌊⌈]) | (?=[)\]},;⟩⌋⌉])", "", text)
    text = re.sub(r"‖ ?([^‖]+?) ?‖", r"‖\1‖", text)
    return re.sub(rf"^([{_OPERATORS}=<>]) (?=\w)|(?<=\w) (×)$", r"\1\2", text)


def _sequence(tokens: _Tokens) -> str:
    """Return the text up to the brace that closes this group, or to the end."""
    out: list[str] = []
    while tokens and tokens[0] != "}":
        name = tokens[0][1:].strip()
        if name in _BETWEEN:
            tokens.popleft()
            out = [_BETWEEN[name]("".join(out), _rest(tokens))]
        else:
            out.append(_piece(tokens))
    if tokens:
        tokens.popleft()
    return "".join(out)


def _rest(tokens: _Tokens) -> str:
    """Return the text of what is left of this group."""
    out: list[str] = []
    while tokens and tokens[0] != "}":
        out.append(_piece(tokens))
    return "".join(out)


def _piece(tokens: _Tokens) -> str:
    sign = tokens.popleft()
    if sign == "{":
        return _sequence(tokens)
    if sign in "^_":
        return _script(sign, tokens)
    if sign[0] == "\\" and len(sign) > 1:
        return _macro(sign, tokens)
    if sign.isspace() and tokens and tokens[0] in "^_":
        return ""
    return _SIGNS.get(sign) or _PLAIN.get(sign, sign)


def _argument(tokens: _Tokens) -> str:
    while tokens and tokens[0].isspace():
        tokens.popleft()
    if not tokens or tokens[0] == "}":
        return ""
    return tokens.popleft() if tokens[0] in "^_" else _piece(tokens)


def _script(sign: str, tokens: _Tokens) -> str:
    if not tokens or tokens[0] == "}":
        return sign
    return script(sign, _tidy(_argument(tokens)))


def _macro(written: str, tokens: _Tokens) -> str:
    name = written[1:].strip().rstrip("*") or " "
    return _KNOWN[name](tokens) if name in _KNOWN else _unknown(written, tokens)


def _unknown(written: str, tokens: _Tokens) -> str:
    """Return a macro that nobody here knows, and its arguments, as written."""
    while tokens and tokens[0] == "{":
        tokens.popleft()
        written += "{" + _sequence(tokens) + "}"
    return written


def _always(text: str) -> _Reader:
    return lambda _: text


def _word(name: str) -> _Reader:
    def read(tokens: _Tokens) -> str:
        scripts = ""
        while tokens and tokens[0] in "^_":
            scripts += _piece(tokens)
        return f"{_EDGE}{name}{scripts}{_EDGE}"

    return read


def _operator(tokens: _Tokens) -> str:
    return _word(_tidy(_argument(tokens)).replace("−", "-"))(tokens)


def _unwrapped(tokens: _Tokens) -> str:
    text = _argument(tokens).replace("−", "-")
    return f"{_SOFT_EDGE}{text}{_EDGE}" if len(text) > 1 else text


def _accent(mark: str) -> _Reader:
    def read(tokens: _Tokens) -> str:
        text = _tidy(_argument(tokens))
        return accented(text[0], mark) + text[1:] if _ONE.fullmatch(text) and (text[0].isalnum() or text == "∂") else text

    return read


def _double(tokens: _Tokens) -> str:
    return _argument(tokens).translate(_DOUBLE)


def _fraction(tokens: _Tokens) -> str:
    told = f"{_whole(_argument(tokens))}/{_whole(_argument(tokens))}"
    following = tokens[0].strip() if tokens else ""
    is_factor = following == "(" or following.isalnum() or following[1:] in _FACTORS
    return f"{_EDGE}({told})" if is_factor else f"{_EDGE}{told}{_EDGE}"


def _binomial(tokens: _Tokens) -> str:
    return _choose(_argument(tokens), _argument(tokens))


def _over(above: str, below: str) -> str:
    return f"{_whole(above)}/{_whole(below)}"


def _choose(above: str, below: str) -> str:
    return f"({_tidy(above)} choose {_tidy(below)})"


def _root(tokens: _Tokens) -> str:
    degree = ""
    if tokens and tokens[0] == "[":
        tokens.popleft()
        degree = "".join(iter(lambda: tokens.popleft() if tokens else "]", "]"))
    return "".join(RAISED.get(letter, letter) for letter in degree) + "√" + _whole(_argument(tokens)) + _EDGE


def _whole(text: str) -> str:
    """Return *text* so that a sign before or after it takes all of it."""
    text = _tidy(text)
    return text if _ONE.fullmatch(text) else f"({text})"


def _placed(sign: str) -> _Reader:
    """Return what reads something to raise or lower, and then what it belongs to."""

    def read(tokens: _Tokens) -> str:
        set_off = script(sign, _tidy(_argument(tokens)))
        base = _argument(tokens)
        return f"{base.rstrip(' ')}{set_off}{' ' * base.endswith(' ')}"

    return read


def _arrow(sign: str) -> _Reader:
    def read(tokens: _Tokens) -> str:
        above = script("^", _tidy(_argument(tokens))) if tokens and tokens[0] == "{" else ""
        return f" {sign}{above} "

    return read


def _struck(tokens: _Tokens) -> str:
    sign = _argument(tokens).strip()
    return f" {accented(sign, chr(0x338)) if len(sign) == 1 else '¬' + sign} "


def _modulus(tokens: _Tokens) -> str:
    return f" (mod {_tidy(_argument(tokens))})"


def _code(tokens: _Tokens) -> str:
    """Return the letter of a number such as `x2013`."""
    number = _argument(tokens)
    letter = chr(int(number[1:], 16)) if _HEXADECIMAL.fullmatch(number) else ""
    return letter if letter.isprintable() else ""


def _dropped(tokens: _Tokens) -> str:
    if tokens and tokens[0] == ".":
        tokens.popleft()
    return ""


def _unseen(tokens: _Tokens) -> str:
    _argument(tokens)
    return ""


def _space(tokens: _Tokens) -> str:
    return "" if _argument(tokens).lstrip().startswith("−") else " "


def _phantom(tokens: _Tokens) -> str:
    _argument(tokens)
    return " "


_BETWEEN = {"over": _over, "choose": _choose, "atop": _over}
_KNOWN: dict[str, _Reader] = {
    **{name: _always(sign) for name, sign in SYMBOLS.items()},
    **{name: _always(f" {sign} ") for name, sign in SPACED.items()},
    **{name: _always(sign) for name, sign in SPACES.items()},
    **{sign: _always(sign) for sign in "%&$#_{}"},
    **{sign: _always(f" {sign} ") for sign in "<="},
    "|": _always("‖"),
    **{name: _always(sign) for name, sign in zip("RNZQ", "ℝℕℤℚ", strict=True)},
    **{name: _word(name) for name in WORDS},
    "bmod": _word("mod"),
    **dict.fromkeys(FONTS, _unwrapped),
    **dict.fromkeys(("operatorname", "mathop"), _operator),
    **dict.fromkeys(DROPPED, _dropped),
    **dict.fromkeys(("color", "textcolor", "vphantom"), _unseen),
    **dict.fromkeys(("hspace", "vspace"), _space),
    **dict.fromkeys(("phantom", "hphantom"), _phantom),
    **{name: _accent(mark) for name, mark in ACCENTS.items()},
    **dict.fromkeys(_FRACTIONS, _fraction),
    **dict.fromkeys(("binom", "tbinom", "dbinom"), _binomial),
    **dict.fromkeys(("mathbb", "Bbb"), _double),
    **dict.fromkeys(("overset", "stackrel"), _placed("^")),
    "underset": _placed("_"),
    "xrightarrow": _arrow("→"),
    "xleftarrow": _arrow("←"),
    "sqrt": _root,
    "unicode": _code,
    "not": _struck,
    "pmod": _modulus,
}
