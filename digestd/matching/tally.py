"""What single entries of profiles find in a corpus, apart from the rest of their profile."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import numpy as np

from digestd.matching.arrays import Ints
from digestd.matching.corpus import Corpus
from digestd.matching.hits import hits
from digestd.matching.library import compile_profiles
from digestd.matching.points import points
from digestd.matching.rank import Ranker
from digestd.model.subscriber import Profile

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # it orders what is only counted


class Tally:
    """How many papers each keyword of some profiles finds, all looked up at once."""

    def __init__(self, profiles: Sequence[Profile], corpus: Corpus) -> None:
        rows = dict.fromkeys(one for profile in profiles for one in _entries(profile))
        self._rows: Mapping[Profile, int] = {one: row for row, one in enumerate(rows)}
        library = compile_profiles(self._rows)
        worth = points(library, corpus, hits(library, corpus), np.ones(library.width))
        ranker = Ranker(library, corpus, worth, np.ones(len(corpus.papers)), _ANY_TIME)
        some = np.split(np.arange(library.count), range(ranker.most, library.count, ranker.most))
        self._anywhere = np.concatenate([*map(ranker.counts, some)])
        found = [*map(ranker.ranking, some)]
        self._starts = np.cumsum(np.concatenate([[0], *(np.diff(one.starts) for one in found)]))
        self._papers = np.concatenate([one.papers for one in found])
        self._hidden: dict[str, AbstractSet[int]] = {}
        self._muting = _Muting((), [])

    def found(self, profile: Profile, keyword: str) -> int:
        """Return how many papers a keyword finds that the profile's categories and sources let pass."""
        row = self._rows[_alone(profile, keyword)]
        return int(self._starts[row + 1] - self._starts[row])

    def anywhere(self, profile: Profile, keyword: str) -> int:
        """Return how many papers a keyword finds, whatever their categories and sources."""
        return int(self._anywhere[self._rows[_alone(profile, keyword)]])

    def hiding(self, profile: Profile, keyword: str) -> str | None:
        """Return the mute that alone hides every paper that a keyword finds, if it finds any."""
        papers = self._found(_alone(profile, keyword))
        if not len(papers):
            return None
        if self._muting.mutes is not profile.mute:  # profiles come one after the other
            self._muting = _Muting(profile.mute, [self._found(_mute(mute)) for mute in profile.mute])
        return next((mute for mute in self._muting.of(papers[0]) if self._hides(mute, papers)), None)

    def _hides(self, mute: str, papers: Ints) -> bool:
        hidden = self._hidden.get(mute)
        if hidden is None:
            hidden = self._hidden[mute] = frozenset(self._found(_mute(mute)).tolist())
        return all(paper in hidden for paper in papers)  # the first that is not settles it

    def _found(self, entry: Profile) -> Ints:
        row = self._rows[entry]
        return self._papers[self._starts[row] : self._starts[row + 1]]


class _Muting:
    """The mutes of a profile by the papers that they hide."""

    def __init__(self, mutes: Sequence[str], hidden: Sequence[Ints]) -> None:
        self.mutes = mutes
        papers = np.concatenate([np.zeros(0, np.int64), *hidden])
        order = np.argsort(papers, kind="stable")
        self._papers = papers[order]
        self._numbers = np.repeat(np.arange(len(mutes)), [len(one) for one in hidden])[order]

    def of(self, paper: int) -> Iterator[str]:
        """Yield the mutes that hide a paper, in their order."""
        first, after = np.searchsorted(self._papers, [paper, paper + 1])
        return (self.mutes[number] for number in self._numbers[first:after])


def _entries(profile: Profile) -> Iterator[Profile]:
    """Yield a profile for each keyword, and one for each mute."""
    yield from (_alone(profile, keyword) for keyword in profile.keywords)
    yield from map(_mute, profile.mute)


def _alone(profile: Profile, keyword: str) -> Profile:
    return Profile("", (keyword,), categories=profile.categories, sources=profile.sources)


def _mute(entry: str) -> Profile:
    return Profile("", (entry,))
