"""Words that no paper has, and that are nearly a word which many have."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from digestd.matching.corpus import Corpus
from digestd.matching.phrase import Word

_SHORTEST, _LONG = 5, 9  # letters: shorter words are next to too many others, long ones may have two slips
_LONGEST = 30  # longer ones are chemistry or no words, and have too many parts
_FREQUENT = 0.001  # of the papers have a word that may have been meant, and at least so many:
_LEAST = 5
_ENDINGS = ("", "s", "e", "es", "ed", "er", "or", "ing", "y", "ly", "al", "ic", "ive", "ion", "able", "ism", "ist")


class Spelling:
    """The words of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._suggestions: dict[tuple[Word, str], str | None] = {}

    def suggestion(self, word: Word, written: str) -> str | None:
        """Return the frequent word that was meant by a word of a phrase, folded as *written*; None where it is right."""
        if (word, written) not in self._suggestions:
            stranger = _may_be_judged(word, written) and not len(self._corpus.accepted(word))
            self._suggestions[word, written] = self._nearest(written) if stranger else None
        return self._suggestions[word, written]

    def _nearest(self, word: str) -> str | None:
        most = _slips(word)
        near = {one for part in _shortened(word, most) for one in self._by_part.get(part, ())}
        ranked = sorted((distance(word, one), -self._frequent[one], one) for one in near if not _are_forms(word, one))
        return ranked[0][2] if ranked and ranked[0][0] <= most else None

    @cached_property
    def _frequent(self) -> Mapping[str, int]:
        """The frequent words, folded, and how many papers have them."""
        numbers: dict[str, int] = {}
        folded = np.asarray([numbers.setdefault(word, len(numbers)) for word in self._corpus.folded])
        once = np.unique(folded[self._corpus.stream] << 32 | self._corpus.field >> 1)
        counts = np.bincount(once >> 32, minlength=len(numbers)).tolist()
        least = max(_LEAST, _FREQUENT * len(self._corpus.papers))
        return {word: counts[number] for word, number in numbers.items() if counts[number] >= least and word.isalpha()}

    @cached_property
    def _by_part(self) -> Mapping[str, list[str]]:
        """The frequent words by what slips leave of them: two words are near only if they have such a part in common."""
        found: dict[str, list[str]] = {}
        for word in self._frequent:
            if _SHORTEST - 1 <= len(word) <= _LONGEST + 2:
                for part in _shortened(word, 2 if len(word) >= _LONG - 2 else 1):
                    found.setdefault(part, []).append(word)
        return found


def distance(one: str, other: str) -> int:
    """Return how many letters to put in, leave out, replace or swap with the next make *one* the *other* (Damerau 1964)."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, start=1):
        last, row = rows[-1], [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != wanted))
            if min(i, j) > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def _may_be_judged(word: Word, written: str) -> bool:
    """Tell words from acronyms, formulas and the starts of words."""
    return word.view != "written" and not word.prefix and _SHORTEST <= len(written) <= _LONGEST and written.isalpha()


def _slips(word: str) -> int:
    return 2 if len(word) >= _LONG else 1


def _shortened(word: str, most: int) -> set[str]:
    """Return *word* without any of its letters, up to so many."""
    found = {word}
    for _ in range(most):
        found |= {part[:at] + part[at + 1 :] for part in found for at in range(len(part))}
    return found


def _are_forms(one: str, other: str) -> bool:
    """Tell words that differ in their ending, as tokenizer and tokenized, or by what is put before, as in reactivation."""
    prefixed = abs(len(one) - len(other)) > 1 and (one.endswith(other) or other.endswith(one))
    return prefixed or not _stems(one).isdisjoint(_stems(other))


def _stems(word: str) -> set[str]:
    return {word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)}
