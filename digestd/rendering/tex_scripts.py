"""What stands higher or lower: in Unicode where it has each of the letters in that form, else marked for a page to move it."""

import re
from collections.abc import Iterator
from typing import Literal

Script = Literal["", "sup", "sub"]

RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ′°†∗*⊤∘",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ′°†**ᵀ°",
        strict=True,
    )
)
LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
INDICES = "".join(LOWERED.values())
FORMS = re.escape("".join({*RAISED.values(), *LOWERED.values()}))

_UP, _DOWN, END = "\x0e", "\x0f", "\x10"  # around what is marked: no text of a stranger keeps a control character (see clean)
MARKED = f"[{_UP}{_DOWN}][^{END}]*{END}"
INDEX = f"(?:{_DOWN}[^{END}]*{END}|[{INDICES}])"
_SPLIT = re.compile(f"([{_UP}{_DOWN}])([^{END}]*){END}")
_KINDS: dict[str, Script] = {_UP: "sup", _DOWN: "sub"}
_SIGNS: dict[Script, str] = {"sup": "^", "sub": "_"}


def script(sign: str, text: str) -> str:
    """Return *text* raised ("^") or lowered ("_"): in Unicode if that has all of it, else marked."""
    forms = RAISED if sign == "^" else LOWERED
    tight = text.replace(" ", "")
    if all(letter in forms for letter in tight):
        return "".join(forms[letter] for letter in tight)
    return f"{_UP if sign == '^' else _DOWN}{flat(text)}{END}"


def flat(text: str) -> str:
    """Return *text* with what is marked written out."""
    return "".join(written(part, kind) for part, kind in parts(text))


def written(text: str, kind: Script) -> str:
    """Return a part as it is written out: `^q`, or `_(i,j)`."""
    if not kind:
        return text
    return f"{_SIGNS[kind]}{text if len(text) == 1 else f'({text})'}"


def parts(text: str) -> Iterator[tuple[str, Script]]:
    """Yield what *text* is made of: what stands on the line, and what was marked."""
    at = 0
    for found in _SPLIT.finditer(text):
        yield text[at : found.start()], ""
        yield found[2], _KINDS[found[1]]
        at = found.end()
    yield text[at:], ""
