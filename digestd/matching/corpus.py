"""Papers as one stream of words, in which the terms of all readers are looked up at once."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from digestd.matching.arrays import Ints, spread
from digestd.matching.names import Words, readings
from digestd.matching.page import Page
from digestd.matching.phrase import Word
from digestd.matching.plurals import singular
from digestd.matching.text import END, Passage, View, bare, fold, stretches, words_of_each
from digestd.model.paper import Paper

Papers = dict[str, list[int]]

_PLACE = 32  # bits
_LAST = "\U0010ffff"


class Corpus:
    """Papers, read once. *stream* has the number of each word, title before abstract, and a 0 after each field.

    *field* says where a place of the stream is: 2n is the title of the paper with number n, 2n + 1 its abstract.
    """

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers = papers
        self._numbers = _Numbers({END: 0})
        self.stream = _stream((text for paper in papers for text in (paper.title, paper.abstract)), self._numbers)
        ends = self.stream == 0
        self.field: Ints = np.cumsum(ends) - ends
        self._pages: dict[int, Page] = {}

    def page(self, paper: int) -> Page:
        """Return a paper as it is read for evidence."""
        page = self._pages.get(paper)
        if page is None:
            read = self.papers[paper]
            title, abstract = (self._passage(text, 2 * paper + at) for at, text in enumerate((read.title, read.abstract)))
            page = self._pages[paper] = Page(read, title, abstract)
        return page

    def _passage(self, text: str, field: int) -> Passage:
        start = self._ends[field - 1] + 1 if field else 0
        return _Read(text, self, self.stream[start : self._ends[field]].tolist())

    @cached_property
    def _ends(self) -> Ints:
        return np.flatnonzero(self.stream == 0)

    def words(self, view: View) -> tuple[str, ...]:
        """Return the words of the stream, by number, as *view* has them."""
        words: tuple[str, ...] = getattr(self, view)
        return words

    @cached_property
    def singular(self) -> tuple[str, ...]:
        """The words of the stream, by number, folded and without plural."""
        keys = {word: singular(word) for word in set(self.folded)}
        return tuple(map(keys.__getitem__, self.folded))

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple([word.lower() if word.isascii() and word.isalnum() else fold(word) for word in self._numbers])

    @cached_property
    def written(self) -> tuple[str, ...]:
        return tuple(map(bare, self._numbers))

    @cached_property
    def by_family(self) -> dict[Words, list[int]]:
        """The papers by the family names of their authors."""
        found: dict[Words, list[int]] = {}
        for number, paper in enumerate(self.papers):
            for family in {reading.family for name in paper.authors for reading in readings(name, of_paper=True)}:
                found.setdefault(family, []).append(number)
        return found

    @cached_property
    def by_category(self) -> Papers:
        return _labelled(paper.categories for paper in self.papers)

    @cached_property
    def by_source(self) -> Papers:
        return _labelled(paper.sources for paper in self.papers)

    def accepted(self, word: Word) -> Sequence[int]:
        """Return the numbers of the words that *word* accepts."""
        if word.view == "singular":
            return [number for form in word.forms for number in self._by_singular.get(form, ())]
        return [number for form in word.forms for number in self._accepted(word, form)]

    def _accepted(self, word: Word, form: str) -> Sequence[int]:
        folded = fold(form)
        alike = self._starting_with(folded) if word.prefix else self._by_folded.get(folded, ())
        return alike if word.view == "folded" else [number for number in alike if word.accepts(self.written[number])]

    def _starting_with(self, folded: str) -> Sequence[int]:
        first = bisect_left(self._alphabet, folded)
        return self._order[first : bisect_left(self._alphabet, folded + _LAST, first)]

    @cached_property
    def places(self) -> Ints:
        """The places of the stream in the order of the numbers of their words."""
        return np.sort(self.stream << _PLACE | np.arange(len(self.stream))) & (1 << _PLACE) - 1

    @cached_property
    def starts(self) -> Ints:
        """Where the places of each word start, by its number, and where the last end."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.stream, minlength=len(self._numbers)))])

    @cached_property
    def _by_singular(self) -> dict[str, list[int]]:
        return _numbers_by(self.singular)

    @cached_property
    def _by_folded(self) -> dict[str, list[int]]:
        return _numbers_by(self.folded)

    @cached_property
    def _order(self) -> list[int]:
        """The numbers of the words in alphabetical order, folded."""
        return sorted(range(len(self.folded)), key=self.folded.__getitem__)

    @cached_property
    def _alphabet(self) -> list[str]:
        return [*map(self.folded.__getitem__, self._order)]


class _Read(Passage):
    """A field of a paper, whose words are those of a corpus with some *numbers*: they are not read again."""

    def __init__(self, text: str, corpus: Corpus, numbers: Sequence[int]) -> None:
        super().__init__(text)
        self._corpus, self._numbers = corpus, numbers

    @cached_property
    def written(self) -> tuple[str, ...]:
        return self._words("written")

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return self._words("folded")

    @cached_property
    def singular(self) -> tuple[str, ...]:
        return self._words("singular")

    def _words(self, view: View) -> tuple[str, ...]:
        return tuple(map(self._corpus.words(view).__getitem__, self._numbers))


class _Numbers(dict[str, int]):
    """The number of each word, given when it is first asked for."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


def _stream(fields: Iterable[str], numbers: _Numbers) -> Ints:
    """Return the numbers of the words of all fields, and a 0 after each. A stretch that stands in many is searched once."""
    parts = _Numbers({"": 0})  # has no word: only an end
    stream: list[int] = []
    for field in fields:
        stream.extend(map(parts.__getitem__, stretches(field)))
        stream.append(0)
    words = np.asarray([*map(numbers.__getitem__, words_of_each(parts))])
    ends = np.flatnonzero(words == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    counts = ends - starts
    counts[0] = 1
    places = np.asarray(stream, np.int64)
    return words[spread(starts[places], counts[places])]


def _numbers_by(keys: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, key in enumerate(keys):
        found.setdefault(key, []).append(number)
    return found


def _labelled(labels: Iterable[Sequence[str]]) -> Papers:
    found: Papers = {}
    for number, carried in enumerate(labels):
        for label in dict.fromkeys(carried):
            found.setdefault(label, []).append(number)
    return found
