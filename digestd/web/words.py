"""What the pages say of times, in the reader's language."""

from digestd.model.period import Every, OwnSchedule
from digestd.rendering import Language
from digestd.rendering.words import ordinal
from digestd.web.choices import Pause
from digestd.web.timing import Timing


def turn(language: Language, every: Every, on: int) -> str:
    """Return how often: "every Friday"."""
    match every:
        case "day":
            return language.gettext("every day")
        case "weekday":
            return language.gettext("every weekday (Monday to Friday)")
        case "week":
            return language.gettext("every %(day)s", day=language.weekday(on))
        case "month" if on > 28:
            return language.gettext("on the last day of every month")
        case "month":
            return language.gettext("on the %(day)s of every month", day=ordinal(language, on))


def when(language: Language, own: OwnSchedule) -> str:
    """Return what is chosen: "every Friday at 18:00, in the time zone Europe/Berlin"."""
    times = _times(language, own)
    if not own.timezone:
        return times
    if not times:
        return language.gettext("in the time zone %(zone)s", zone=own.timezone)
    return language.gettext("%(times)s, in the time zone %(zone)s", times=times, zone=own.timezone)


def _times(language: Language, own: OwnSchedule) -> str:
    often = turn(language, own.every, own.on) if own.every else ""
    if own.at is None:
        return often
    at = language.time(own.at)
    return language.gettext("%(turn)s at %(time)s", turn=often, time=at) if often else language.gettext("at %(time)s", time=at)


def span(language: Language, pause: Pause) -> str:
    """Return how long a pause lasts."""
    match pause.days:
        case 7:
            # Translators: how long a pause lasts: it stands in "Paused for %(time)s", and with a capital on a button.
            return language.gettext("one week")
        case 14:
            return language.gettext("two weeks")
        case 30:
            return language.gettext("a month")
        case _:
            return language.gettext("three months")


def fault(language: Language, timing: Timing, name: str) -> str:
    """Return what is wrong with a field."""
    match name:
        case "every" if timing.every:
            return language.gettext("Choose one of these.")
        case "every":
            return language.gettext("Choose what to change: how often, the time of day, or the time zone.")
        case "at":
            return language.gettext("That is not a time of day: write hours and minutes, such as 07:30 or 18:00.")
        case _:
            return language.gettext("There is no such time zone: write a continent and a city, such as Europe/Berlin.")


def capital(words: str) -> str:
    """Return *words* with a capital to begin with."""
    return words[:1].upper() + words[1:]
