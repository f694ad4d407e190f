"""The compiled profiles of some readers, and how many recent papers have what they ask for."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import numpy as np

from digestd.matching.arrays import Bools, Floats, Ints, spread
from digestd.matching.corpus import Corpus
from digestd.matching.hits import hits, stands
from digestd.matching.library import compile_profiles
from digestd.matching.weights import share
from digestd.model.subscriber import Profile, SubscriberId

Profiles = tuple[Profile, ...]


class Shelf:
    """The profiles of some readers, compiled, of whom some are still *alive*; each profile is a row of the library."""

    def __init__(self, profiles: Mapping[SubscriberId, Profiles]) -> None:
        self.profiles = profiles
        self.rows = [profile for some in profiles.values() for profile in some]
        self.library = compile_profiles(self.rows)
        self.alive: AbstractSet[SubscriberId] = profiles.keys()
        self._counted: tuple[Corpus, Ints] | None = None

    def rows_of(self, readers: Sequence[SubscriberId]) -> tuple[Ints, Ints]:
        """Return the rows of the profiles of some readers, and how many each has."""
        first = np.fromiter(map(self._first.__getitem__, readers), np.int64, len(readers))
        counts = np.fromiter(map(len, map(self.profiles.__getitem__, readers)), np.int64, len(readers))
        return spread(first, counts), counts

    def shares(self, recent: Corpus) -> Floats:
        """Return the share of *recent* papers that have what each column asks for: of phrases, which alone are rare or not."""
        return share(self._stands(recent).astype(float), len(recent.papers))

    def share(self, column: int, recent: Corpus) -> float:
        """Return the share of one column."""
        return float(share(float(self._stands(recent)[column]), len(recent.papers)))

    def users(self) -> Ints:
        """Return how many profiles of readers alive ask for each column."""
        wanted = self.library.wanted
        alive = np.repeat([who in self.alive for who in self.profiles], [len(some) for some in self.profiles.values()])
        in_use = np.repeat(alive, np.diff(wanted.starts)).astype(np.bool_)
        return np.bincount(wanted.columns[in_use], minlength=self.library.width)

    def _stands(self, recent: Corpus) -> Ints:
        if self._counted is None or self._counted[0] is not recent:
            self._counted = recent, stands(self.library, hits(self.library, recent))
        return self._counted[1]

    @cached_property
    def exemplary(self) -> Bools:
        """Say which rows give examples."""
        return np.fromiter((bool(profile.like or profile.dislike) for profile in self.rows), np.bool_, len(self.rows))

    @cached_property
    def _first(self) -> Mapping[SubscriberId, int]:
        first, row = {}, 0
        for who, profiles in self.profiles.items():
            first[who] = row
            row += len(profiles)
        return first
