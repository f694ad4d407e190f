"""The words of a phrase, and where they stand side by side in a passage."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from digestd.matching.plurals import singular
from digestd.matching.text import Passage, Span, View, fold, seams, spans

# Words that are read one by one: none is a number that may stand behind an acronym.
_LETTERS = r"[A-Za-z][A-Za-z0-9]*+"
PLAIN_WORD = re.compile(_LETTERS)
PLAIN = re.compile(rf"{_LETTERS}(?:[ -]{_LETTERS})*+")
_DASHES = "\\-\u2010-\u2015\u2212"
# COVID-19 and SARS-CoV-2 are names, not acronyms: any case will do.
_NUMBER_BEHIND = re.compile(rf"(?:[{_DASHES}][^\W\d_]{{1,20}}){{0,3}}[{_DASHES}]\d")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a phrase: the forms that it accepts, in one view of a passage. A *prefix* accepts what starts with its form."""

    view: View
    forms: tuple[str, ...]
    prefix: bool = False

    def accepts(self, form: str) -> bool:
        return form.startswith(self.forms) if self.prefix else form in self.forms


@lru_cache(maxsize=1 << 16)
def words(written: str) -> tuple[Word, ...]:
    """Return the words of a phrase as a reader writes it: in quotes when it is exact, a * after a prefix."""
    if PLAIN.fullmatch(written) and not seams(written):
        return tuple(map(plain, written.replace("-", " ").split()))
    exact = written.startswith('"')
    text = written[1:-1] if exact else written
    return tuple(_word(text, span, exact=exact) for span in spans(text))


@lru_cache(maxsize=1 << 16)
def plain(word: str) -> Word:
    """Return a word of letters and digits: nearly all are, and those of a hundred thousand readers are much the same."""
    return _word(word, (0, len(word)), exact=False)


def occurrences(phrase: Sequence[Word], passage: Passage) -> list[Span]:
    """Return the first word and the one after the last of each place where the words of *phrase* stand side by side."""
    starts = _places(phrase[0], passage)
    for offset in range(1, len(phrase)):
        if not starts:
            break
        word, words = phrase[offset], passage.words(phrase[offset].view)
        most = len(words) - offset
        starts = [start for start in starts if start < most and word.accepts(words[start + offset])]
    return [(start, start + len(phrase)) for start in starts]


def _word(text: str, span: Span, *, exact: bool) -> Word:
    start, end = span
    written = text[start:end]
    # A* is an algorithm: one letter is no prefix.
    prefix = text[end : end + 1] == "*" and end - start > 1
    has_a_number = _NUMBER_BEHIND.match(text, end) is not None
    if not has_a_number and (acronym := _acronym(written)):
        return Word("written", (written,) if exact or prefix else (acronym, f"{acronym}s"), prefix)
    if prefix:
        return Word("folded", (fold(written),), prefix=True)
    if exact and not has_a_number and _is_mixed(written):
        return Word("written", (written,))
    return Word("folded", (fold(written),)) if exact else Word("singular", (singular(fold(written)),))


def _acronym(written: str) -> str | None:
    """Return the capitals of an acronym."""
    capitals = written.removesuffix("s")
    return capitals if 2 <= len(capitals) <= 5 and capitals.isalpha() and capitals.isupper() else None


def _is_mixed(written: str) -> bool:
    """Tell LoRA and mRNA, which have capitals after their first letter and small letters too."""
    return written.isalnum() and written[1:] != written[1:].lower() and not written.isupper()


def _places(word: Word, passage: Passage) -> Sequence[int]:
    if word.prefix:
        return [place for place, form in enumerate(passage.words(word.view)) if form.startswith(word.forms)]
    return sorted(chain.from_iterable(passage.places(word.view, form) for form in word.forms))
