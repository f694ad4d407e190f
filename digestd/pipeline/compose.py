"""Compose: for each reader whose period has ended, decide once and for all what the digest tells."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice

from digestd.matching import Candidate, Corpus, Findings, Matcher, is_source
from digestd.model.digest import Digest, DigestKey, Section, message_id
from digestd.model.health import Health, is_unheard
from digestd.model.paper import PaperId
from digestd.model.period import Period
from digestd.model.subscriber import Profile, Subscriber
from digestd.pipeline.choose import Choice, chosen
from digestd.pipeline.health import healths, state_of
from digestd.pipeline.match import examples, named, prepared
from digestd.ports import Answers, Outbox, SeenPapers, Source

_DAY = timedelta(days=1)
_AT_ONCE = 500  # digests in one transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """The installation's rules for digests: *domain* names the messages, *sources* are those it asks.

    The *matcher* keeps what was compiled for the next time; what it finds does not depend on that.
    """

    look_back: timedelta
    domain: str
    sources: Sequence[Source] = ()
    send_empty: bool = False
    matcher: Matcher = field(default_factory=Matcher, compare=False)


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
    heard = _is_heard(seen, rules)
    stored = silent = 0
    for some in draft(turns, readers, seen, rules, now):
        drafts = [digest for turn, digest in some if not _waits(digest, turn, heard=heard)]
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


def draft(
    turns: Sequence[Turn], readers: Sequence[Subscriber], seen: SeenPapers, rules: Rules, now: datetime
) -> Iterator[Sequence[tuple[Turn, Digest]]]:
    """Yield each turn with its digest, some at a time, as the sources do *now*; *readers* are all there are.

    Nothing is stored: a preview drafts the same digests.
    """
    if turns:
        desk = _Desk(turns, readers, seen, rules, now)
        yield from map(desk.digests, _pieces(turns))


class _Desk:
    """All that the turns have in common: the papers to look at, and what everybody finds among them."""

    def __init__(
        self, turns: Sequence[Turn], readers: Sequence[Subscriber], seen: SeenPapers, rules: Rules, now: datetime
    ) -> None:
        self._since = min(turn.since for turn in turns)
        self._seen, self._rules, self._now = seen, rules, now
        self._sightings = seen.window(self._since, datetime.max.replace(tzinfo=UTC))
        self._examples = examples((turn.reader for turn in turns), seen)
        corpus = Corpus([sighting.paper for sighting in self._sightings])
        self._look = prepared(rules.matcher, readers, seen, now).look(corpus, self._examples, now)
        self._states = seen.sources()
        self._healths = healths(rules.sources, self._states, now)
        self._windows: dict[tuple[datetime, datetime], frozenset[int]] = {}

    def digests(self, turns: Sequence[Turn]) -> Sequence[tuple[Turn, Digest]]:
        """Return some turns with their digests."""
        told = self._seen.told((turn.reader.id for turn in turns), self._since)
        findings = dict(self._look.findings(turn.reader.id for turn in turns))
        news = [self._news(turn, findings[turn.reader.id], told.get(turn.reader.id, frozenset())) for turn in turns]
        return [(turn, self._digest(turn, found)) for turn, found in zip(turns, news, strict=True)]

    def _digest(self, turn: Turn, found: Sequence[Sequence[Candidate]]) -> Digest:
        sections = tuple(map(self._section, turn.reader.profiles, chosen(turn.reader, found)))
        read = _read_by(turn.reader, self._rules.sources)
        return Digest(
            key=turn.key,
            message_id=message_id(turn.key, self._rules.domain),
            since=turn.since,
            until=turn.until,
            email=turn.reader.email,
            name=turn.reader.name,
            schedule=turn.reader.schedule,
            sections=sections,
            looked_at=max(len(self._window(turn.start, turn.until)), len({one.paper for some in found for one in some})),
            failing=tuple(source.name for source in read if self._trouble(source) == "failing"),
            stale=tuple(source.name for source in read if self._trouble(source) == "stale"),
            silent=not (
                self._rules.send_empty or any(section.shown for section in sections) or self._unheard(read, turn.start)
            ),
        )

    def _trouble(self, source: Source) -> Health:
        """Return a source's health as a reader takes it: one that nobody asked for long could not be read."""
        asked = not is_unheard(state_of(source, self._states), source.every, self._now)
        return self._healths[source.name] if asked else "failing"

    def _unheard(self, sources: Sequence[Source], since: datetime) -> bool:
        """Say whether all that a reader reads was broken for a whole period: silence would look like quiet days."""
        return bool(sources) and all(self._is_broken(source, since) for source in sources)

    def _is_broken(self, source: Source, since: datetime) -> bool:
        """Say whether a source has failed, or stood still when something was due, *since* then or longer."""
        state, health = state_of(source, self._states), self._healths[source.name]
        last = {"failing": state.last_ok_at, "stale": state.cursor.moved_at}.get(health)
        return last is not None and last < since

    def _news(self, turn: Turn, findings: Findings, told: AbstractSet[PaperId]) -> Sequence[Sequence[Candidate]]:
        """Return what each profile found that is news to the reader."""
        window = self._window(turn.since, turn.until)
        known = told | self._own(turn.reader)
        fresh = ((one for one in found if one.paper in window) for found in findings)
        return [[one for one in some if self._look.id(one) not in known] for some in fresh]

    def _own(self, reader: Subscriber) -> AbstractSet[PaperId]:
        """Return the papers that a reader named as examples: they are no news to who named them."""
        return {self._examples[one].id for one in named(reader) if one in self._examples}

    def _window(self, since: datetime, until: datetime) -> frozenset[int]:
        """Return the numbers of the papers that became news in `[since, until)`; readers of one schedule share it.

        What became news in days to come was seen by a clock that ran ahead: it is told now, and once as all else.
        """
        if (since, until) not in self._windows:
            inside = (
                number for number, one in enumerate(self._sightings) if since <= one.at < until or one.at > self._now + _DAY
            )
            self._windows[since, until] = frozenset(inside)
        return self._windows[since, until]

    def _section(self, profile: Profile, choice: Choice) -> Section:
        return Section(
            profile.name,
            tuple(self._look.match(profile, one) for one in choice.shown),
            tuple(map(self._look.id, choice.overflow)),
            tuple(map(self._look.id, choice.hidden)),
        )


def _turn(reader: Subscriber, period: Period, answered: datetime | None, rules: Rules, now: datetime) -> Turn:
    """Return the turn of *period*: late ones merge into it, and a new reader's first looks back from now."""
    key = DigestKey(reader.id, period.key)
    if answered is None:
        return Turn(reader, key, now - rules.look_back, now - rules.look_back, _just_after(now), is_first=True)
    return Turn(reader, key, min(period.start, answered) - rules.look_back, answered, period.end)


def _so_far(reader: Subscriber, answered: datetime | None, rules: Rules, now: datetime) -> Turn:
    period = reader.schedule.current_period(now)
    return _turn(reader, Period(period.key, period.start, _just_after(now)), answered, rules, now)


def _shows(sections: Sequence[Section]) -> bool:
    return any(section.shown for section in sections)


def _is_heard(seen: SeenPapers, rules: Rules) -> bool:
    states = seen.sources()
    return any(state_of(source, states).last_ok_at for source in rules.sources)


def _waits(digest: Digest, turn: Turn, *, heard: bool) -> bool:
    """Say whether a reader's first digest waits: it is empty, and a source that could fill it has not been *heard* yet."""
    return turn.is_first and digest.silent and (bool(digest.failing) or not heard)


def _read_by(reader: Subscriber, sources: Sequence[Source]) -> Sequence[Source]:
    """Return the sources that a reader reads: those that a profile names, or all if one names none."""
    if any(not profile.sources for profile in reader.profiles):
        return sources
    wanted = {name for profile in reader.profiles for name in profile.sources}
    return [source for source in sources if any(is_source(one, source.name) for one in wanted)]


def _just_after(now: datetime) -> datetime:
    """Return the end of a window that holds what was seen at this very instant."""
    return now + datetime.resolution


def _pieces(turns: Sequence[Turn]) -> Iterator[list[Turn]]:
    rest = iter(turns)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
