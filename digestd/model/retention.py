"""For how long what is stored is kept."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Ages:
    """The age at which what is stored may go: papers and who was told of them, digests with their tries, ids nobody knew."""

    papers: timedelta = timedelta(days=90)
    receipts: timedelta = timedelta(days=400)
    lookups: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may go: what is from before these times, but for the papers that are *spared*, by any of their names."""

    papers: datetime
    receipts: datetime
    lookups: datetime
    spared: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much went: papers shortened to what they are called, digests removed."""

    papers: int = 0
    digests: int = 0

    def __add__(self, other: "Pruned") -> "Pruned":
        return Pruned(self.papers + other.papers, self.digests + other.digests)


@dataclass(frozen=True, slots=True)
class Extent:
    """From when on papers are whole, and digests are on record; None where there are none."""

    papers: datetime | None
    digests: datetime | None
