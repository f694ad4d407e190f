"""The profiles of all readers, kept compiled from one tick to the next."""

from collections.abc import Callable, Iterable
from datetime import datetime

from digestd.matching.corpus import Corpus
from digestd.matching.look import Examples, Look
from digestd.matching.shelf import Shelf
from digestd.model.subscriber import Subscriber

_FEW = 200  # readers that may have changed before all are compiled anew


class Matcher:
    """The profiles of all readers, compiled, and how rare their terms are. A reader who changes costs no rebuild."""

    def __init__(self) -> None:
        self._base, self._changed = Shelf({}), Shelf({})
        self._recent = Corpus([])
        self._learned: datetime | None = None

    def keep(self, readers: Iterable[Subscriber]) -> None:
        """Take *readers* for all there are. Raises QueryError for an entry that cannot be understood."""
        wanted = {reader.id: reader.profiles for reader in readers}
        changed = {who: profiles for who, profiles in wanted.items() if self._base.profiles.get(who) != profiles}
        gone = len(self._base.profiles) + len(changed) - len(wanted)
        if len(changed) + gone > max(_FEW, len(wanted) // 50):
            self._base, changed = Shelf(wanted), {}
        if self._changed.profiles != changed:
            self._changed = Shelf(changed)
        self._base.alive = wanted.keys() - changed.keys()

    def learn(self, until: datetime, recent: Callable[[], Corpus]) -> None:
        """Take the papers seen lately, *until* then, from *recent*: they say how rare a term is. They are read once."""
        if self._learned != until:
            self._learned, self._recent = until, recent()

    def look(self, corpus: Corpus, examples: Examples, now: datetime) -> Look:
        """Return what readers find in *corpus*; *examples* are the papers that they like or dislike, where known."""
        shelves = [shelf for shelf in (self._base, self._changed) if shelf.profiles]
        return Look(shelves, corpus, self._recent, examples, now)
