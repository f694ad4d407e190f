"""Papers like a reader's examples: the cosine between what a paper says and what the examples say, in rare words.

A paper is a vector of its words: tf^⅔ × log(1 / share), of length 1 (Salton & Buckley 1988); a word in the title counts
twice. Its share is that of the recent papers of the installation which have it. What a paper has in common with their average
counts against it, a quarter; where there are only dislikes, it counts for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise, repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from digestd.matching.arrays import Bools, Floats, Ints
from digestd.matching.corpus import Corpus
from digestd.matching.function_words import ENOUGH, FUNCTION_WORDS
from digestd.matching.page import Page
from digestd.matching.plurals import singular
from digestd.model.digest import BY_EXAMPLE, Evidence, Field
from digestd.model.paper import Paper

Numbers = TypeVar("Numbers", float, NDArray[np.float32])
Points = NDArray[np.float32]  # tastes × papers
Examples = tuple[Sequence[Paper], Sequence[Paper]]  # liked, disliked
Sparse = tuple[NDArray[np.int32], Points]  # places and values

# Imagined papers stand in for those not yet seen: each word is in one of a hundred, these are in four of ten.
_IMAGINED = 300
_SHARE, _COMMON_SHARE = 0.01, 0.4
_COMMON_WORDS = """
a about above across after all along also although among an and another any are as at be because been before being below
between both but by can could did do does doing done down during each either et every few for from further had has have
having he her here his how however i if in into is it its itself just many may might more most much must neither no nor not
of off often on once one only or other our out over per quite rather shall she should since so some such than that the their
them themselves then there therefore these they this those through thus to together too toward towards two under until up
upon us very via was we well were what when where whether which while who whose why will with within without would yet you
algorithm analysis application approach art base based data demonstrate design develop different effective efficient evaluation
existing experiment framework high important improve information large method model new novel paper performance present problem
process propose provide research result several show state study system task technique use used using various work
"""
_COMMON = frozenset(map(singular, _COMMON_WORDS.split()))
_TOO_COMMON = 0.4  # a word with as great a share says nothing
_IN_TITLE = 2.0
_OFTEN = 2 / 3  # the power of how often a word stands in a paper
_ORDINARY = -0.25  # Rocchio's weight of the papers that nobody asked for
_DISLIKED = -0.5
_SPARED = 1.0  # what is ordinary counts for a paper where there are only dislikes: unrelated ones lose nothing
_MOST_WORDS = 600  # of a taste
_MOST_REASONS = 5
_TELLING = 0.06  # of what makes a paper alike, a word that is told as a reason
_USUAL, _ENOUGH = 0.5, 10  # a word of so many of the papers, and enough of these to say so
_LONGEST_TITLE = 50
_BLOCK = 250  # tastes
_ALIKE = 0.055  # is worth 1 point: 2 or 3 % of a day of arXiv reach it when the examples are of one narrow subject
_FEW = 50  # papers, from which little is known: unrelated ones still look alike, up to _UNSURE times as much
_UNSURE = 3


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How often, damped, each of *words* (columns) is in each of some papers (rows)."""

    words: tuple[str, ...]
    matrix: sparse.csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What is usual in so many *papers*: how many have a word, and the sum of its weights in their vectors, by its place."""

    papers: int
    places: Mapping[str, int]
    holders: Floats
    weights: Floats


@dataclass(frozen=True, eq=False)  # no slots: what is asked of it is worked out once
class Taste:
    """The words of a reader's examples with their weights, and what it is worth to be *ordinary*."""

    words: tuple[str, ...]
    weights: Points
    ordinary: float
    read: "Read"

    @cached_property
    def by_word(self) -> Mapping[str, float]:
        return dict(zip(self.words, self.weights.tolist(), strict=True))


@dataclass(frozen=True, eq=False)  # no slots: what is asked of it is worked out once
class Read:
    """The examples of a reader, liked and disliked, and the *vectors* of which they are *rows*."""

    liked: Sequence[Paper]
    disliked: Sequence[Paper]
    rows: Sequence[int]
    vectors: "Vectors"

    @cached_property
    def holders(self) -> Mapping[str, Sequence[tuple[int, float]]]:
        """The examples that have a word, by their numbers, and its weight in each."""
        found: dict[str, list[tuple[int, float]]] = {}
        for number, row in enumerate(self.rows):
            for word, value in self.vectors.row(row):
                found.setdefault(word, []).append((number, value))
        return found

    def nearest(self, words: Mapping[str, float], *, disliked: bool) -> Paper:
        """Return the example, liked or disliked, that has most of some words with weights."""
        near = dict.fromkeys(range(len(self.rows)), 0.0)
        for word, part in words.items():
            for number, value in self.holders.get(word, ()):
                near[number] += abs(part) * value
        papers = [*self.liked, *self.disliked]
        own = range(len(self.liked), len(papers)) if disliked else range(len(self.liked))
        return papers[max(own, key=near.__getitem__)]


@dataclass(frozen=True, eq=False)  # no slots: what is asked of it is worked out once
class Vectors:
    """Papers (rows) as vectors of *words* (columns), and how *ordinary* each is: its product with the average one."""

    words: tuple[str, ...]
    matrix: sparse.csr_array
    ordinary: Points

    @cached_property
    def places(self) -> Mapping[str, int]:
        return {word: place for place, word in enumerate(self.words)}

    def row(self, number: int) -> Iterator[tuple[str, float]]:
        """Return the words of a paper and their weights."""
        own = slice(*self.matrix.indptr[number : number + 2])
        return zip(map(self.words.__getitem__, self.matrix.indices[own].tolist()), self.matrix.data[own].tolist(), strict=True)

    @cached_property
    def usual(self) -> Bools:
        """Say which words most of the papers have; none, where the papers are few."""
        count = self.matrix.shape[0]
        holders = np.bincount(self.matrix.indices, minlength=len(self.words))
        usual: Bools = holders > (_USUAL * count if count >= _ENOUGH else count)
        return usual


def counted(corpus: Corpus) -> Counts:
    """Return how often each word is in each paper of *corpus*."""
    words = tuple(dict.fromkeys(corpus.singular))
    places = {word: place for place, word in enumerate(words)}
    place = _places(corpus.singular, places)[corpus.stream]
    times = np.where(corpus.field & 1, 1.0, _IN_TITLE)
    shape = len(corpus.papers), len(words)
    matrix = sparse.coo_array((times, (corpus.field >> 1, place)), shape).tocsr()
    matrix.data **= _OFTEN
    matrix.data[_is_grammar(words, matrix)] = 0
    return Counts(words, matrix)


def _is_grammar(words: Sequence[str], counts: sparse.csr_array) -> Bools:
    """Say which counts are those of words of grammar, in papers that are not in English."""
    places = np.fromiter(map(FUNCTION_WORDS.__contains__, words), np.bool_, len(words))[counts.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    is_grammar: Bools = places & (np.bincount(row[places], minlength=counts.shape[0]) >= ENOUGH)[row]
    return is_grammar


def background(recent: Counts) -> Background:
    """Return what is usual in *recent*, the papers seen lately; there may be none."""
    words, matrix = recent.words, recent.matrix
    papers, width = matrix.shape
    places = {word: place for place, word in enumerate(words)}
    # One more place, the last, is that of unknown words: -1.
    holders = np.bincount(matrix.indices, minlength=width + 1).astype(float)
    known = Background(papers, places, holders, np.zeros(width + 1))
    return replace(known, weights=np.append(_scaled(matrix, _rarity(words, known)).sum(axis=0), 0.0))


def vectors(papers: Counts, known: Background) -> Vectors:
    """Return *papers* as vectors."""
    matrix = _scaled(papers.matrix, _rarity(papers.words, known))
    average = known.weights[_places(papers.words, known.places)] / (known.papers + _FEW)
    return Vectors(papers.words, matrix, (matrix @ average).astype(np.float32))


def taste(likes: Sequence[Paper], dislikes: Sequence[Paper], known: Background) -> Taste:
    """Return what is in the papers liked, and, against it, what is only in those disliked."""
    return tastes([(likes, dislikes)], known)[0]


def tastes(examples: Sequence[Examples], known: Background) -> list[Taste]:
    """Return the tastes of many readers; each paper is read once."""
    distinct = {paper.id: paper for pair in examples for papers in pair for paper in papers}
    row = {name: number for number, name in enumerate(distinct)}
    read = vectors(counted(Corpus([*distinct.values()])), known)
    rows = [[[row[paper.id] for paper in side] for side in pair] for pair in examples]
    liked, disliked = (_means([pair[side] for pair in rows], read.matrix) for side in (0, 1))
    alike = _ALIKE * (known.papers + _UNSURE * _FEW) / (known.papers + _FEW)
    ranks = np.argsort(np.argsort(np.asarray(read.words, dtype=object)))
    owns = (Read(*pair, [*one, *other], read) for pair, (one, other) in zip(examples, rows, strict=True))
    return [_taste(mean, other, alike, own, ranks) for mean, other, own in zip(liked, disliked, owns, strict=True)]


def likeness(tastes: Sequence[Taste], papers: Vectors) -> Points:
    """Return how like the examples papers are (tastes × papers): 1 is alike, 4 the same again, less than 0 like the disliked.

    It does not depend on which other papers there are.
    """
    blocks = [_likeness(tastes[first : first + _BLOCK], papers) for first in range(0, len(tastes), _BLOCK)]
    return np.concatenate([np.zeros((0, papers.matrix.shape[0]), np.float32), *blocks])


def reasons(wanted: Taste, papers: Vectors, number: int, page: Page) -> tuple[Evidence, ...]:
    """Return the words that make the paper of that number like the examples, best first, where each first stands.

    The weight of each is its share of the paper's points, and the entry is the example which has most of them. Where the points
    are less than 0, it is the words of the disliked. *page* is that paper.
    """
    theirs = wanted.by_word
    parts = {word: value * theirs[word] for word, value in papers.row(number) if word in theirs}
    points = _scored(sum(parts.values()) + wanted.ordinary * float(papers.ordinary[number]))
    if points > 0 and wanted.ordinary > 0:
        return ()
    alike = {word: part for word, part in parts.items() if part * points > 0 and _says_something(word)}
    rare = {word: part for word, part in alike.items() if not papers.usual[papers.places[word]]} or alike
    total, told = sum(part for part in parts.values() if part * points > 0), sum(rare.values())
    telling = [word for word, part in rare.items() if part / told >= _TELLING]
    # Reasons that weigh the same stand in the order of the alphabet, whatever other papers there are.
    best = sorted(telling, key=lambda word: (-round(abs(rare[word]), 5), word))[:_MOST_REASONS]
    example = _shortened(wanted.read.nearest(rare, disliked=bool(points < 0)).title) if best else ""
    return tuple(_evidence(page, word, float(rare[word] / total * points), example) for word in best)


def _says_something(word: str) -> bool:
    """Tell words from numbers and single letters; a sign of Chinese or Japanese is a word."""
    return any(map(str.isalpha, word)) and (len(word) > 1 or not word.isascii())


def _shortened(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE].rsplit(' ', 1)[0]}…"


def _means(rows: Sequence[Sequence[int]], matrix: sparse.csr_array) -> Iterator[Sparse]:
    """Yield the mean of some *rows* of a matrix, then of others."""
    starts = np.cumsum([0, *map(len, rows)])
    parts = np.repeat([1 / max(len(some), 1) for some in rows], np.diff(starts)).astype(np.float32)
    chosen = np.fromiter(chain.from_iterable(rows), np.int64)
    means = sparse.csr_array((parts, chosen, starts), (len(rows), matrix.shape[0])) @ matrix
    means.sort_indices()
    for start, end in pairwise(means.indptr):
        yield means.indices[start:end], means.data[start:end]


def _taste(liked: Sparse, disliked: Sparse, alike: float, read: Read, ranks: Ints) -> Taste:
    only = ~np.isin(disliked[0], liked[0])
    places = np.concatenate([liked[0], disliked[0][only]])
    weights = np.concatenate([liked[1], _DISLIKED * disliked[1][only]])
    # Of equal weights the first in the alphabet are kept: a taste depends on nobody else's.
    kept = np.lexsort((ranks[places], -np.round(np.abs(weights), 5)))[:_MOST_WORDS]
    # The more examples, the shorter is their mean, and the less its products vary from paper to paper, about by this root.
    scale = alike * float(np.linalg.norm(weights[kept])) ** 0.5 or 1.0
    ordinary = _ORDINARY if len(liked[0]) else _SPARED if len(disliked[0]) else 0.0
    words = tuple(map(read.vectors.words.__getitem__, places[kept]))
    return Taste(words, (weights[kept] / scale).astype(np.float32), ordinary / scale, read)


def _likeness(tastes: Sequence[Taste], papers: Vectors) -> Points:
    place = _places(chain.from_iterable(taste.words for taste in tastes), papers.places)
    taste = np.repeat(np.arange(len(tastes)), [len(taste.words) for taste in tastes])
    # Dense is faster here than sparse × sparse. The last row, -1, is that of words which no paper has.
    weights = np.zeros((len(papers.words) + 1, len(tastes)), np.float32)
    weights[place, taste] = np.concatenate([taste.weights for taste in tastes])
    ordinary = np.asarray([taste.ordinary for taste in tastes], np.float32)
    alike = (papers.matrix @ weights[:-1]).T + np.outer(ordinary, papers.ordinary)
    most = np.where(ordinary > 0, 0.0, np.inf).astype(np.float32)  # it spares from losing, and gives nothing
    points: Points = np.minimum(_scored(alike), most[:, None])
    return points


def _scored(alike: Numbers) -> Numbers:
    """Return the points of a likeness: 1 where it is enough, 1 more for each doubling."""
    points: Numbers = np.sign(alike) * np.log2(1 + np.abs(alike))
    return points


def _rarity(words: Sequence[str], known: Background) -> Floats:
    """Return log(1/share) of each word; that of a word which says nothing is 0."""
    imagined = np.fromiter((_COMMON_SHARE if word in _COMMON else _SHARE for word in words), float, len(words))
    share = (known.holders[_places(words, known.places)] + imagined * _IMAGINED) / (known.papers + _IMAGINED)
    is_word = np.fromiter(map(bool, words), np.bool_, len(words))  # what parts title from abstract is none
    return np.where(is_word & (share < _TOO_COMMON), -np.log(share), 0.0)


def _scaled(counts: sparse.csr_array, rarity: Floats) -> sparse.csr_array:
    """Return *counts* times *rarity*, each row of length 1."""
    matrix = counts.astype(np.float32)
    matrix.data *= rarity[matrix.indices]
    matrix.eliminate_zeros()
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(row, matrix.data**2, matrix.shape[0]))
    matrix.data /= lengths[row]
    return matrix


def _places(words: Iterable[str], places: Mapping[str, int]) -> Ints:
    """Return the place of each word, -1 where it has none."""
    return np.fromiter(map(places.get, words, repeat(-1)), np.int64)


def _evidence(page: Page, word: str, points: float, example: str) -> Evidence:
    field: Field = "title" if word in page.title.singular else "abstract"
    passage = page.title if field == "title" else page.abstract
    place = passage.singular.index(word)
    start, end = passage.span(place, place + 1)
    return Evidence(BY_EXAMPLE, field, start, end, points, passage.text[start:end], example)
