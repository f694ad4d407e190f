"""What a digest says, in its reader's language: counts, dates, schedules and reasons."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from digestd.model.digest import BY_EXAMPLE, Digest, Evidence
from digestd.model.period import Schedule
from digestd.rendering.clean import isolated, line
from digestd.rendering.language import Language
from digestd.rendering.tex import convert

_MOST = 4  # names or reasons in a list
_SERVICES = {
    "arxiv": "arXiv",
    "huggingface": "Hugging Face",
    "biorxiv": "bioRxiv",
    "medrxiv": "medRxiv",
    "pubmed": "PubMed",
    "crossref": "Crossref",
    "openreview": "OpenReview",
}


@lru_cache(1_024)  # few for many readers
def papers(language: Language, count: int) -> str:
    return language.ngettext("%(count)s paper", "%(count)s papers", count)


def long_date(language: Language, at: datetime, timezone: str) -> str:
    """Return the day of *at* on the reader's wall: "Thursday, 5 March 2026"."""
    return language.day(at.astimezone(ZoneInfo(timezone)).date())


def short_date(language: Language, day: date) -> str:
    return unbroken(language.short_day(day))


def unbroken(text: str) -> str:
    """Return *text* so that no line ends within it."""
    return text.replace(" ", "\u00a0")


@lru_cache(1_024)
def schedule(language: Language, schedule: Schedule) -> str:
    """Return when digests come: "every weekday at 07:30, Europe/Berlin"."""
    turn, time = _turn(language, schedule), language.time(schedule.at)
    return language.gettext("%(turn)s at %(time)s, %(zone)s", turn=turn, time=time, zone=schedule.timezone)


def _turn(language: Language, schedule: Schedule) -> str:
    match schedule.every:
        case "day":
            return language.gettext("every day")
        case "weekday":
            return language.gettext("every weekday")
        case "week":
            return language.gettext("every %(day)s", day=language.weekday(schedule.on))
        case "month" if schedule.on > 28:
            day = ordinal(language, schedule.on)
            return language.gettext("on the %(day)s of every month, or the month’s last day,", day=day)
        case "month":
            return language.gettext("on the %(day)s of every month", day=ordinal(language, schedule.on))


def ordinal(language: Language, number: int) -> str:
    """Return the day of a month by its place: "22nd"."""
    match language.ordinal(number):
        case "one":
            # Translators: a day of the month, as in "on the 1st": four texts, for the four endings that English has.
            return language.gettext("%(number)sst", number=number)
        case "two":
            return language.gettext("%(number)snd", number=number)
        case "few":
            return language.gettext("%(number)srd", number=number)
        case _:
            return language.gettext("%(number)sth", number=number)


def summary(language: Language, digest: Digest) -> str:
    """Return the digest in one line: "3 papers for “Sparse attention”, 2 for “Protein design” · 212 looked at"."""
    found = [(len(section.shown), isolated(line(section.profile, 60))) for section in digest.sections if section.shown]
    if not found:
        return _nothing(language, digest)
    (first, profile), *others = found
    told = [
        language.ngettext("%(count)s paper for “%(profile)s”", "%(count)s papers for “%(profile)s”", first, profile=profile)
    ]
    told += [
        language.gettext("%(count)s for “%(profile)s”", count=language.number(count), profile=name) for count, name in others
    ]
    looked_at = language.ngettext("%(count)s looked at", "%(count)s looked at", digest.looked_at)
    return f"{_counted(language, told)} · {looked_at}"


def _nothing(language: Language, digest: Digest) -> str:
    """Return why there is no paper: a quiet day and a broken source never look alike."""
    if digest.failing:
        return language.ngettext("A source could not be read", "Sources could not be read", len(digest.failing))
    if digest.stale:
        return language.ngettext("A source announced nothing", "Sources announced nothing", len(digest.stale))
    if not digest.sections:
        return language.gettext("Nothing new for you")
    names = [_quoted(language, line(section.profile, 60)) for section in digest.sections]
    return language.gettext("Nothing new for %(profiles)s", profiles=_listed(language, names))


def troubles(language: Language, failing: Sequence[str], stale: Sequence[str]) -> str:
    """Return what to say of sources that could not be read, or did not announce what was due; "" when there are none."""
    told = []
    if failing:
        told += [
            language.ngettext(
                "%(sources)s could not be read; its papers will follow once available.",
                "%(sources)s could not be read; their papers will follow once available.",
                len(failing),
                sources=_sources(language, failing),
            )
        ]
    if stale:
        told += [
            language.ngettext(
                "%(sources)s announced nothing new although something was due; its papers will follow once available.",
                "%(sources)s announced nothing new although something was due; their papers will follow once available.",
                len(stale),
                sources=_sources(language, stale),
            )
        ]
    return " ".join(told)


def _sources(language: Language, names: Sequence[str]) -> str:
    return _listed(language, [source(name, 60) for name in names])


def source(name: str, limit: int) -> str:
    """Return what readers call a source: one that is called by its kind as the service calls itself."""
    return _SERVICES.get(name) or line(name, limit)


def why(language: Language, evidence: Iterable[Evidence]) -> str:
    """Return the reason for a match: "matches “sparse attention” in title; by Tri Dao; like “Tile it”: “tile”"."""
    fields: dict[str, set[str]] = {}
    others: dict[str, None] = {}
    alike: dict[str, dict[str, None]] = {}
    for one in evidence:
        words = line(convert(one.words), 60)
        match one.field:
            case "title" | "abstract" if one.term == BY_EXAMPLE:
                alike.setdefault(one.entry, {})[_quoted(language, words)] = None
            case "title" | "abstract":
                fields.setdefault(_term(one.entry or one.term), set()).add(one.field)
            case "author":
                others[language.gettext("by %(author)s", author=words)] = None
            case "category":
                others[language.gettext("filed under %(category)s", category=words)] = None
            case "source":
                others[language.gettext("from %(source)s", source=source(one.words, 60))] = None
    like = [_like(language, example, ", ".join(words)) for example, words in alike.items()]
    told = (_counted(language, reasons) for reasons in ([*others], like) if reasons)
    return apart(language, [*_matches(language, fields), *told])


def apart(language: Language, phrases: Iterable[str]) -> str:
    """Return *phrases* in a row, in which there may be commas."""
    return language.gettext("; ").join(phrases)


def _like(language: Language, example: str, words: str) -> str:
    if not example:
        return language.gettext("like your examples: %(words)s", words=words)
    return language.gettext("like “%(example)s”: %(words)s", example=line(convert(example), 60), words=words)


def _matches(language: Language, fields: dict[str, set[str]]) -> list[str]:
    """Return the terms found, those of the same places together."""
    places: dict[tuple[str, ...], list[str]] = {}
    for term, found in fields.items():
        places.setdefault(tuple(sorted(found)), []).append(_quoted(language, term))
    told = [_placed(language, place, _counted(language, terms)) for place, terms in places.items()]
    return [language.gettext("matches %(terms)s", terms=told[0]), *told[1:]] if told else []


def _placed(language: Language, places: tuple[str, ...], terms: str) -> str:
    match places:
        case ("title",):
            return language.gettext("%(terms)s in title", terms=terms)
        case ("abstract",):
            return language.gettext("%(terms)s in abstract", terms=terms)
        case _:
            return language.gettext("%(terms)s in title and abstract", terms=terms)


def _term(term: str) -> str:
    term = line(term, 80)
    return term[1:-1] if term.startswith('"') and term.endswith('"') and term.count('"') == 2 else term


def _quoted(language: Language, words: str) -> str:
    return language.gettext("“%(words)s”", words=words)


def _counted(language: Language, phrases: Sequence[str]) -> str:
    return ", ".join(phrases) if len(phrases) <= _MOST else _listed(language, phrases)


def _listed(language: Language, names: Sequence[str]) -> str:
    if more := len(names[_MOST:]):
        names = [*names[:_MOST], language.ngettext("%(count)s more", "%(count)s more", more)]
    return language.listed(names)
