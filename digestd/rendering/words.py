"""What a digest says, in English: counts, dates, schedules and reasons."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digestd.model.digest import BY_EXAMPLE, Digest, Evidence
from digestd.model.period import Schedule
from digestd.rendering.clean import line
from digestd.rendering.tex import convert

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MOST_REASONS = 4
_MOST_NAMES = 4


def papers(count: int) -> str:
    return "1 paper" if count == 1 else f"{count:,} papers"


def long_date(at: datetime, timezone: str) -> str:
    """Return the day of *at* on the reader's wall: "Thursday, 5 March 2026"."""
    day = at.astimezone(ZoneInfo(timezone)).date()
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    return f"{day.day}\u00a0{_MONTHS[day.month - 1][:3]}\u00a0{day.year}"


def schedule(schedule: Schedule) -> str:
    """Return when digests come: "every weekday at 07:30, Europe/Berlin"."""
    return f"{_turn(schedule)} at {schedule.at:%H:%M}, {schedule.timezone}"


def _turn(schedule: Schedule) -> str:
    match schedule.every:
        case "day" | "weekday":
            return f"every {schedule.every}"
        case "week":
            return f"every {_DAYS[schedule.on]}"
        case "month":
            last = ", or the month’s last day," if schedule.on > 28 else ""
            return f"on the {_ordinal(schedule.on)} of every month{last}"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number in {11, 12, 13} else ending}"


def summary(digest: Digest) -> str:
    """Return the digest in one line: "3 papers for “Sparse attention”, 2 for “Protein design” · 212 looked at"."""
    found = [(len(section.shown), line(section.profile, 60)) for section in digest.sections if section.shown]
    if not found and (digest.failing or digest.stale):
        return "Nothing to show: sources could not be read"
    if not found:
        return f"Nothing new for {_listed([f'“{line(section.profile, 60)}”' for section in digest.sections] or ['you'])}"
    (first, profile), *others = found
    told = [f"{papers(first)} for “{profile}”", *(f"{count:,} for “{name}”" for count, name in others)]
    return f"{_counted(told)} · {digest.looked_at:,} looked at"


def troubles(failing: Sequence[str], stale: Sequence[str]) -> str:
    """Return what to say of sources that could not be read, or did not announce what was due; "" when there are none."""
    told = [_missing(failing, "could not be read"), _missing(stale, "announced nothing new when something was due")]
    return " ".join(filter(None, told))


def _missing(names: Sequence[str], why: str) -> str:
    its = "its" if len(names) == 1 else "their"
    return f"{_listed([line(name, 60) for name in names])} {why}; {its} papers follow once they can be had." if names else ""


def why(evidence: Iterable[Evidence]) -> str:
    """Return the reason for a match: "matches “sparse attention” in title; by Tri Dao; like “Tile it”: “tile”"."""
    fields: dict[str, dict[str, None]] = {}
    others: dict[str, None] = {}
    alike: dict[str, dict[str, None]] = {}
    for one in evidence:
        words = line(convert(one.words), 60)
        match one.field:
            case "title" | "abstract" if one.term == BY_EXAMPLE:
                alike.setdefault(_example(one.entry), {})[f"“{words}”"] = None
            case "title" | "abstract":
                fields.setdefault(_term(one.entry or one.term), {})[one.field] = None
            case "author":
                others[f"by {words}"] = None
            case "category":
                others[f"filed under {words}"] = None
            case "source":
                others[f"from {words}"] = None
    like = [f"like {example}: {', '.join(words)}" for example, words in alike.items()]
    return "; ".join(_counted(reasons) for reasons in (_matches(fields), [*others], like) if reasons)


def _example(title: str) -> str:
    return f"“{line(convert(title), 60)}”" if title else "your examples"


def _matches(fields: dict[str, dict[str, None]]) -> list[str]:
    """Return the terms found, those of the same places together."""
    places: dict[str, list[str]] = {}
    for term, found in fields.items():
        places.setdefault(", ".join(sorted(found, reverse=True)), []).append(f"“{term}”")
    told = [f"{_counted(terms)} in {place}" for place, terms in places.items()]
    return [f"matches {told[0]}", *told[1:]] if told else []


def _term(term: str) -> str:
    term = line(term, 80)
    return term[1:-1] if term.startswith('"') and term.endswith('"') and term.count('"') == 2 else term


def _counted(phrases: Sequence[str]) -> str:
    shown = ", ".join(phrases[:_MOST_REASONS])
    return shown if len(phrases) <= _MOST_REASONS else f"{shown} and {len(phrases) - _MOST_REASONS} more"


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMES:
        names = [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
