"""The health of a source: a quiet day and a broken source never look alike."""

from datetime import datetime, timedelta
from typing import Literal

from digestd.model.period import Calendar
from digestd.model.source import SourceState

Health = Literal["fresh", "waiting", "quiet", "stale", "failing"]

_DAY = timedelta(days=1)


def health(
    state: SourceState, every: timedelta, calendar: Calendar | None, peers_moved_at: datetime | None, now: datetime
) -> Health:
    """Return how a source does, that is asked *every* so often and announces by *calendar*.

    failing: its last poll failed. stale: nobody has had an answer for long; or an announcement was due, and it brought nothing
    new, although others of its kind have moved since or the announcement's grace is over. waiting: it was never asked, or its
    announcement is due and may still come. quiet: nothing was due, or a feed without a calendar has said nothing new for a day.
    fresh: it has announced what was due.
    """
    if state.failures or state.gone:
        return "failing"
    if state.last_ok_at is None:
        return "waiting"
    if is_unheard(state, every, now):
        return "stale"
    moved_at = state.cursor.moved_at
    if calendar is None:
        return "fresh" if moved_at is not None and now - moved_at <= _DAY else "quiet"
    return _by_calendar(state, calendar, peers_moved_at, now)


def is_unheard(state: SourceState, every: timedelta, now: datetime) -> bool:
    """Say whether a source that once answered has not done so for long, or did when the clock was wrong."""
    return state.last_ok_at is not None and not -_DAY < now - state.last_ok_at <= 2 * every + _DAY


def _by_calendar(state: SourceState, calendar: Calendar, peers_moved_at: datetime | None, now: datetime) -> Health:
    due, moved_at = calendar.latest(now), state.cursor.moved_at
    if moved_at is not None and moved_at >= due:
        return "quiet" if calendar.rests(now) else "fresh"
    if state.papers_last == 0 and moved_at is not None and moved_at < calendar.latest(due - timedelta.resolution):
        return "quiet"  # a small list, which is empty on some days
    if peers_moved_at is not None and peers_moved_at >= due:
        return "stale"
    return "waiting" if now - due <= calendar.grace else "stale"
