"""Compose: for each reader whose period has ended, decide once and for all what the digest tells."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from digestd.matching.corpus import Corpus
from digestd.matching.findings import Findings
from digestd.matching.labels import is_source
from digestd.matching.look import News
from digestd.matching.matcher import Matcher
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
    stored = silent = 0
    with _no_search_for_garbage():
        turns = due_turns(readers, outbox, rules, now)
        heard = _is_heard(seen, rules)
        for some in draft(turns, readers, seen, rules, now):
            drafts = [digest for turn, digest in some if not _waits(digest, turn, heard=heard)]
            stored += outbox.enqueue(drafts, now)
            silent += sum(digest.silent for digest in drafts)
    return Composed(len(turns), stored, silent)


def due_turns(readers: Sequence[Subscriber], answers: Answers, rules: Rules, now: datetime) -> Sequence[Turn]:
    """Return the turns whose period has ended and which nobody has answered; who changed the schedule has one a day at most."""
    ended = list(_latest_periods([reader for reader in readers if not reader.paused], now))
    missing = answers.missing([DigestKey(reader.id, period.key) for reader, period in ended])
    due = [(reader, period) for reader, period in ended if DigestKey(reader.id, period.key) in missing]
    answered = answers.answered_until((reader.id for reader, _ in due), now)
    turns = [(reader, period, answered.get(reader.id)) for reader, period in due]
    return [_turn(*turn, rules, now) for turn in turns if not _had_one_that_day(*turn)]


def upcoming_turns(readers: Sequence[Subscriber], answers: Answers, rules: Rules, now: datetime) -> Sequence[Turn]:
    """Return what each reader would be told if it were sent now: the turn that is due, else the one under way, so far."""
    due = {turn.key.subscriber: turn for turn in due_turns(readers, answers, rules, now)}
    answered = answers.answered_until((reader.id for reader in readers), now)
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
        self._troubles = {source.name: self._trouble(source) for source in rules.sources}
        self._numbers = {sighting.paper.id: number for number, sighting in enumerate(self._sightings)}
        self._windows: dict[tuple[datetime, datetime], bytes] = {}

    def digests(self, turns: Sequence[Turn]) -> Sequence[tuple[Turn, Digest]]:
        """Return some turns with their digests."""
        who = [turn.key.subscriber for turn in turns]
        told = self._seen.told(who, self._since)
        news = [self._news(turn, told.get(turn.key.subscriber, ())) for turn in turns]
        findings = self._look.findings(who, news)
        return [(turn, self._digest(turn, findings[reader])) for turn, reader in zip(turns, who, strict=True)]

    def _digest(self, turn: Turn, found: Findings) -> Digest:
        sections = tuple(map(self._section, turn.reader.profiles, chosen(turn.reader, found)))
        read = _read_by(turn.reader, self._rules.sources)
        return Digest(
            key=turn.key,
            message_id=message_id(turn.key, self._rules.domain),
            since=turn.since,
            until=turn.until,
            email=turn.reader.email,
            name=turn.reader.name,
            language=turn.reader.language,
            schedule=turn.reader.schedule,
            sections=sections,
            looked_at=max(self._window(turn.start, turn.until).count(1), _papers(found)),
            failing=tuple(source.name for source in read if self._troubles[source.name] == "failing"),
            stale=tuple(source.name for source in read if self._troubles[source.name] == "stale"),
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

    def _news(self, turn: Turn, told: Iterable[PaperId]) -> News:
        """Return what is news to a reader: the papers of its turn that it was not *told*."""
        news = bytearray(self._window(turn.since, turn.until))
        for one in (*told, *self._own(turn.reader)):
            if one in self._numbers:
                news[self._numbers[one]] = False
        return news

    def _own(self, reader: Subscriber) -> Iterable[PaperId]:
        """Return the papers that a reader named as examples: they are no news to who named them."""
        return [self._examples[one].id for one in named(reader) if one in self._examples] if self._examples else ()

    def _window(self, since: datetime, until: datetime) -> bytes:
        """Return which papers became news in `[since, until)`; readers of one schedule share it.

        What became news in days to come was seen by a clock that ran ahead: it is told now, and once as all else.
        """
        if (since, until) not in self._windows:
            inside = (since <= one.at < until or one.at > self._now + _DAY for one in self._sightings)
            self._windows[since, until] = bytes(inside)
        return self._windows[since, until]

    def _section(self, profile: Profile, choice: Choice) -> Section:
        return Section(
            profile.name,
            self._look.matches(profile, choice.shown),
            tuple(map(self._look.id, choice.overflow)),
            tuple(map(self._look.id, choice.hidden)),
        )


def _latest_periods(readers: Sequence[Subscriber], now: datetime) -> Iterator[tuple[Subscriber, Period]]:
    """Yield readers with the newest period that has ended.

    What ended before a reader changed the schedule has no turn by the new one: the next tells it.
    """
    latest = {schedule: schedule.latest_period(now) for schedule in {reader.schedule for reader in readers}}
    for reader in readers:
        period = latest[reader.schedule]
        changed = reader.rescheduled_at
        if changed is None or not period.end <= changed <= now:  # a clock that ran ahead withholds nothing
            yield reader, _named(reader, period)


def _named(reader: Subscriber, period: Period) -> Period:
    """Return *period* by the name it has for a reader: by day, once the schedule was ever changed."""
    return period if reader.rescheduled_at is None else reader.schedule.named_by_day(period)


def _had_one_that_day(reader: Subscriber, period: Period, answered: datetime | None) -> bool:
    """Say whether a reader who changed the schedule had a digest on the day on which a period ends by the new one."""
    if reader.rescheduled_at is None or answered is None:
        return False
    zone = ZoneInfo(reader.schedule.timezone)
    return answered.astimezone(zone).date() == period.end.astimezone(zone).date()


def _turn(reader: Subscriber, period: Period, answered: datetime | None, rules: Rules, now: datetime) -> Turn:
    """Return the turn of *period*: late ones merge into it, and a new reader's first looks back from now."""
    key = DigestKey(reader.id, period.key)
    if answered is None:
        return Turn(reader, key, now - rules.look_back, now - rules.look_back, _just_after(now), is_first=True)
    return Turn(reader, key, min(period.start, answered) - rules.look_back, answered, period.end)


def _so_far(reader: Subscriber, answered: datetime | None, rules: Rules, now: datetime) -> Turn:
    period = _named(reader, reader.schedule.current_period(now))
    return _turn(reader, Period(period.key, period.start, _just_after(now)), answered, rules, now)


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Let Python look for no cycles: turns and drafts have none, and it would look through all readers again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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


def _papers(found: Findings) -> int:
    """Return how many papers several profiles found."""
    return len(found[0]) if len(found) == 1 else len({one.paper for some in found for one in some})


def _just_after(now: datetime) -> datetime:
    """Return the end of a window that holds what was seen at this very instant."""
    return now + datetime.resolution


def _pieces(turns: Sequence[Turn]) -> Iterator[list[Turn]]:
    rest = iter(turns)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
