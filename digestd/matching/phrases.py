"""Special phrases, all at once: acronyms, exact words, prefixes, phrases of one field, held against the stream word by word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digestd.matching.arrays import Bools, Ints, spread
from digestd.matching.corpus import Corpus
from digestd.matching.phrase import Word
from digestd.matching.text import View

IN_TEXT = {"text": 0b11, "title": 0b01, "abstract": 0b10}  # the fields of a scope, by bit: the title's is the first

Forms = Mapping[View, Mapping[str, Sequence[int]]]

_NUMBER = 32  # bits


@dataclass(frozen=True, slots=True)
class Phrases:
    """The special phrases of a library: the *column* of each, its *fields* as bits, and the node at whose places it may stand.

    Where that *anchor* is 0, it may stand wherever its words do.
    *table* (phrases × words) has the number of each word; −1 where there is none, or the anchor says enough. *forms* has the
    numbers of the words that accept each form, *prefixes* those that accept what starts with one of theirs.
    """

    column: Ints
    fields: Ints
    anchor: Ints
    forms: Forms
    prefixes: Mapping[Word, int]
    table: Ints


def standing(wanted: Phrases, corpus: Corpus, node: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Return the columns of the phrases that stand somewhere, and where; *node* and *place* are what the trie found, sorted."""
    accepted = _accepted(wanted, corpus)
    phrase, start = _anchored(wanted, node, place)
    free_phrase, free_start = _free(wanted, corpus, accepted)
    phrase, start = np.concatenate([phrase, free_phrase]), np.concatenate([start, free_start])
    kept = (wanted.fields[phrase] >> (corpus.field[start] & 1) & 1).astype(np.bool_)
    phrase, start = phrase[kept], start[kept]
    for offset in range(wanted.table.shape[1]):
        word = wanted.table[phrase, offset]
        # A place after the last is never looked at in earnest: a field's end, before it, is accepted by no word.
        here = corpus.stream[np.minimum(start + offset, len(corpus.stream) - 1)]
        kept = (word < 0) | _are_among(accepted, word << _NUMBER | here)
        phrase, start = phrase[kept], start[kept]
    return wanted.column[phrase], start


def _accepted(wanted: Phrases, corpus: Corpus) -> Ints:
    """Return the words of the stream that each word of the phrases accepts, as pairs of numbers, sorted."""
    pairs = [number << _NUMBER | other for word, number in wanted.prefixes.items() for other in corpus.accepted(word)]
    for view, owners in wanted.forms.items():
        found = ((owners[form], other) for other, form in enumerate(corpus.words(view)) if form in owners)
        pairs += [number << _NUMBER | other for some, other in found for number in some]
    return np.sort(np.asarray(pairs, np.int64))


def _anchored(wanted: Phrases, node: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Return the phrases whose words stand somewhere, folded and singular, and where."""
    phrase = np.flatnonzero(wanted.anchor)
    first, after = np.searchsorted(node, wanted.anchor[phrase]), np.searchsorted(node, wanted.anchor[phrase], "right")
    return np.repeat(phrase, after - first), place[spread(first, after - first)]


def _free(wanted: Phrases, corpus: Corpus, accepted: Ints) -> tuple[Ints, Ints]:
    """Return the phrases without an anchor, and where they may start, by the places of the rarest of their words."""
    phrase = np.flatnonzero(wanted.anchor == 0)
    if not len(phrase):
        return phrase, phrase
    owner, number = accepted >> _NUMBER, accepted & (1 << _NUMBER) - 1
    often = np.bincount(owner, np.diff(corpus.starts)[number], int(wanted.table.max()) + 1)
    words = wanted.table[phrase]
    offset = np.where(words < 0, np.inf, often[words]).argmin(axis=1)
    word = words[np.arange(len(phrase)), offset]
    first, after = np.searchsorted(owner, word), np.searchsorted(owner, word, "right")
    number = number[spread(first, after - first)]
    begin, count = corpus.starts[number], corpus.starts[number + 1] - corpus.starts[number]
    row = np.repeat(np.repeat(np.arange(len(phrase)), after - first), count)
    start = corpus.places[spread(begin, count)] - offset[row]
    return phrase[row[start >= 0]], start[start >= 0]


def _are_among(sorted_: Ints, wanted: Ints) -> Bools:
    if not len(sorted_):
        return np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(sorted_, wanted), len(sorted_) - 1)
    found: Bools = sorted_[at] == wanted
    return found
