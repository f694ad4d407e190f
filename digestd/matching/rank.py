"""Which papers are for which profiles, in what order: score, filters, mutes, and what breaks a tie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from digestd.matching.arrays import Bools, Floats, Ints, Points, order, spread
from digestd.matching.corpus import Corpus, Papers
from digestd.matching.findings import Ranking
from digestd.matching.labels import is_category, is_source
from digestd.matching.library import Library, Rows
from digestd.model.paper import Paper

SLOTS = 48  # columns of a profile that have a bit of their own among the reasons; those after them share the next
LIKE = 1 << SLOTS + 1  # the bit of its examples

_MOST_CELLS = 1 << 22  # of a table of profiles and papers
_PROFILE_BITS = 14

_DECIMALS = 3
_ENOUGH_VOTES = 100
_HALF_LIFE = timedelta(days=7)
_MOST_DAMPED = 0.25  # of its score, a paper that every profile asks for
KEPT = 0.25  # of what keywords make, however much a paper is like the disliked


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the examples of some *profiles* add to each paper (profiles × papers), and how many points alone are *enough*."""

    profiles: Ints
    points: NDArray[np.float32]
    enough: Floats


class Ranker:
    """Ranks the papers of a corpus for the profiles of a library. *points* are those of its columns, *now* says what is fresh.

    *damping* is what each paper's score is multiplied by, at last. *most* says how many profiles are best ranked at a time.
    """

    def __init__(self, library: Library, corpus: Corpus, points: Points, damping: Floats, now: datetime) -> None:
        self._library, self._corpus = library, corpus
        self._points = points
        self._damping = damping
        self._ties = _ties(corpus.papers, now)
        self._tie_bits = len(corpus.papers).bit_length()
        self._bare = np.asarray([not paper.categories for paper in corpus.papers], np.bool_)
        self._by_category = _Carriers(corpus.by_category, is_category, len(corpus.papers))
        self._by_source = _Carriers(corpus.by_source, is_source, len(corpus.papers))
        self.most = min(_MOST_CELLS // max(len(corpus.papers), 1) + 1, 1 << _PROFILE_BITS)

    def ranking(self, rows: Ints, likeness: Likeness | None = None, news: Bools | None = None) -> Ranking:
        """Return the ranking of the profiles in *rows*; those of *likeness* are numbered in *rows*.

        *news* says what is news to each (rows × papers): all is, if there is none.
        """
        cells = self._found(self._library.wanted, rows)
        if likeness is not None:
            cells = _blended(cells, likeness)
        cells = replace(cells, score=np.maximum(cells.score, 0.0).round(_DECIMALS))
        kept = self._passing(rows, cells)
        if news is not None:
            kept &= news[cells.profile, cells.paper]
        if not kept.all():
            cells = cells.of(kept)
        score = np.round(cells.score * self._damping[cells.paper], _DECIMALS)
        best = self._best(cells.profile, cells.paper, score)
        counts, paper = np.bincount(cells.profile, minlength=len(rows)), cells.paper[best]
        mutes = self._mutes(rows, counts, paper)
        return Ranking(np.append(0, np.cumsum(counts)), paper, score[best], cells.reason[best], mutes)

    def _found(self, asked: Rows, rows: Ints) -> "_Cells":
        """Return the papers that have what some rows ask for."""
        points, first, lengths = self._points, asked.starts[rows], asked.starts[rows + 1] - asked.starts[rows]
        chosen = spread(first, lengths)
        bits = np.left_shift(1, np.minimum(chosen - np.repeat(first, lengths), SLOTS))
        profile, columns = np.repeat(np.arange(len(rows)), lengths), asked.columns[chosen]
        begin = points.starts[columns]
        counts = points.starts[columns + 1] - begin
        own = np.repeat(np.arange(len(columns)), counts)
        at = np.arange(len(own)) + (begin - np.cumsum(counts) + counts)[own]
        score = asked.weights[chosen][own] * points.values[at]
        return self._once(_Cells(profile[own], points.papers[at], score, bits[own]), len(rows))

    def _once(self, cells: "_Cells", profiles: int) -> "_Cells":
        """Return each paper of a profile once, with all its points and reasons."""
        place, papers = self._place(cells.profile, cells.paper), len(self._corpus.papers)
        number = np.arange(len(place), dtype=np.int32)
        last = np.empty(profiles * papers, np.int32)
        last[place] = number
        same = last[place]
        kept = same == number
        again = np.flatnonzero(~kept)
        np.bitwise_or.at(cells.reason, same[again], cells.reason[again])
        return replace(cells, score=np.bincount(same, cells.score).astype(float, copy=False)).of(kept)

    def _place(self, profile: Ints, paper: Ints) -> Ints:
        """Return the places of papers in a table of profiles and papers."""
        return profile * len(self._corpus.papers) + paper

    def _passing(self, rows: Ints, cells: "_Cells") -> Bools:
        """Say which papers have the score that their profiles want, and pass their filters."""
        passing = np.ones(len(cells.score), np.bool_)
        if (least := self._library.min_scores[rows]).max(initial=0) > 0:
            passing &= cells.score >= least[cells.profile]
        filters, own = np.unique(self._library.filter_of[rows], return_inverse=True)
        allowed = np.asarray([*map(self._allowed, filters.tolist())])
        if not allowed.all():
            passing &= allowed[own[cells.profile], cells.paper]
        return passing

    def _allowed(self, number: int) -> Bools:
        """Return the papers that a filter lets pass."""
        categories, sources = self._library.filters[number]
        allowed = np.ones(len(self._corpus.papers), np.bool_)
        if categories:
            allowed &= np.logical_or.reduce([self._bare, *map(self._by_category.__getitem__, categories)])
        if sources:
            allowed &= np.logical_or.reduce([*map(self._by_source.__getitem__, sources)])
        return allowed

    def _best(self, profile: Ints, paper: Ints, score: Floats) -> Ints:
        """Return the order: profile by profile, best first; as one number it sorts four times faster than as three."""
        worth = np.round(score * 10**_DECIMALS)
        most = int(min(worth.max(initial=0), (1 << 63 - self._tie_bits - _PROFILE_BITS) - 1))
        worse = most - np.minimum(worth, most).astype(np.int64)
        return order((profile << most.bit_length() | worse) << self._tie_bits | self._ties[paper])

    def _mutes(self, rows: Ints, counts: Ints, paper: Ints) -> Ints:
        """Return the mutes that hide each paper of each profile, which have so many each."""
        hidden = self._found(self._library.mutes, rows)
        if not len(hidden.reason):
            return np.zeros(len(paper), np.int64)
        wanted = self._place(np.repeat(np.arange(len(rows)), counts), paper)
        number = np.empty(len(rows) * len(self._corpus.papers), np.int32)
        number[wanted] = -1
        number[self._place(hidden.profile, hidden.paper)] = np.arange(len(hidden.reason))
        return np.where(number[wanted] >= 0, hidden.reason[number[wanted]], 0)

    def counts(self, rows: Ints) -> Ints:
        """Return how many papers each of some rows finds, whatever its filters."""
        return np.bincount(self._found(self._library.wanted, rows).profile, minlength=len(rows))


def damping(asked: Floats) -> Floats:
    """Return what is left of the scores of papers, of which a profile asks for so much on average."""
    return 1.0 - _MOST_DAMPED * np.minimum(asked, 1.0)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Papers for profiles, one by one, in no order."""

    profile: Ints
    paper: Ints
    score: Floats
    reason: Ints

    def of(self, kept: Bools) -> "_Cells":
        """Return some of the cells."""
        return _Cells(self.profile[kept], self.paper[kept], self.score[kept], self.reason[kept])


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


class _Carriers(dict[str, Bools]):
    """The papers that carry each category or source that somebody wants: many readers want the same."""

    def __init__(self, papers: Papers, is_one: Callable[[str, str], bool], count: int) -> None:
        super().__init__()
        self._papers, self._is_one, self._count = papers, is_one, count

    def __missing__(self, wanted: str) -> Bools:
        self[wanted] = carrying = np.zeros(self._count, np.bool_)
        for label, carriers in self._papers.items():
            if self._is_one(wanted, label):
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
