"""What is told to a reader: matches with their evidence, the digest of a period, and the message made of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from digestd.model.paper import PaperId
from digestd.model.period import PeriodKey, Schedule
from digestd.model.subscriber import SubscriberId

BY_EXAMPLE = "like:"  # the term of evidence that a reader's example papers gave; no keyword is written so
Field = Literal["title", "abstract", "author", "category", "source"]


class Evidence(NamedTuple):  # there are millions of them: a tuple is made and compared several times faster
    """Why a paper matched: *term* as the reader wrote it, and the *words* at `[start, end)` of a field's text.

    The text of `author`, `category` and `source` is their entries joined by "; ". *entry* says of what the term is a part: of
    AND and NEAR what is found of them, `tide NEAR/5 lantern`; of an example its title.
    """

    term: str
    field: Field
    start: int
    end: int
    weight: float
    words: str
    entry: str = ""


class Match(NamedTuple):
    """A paper that a profile asked for. *hidden_by* is the mute that hides it, if one does."""

    paper: PaperId
    profile: str
    score: float
    evidence: tuple[Evidence, ...]
    hidden_by: str | None = None


class DigestKey(NamedTuple):
    """A reader's turn: at most one digest is ever composed for it."""

    subscriber: SubscriberId
    period: PeriodKey


@dataclass(frozen=True, slots=True)
class Section:
    """What one profile found: matches shown, best first; more that matched; those that a mute hid."""

    profile: str
    shown: tuple[Match, ...] = ()
    overflow: tuple[PaperId, ...] = ()
    hidden: tuple[PaperId, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """The frozen decision of what a reader is told for a period. It looks at papers first seen in `[since, until)`.

    *failing* and *stale* are sources that the reader would miss. A *silent* digest answers its period without a mail: there
    was nothing to say.
    """

    key: DigestKey
    message_id: str
    since: datetime
    until: datetime
    email: str
    name: str
    schedule: Schedule
    sections: tuple[Section, ...]
    looked_at: int = 0
    failing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    silent: bool = False
    language: str = "en"

    @property
    def shown(self) -> tuple[Match, ...]:
        return tuple(match for section in self.sections for match in section.shown)

    @property
    def tells(self) -> frozenset[PaperId]:
        """Every paper that this digest accounts for: shown, counted as more, or counted as hidden."""
        return frozenset(self._told())

    def _told(self) -> Iterator[PaperId]:
        for section in self.sections:
            yield from (match.paper for match in section.shown)
            yield from section.overflow
            yield from section.hidden


@dataclass(frozen=True, slots=True)
class Message:
    """A digest rendered for the wire: RFC 5322 bytes, and the SMTP envelope. Reports name *envelope_id* (RFC 3461 4.4)."""

    key: DigestKey
    message_id: str
    sender: str
    recipient: str
    content: bytes
    envelope_id: str | None = None


def message_id(key: DigestKey, domain: str) -> str:
    """Return the Message-ID of a turn's digest: the same at every try (RFC 5322 3.6.4)."""
    digest = hashlib.sha256(f"{domain}\0{key.subscriber}\0{key.period}".encode()).hexdigest()
    return f"<{digest[:32]}@{domain}>"
