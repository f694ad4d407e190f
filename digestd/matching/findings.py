"""What readers find, best first: ranked in arrays for all, and made candidates for whom somebody asks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise, repeat
from typing import NamedTuple, overload

from digestd.matching.arrays import Floats, Ints
from digestd.model.subscriber import SubscriberId

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

    def best(self, first: int, after: int) -> list["Best"]:
        """Return the candidates of the profiles from the *first* to the one before *after*."""
        return [Best(self, range(start, end)) for start, end in pairwise(self._bounds[first : after + 1])]

    @cached_property
    def _bounds(self) -> list[int]:
        bounds: list[int] = self.starts.tolist()
        return bounds

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


Findings = Sequence[Sequence[Candidate]]  # of each profile of a reader, best first


@dataclass(frozen=True, slots=True)
class Block:
    """The ranking of the profiles of some *readers*, who have so many each."""

    readers: Sequence[SubscriberId]
    counts: Sequence[int]
    ranking: Ranking


class Found(Mapping[SubscriberId, Findings]):
    """What each of some readers finds, by blocks. Only of who is looked up are candidates made."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks

    def __getitem__(self, who: SubscriberId) -> Findings:
        ranking, first, after = self._places[who]
        return ranking.best(first, after)

    def __iter__(self) -> Iterator[SubscriberId]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def matches(self) -> int:
        """Return how many papers are for all of them."""
        return sum(len(block.ranking.papers) for block in self._blocks)

    @cached_property
    def _places(self) -> Mapping[SubscriberId, tuple[Ranking, int, int]]:
        return {
            reader: (block.ranking, first, after)
            for block in self._blocks
            for reader, (first, after) in zip(block.readers, pairwise(accumulate(block.counts, initial=0)), strict=True)
        }


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
