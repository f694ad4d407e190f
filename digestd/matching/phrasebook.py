"""The phrases of all profiles, read at once: those of the same words are one column, and one trie says where they stand."""

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from digestd.matching.arrays import Bools, Ints, spread
from digestd.matching.phrase import PLAIN_WORD, Word, plain
from digestd.matching.phrases import IN_TEXT, Forms, Phrases
from digestd.matching.plurals import singular
from digestd.matching.query import Term
from digestd.matching.text import View, fold, seams
from digestd.matching.trie import Chains, Trie, followed, grown, trie

_MOST_WORDS = 20  # of a phrase that needs no parser
_OPERATOR = re.compile(r"AND|OR|NOT|ANDNOT|NEAR|(?i:adj\d*|near\d+)")  # here, or in other systems' languages
_FIELDS = 2  # bits


class Phrasebook:
    """Phrases, each known by its number from 1 on; those of the same words may have several."""

    def __init__(self) -> None:
        self._words: dict[Word, int] = {}
        self._written = _Written(self._words)
        self._numbers, self._lengths, self._fields = array("q"), array("q"), array("b")

    def read(self, texts: Sequence[str]) -> Ints:
        """Return the number of each text that is a phrase of plain words, 0 for those that need the parser."""
        spaced = [text.replace("-", " ") for text in texts]
        words = " ".join(spaced).split(" ") if spaced else []
        lengths = np.fromiter(map(str.count, spaced, repeat(" ")), np.int64, len(spaced)) + 1
        numbers = np.fromiter(map(self._written.__getitem__, words), np.int64, len(words))
        known = (np.minimum.reduceat(numbers, np.cumsum(lengths) - lengths) > 0) & (lengths <= _MOST_WORDS)
        found = np.where(known, len(self._lengths) + np.cumsum(known), 0)
        self._numbers.frombytes(numbers[np.repeat(known, lengths)].tobytes())
        self._lengths.frombytes(lengths[known].tobytes())
        self._fields.frombytes(np.full(np.count_nonzero(known), IN_TEXT["text"], np.int8).tobytes())
        return found

    def add(self, term: Term) -> int:
        """Return the number of a phrase."""
        self._numbers.extend(self._words.setdefault(word, len(self._words) + 1) for word in term.words)
        self._lengths.append(len(term.words))
        self._fields.append(IN_TEXT[term.scope])
        return len(self._lengths)

    def columns(self) -> "Columns":
        """Return the columns of all phrases that have been read."""
        spelt = Chains(np.asarray(self._numbers, np.int64), np.append(0, np.cumsum(self._lengths, dtype=np.int64)))
        return _columns(self._words, spelt, np.asarray(self._fields, np.int64))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of phrases: a plain one's is its node in the *trie*, the *special* ones come after; *of* has each by number.

    *words* are numbered from 1; *keys* has the number that each has in the trie, folded and singular: 0 where it may be several
    there. *edges* and *ends* tell the special ones by their words and fields.
    """

    words: Mapping[Word, int]
    keys: Ints
    trie: Trie
    special: Phrases
    edges: Ints
    ends: Ints
    of: Ints

    @property
    def plain(self) -> int:
        return len(self.trie.edges) + 1

    @property
    def width(self) -> int:
        return self.plain + len(self.special.column)

    @property
    def used(self) -> Bools:
        """Say which nodes are columns."""
        used = np.zeros(self.plain, np.bool_)
        used[self.of[self.of < self.plain]] = True
        return used

    def placed(self, numbers: Ints) -> Ints:
        """Return the columns of phrases, by number; those of other things, whose numbers are below 0, come after."""
        return np.where(numbers > 0, self.of[np.maximum(numbers, 0)], self.width - 1 - numbers)

    def column(self, term: Term) -> int:
        """Return the column of a phrase that has been read."""
        numbers = [self.words[word] for word in term.words]
        if term.scope == "text" and all(map(_is_plain, term.words)):
            return followed(self.trie.edges, self.keys[numbers].tolist())
        end = followed(self.edges, numbers) << _FIELDS | IN_TEXT[term.scope]
        return self.plain + int(np.searchsorted(self.ends, end))


class _Written(dict[str, int]):
    """The number of each word as it is written outside quotes; 0 for what may be more than a plain word."""

    def __init__(self, words: dict[Word, int]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, word: str) -> int:
        is_plain = PLAIN_WORD.fullmatch(word) and not _OPERATOR.fullmatch(word) and not seams(word)
        self[word] = number = self._words.setdefault(plain(word), len(self._words) + 1) if is_plain else 0
        return number


def _columns(words: Mapping[Word, int], spelt: Chains, fields: Ints) -> Columns:
    folded: dict[str, int] = {}
    keys = np.asarray([0, *(_key(word, folded) for word in words)], np.int64)
    plain_word = np.asarray([False, *map(_is_plain, words)], np.bool_)
    anchor, edges = _anchors(spelt, keys)
    special = np.flatnonzero(~_all(plain_word, spelt) | (fields != IN_TEXT["text"]))
    node, special_edges = grown(spelt.of(special))
    ends, first, same = np.unique(node << _FIELDS | fields[special], return_index=True, return_inverse=True)
    of = np.append(0, anchor)
    of[special + 1] = len(edges) + 1 + same
    one = special[first]
    numbers, table = _table(spelt.of(one), anchor[one], plain_word)
    looked_at = {word: number for word, number in words.items() if number in numbers}
    phrases = Phrases(
        column=len(edges) + 1 + np.arange(len(one)),
        fields=fields[one],
        anchor=anchor[one],
        forms=_forms(looked_at),
        prefixes={word: number for word, number in looked_at.items() if word.prefix},
        table=table,
    )
    return Columns(words, keys, trie(folded, edges), phrases, special_edges, ends, of)


def _key(word: Word, folded: dict[str, int]) -> int:
    """Return the number of a word, folded and singular; 0 where its forms are several such words."""
    if word.prefix:
        return 0
    alike = {_coarse(word, form) for form in word.forms}
    return folded.setdefault(alike.pop(), len(folded) + 1) if len(alike) == 1 else 0


def _coarse(word: Word, form: str) -> str:
    """Return the folded singular of a form; one that is singular already stays, for dense is not den."""
    return form if word.view == "singular" else singular(fold(form))


def _is_plain(word: Word) -> bool:
    """Tell a word that is folded, and its plural too."""
    return word.view == "singular" and not word.prefix


def _all(said: Bools, spelt: Chains) -> Bools:
    """Say which phrases have only words of which something is *said*, by their numbers."""
    every: Bools = np.logical_and.reduceat(said[spelt.numbers], spelt.starts[:-1])
    return every


def _anchors(spelt: Chains, keys: Ints) -> tuple[Ints, Ints]:
    """Return the node at whose places each phrase may stand, 0 where no single one says that, and the edges of the trie."""
    settled = np.flatnonzero(_all(keys > 0, spelt))
    chosen = spelt.of(settled)
    anchor = np.zeros(len(spelt.starts) - 1, np.int64)
    anchor[settled], edges = grown(Chains(keys[chosen.numbers], chosen.starts))
    return anchor, edges


def _forms(words: Mapping[Word, int]) -> Forms:
    """Return the numbers of the words that accept each form of a view, but for prefixes."""
    found: dict[View, dict[str, list[int]]] = {}
    for word, number in words.items():
        for form in () if word.prefix else word.forms:
            found.setdefault(word.view, {}).setdefault(form, []).append(number)
    return found


def _table(spelt: Chains, anchor: Ints, plain_word: Bools) -> tuple[set[int], Ints]:
    """Return the numbers of the words that must be looked at, and these phrase by phrase; −1 where the anchor says enough."""
    lengths = np.diff(spelt.starts)
    row, offset = np.repeat(np.arange(len(lengths)), lengths), spread(np.zeros_like(lengths), lengths)
    looked_at = np.flatnonzero((anchor[row] == 0) | ~plain_word[spelt.numbers])
    table = np.full((len(lengths), lengths.max(initial=0)), -1, np.int64)
    table[row[looked_at], offset[looked_at]] = spelt.numbers[looked_at]
    return set(spelt.numbers[looked_at].tolist()), table
