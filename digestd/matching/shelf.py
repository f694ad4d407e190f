"""The compiled profiles of some readers, and how many recent papers have what they ask for."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import numpy as np

from digestd.matching.arrays import Bools, Floats, Ints, spread
from digestd.matching.corpus import Corpus
from digestd.matching.hits import hits, stands
from digestd.matching.library import compile_profiles
from digestd.matching.weights import rarity, share
from digestd.model.subscriber import Profile, SubscriberId

Profiles = tuple[Profile, ...]


class Shelf:
    """The profiles of some readers, compiled, of whom some are still *alive*; each profile is a row of the library."""

    def __init__(self, profiles: Mapping[SubscriberId, Profiles]) -> None:
        self.profiles = profiles
        self.rows = [profile for some in profiles.values() for profile in some]
        self.library = compile_profiles(self.rows)
        self._alive: AbstractSet[SubscriberId] = profiles.keys()
        self._users: tuple[Ints, int] | None = None
        self._counted: tuple[Corpus, Ints, Floats] | None = None

    @property
    def alive(self) -> AbstractSet[SubscriberId]:
        return self._alive

    @alive.setter
    def alive(self, alive: AbstractSet[SubscriberId]) -> None:
        if self._alive != alive:
            self._alive, self._users = alive, None

    def rows_of(self, readers: Sequence[SubscriberId]) -> tuple[Ints, Ints]:
        """Return the rows of the profiles of some readers, and how many each has."""
        number = np.fromiter(map(self._numbers.__getitem__, readers), np.int64, len(readers))
        first = self._starts[number]
        counts = self._starts[number + 1] - first
        return spread(first, counts), counts

    def rarity(self, recent: Corpus) -> Floats:
        """Return what each column is worth, given how many *recent* papers have it: phrases alone are rare or not."""
        return self._count(recent)[1]

    def share(self, column: int, recent: Corpus) -> float:
        """Return the share of *recent* papers that have what a column asks for."""
        return float(share(float(self._count(recent)[0][column]), len(recent.papers)))

    def users(self) -> tuple[Ints, int]:
        """Return how many profiles of readers alive ask for each column, and how many such profiles there are."""
        if self._users is None:
            wanted = self.library.wanted
            alive = np.repeat([who in self.alive for who in self.profiles], [len(some) for some in self.profiles.values()])
            in_use = np.repeat(alive, np.diff(wanted.starts)).astype(np.bool_)
            self._users = np.bincount(wanted.columns[in_use], minlength=self.library.width), int(np.count_nonzero(alive))
        return self._users

    def _count(self, recent: Corpus) -> tuple[Ints, Floats]:
        """Return in how many *recent* papers each column is found, and what that makes it worth: counted once."""
        if self._counted is None or self._counted[0] is not recent:
            found = stands(self.library, hits(self.library, recent))
            self._counted = recent, found, rarity(share(found.astype(float), len(recent.papers)))
        return self._counted[1:]

    @cached_property
    def exemplary(self) -> Bools:
        """Say which rows give examples."""
        return np.fromiter((bool(profile.like or profile.dislike) for profile in self.rows), np.bool_, len(self.rows))

    def columns_of(self, profile: Profile) -> int | None:
        """Return how many columns a profile has, None if there is no such profile."""
        row = self._row_of.get(profile)
        return None if row is None else int(self.library.wanted.starts[row + 1] - self.library.wanted.starts[row])

    @cached_property
    def _row_of(self) -> Mapping[Profile, int]:
        return {profile: row for row, profile in enumerate(self.rows)}

    @cached_property
    def _numbers(self) -> Mapping[SubscriberId, int]:
        return {who: number for number, who in enumerate(self.profiles)}

    @cached_property
    def _starts(self) -> Ints:
        """The row of the first profile of each reader, by its number, and the row after the last."""
        return np.cumsum([0, *map(len, self.profiles.values())])
