"""Hugging Face Daily Papers: what its readers put on a day's list, with their votes. Each paper is arXiv's.

A list fills in the course of its day (UTC), and its votes go on growing; on weekends it is empty. One that is still empty
two days after a working day is missing; after a week, if the server tells other lists, that day was a holiday.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from digestd.model.paper import Identifiers, Paper, arxiv_id, identity
from digestd.model.period import Calendar
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources.arxiv_paper import links
from digestd.sources.clean import ABSTRACT, NAME, TITLE, address, fields, midnight, moment, names, plain, text, values
from digestd.sources.document import Announcer, Body, Client, SourceSettings
from digestd.sources.entries import united
from digestd.sources.pages import REPEATED

SERVICE = "https://huggingface.co"
CALENDAR = Calendar("UTC", grace=timedelta(hours=24))
_ROWS = 100
_PAGES = 10  # of one list
_LISTS = 14  # in one poll
_DAY = timedelta(days=1)
_LATEST = timedelta(days=7)  # after its day, for a list that is missing
_LARGEST = 2**31
_EMPTY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\]\s*")

_Answers = Mapping[tuple[date, int], Body | Failed]  # by day and page


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists(Announcer):
    """The lists from the day last reached to today's, which are compared as a whole."""

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        days, reached = _days(cursor.reached, now)
        answers = await self._answers(days)
        empty = _empty(answers, now.date()) if cursor.reached else ()  # nothing is promised before the first poll
        missing = [day for day in empty if day < now.date() - _DAY]
        reached = min([reached, *map(midnight, empty)])
        after = replace(cursor, body_hash=None if missing else _digest(answers), reached=reached)
        if after.body_hash and after.body_hash == cursor.body_hash:
            return NotModified(after, _soonest(answers.values()))
        fetched = _united({page: await self._read(answer) for page, answer in answers.items()}, cursor, after)
        if isinstance(fetched, Failed) or fetched.gap:
            return fetched
        return replace(fetched, gap=_gap(missing, days, reached))

    async def _answers(self, days: Sequence[date]) -> _Answers:
        """Return the lists of *days*, newest first. Today's is not yet where the server's clock is behind ours."""
        answers: dict[tuple[date, int], Body | Failed] = {}
        for day in reversed(days):
            answer = await self._page(day)
            if day == days[-1] and _is_not_yet(answer):
                continue
            answers |= await self._pages(day, answer)
            if any(isinstance(told, Failed) and told.wait for told in answers.values()):
                break
        return answers

    async def _pages(self, day: date, first: Body | Failed) -> _Answers:
        """Return the list of *day* from its *first* page on: the next is asked for until one is not full."""
        pages = {(day, 0): first}
        seen: set[str] = set()
        for page in range(1, _PAGES):
            ids = await self._ids(pages[day, page - 1])
            if ids and seen.issuperset(ids):
                pages[day, page - 1] = REPEATED
            if len(ids) != _ROWS or seen.issuperset(ids):
                break
            seen.update(ids)
            pages[day, page] = await self._page(day, page)
        return pages

    async def _page(self, day: date, page: int = 0) -> Body | Failed:
        answer = await self.get(f"{self.asked}?date={day}&limit={_ROWS}{f'&p={page}' if page else ''}", Cursor())
        return Failed("the server sent no document") if isinstance(answer, NotModified) else answer

    async def _ids(self, answer: Body | Failed) -> Sequence[str]:
        """Return what tells the rows of a page apart; nothing where there are too few titles for a full one."""
        if isinstance(answer, Failed) or answer.content.count(b'"title"') < _ROWS:
            return ()
        ids = await self.web.read(_ids, answer)
        return () if isinstance(ids, Failed) else ids

    async def _read(self, answer: Body | Failed) -> Fetched | Failed:
        return await self.web.read(partial(_list, name=self.label), answer) if isinstance(answer, Body) else answer


def sources(settings: SourceSettings, web: Client) -> tuple[Lists, ...]:
    """Return the lists, of which the newest fills and the last one's votes go on growing."""
    asked = f"{(settings.url or SERVICE).rstrip('/')}/api/daily_papers"
    return (Lists(settings=settings, web=web, asked=asked, calendar=CALENDAR),)


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of a list, in its order; a document that holds as many as a page may not be all of it."""
    told = _list(body, name)
    if isinstance(told, Failed) or len(_ids(body)) < _ROWS:
        return told
    more = f"the list has {len(_ids(body))} rows, as many as were asked for: there may be more"
    return replace(told, complaints=(*told.complaints, more))


def _list(body: Body, name: str) -> Fetched | Failed:
    rows = body.json()
    if not isinstance(rows, list):
        return Failed("what came is not a list of papers")
    told = [_paper(row, name) for row in rows]
    papers = united(paper for paper in told if paper)
    if rows and not papers:
        return Failed(f"none of the list's {len(rows)} rows names an arXiv paper")
    complaints = tuple(f"row {at} names no arXiv paper or no title" for at, paper in enumerate(told, 1) if not paper)
    return Fetched(papers, body.cursor, day_list=True, complaints=complaints, wait=body.wait)


def _ids(body: Body) -> Sequence[str]:
    """Return the ids of a list's rows, one for each row."""
    return [text((_part(row, "paper") or fields(row)).get("id"))[:NAME] for row in values(body.json())]


def _days(reached: datetime | None, now: datetime) -> tuple[Sequence[date], datetime]:
    """Return the days whose lists to ask for, oldest first, and up to when these are all: from the last working day on,
    or from *reached*; but not too many at once.
    """
    today = now.date()
    since = min(today - {0: 3, 6: 2}.get(today.weekday(), 1) * _DAY, (reached or now).date())
    days = [since + n * _DAY for n in range((today - since).days + 1)]
    if len(days) <= _LISTS:
        return days, now
    upto = days[_LISTS - 3]
    return [*days[: _LISTS - 2], *days[-2:]], midnight(upto)


def _empty(answers: _Answers, today: date) -> Sequence[date]:
    """Return the working days before *today* whose lists are empty and ought not to be, oldest first.

    One of long ago is a holiday's, if the others are not as empty.
    """
    empty = {day for (day, page), told in answers.items() if page == 0 and isinstance(told, Body) and _is_empty(told)}
    any_came = any(isinstance(told, Body) and not _is_empty(told) for told in answers.values())
    return sorted(day for day in empty if day.weekday() < 5 and day < today and (day >= today - _LATEST or not any_came))


def _gap(missing: Sequence[date], days: Sequence[date], reached: datetime) -> str | None:
    """Return what is left to ask for of the lists of *days*, or up to today's."""
    if missing:
        return f"no papers on the list of {', '.join(map(str, missing))}, where there should be some"
    is_all = days[-1] - days[0] == (len(days) - 1) * _DAY
    return None if is_all else f"only the lists up to {reached:%Y-%m-%d} and the newest were asked for yet"


def _united(lists: Mapping[tuple[date, int], Fetched | Failed], before: Cursor, after: Cursor) -> Fetched | Failed:
    """Return the papers of all *lists*; where one failed, the others' and the cursor as it was *before*."""
    came = [told for told in lists.values() if isinstance(told, Fetched)]
    failed = {day: told for (day, _), told in lists.items() if isinstance(told, Failed)}
    long = (f"the list of {day} has {_PAGES} pages: there may be more" for day, page in lists if page == _PAGES - 1)
    if not came:
        return next(iter(failed.values()), Failed("there is no list yet"))
    return Fetched(
        united(paper for told in came for paper in told.papers),
        before if failed else after,
        day_list=True,
        complaints=(*(complaint for told in came for complaint in told.complaints), *long),
        wait=max((told.wait for told in failed.values() if told.wait), default=None) if failed else _soonest(came),
        gap="; ".join(f"the list of {day}: {told.reason}" for day, told in failed.items()) or None,
    )


def _digest(answers: _Answers) -> str | None:
    """Return what tells these lists from others; None when they are not whole."""
    told = hashlib.sha256()
    for (day, page), answer in answers.items():
        if isinstance(answer, Failed):
            return None
        told.update(f"{day} {page} {len(answer.content)} ".encode() + answer.content)
    return told.hexdigest()


def _soonest(answers: Iterable[Body | Fetched | Failed]) -> timedelta | None:
    return min((answer.wait for answer in answers if answer.wait), default=None)


def _is_not_yet(answer: Body | Failed) -> bool:
    """Say whether the server refuses a date, as it does with one after its today."""
    return isinstance(answer, Failed) and answer.status == 400


def _is_empty(body: Body) -> bool:
    return _EMPTY.fullmatch(body.content) is not None


def _paper(row: Any, name: str) -> Paper | None:
    told = _part(row, "paper") or fields(row)
    found = arxiv_id(f"arXiv:{text(told.get('id'))}")
    title = plain(text(told.get("title")) or text(row.get("title") if told else None), TITLE)
    if not found or not title:
        return None
    ids = Identifiers(found[0])
    return Paper(
        id=identity(ids, weak=""),
        title=title,
        abstract=plain(text(told.get("summary")), ABSTRACT),
        authors=_authors(told),
        published=moment(text(told.get("publishedAt"))),
        sources=(name,),
        links=replace(links(found[0]), code=address(text(told.get("githubRepo")), "") or None),
        ids=ids,
        votes=_count(told.get("upvotes")),
        comments=_count(row.get("numComments")),
        organization=_organization(_part(told, "organization") or _part(row, "organization")),
    )


def _authors(told: dict[str, Any]) -> tuple[str, ...]:
    return names(text(fields(one).get("name")) for one in values(told.get("authors")))


def _organization(told: dict[str, Any]) -> str | None:
    return plain(text(told.get("fullname")) or text(told.get("name")), NAME) or None


def _part(of: Any, key: str) -> dict[str, Any]:
    return fields(fields(of).get(key))


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _LARGEST else None
