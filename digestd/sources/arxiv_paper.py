"""What arXiv's services have in common: how a paper is named, where it is read, and when papers are announced."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from digestd.model.paper import Links, doi
from digestd.model.period import Calendar
from digestd.sources.clean import NAME, names, plain

TURN = "arxiv"  # its RSS, API and OAI-PMH share one limit, https://info.arxiv.org/help/api/tou.html
SEEN_BY_API = timedelta(days=7)  # a paper held in moderation, or over holidays, is announced so long after it was submitted

# No announcement is made on these evenings, https://info.arxiv.org/help/availability.html: the next day's list is empty.
_HOLIDAYS = frozenset(
    date(2026, month, day) for month, day in ((1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31))
)
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
