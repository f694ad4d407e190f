"""Compose: for each reader whose period has ended, decide once and for all what the digest tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from digestd.matching import PaperIndex, compile_profile
from digestd.model.digest import Digest, DigestKey, Match, Section, message_id
from digestd.model.paper import PaperId
from digestd.model.period import Period
from digestd.model.subscriber import Profile, Subscriber
from digestd.ports import Answers, Outbox, SeenPapers

_AT_ONCE = 500  # digests in one transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """The installation's rules for digests. *domain* names the messages."""

    look_back: timedelta
    domain: str
    send_empty: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A reader's turn, and the papers it looks at: those that became news in `[since, until)`.

    The time before *start* has been answered; it is looked at again for papers whose poll was stored too late.
    """

    reader: Subscriber
    key: DigestKey
    since: datetime
    start: datetime
    until: datetime
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """How many turns were due, and how many digests were stored; *silent* ones among them say nothing."""

    due: int
    stored: int
    silent: int


def compose(readers: Sequence[Subscriber], seen: SeenPapers, outbox: Outbox, rules: Rules, now: datetime) -> Composed:
    """Compose and store every digest that is due by *now*."""
    turns = due_turns(readers, outbox, rules, now)
    heard = any(state.last_ok_at for state in seen.sources().values())
    stored = silent = 0
    for some in _pieces(turns):
        pairs = zip(draft(some, seen, rules), some, strict=True)
        drafts = [digest for digest, turn in pairs if not _waits(digest, turn, heard=heard)]
        stored += outbox.enqueue(drafts, now)
        silent += sum(digest.silent for digest in drafts)
    return Composed(len(turns), stored, silent)


def due_turns(readers: Sequence[Subscriber], answers: Answers, rules: Rules, now: datetime) -> Sequence[Turn]:
    """Return the turns whose period has ended and which nobody has answered."""
    latest = {reader.id: reader.schedule.latest_period(now) for reader in readers if not reader.paused}
    missing = answers.missing(DigestKey(who, period.key) for who, period in latest.items())
    due = [reader for reader in readers if reader.id in latest and DigestKey(reader.id, latest[reader.id].key) in missing]
    answered = answers.answered_until(reader.id for reader in due)
    return [_turn(reader, latest[reader.id], answered.get(reader.id), rules, now) for reader in due]


def upcoming_turns(readers: Sequence[Subscriber], answers: Answers, rules: Rules, now: datetime) -> Sequence[Turn]:
    """Return what each reader would be told if it were sent now: the turn that is due, else the one under way, so far."""
    due = {turn.reader.id: turn for turn in due_turns(readers, answers, rules, now)}
    answered = answers.answered_until(reader.id for reader in readers)
    return [due.get(reader.id) or _so_far(reader, answered.get(reader.id), rules, now) for reader in readers]


def draft(turns: Sequence[Turn], seen: SeenPapers, rules: Rules) -> Sequence[Digest]:
    """Return the digest of each turn. Nothing is stored: a preview drafts the same digests."""
    if not turns:
        return []
    desk = _Desk(turns, seen, rules)
    return [desk.digest(turn) for turn in turns]


def _waits(digest: Digest, turn: Turn, *, heard: bool) -> bool:
    """Say whether a reader's first digest waits: it is empty, and a source that could fill it has not been *heard* yet."""
    return turn.is_first and digest.silent and (bool(digest.failing) or not heard)


class _Desk:
    """All that the turns of one piece have in common: the papers to look at, and who knows which already."""

    def __init__(self, turns: Sequence[Turn], seen: SeenPapers, rules: Rules) -> None:
        since = min(turn.since for turn in turns)
        self._rules = rules
        self._sightings = seen.window(since, max(turn.until for turn in turns))
        self._index = PaperIndex([sighting.paper for sighting in self._sightings])
        self._told = seen.told((turn.reader.id for turn in turns), since)
        self._failing = tuple(name for name, state in seen.sources().items() if state.failures)
        self._windows: dict[tuple[datetime, datetime], frozenset[PaperId]] = {}

    def digest(self, turn: Turn) -> Digest:
        found = self._found(turn)
        sections = _chosen(turn.reader, found)
        return Digest(
            key=turn.key,
            message_id=message_id(turn.key, self._rules.domain),
            since=turn.since,
            until=turn.until,
            email=turn.reader.email,
            name=turn.reader.name,
            schedule=turn.reader.schedule,
            sections=sections,
            looked_at=max(len(self._window(turn.start, turn.until)), sum(map(len, found))),
            failing=_missed(self._failing, turn.reader.profiles),
            silent=not self._rules.send_empty and not any(section.shown for section in sections),
        )

    def _found(self, turn: Turn) -> Sequence[Sequence[Match]]:
        """Return what each profile found that is news to the reader; a paper that two profiles want goes to the first."""
        window = self._window(turn.since, turn.until)
        known = set(self._told.get(turn.reader.id, ()))
        found = []
        for profile in turn.reader.profiles:
            matches = self._index.matches(compile_profile(profile))
            found.append([match for match in matches if match.paper in window and match.paper not in known])
            known.update(match.paper for match in found[-1])
        return found

    def _window(self, since: datetime, until: datetime) -> frozenset[PaperId]:
        """Return the papers that became news in `[since, until)`; readers of one schedule share it."""
        if (since, until) not in self._windows:
            inside = (sighting.paper.id for sighting in self._sightings if since <= sighting.at < until)
            self._windows[since, until] = frozenset(inside)
        return self._windows[since, until]


def _turn(reader: Subscriber, period: Period, answered: datetime | None, rules: Rules, now: datetime) -> Turn:
    """Return the turn of *period*: late ones merge into it, and a new reader's first looks back from now."""
    key = DigestKey(reader.id, period.key)
    if answered is None:
        return Turn(reader, key, now - rules.look_back, now - rules.look_back, _just_after(now), is_first=True)
    return Turn(reader, key, min(period.start, answered) - rules.look_back, answered, period.end)


def _so_far(reader: Subscriber, answered: datetime | None, rules: Rules, now: datetime) -> Turn:
    period = reader.schedule.current_period(now)
    return _turn(reader, Period(period.key, period.start, _just_after(now)), answered, rules, now)


def _chosen(reader: Subscriber, found: Sequence[Sequence[Match]]) -> tuple[Section, ...]:
    """Return the sections: each profile's best in turn, up to its own limit and to the reader's."""
    visible = [[match for match in matches if match.hidden_by is None] for matches in found]
    limits = [reader.max_papers if profile.max_papers is None else profile.max_papers for profile in reader.profiles]
    ranked = sorted(
        (rank, number) for number, matches in enumerate(visible) for rank in range(min(len(matches), limits[number]))
    )
    shown = [sum(number == place for _, place in ranked[: reader.max_papers]) for number in range(len(found))]
    return tuple(
        Section(
            profile.name,
            tuple(visible[number][: shown[number]]),
            tuple(match.paper for match in visible[number][shown[number] :]),
            tuple(match.paper for match in found[number] if match.hidden_by is not None),
        )
        for number, profile in enumerate(reader.profiles)
    )


def _missed(failing: Sequence[str], profiles: Sequence[Profile]) -> tuple[str, ...]:
    """Return the failing sources that a reader of *profiles* would miss."""
    every = any(not profile.sources for profile in profiles)
    named = {name for profile in profiles for name in profile.sources}
    return tuple(name for name in failing if every or name in named)


def _just_after(now: datetime) -> datetime:
    """Return the end of a window that holds what was seen at this very instant."""
    return now + datetime.resolution


def _pieces(turns: Sequence[Turn]) -> Iterator[list[Turn]]:
    rest = iter(turns)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
