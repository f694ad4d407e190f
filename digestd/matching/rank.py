"""Which papers are for which profiles, in what order: score, filters, mutes, and what breaks a tie."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise, repeat
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from digestd.matching.arrays import Bools, Floats, Ints
from digestd.matching.compounds import ones
from digestd.matching.corpus import Corpus, Papers
from digestd.matching.labels import is_category, is_source
from digestd.matching.library import Library, Rows
from digestd.model.paper import Paper

SLOTS = 48  # columns of a profile that have a bit of their own among the reasons; those after them share the next
LIKE = 1 << SLOTS + 1  # the bit of its examples
BLOCK = 1 << 14  # profiles

_DECIMALS = 3
_ENOUGH_VOTES = 100
_HALF_LIFE = timedelta(days=7)
_MOST_DAMPED = 0.25  # of its score, a paper that every profile asks for
KEPT = 0.25  # of what keywords make, however much a paper is like the disliked
_THEME_FADES = 0.9  # each paper of a theme leaves so much to the next of it


class Candidate(NamedTuple):
    """A paper for a profile, by its number. *reasons* has a bit for each column that is found, *mutes* for each mute."""

    paper: int
    score: float
    reasons: int
    mutes: int


Lists = tuple[list[int], list[float], list[int], list[int]]  # papers, scores, reasons, mutes


@dataclass(frozen=True, eq=False)  # no slots: its lists are made once, and only if somebody looks
class Ranking:
    """The papers of some profiles, best first: the nth of them has those from starts[n] to starts[n + 1]."""

    starts: Ints
    papers: Ints
    scores: Floats
    reasons: Ints
    mutes: Ints

    def candidates(self) -> Iterator["Best"]:
        """Yield the candidates of each profile."""
        return (Best(self, range(start, end)) for start, end in pairwise(self.starts.tolist()))

    @cached_property
    def lists(self) -> Lists:
        return self.papers.tolist(), self.scores.tolist(), self.reasons.tolist(), self.mutes.tolist()


class Best(Sequence[Candidate]):
    """The candidates of a profile, best first: each is made when it is looked at, for most never are."""

    __slots__ = ("_places", "_ranking")

    def __init__(self, ranking: Ranking, places: range) -> None:
        self._ranking, self._places = ranking, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, which: int) -> Candidate: ...
    @overload
    def __getitem__(self, which: slice) -> "Best": ...
    def __getitem__(self, which: int | slice) -> "Candidate | Best":
        if isinstance(which, slice):
            return Best(self._ranking, self._places[which])
        place = self._places[which]
        papers, scores, reasons, mutes = self._ranking.lists
        return Candidate(papers[place], scores[place], reasons[place], mutes[place])

    def __iter__(self) -> Iterator[Candidate]:
        own = slice(self._places.start, self._places.stop, self._places.step)
        columns = zip(*(column[own] for column in self._ranking.lists), strict=True)
        return map(tuple.__new__, repeat(Candidate), columns)  # half the time of Candidate._make

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the examples of some *profiles* add to each paper (profiles × papers), and how many points alone are *enough*."""

    profiles: Ints
    points: NDArray[np.float32]
    enough: Floats


class Ranker:
    """Ranks the papers of a corpus for the profiles of a library. *points* has columns × papers, *now* says what is fresh.

    *damping* is what each paper's score is multiplied by, at last.
    """

    def __init__(self, library: Library, corpus: Corpus, points: sparse.csr_array, damping: Floats, now: datetime) -> None:
        self._library, self._corpus = library, corpus
        self._points, self._there = points, ones(points).astype(np.int64)
        self._damping = damping
        self._ties = _ties(corpus.papers, now)
        self._tie_bits = len(corpus.papers).bit_length()
        self._value_bits = 63 - self._tie_bits - (BLOCK - 1).bit_length()

    def ranking(self, rows: Ints, likeness: Likeness | None = None, news: Bools | None = None) -> Ranking:
        """Return the ranking of the profiles in *rows*, at most a BLOCK of them; those of *likeness* are numbered in *rows*.

        *news* says what is news to each (rows × papers): all is, if there is none.
        """
        cells = self._found(rows)
        if likeness is not None:
            cells = _blended(cells, likeness)
        score: Floats = np.maximum(cells.score, 0.0).round(_DECIMALS)
        kept = (score >= self._library.min_scores[rows][cells.profile]) & self._passing(rows, cells.profile, cells.paper)
        if news is not None:
            kept &= news[cells.profile, cells.paper]
        profile, paper, reason, score = cells.profile[kept], cells.paper[kept], cells.reason[kept], score[kept]
        score = np.round(score * self._damping[paper], _DECIMALS)
        best = self._best(profile, paper, score)
        profile, paper = profile[best], paper[best]
        starts = np.searchsorted(profile, np.arange(len(rows) + 1))
        return Ranking(starts, paper, score[best], reason[best], self._mutes(rows, profile, paper))

    def _found(self, rows: Ints) -> "_Cells":
        weights, bits = _chosen(self._library.wanted, rows, self._library.width)
        scores, reasons = weights @ self._points, bits @ self._there
        profile = np.repeat(np.arange(len(rows)), np.diff(scores.indptr))
        return _Cells(profile, scores.indices, scores.data, _settled(reasons.data))

    def _passing(self, rows: Ints, profile: Ints, paper: Ints) -> Bools:
        """Say which papers the filters of their profiles let pass."""
        filters, own = np.unique(self._library.filter_of[rows], return_inverse=True)
        allowed = [self._allowed(*self._library.filters[number]) for number in filters]
        return np.reshape(allowed, (len(filters), len(self._corpus.papers)))[own[profile], paper].astype(np.bool_)

    def _allowed(self, categories: tuple[str, ...], sources: tuple[str, ...]) -> Bools:
        count = len(self._corpus.papers)
        allowed = np.ones(count, np.bool_)
        if categories:
            bare = np.asarray([not paper.categories for paper in self._corpus.papers], np.bool_)
            allowed &= bare | _carry(categories, self._corpus.by_category, is_category, count)
        if sources:
            allowed &= _carry(sources, self._corpus.by_source, is_source, count)
        return allowed

    def _best(self, profile: Ints, paper: Ints, score: Floats) -> Ints:
        """Return the order: profile by profile, best first; as one number it sorts four times faster than as three."""
        most = (1 << self._value_bits) - 1
        worse = most - np.minimum(np.round(score * 10**_DECIMALS), most).astype(np.int64)
        return np.argsort((profile << self._value_bits | worse) << self._tie_bits | self._ties[paper])

    def _mutes(self, rows: Ints, profile: Ints, paper: Ints) -> Ints:
        """Return the mutes that hide each paper of each profile."""
        _, bits = _chosen(self._library.mutes, rows, self._library.width)
        hidden = bits @ self._there
        if not hidden.nnz:
            return np.zeros(len(profile), np.int64)
        cell = _cells(np.repeat(np.arange(len(rows)), np.diff(hidden.indptr)), hidden.indices)
        order, wanted = np.argsort(cell), _cells(profile, paper)
        at = order[np.minimum(np.searchsorted(cell, wanted, sorter=order), len(cell) - 1)]
        return np.where(cell[at] == wanted, _settled(hidden.data[at]), 0)


def damping(asked: Floats) -> Floats:
    """Return what is left of the scores of papers, of which a profile asks for so much on average."""
    return 1.0 - _MOST_DAMPED * np.minimum(asked, 1.0)


def diverse(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return up to so many *candidates*, best first: the more of a theme there are, the less the next of it counts.

    A theme is what a profile asks for first of all that is found.
    """
    if len(candidates) <= most:
        return list(candidates)
    seen: dict[int, int] = {}
    worth: list[float] = []
    for candidate in candidates:
        theme = candidate.reasons & -candidate.reasons
        seen[theme] = before = seen.get(theme, -1) + 1
        worth.append(-candidate.score * _THEME_FADES**before)
    best = sorted(range(len(worth)), key=worth.__getitem__)[:most]
    return [candidates[place] for place in sorted(best)]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Papers for profiles, one by one, in no order."""

    profile: Ints
    paper: Ints
    score: Floats
    reason: Ints


def _blended(cells: _Cells, likeness: Likeness) -> _Cells:
    """Return *cells* with what examples add: papers that are enough like them, and more or less for those found anyway."""
    place = np.full(max(cells.profile.max(initial=0), likeness.profiles.max()) + 1, -1)
    place[likeness.profiles] = np.arange(len(likeness.profiles))
    own = place[cells.profile] >= 0
    score, reason = np.zeros(likeness.points.shape), np.zeros(likeness.points.shape, np.int64)
    score[place[cells.profile[own]], cells.paper[own]] = cells.score[own]
    reason[place[cells.profile[own]], cells.paper[own]] = cells.reason[own]
    alike = likeness.points >= likeness.enough[:, None]
    profile, paper = np.nonzero(alike | (reason > 0))
    reason |= np.where(alike, LIKE, 0)
    score = np.maximum(score + likeness.points, KEPT * score)
    return _Cells(
        np.concatenate([cells.profile[~own], likeness.profiles[profile]]),
        np.concatenate([cells.paper[~own], paper]),
        np.concatenate([cells.score[~own], score[profile, paper]]),
        np.concatenate([cells.reason[~own], reason[profile, paper]]),
    )


def _chosen(rows: Rows, numbers: Ints, width: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return some profiles × columns: what each weighs, and its bit."""
    lengths = rows.starts[numbers + 1] - rows.starts[numbers]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    slot = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
    cells = slot + np.repeat(rows.starts[numbers], lengths)
    columns, shape = rows.columns[cells], (len(numbers), width)
    bits = np.left_shift(1, np.minimum(slot, SLOTS))
    weights = rows.weights[cells].astype(float)
    return sparse.csr_array((weights, columns, starts), shape), sparse.csr_array((bits, columns, starts), shape)


def _settled(bits: Ints) -> Ints:
    """Return sums of bits with one bit for the columns that share the last: they were counted from there on."""
    own = bits & (1 << SLOTS) - 1
    return np.where(bits >> SLOTS, own | 1 << SLOTS, own)


def _carry(wanted: tuple[str, ...], papers: Papers, is_one: Callable[[str, str], bool], count: int) -> Bools:
    carrying = np.zeros(count, np.bool_)
    for label, carriers in papers.items():
        if any(is_one(one, label) for one in wanted):
            carrying[carriers] = True
    return carrying


def _ties(papers: Sequence[Paper], now: datetime) -> Ints:
    """Return the place of each paper among those of equal score: by votes and freshness, then by date, newest first, and id."""

    def place(number: int) -> tuple[float, timedelta, str]:
        paper = papers[number]
        age = max(now - paper.published, timedelta()) if paper.published else timedelta.max
        votes = min(max(paper.votes or 0, 0), _ENOUGH_VOTES) / _ENOUGH_VOTES
        return -votes - 0.5 ** (age / _HALF_LIFE), age, paper.id

    return np.argsort(np.asarray(sorted(range(len(papers)), key=place), np.int64))


def _cells(profile: Ints, paper: Ints) -> Ints:
    return profile.astype(np.int64) << 32 | paper.astype(np.int64)
