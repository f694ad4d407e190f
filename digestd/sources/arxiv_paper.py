"""What arXiv's services have in common: how a paper is named, where it is read, and when papers are announced."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain

from digestd.model.paper import Links, doi
from digestd.model.period import Calendar
from digestd.sources.clean import NAME, names, plain

TURN = "arxiv"  # its RSS, API and OAI-PMH share one limit, https://info.arxiv.org/help/api/tou.html
_MONDAY, _THURSDAY = 0, 3
SEEN_BY_API = timedelta(days=7)  # a paper held in moderation, or over holidays, is announced so long after it was submitted


def _holidays(year: int) -> Iterator[date]:
    """Yield New Year's Day, Juneteenth, Independence Day, Christmas, New Year's Eve, King's, Labor and Thanksgiving Day."""
    yield from (_observed(date(year, month, day)) for month, day in ((1, 1), (6, 19), (7, 4), (12, 25)))
    yield date(year, 12, 31)
    yield from (
        _nth(*rule, date(year, month, 1)) for month, rule in ((1, (3, _MONDAY)), (9, (1, _MONDAY)), (11, (4, _THURSDAY)))
    )


def _observed(day: date) -> date:
    """Return the working day on which a holiday is kept that may fall on a Saturday or a Sunday (5 U.S.C. 6103(b))."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(count: int, weekday: int, first: date) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=count - 1)


# No announcement is made on these evenings, https://info.arxiv.org/help/availability.html: the next day's list is empty.
# Those of 2026 are arXiv's; the years after are taken to keep the same, but for one that follows no rule.
_HOLIDAYS = frozenset(chain({date(2026, 12, 29)}, *map(_holidays, range(2026, 2036))))
_SILENT = frozenset(day + timedelta(days=1) for day in _HOLIDAYS)
LISTS = Calendar("America/New_York", holidays=_SILENT)  # a list for each evening that announces
CALENDAR = Calendar("America/New_York", holidays=_SILENT | _HOLIDAYS)  # no alarm either on a holiday itself

_CATEGORY = re.compile(r"[a-z][a-z-]+(?:\.[A-Za-z][A-Za-z-]+)?")
_ADDRESS = re.compile(r"https?://(?:\S*/|\S+)")


def links(arxiv: str) -> Links:
    """Return where the arXiv paper of that id can be read, in its newest version."""
    return Links(f"https://arxiv.org/abs/{arxiv}", f"https://arxiv.org/pdf/{arxiv}")


def journal_doi(text: str) -> str | None:
    """Return the DOI of a journal's version; arXiv's own, which says no more than the id, is none."""
    found = doi(text) if text else None
    return None if not found or found.startswith("10.48550/arxiv.") else found


def categories(terms: Iterable[str]) -> tuple[str, ...]:
    """Return the categories among *terms*: the API puts classes such as `53D10, 53D15` beside them."""
    return names(term for term in terms if _CATEGORY.fullmatch(term))


def said(text: str) -> str:
    """Return what a service says of an error, without the addresses in it."""
    return plain(_ADDRESS.sub("", text), NAME)
