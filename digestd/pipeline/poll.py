"""Poll: ask the sources that are due, and store what is new. A fetch that went wrong never looks like a quiet day."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog

from digestd.model.paper import Paper
from digestd.model.source import Cursor, Failed, Fetched, NotModified, SourceState
from digestd.ports import SeenPapers, Source

log = structlog.get_logger("digestd.poll")

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
_MANY = 10  # so many papers do not vanish from a living list between two polls


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
    return await asyncio.gather(
        *(_guarded(source, states.get(source.name, SourceState(source.name)), seen, look_back, now) for source in sources)
    )


def due(sources: Sequence[Source], seen: SeenPapers, now: datetime) -> Sequence[Source]:
    """Return the sources whose turn has come."""
    states = seen.sources()
    return [source for source in sources if _is_due(states.get(source.name), now)]


def allowed(sources: Sequence[Source], seen: SeenPapers, now: datetime) -> Sequence[Source]:
    """Return the sources whose servers have not asked to be left alone."""
    states = seen.sources()
    return [source for source in sources if not _must_wait(states.get(source.name), now)]


def _is_due(state: SourceState | None, now: datetime) -> bool:
    return state is None or state.cursor.next_poll_at is None or state.cursor.next_poll_at <= now


def _must_wait(state: SourceState | None, now: datetime) -> bool:
    return state is not None and state.cursor.not_before is not None and now < state.cursor.not_before


async def _guarded(source: Source, state: SourceState, seen: SeenPapers, look_back: timedelta, now: datetime) -> Polled:
    """Poll one source; a fault of ours over what it says is that source's failure, and never stops the others."""
    try:
        return await _poll_one(source, state, seen, look_back, now)
    except (ValueError, TypeError, LookupError) as error:
        log.exception("poll.fault", source=source.name)
        reason = f"{type(error).__name__} over what it announces"
        await asyncio.to_thread(seen.failed, source.name, reason, _later(state, None, now))
        return Polled(source.name, error=reason)


async def _poll_one(source: Source, state: SourceState, seen: SeenPapers, look_back: timedelta, now: datetime) -> Polled:
    match _judged(await _asked(source, state.cursor), state):
        case Fetched() as fetched:
            fetched = _seeded(fetched, now - look_back) if state.last_ok_at is None else fetched
            fetched = replace(fetched, cursor=_next_turn(fetched.cursor, source, fetched.wait, now))
            news = await asyncio.to_thread(seen.record, source.name, fetched, now)
            return Polled(source.name, len(fetched.papers), len(news), complaints=fetched.complaints)
        case NotModified(cursor, wait):
            await asyncio.to_thread(seen.unchanged, source.name, _next_turn(cursor, source, wait, now), now)
            return Polled(source.name)
        case Failed(reason, wait):
            await asyncio.to_thread(seen.failed, source.name, reason, _later(state, wait, now))
            return Polled(source.name, error=reason)
        case other:
            assert_never(other)


async def _asked(source: Source, cursor: Cursor) -> Fetched | NotModified | Failed:
    try:
        return await source.fetch(cursor)
    except Exception as error:  # a fault of ours in reading one source never stops the others
        log.exception("poll.fault", source=source.name)
        return Failed(f"{type(error).__name__} while reading it: {error}")


def _judged(answer: Fetched | NotModified | Failed, state: SourceState) -> Fetched | NotModified | Failed:
    """Take an empty list where there were many papers for what it is: a fault, unless the list is of one day."""
    if isinstance(answer, Fetched) and not answer.papers and not answer.day_list and (state.papers_last or 0) >= _MANY:
        return Failed(f"no papers, where there were {state.papers_last} at the last poll", answer.wait)
    return answer


def _seeded(fetched: Fetched, earliest: datetime) -> Fetched:
    """Take what is older than *earliest*, or has no date, for back catalogue: this is the source's first poll."""
    if fetched.day_list:
        return fetched
    old = {paper.id for paper in fetched.papers if not _is_recent(paper, earliest)}
    return replace(fetched, back_catalogue=fetched.back_catalogue | old)


def _is_recent(paper: Paper, earliest: datetime) -> bool:
    return paper.published is not None and paper.published >= earliest


def _next_turn(cursor: Cursor, source: Source, wait: timedelta | None, now: datetime) -> Cursor:
    return replace(cursor, not_before=None, next_poll_at=now + max(source.every, wait or timedelta()))


def _later(state: SourceState, wait: timedelta | None, now: datetime) -> Cursor:
    """Return when to ask a failing source again: later each time, up to a cap, and never before the server says."""
    pause = min(_FIRST_PAUSE * 2 ** min(state.failures, 10), _LONGEST_PAUSE)
    not_before = now + wait if wait else None
    return replace(state.cursor, not_before=not_before, next_poll_at=max(now + pause, not_before or now))
