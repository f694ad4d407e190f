"""Authors whom a source strings together, taken apart: without ever making two of "Quill, A."."""

import re
from collections.abc import Iterable, Sequence

_OTHERS = re.compile(r"[,;]?\s*(?:\bet\.? al\b.*|\band others\b.*|\.{3}|…)$", re.IGNORECASE)
_AND = re.compile(r"\s*,?\s+(?:and|&)\s+")
_BODY = re.compile(r"\b(?:of|for|the|group|consortium|team|collaboration|society|committee|network)\b", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_a-zß-ÿ]\.?[\s-]?){1,4}")
_TITLE = re.compile(r"(?:Ph\.?\s?D|PHD|M\.?\s?D|M\.?\s?Sc)\.?")  # "Md" is a given name
_SUFFIX = re.compile(r"(?:jr|sr)\.?|I{2,3}|IV", re.IGNORECASE)
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af·]+")
_MANY = 20_000  # characters: far more than anybody reads


def apart(given: Sequence[str], *, family_first: bool = False) -> list[str]:
    """Return single authors.

    `A B, C D` are two, and so are `B, A.; D, C.`, `B, A., D, C.` and `A B and C D`; `B, A.` is one. *family_first* says that
    this source writes `B, A`, so that a comma alone parts nobody.
    """
    strung = [_OTHERS.sub("", " ".join(one[:_MANY].split())) for one in given]
    if any(";" in one for one in strung):
        return [name for one in strung for name in one.split(";")]
    if len(strung) != 1:
        return strung
    return [name for one in _sides(strung[0]) for name in _listed(one, family_first=family_first)]


def writes_family_first(entries: Iterable[Sequence[str]]) -> bool:
    """Say whether any entry of a source names several authors one by one, with a comma in a name."""
    return any(len(authors) > 1 and any(len(_parts(one)) > 1 for one in authors) for authors in entries)


def _sides(strung: str) -> list[str]:
    """Return what stands on both sides of each "and" between people: a body may have one in its name."""
    sides = [side for side in _AND.split(strung) if side]
    people = all((" " in side.strip() or "." in side or "," in side) and not _BODY.search(side) for side in sides)
    return sides if people else [strung]


def _listed(strung: str, *, family_first: bool) -> list[str]:
    parts = _parts(strung)
    if _are_pairs(parts, family_first=family_first):
        return [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return parts


def _parts(strung: str) -> list[str]:
    """Return what commas part, "Jr." with the part before it, and without academic titles."""
    parts: list[str] = []
    for part in filter(None, map(str.strip, strung.split(","))):
        if parts and _SUFFIX.fullmatch(part):
            parts[-1] += f" {part}"
        elif not _TITLE.fullmatch(part):
            parts.append(part)
    return parts


def _are_pairs(parts: Sequence[str], *, family_first: bool) -> bool:
    """Say whether each second part is the given name of the part before it."""
    families, given = parts[::2], parts[1::2]
    if not given or len(families) != len(given) or all(map(_HAN.fullmatch, parts)):
        return False
    if family_first or all(map(_INITIALS.fullmatch, given)):
        return True
    if len(parts) == 2:
        return not all(map(_is_full, parts)) or (families[0][0].islower() and not _ends_in_initials(families[0]))
    return not any(map(_is_full, families))


def _is_full(part: str) -> bool:
    return bool(re.search(r"[\s.]\S", part))


def _ends_in_initials(part: str) -> bool:
    return bool(_INITIALS.fullmatch(part.rsplit(maxsplit=1)[-1]))
