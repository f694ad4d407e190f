"""Names of authors: the same person by family name and initials, however a source writes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from digestd.matching.text import fold, spans

_PARTICLES = {"van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "ten", "zu", "zur"}
_MOST_CHUNKS = 12  # of a name; a list that a source took for one name has more
_SUFFIXES = {"jr", "sr", "ii", "iii"}

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name. *given* names may be initials."""

    family: Words
    given: Words


def same_person(wanted: str, found: str) -> bool:
    """Tell whether the author *found* may be the one *wanted*.

    >>> [same_person("Zhang, Y.", name) for name in ("Yi Zhang", "Y. Zhang", "Zhang, Yi", "Yang Zhang-Li", "Zhang Wei")]
    [True, True, True, False, False]
    """
    return any(_agree(one, other) for one in readings(wanted) for other in readings(found, of_paper=True))


@lru_cache(maxsize=1 << 14)
def readings(name: str, *, of_paper: bool = False) -> tuple[Reading, ...]:
    """Return the ways to read a name, likeliest first; several where a family name may have two words.

    Capitals at the end are initials, as PubMed writes them; *of_paper*, "Kai WU" may be Wu, too.
    """
    family, comma, given = name.replace("_", " ").strip('"').partition(",")
    chunks = _chunks(family.casefold() if comma else family)[:_MOST_CHUNKS]
    if comma:
        return (Reading(_folded(chunks), _given(_chunks(given))),) if chunks else ()
    as_pubmed = (Reading(_folded(chunks[:-1]), _given(chunks[-1:])),) if _ends_in_initials(chunks) else ()
    if as_pubmed and not (of_paper or name.isupper()):
        return as_pubmed
    cuts = range(len(chunks) - 1, 0, -1) if len(chunks) > 1 else range(len(chunks))
    return as_pubmed + tuple(Reading(_folded(chunks[cut:]), _given(chunks[:cut])) for cut in cuts)


def _agree(wanted: Reading, found: Reading) -> bool:
    if wanted.family != found.family:
        return False
    if not wanted.given or "".join(wanted.given) == "".join(found.given):
        return True
    return bool(found.given) and all(_same_given(*pair) for pair in zip(wanted.given, found.given, strict=False))


def _same_given(one: str, other: str) -> bool:
    return one == other or (one[0] == other[0] and 1 in {len(one), len(other)})


def _chunks(name: str) -> list[Words]:
    """Return the words of *name* as written, those between two blanks together; without "van der" and "Jr.".

    J.Smith has a blank for it.
    """
    chunks: list[list[str]] = [[]]
    for (_, end), (start, stop) in pairwise([(0, 0), *spans(name)]):
        between = name[end:start]
        if any(map(str.isspace, between)) or (between == "." and len(chunks[-1][-1]) == 1 < stop - start):
            chunks.append([])
        chunks[-1].append(name[start:stop])
    full = [tuple(chunk) for chunk in chunks if chunk]
    return [chunk for number, chunk in enumerate(full) if not _is_aside(chunk, number, len(full))]


def _is_aside(chunk: Words, number: int, count: int) -> bool:
    """Tell a particle before a family name, or a suffix after it, from a name."""
    particle = chunk[0] in _PARTICLES and number < count - 1
    suffix = fold(chunk[0]) in _SUFFIXES and number > 0
    return len(chunk) == 1 and (particle or suffix)


def _folded(chunks: Iterable[Words]) -> Words:
    return tuple(fold(word) for chunk in chunks for word in chunk)


def _given(chunks: Iterable[Words]) -> Words:
    """Return given names, folded, "JA" as the two initials that it is."""
    words = (word for chunk in chunks for word in chunk)
    return tuple(fold(part) for word in words for part in (word if _is_initials(word) else [word]))


def _ends_in_initials(chunks: list[Words]) -> bool:
    """Tell whether a name is written as PubMed does: "Smith JA"."""
    return len(chunks) > 1 and len(chunks[-1]) == 1 and _is_initials(chunks[-1][0])


def _is_initials(word: str) -> bool:
    return len(word) <= 3 and word.isupper() and word.isalpha()
