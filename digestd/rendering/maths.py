"""Simple TeX maths in Unicode: enough for titles and abstracts, and honest about the rest."""

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYMBOLS = _pairs(
    r"""
    alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu
    ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta
    Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω infty ∞ partial ∂ nabla ∇ forall ∀ exists ∃ neg ¬
    lnot ¬ emptyset ∅ varnothing ∅ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ sum ∑ prod ∏ int ∫ oint ∮ ldots … dots … cdots … langle
    ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ Vert ‖ lVert ‖ rVert ‖ vert | lvert | rvert | prime ′ dagger † top ⊤ bot
    ⊥ degree ° angle ∠ triangle △ star ⋆ ast ∗ bullet • circ ∘ lbrace { rbrace } colon : backslash \ checkmark ✓ bigotimes ⨂
    bigoplus ⨁ bigcup ⋃ bigcap ⋂
    """
)
_SPACED = _pairs(
    r"""
    le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ne ≠ neq ≠ ll ≪ gg ≫ lesssim ≲ gtrsim ≳ approx ≈ sim ∼ simeq ≃ cong ≅
    equiv ≡ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ to → rightarrow → longrightarrow →
    leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒ iff ⇔ mapsto ↦ mid ∣ parallel ∥ perp
    ⊥ times × cdot · pm ± mp ∓ div ÷ cup ∪ cap ∩ setminus ∖ oplus ⊕ otimes ⊗ odot ⊙ wedge ∧ land ∧ vee ∨ lor ∨ prec ≺ succ
    ≻ preceq ⪯ succeq ⪰ asymp ≍ vdash ⊢ models ⊨ coloneqq ≔ triangleq ≜ rtimes ⋊ ltimes ⋉ uparrow ↑ downarrow ↓ oslash ⊘
    """
) | {sign: sign for sign in "<>="}
_WORDS = _set(
    """
    log ln lg exp sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan max min sup inf lim limsup liminf argmax
    argmin det dim ker deg gcd arg Pr mod bmod hom
    """
)
_UNWRAPPED = _set(
    """
    mathcal mathbf mathit mathsf mathtt mathfrak mathscr boldsymbol bm pmb underline text textbf textit textrm textsf
    texttt mathrm operatorname mbox hbox emph ensuremath
    """
)
_DROPPED = _set(
    """
    left right big Big bigg Bigg bigl bigr Bigl Bigr middle limits nolimits displaystyle textstyle bf rm it cal
    """
)
_ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
}
_SPACES = {",": " ", ";": " ", ":": " ", " ": " ", ">": " ", "!": "", "/": "", "quad": " ", "qquad": " ", "|": "‖"}
_PLAIN = {"-": "−", "'": "′", "~": " "}
_DOUBLE = str.maketrans("RNZQCP", "ℝℕℤℚℂℙ")
_UP = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ′°†∗*⊤∘",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ′°†**ᵀ°",
        strict=True,
    )
)
_DOWN = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_TOKEN = re.compile(r"\\[A-Za-z]+\*?\s*|\\.|\s+|.", re.DOTALL)
_NOT_SIMPLE = re.compile(r"\\(?:begin|end|def|newcommand)(?![A-Za-z])|\\\\")
_SCRIPTS = re.escape("".join({*_UP.values(), *_DOWN.values()}))
_ONE = re.compile(rf"\d+|\w[{_SCRIPTS}]*|\([^()]*\)")
_OPERATORS = re.escape("".join({*_SPACED.values(), "−"}))
_EDGE = "\0"  # stands where a word such as "log" may need a space

_Tokens = deque[str]
_Reader = Callable[[_Tokens], str]


def unicode_maths(source: str) -> str | None:
    """Return *source*, the inside of `$…$`, in Unicode, or None when it is not simple."""
    braces = re.sub(r"\\.", "", source)
    if _NOT_SIMPLE.search(source) or not braces.count("{") == braces.count("}") <= 40 or len(source) > 400:
        return None
    tokens = deque(_TOKEN.findall(source.replace(_EDGE, "")))
    return _tidy("".join(iter(lambda: _sequence(tokens) if tokens else None, None)))


def _tidy(text: str) -> str:
    text = re.sub(rf"(?<=[\w)\]}}]){_EDGE}+(?=[^\W{_SCRIPTS}]|√)", " ", text).replace(_EDGE, "")
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=[(\[{⟨⌊⌈]) | (?=[)\]},⟩⌋⌉])", "", text)
    text = re.sub(r"‖ ?([^‖]+?) ?‖", r"‖\1‖", text)
    return re.sub(rf"^([{_OPERATORS}]) (?=\w)|(?<=\w) ([{_OPERATORS}])$", r"\1\2", text)


def _sequence(tokens: _Tokens) -> str:
    """Return the text up to the brace that closes this group, or to the end."""
    out: list[str] = []
    while tokens and tokens[0] != "}":
        out.append(_piece(tokens))
    if tokens:
        tokens.popleft()
    return "".join(out)


def _piece(tokens: _Tokens) -> str:
    sign = tokens.popleft()
    if sign == "{":
        return _sequence(tokens)
    if sign in "^_":
        return _script(_UP if sign == "^" else _DOWN, sign, _argument(tokens))
    if sign[0] == "\\" and len(sign) > 1:
        return _macro(sign, tokens)
    return f" {sign} " if sign in _SPACED else _PLAIN.get(sign, sign)


def _argument(tokens: _Tokens) -> str:
    while tokens and tokens[0].isspace():
        tokens.popleft()
    if not tokens or tokens[0] == "}":
        return ""
    return tokens.popleft() if tokens[0] in "^_" else _piece(tokens)


def _script(letters: Mapping[str, str], sign: str, raised: str) -> str:
    raised = _tidy(raised)
    tight = raised.replace(" ", "")
    if tight and all(letter in letters for letter in tight):
        return "".join(letters[letter] for letter in tight)
    return sign + (raised if len(raised) <= 1 else f"({raised})")


def _macro(written: str, tokens: _Tokens) -> str:
    name = written[1:].strip().rstrip("*") or " "
    for table, style in _TABLES:
        if name in table:
            return style.format(table[name])
    known = _MACROS.get(name)
    return known(tokens) if known else _unknown(written, tokens)


def _unknown(written: str, tokens: _Tokens) -> str:
    """Return a macro that nobody here knows, and its arguments, as written."""
    while tokens and tokens[0] == "{":
        tokens.popleft()
        written += "{" + _sequence(tokens) + "}"
    return written


def _word(name: str) -> _Reader:
    def read(tokens: _Tokens) -> str:
        scripts = ""
        while tokens and tokens[0] in "^_":
            scripts += _piece(tokens)
        return f"{_EDGE}{name}{scripts}{_EDGE}"

    return read


def _unwrapped(tokens: _Tokens) -> str:
    text = _argument(tokens).replace("−", "-")
    return f"{_EDGE}{text}{_EDGE}" if len(text) > 1 else text


def _accented(mark: str) -> _Reader:
    def read(tokens: _Tokens) -> str:
        letter = _argument(tokens)
        return unicodedata.normalize("NFC", letter + mark) if len(letter) == 1 else letter

    return read


def _double(tokens: _Tokens) -> str:
    return _argument(tokens).translate(_DOUBLE)


def _fraction(tokens: _Tokens) -> str:
    return f"{_whole(_argument(tokens))}/{_whole(_argument(tokens))}"


def _root(tokens: _Tokens) -> str:
    degree = ""
    if tokens and tokens[0] == "[":
        tokens.popleft()
        degree = "".join(iter(lambda: tokens.popleft() if tokens else "]", "]"))
    return "".join(_UP.get(letter, letter) for letter in degree) + "√" + _whole(_argument(tokens))


def _whole(text: str) -> str:
    """Return *text* so that a sign before or after it takes all of it."""
    text = _tidy(text)
    return text if _ONE.fullmatch(text) else f"({text})"


def _delimiter(tokens: _Tokens) -> str:
    if tokens and tokens[0] == ".":
        tokens.popleft()
    return ""


_TABLES = ((SYMBOLS, "{}"), (_SPACED, " {} "), (_SPACES, "{}"), ({sign: sign for sign in "%&$#_{}"}, "{}"))
_MACROS: dict[str, _Reader] = {
    **{name: _word(name) for name in _WORDS},
    **dict.fromkeys(_UNWRAPPED, _unwrapped),
    **dict.fromkeys(_DROPPED, _delimiter),
    **{name: _accented(mark) for name, mark in _ACCENTS.items()},
    **dict.fromkeys(("frac", "tfrac", "dfrac"), _fraction),
    "sqrt": _root,
    "mathbb": _double,
    "Bbb": _double,
}
