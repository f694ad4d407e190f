"""Special phrases, all at once: acronyms, exact words, prefixes, phrases of one field, held against the stream word by word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digestd.matching.arrays import Bools, Ints, spread
from digestd.matching.corpus import Corpus
from digestd.matching.phrase import Word
from digestd.matching.query import Query, Term

IN_TEXT = {"text": 0b11, "title": 0b01, "abstract": 0b10}  # the fields of a scope, by bit: the title's is the first

_NUMBER = 32  # bits


@dataclass(frozen=True, slots=True)
class Phrases:
    """The special phrases of a library: the *column* of each, its *fields* as bits, and the node at whose places it may stand.

    Where that *anchor* is 0, it may stand wherever its first word does.
    *table* (phrases × words) has the number of each word in *words*; −1 where there is none, or the anchor says enough.
    """

    column: Ints
    fields: Ints
    anchor: Ints
    words: Mapping[Word, int]
    table: Ints


def phrases(special: Sequence[Query], anchors: Sequence[int], plain: int) -> Phrases:
    """Return the phrases among the *special* queries, whose columns come after the *plain* ones."""
    found = [(number, query) for number, query in enumerate(special) if isinstance(query, Term) and query.scope in IN_TEXT]
    words: dict[Word, int] = {}
    table = np.full((len(found), max((len(query.words) for _, query in found), default=0)), -1, np.int64)
    for row, (number, query) in enumerate(found):
        for offset, word in enumerate(query.words):
            if not anchors[number] or word.view != "singular":
                table[row, offset] = words.setdefault(word, len(words))
    return Phrases(
        column=np.asarray([plain + number for number, _ in found], np.int64),
        fields=np.asarray([IN_TEXT[query.scope] for _, query in found], np.int64),
        anchor=np.asarray([anchors[number] for number, _ in found], np.int64),
        words=words,
        table=table,
    )


def standing(wanted: Phrases, corpus: Corpus, node: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Return the columns of the phrases that stand somewhere, and where; *node* and *place* are what the trie found, sorted."""
    accepted = _accepted(wanted.words, corpus)
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


def _accepted(words: Mapping[Word, int], corpus: Corpus) -> Ints:
    """Return the words of the stream that each word of *words* accepts, as pairs of numbers, sorted."""
    pairs = [number << _NUMBER | other for word, number in words.items() for other in corpus.accepted(word)]
    return np.sort(np.asarray(pairs, np.int64))


def _anchored(wanted: Phrases, node: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Return the phrases whose words stand somewhere, folded and singular, and where."""
    phrase = np.flatnonzero(wanted.anchor)
    first, after = np.searchsorted(node, wanted.anchor[phrase]), np.searchsorted(node, wanted.anchor[phrase], "right")
    return np.repeat(phrase, after - first), place[spread(first, after - first)]


def _free(wanted: Phrases, corpus: Corpus, accepted: Ints) -> tuple[Ints, Ints]:
    """Return the phrases without an anchor whose first words stand somewhere, and where."""
    phrase = np.flatnonzero(wanted.anchor == 0)
    if not len(phrase):
        return phrase, phrase
    word = wanted.table[phrase, 0]
    first, after = np.searchsorted(accepted, word << _NUMBER), np.searchsorted(accepted, word + 1 << _NUMBER)
    number = accepted[spread(first, after - first)] & (1 << _NUMBER) - 1
    begin, count = corpus.starts[number], corpus.starts[number + 1] - corpus.starts[number]
    return np.repeat(np.repeat(phrase, after - first), count), corpus.places[spread(begin, count)]


def _are_among(sorted_: Ints, wanted: Ints) -> Bools:
    if not len(sorted_):
        return np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(sorted_, wanted), len(sorted_) - 1)
    found: Bools = sorted_[at] == wanted
    return found
