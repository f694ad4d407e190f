"""Poll: ask the sources that are due, and store what is new. A fetch that went wrong never looks like a quiet day."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never
from zlib import crc32

import structlog

from digestd.model.paper import Paper
from digestd.model.period import onward
from digestd.model.source import Cursor, Failed, Fetched, NotModified, SourceState
from digestd.pipeline.health import FAULTS, LONGEST_WAIT, is_ahead, state_of
from digestd.ports import SeenPapers, Source

log = structlog.get_logger("digestd.poll")

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
_YEAR = timedelta(days=366)
_MANY = 10  # so many papers do not vanish from a living list between two polls

Answer = Fetched | NotModified | Failed


@dataclass(frozen=True, slots=True)
class Polled:
    """What one source's poll brought: *papers* it lists (None: the same as before), *news* among them, or an *error*."""

    source: str
    papers: int | None = None
    news: int = 0
    error: str | None = None
    complaints: tuple[str, ...] = ()


async def poll(sources: Sequence[Source], seen: SeenPapers, look_back: timedelta, now: datetime) -> Sequence[Polled]:
    """Ask each of *sources* once, side by side, and return what each brought."""
    states = await asyncio.to_thread(seen.sources)
    return await asyncio.gather(*(_guarded(source, state_of(source, states), seen, look_back, now) for source in sources))


def due(sources: Sequence[Source], seen: SeenPapers, now: datetime) -> Sequence[Source]:
    """Return the sources whose turn has come."""
    states = seen.sources()
    return [source for source in sources if _is_due(source, state_of(source, states), now)]


def allowed(sources: Sequence[Source], seen: SeenPapers, now: datetime) -> Sequence[Source]:
    """Return the sources whose servers have not asked to be left alone."""
    states = seen.sources()
    return [source for source in sources if not is_ahead(state_of(source, states).cursor.not_before, now)]


def standing(sources: Sequence[Source], seen: SeenPapers) -> Sequence[Source]:
    """Return the sources that their servers have not called gone for good."""
    states = seen.sources()
    return [source for source in sources if not state_of(source, states).gone]


def _is_due(source: Source, state: SourceState, now: datetime) -> bool:
    rests = is_ahead(state.cursor.next_poll_at, now, max(source.every, LONGEST_WAIT))
    return not (state.gone or rests or is_ahead(state.cursor.not_before, now))


async def _guarded(source: Source, state: SourceState, seen: SeenPapers, look_back: timedelta, now: datetime) -> Polled:
    """Poll one source; a fault of ours over what it says is its failure."""
    try:
        return await _poll_one(source, state, seen, look_back, now)
    except FAULTS as error:
        log.exception("poll.fault", source=source.name)
        return await _failed(source, state, seen, Failed(f"{type(error).__name__} over what it announces"), now)


async def _poll_one(source: Source, state: SourceState, seen: SeenPapers, look_back: timedelta, now: datetime) -> Polled:
    match _judged(await source.fetch(_within_a_year(state.cursor, now), now), source, state, now):
        case Fetched() as fetched:
            return await _stored(source, state, seen, _seeded(fetched, state, now - look_back), now)
        case NotModified(cursor, wait):
            await asyncio.to_thread(seen.unchanged, source.name, _next_turn(_onward(cursor, state), source, wait, now), now)
            return Polled(source.name)
        case Failed() as failure:
            return await _failed(source, state, seen, failure, now)
        case other:
            assert_never(other)


async def _stored(source: Source, state: SourceState, seen: SeenPapers, fetched: Fetched, now: datetime) -> Polled:
    turn = _next_turn(_onward(fetched.cursor, state), source, fetched.wait, now)
    if fetched.gap is not None:
        again = _later(state, fetched.wait, now)
        turn = replace(turn, not_before=again.not_before, next_poll_at=again.next_poll_at)
    news = await asyncio.to_thread(seen.record, source.name, replace(fetched, cursor=turn), now)
    complaints = (*fetched.complaints, *_undated(state, fetched))
    if lost := _lost(state, fetched, len(news), now):
        await asyncio.to_thread(seen.lost, source.name, lost)
        complaints = (*complaints, lost)
    return Polled(source.name, len(fetched.papers), len(news), fetched.gap, complaints)


async def _failed(source: Source, state: SourceState, seen: SeenPapers, failure: Failed, now: datetime) -> Polled:
    again = replace(_later(state, failure.wait, now), origin=source.origin)
    await asyncio.to_thread(seen.failed, source.name, failure, again)
    return Polled(source.name, error=failure.reason)


def _judged(answer: Answer, source: Source, state: SourceState, now: datetime) -> Answer:
    """Take an empty list where there were many papers for what it is: a fault, unless it is a day of rest."""
    if not isinstance(answer, Fetched) or answer.papers or (state.papers_last or 0) < _MANY or answer.gap is not None:
        return answer
    if source.calendar is None and answer.day_list:
        return answer
    if source.calendar is not None and source.calendar.rests(now):
        return NotModified(answer.cursor, answer.wait)
    return Failed(f"no papers, where there were {state.papers_last} at the last poll", answer.wait)


def _seeded(fetched: Fetched, state: SourceState, earliest: datetime) -> Fetched:
    """Take what is older than *earliest*, or has no date, for back catalogue, if this is the source's first poll."""
    if fetched.day_list or state.last_ok_at is not None:
        return fetched
    old = {paper.id for paper in fetched.papers if not _is_recent(paper, earliest)}
    return replace(fetched, back_catalogue=fetched.back_catalogue | old)


def _undated(state: SourceState, fetched: Fetched) -> Sequence[str]:
    """Return how many papers a first poll has taken for known because they have no date."""
    count = sum(paper.published is None for paper in fetched.papers)
    if state.last_ok_at is not None or fetched.day_list or not count:
        return ()
    are = "paper has no date, and is" if count == 1 else "papers have no date, and are"
    return (f"{count} {are} taken as known: this is the first poll, and what comes from now on is news",)


def _is_recent(paper: Paper, earliest: datetime) -> bool:
    return paper.published is not None and paper.published >= earliest


def _lost(state: SourceState, fetched: Fetched, news: int, now: datetime) -> str | None:
    """Return what may have passed unseen: a feed of which everything is new has moved on farther than it reaches back."""
    is_by_date = fetched.day_list or fetched.cursor.reached is not None
    if is_by_date or state.last_ok_at is None or not state.papers_last or not 0 < len(fetched.papers) <= news:
        return None
    return (
        f"nothing that it listed on {state.last_ok_at:%Y-%m-%d %H:%M} UTC was still there on {now:%Y-%m-%d %H:%M} UTC: "
        "papers announced in between may have been missed"
    )


def _within_a_year(cursor: Cursor, now: datetime) -> Cursor:
    """Return *cursor* with as much to catch up as makes sense: farther back it was a clock that was never set."""
    return replace(cursor, reached=max(cursor.reached, now - _YEAR)) if cursor.reached else cursor


def _onward(cursor: Cursor, state: SourceState) -> Cursor:
    """Return *cursor*, which has not reached less than before because of a clock that ran behind."""
    return replace(cursor, reached=onward(cursor.reached, state.cursor.reached)) if cursor.reached else cursor


def _next_turn(cursor: Cursor, source: Source, wait: timedelta | None, now: datetime) -> Cursor:
    turn = now + max(source.every, wait or timedelta())
    return replace(cursor, not_before=None, next_poll_at=turn, origin=source.origin)


def _later(state: SourceState, wait: timedelta | None, now: datetime) -> Cursor:
    """Return when to ask a failing source again: later each time, up to a cap, and never before the server says."""
    not_before = now + wait if wait else None
    return replace(state.cursor, not_before=not_before, next_poll_at=max(now + _pause(state), not_before or now))


def _pause(state: SourceState) -> timedelta:
    """Return how long to leave a failing source alone; the last quarter differs from source to source and from time to time."""
    pause: timedelta = min(_FIRST_PAUSE * (1 << min(state.failures, 10)), _LONGEST_PAUSE)
    return pause * (0.75 + 0.25 * (crc32(f"{state.name}\0{state.failures}".encode()) / 2**32))
