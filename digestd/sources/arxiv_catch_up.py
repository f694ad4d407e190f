"""What a category's lists left out: those that were not read, and one that is cut. arXiv's other services tell it."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digestd.model.paper import PaperId
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources import arxiv_api, arxiv_oai
from digestd.sources.arxiv_paper import LISTS, SEEN_BY_API
from digestd.sources.document import Announcer
from digestd.sources.entries import united
from digestd.sources.pages import Step, Walk, walk

_ARCHIVES = {"astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat"}  # with classes
_DAY = timedelta(days=1)  # a record changes on the evening before its list
_SETTLES = timedelta(hours=1)  # what is read sooner may be yesterday's list still, or a left-over before the real one
_FEW = 10  # entries of a list, which a small category may have after days of none


@dataclass(frozen=True, slots=True)
class Missing:
    """The lists that were due since *base*, or too shortly before it, and not read, or in what way today's is *cut*."""

    base: datetime | None
    lists: tuple[datetime, ...]
    cut: str | None

    def since(self, now: datetime) -> datetime:
        """Return when the first list was due of those that are not whole."""
        return self.lists[0] if self.lists else LISTS.latest(now)

    def words(self) -> str:
        """Return in words what is missing."""
        if not self.lists:
            return f"{self.cut}, and the rest could not be had"
        first, last = (f"{at:%Y-%m-%d}" for at in (self.lists[0], self.lists[-1]))
        return f"announcements of {first}{f' to {last}' if last != first else ''} could not be caught up"


def missing(told: Fetched | NotModified, cursor: Cursor, now: datetime) -> Missing | None:
    """Return what the lists left out until *now*, of which today's is *told*. On a first poll nothing was missed."""
    base = _base(cursor)
    lists = LISTS.missed(base - _SETTLES, now) if base else ()
    cut = told.gap if isinstance(told, Fetched) else None
    return Missing(base, lists, cut) if lists or cut else None


def read_until(cursor: Cursor, now: datetime) -> datetime:
    """Return up to when all lists have been read, after a poll that missed none.

    A list that has moved on its day, and is looked at when it has settled, has been read.
    """
    if cursor.reached is None:
        return cursor.moved_at or now
    due = LISTS.latest(now)
    has_moved = cursor.moved_at is not None and cursor.moved_at >= due and cursor.moved_at > cursor.reached
    return now if has_moved and due + _SETTLES <= now < due + _DAY else cursor.reached


async def caught_up(source: Announcer, category: str, missed: Missing, now: datetime) -> Walk:
    """Return the papers of lists that are missing: from OAI-PMH; from the API if it has none, or where only today's is cut."""
    found = Walk(())
    for step in _steps(source, category, missed, now):
        told = await walk(source, step)
        found = Walk((*found.papers, *told.papers), (*found.complaints, *told.complaints), _stopped(found, told))
        if told.stopped.wait if told.stopped else told.papers:  # arXiv's limit is one: to be left alone is asked for all
            break
    return found


def believed(found: Walk, told: Fetched | NotModified) -> Walk:
    """Return what was *found*, and nothing only if that may be so.

    The services are asked up to now, so they should know today's list too: a few papers may not be there yet, many are.
    """
    if found.papers or found.stopped or (isinstance(told, Fetched) and len(told.papers) < _FEW):
        return found
    return replace(found, stopped=Failed("arXiv's other services found no papers, not even today's"))


def joined(told: Fetched | NotModified, found: Walk, news: AbstractSet[PaperId], now: datetime) -> Fetched:
    """Return today's list, and all that was *found* elsewhere. A paper is news if either says so."""
    due = LISTS.latest(now)
    cursor = replace(told.cursor, reached=now if now - due >= _SETTLES else due)
    if isinstance(told, NotModified):
        return _telling(Fetched(united(found.papers), cursor, True, complaints=found.complaints, wait=told.wait), news)
    listed = {paper.id for paper in told.papers} - told.back_catalogue
    both = united((*told.papers, *found.papers))
    whole = replace(told, papers=both, cursor=cursor, complaints=(*told.complaints, *found.complaints), gap=None)
    return _telling(whole, news | listed)


def with_gap(fetched: Fetched, missed: Missing, stopped: Failed) -> Fetched:
    """Return what came, as a poll that is to be made again: without validators, from where all had been read."""
    cursor = replace(fetched.cursor, etag=None, last_modified=None, body_hash=None, reached=missed.base)
    return replace(fetched, cursor=cursor, wait=stopped.wait, gap=f"{missed.words()}: {stopped.reason}")


def _base(cursor: Cursor) -> datetime | None:
    """Return up to when all lists have been read: when one last moved, or all were asked for.

    A poll with a gap leaves no validators: that its list moved proves nothing of those before.
    """
    if cursor.body_hash is None and cursor.reached:
        return cursor.reached
    return max(filter(None, (cursor.reached, cursor.moved_at)), default=None)


def _steps(source: Announcer, category: str, missed: Missing, now: datetime) -> Iterator[Step]:
    """Yield where to ask, best first. Where only today's list is cut, the API alone: it lists no papers that only changed."""
    url = source.settings.url.rstrip("/") if source.settings.url else None
    since = missed.since(now)
    if missed.lists:
        yield arxiv_oai.first(url or arxiv_oai.SERVICE, category, (since - _DAY).date(), source.label)
    query = f"cat:{category}.*" if category in _ARCHIVES else f"cat:{category}"
    yield arxiv_api.submitted(url or arxiv_api.SERVICE, query, (since - SEEN_BY_API, now), source.label)


def _stopped(found: Walk, told: Walk) -> Failed | None:
    """Return why two answers are not whole: the second makes up for the first, unless it is empty."""
    if told.papers and not told.stopped:
        return None
    if found.stopped and told.stopped:
        return replace(told.stopped, reason=f"{found.stopped.reason}; {told.stopped.reason}")
    return told.stopped or found.stopped


def _telling(fetched: Fetched, news: AbstractSet[PaperId]) -> Fetched:
    return replace(fetched, back_catalogue=frozenset(paper.id for paper in fetched.papers) - news)
