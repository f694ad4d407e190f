"""What came in the course of a longer period is told in order: a week's papers by day, a month's by week, the newest first."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from digestd.model.digest import Match
from digestd.model.paper import Paper
from digestd.model.period import Every
from digestd.rendering import words
from digestd.rendering.language import Language

Found = tuple[Match, Paper]
_FEWEST = 4  # papers that are worth dividing


def divided(found: Sequence[Found], every: Every, language: Language) -> Sequence[tuple[str, Sequence[Found]]]:
    """Return *found*, best first, in groups, of which each has a name unless it is all there is."""
    if every not in {"week", "month"} or len(found) < _FEWEST:
        return [("", found)]
    days = {id(one): _day(one[1], every) for one in found}
    newest_first = sorted(found, key=lambda one: days[id(one)] or date.min, reverse=True)
    groups = [(day, list(some)) for day, some in groupby(newest_first, key=lambda one: days[id(one)])]
    return [(_name(day, every, language), some) for day, some in groups] if len(groups) > 1 else [("", found)]


def _day(paper: Paper, every: Every) -> date | None:
    """Return the day, or the Monday of the week, on which *paper* was published."""
    if paper.published is None:
        return None
    day = paper.published.date()
    return day if every == "week" else day - timedelta(days=day.weekday())


def _name(day: date | None, every: Every, language: Language) -> str:
    if day is None:
        return language.gettext("Without a date")
    return language.day(day) if every == "week" else language.gettext("Week of %(day)s", day=words.short_date(language, day))
