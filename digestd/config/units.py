"""Durations, sizes, times of day, zones and addresses, as people write them in a file."""

import re
from datetime import time, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from digestd.config.complaint import did_you_mean
from digestd.config.wording import said
from digestd.model.mailbox import mailbox

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_LONGEST = timedelta(days=36_500)
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def shaped(pattern: str, wanted: str) -> AfterValidator:
    """Return a check that a text is written like *pattern*; *wanted* says in words what it should be."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{said(text)} is not {wanted}")
        return text

    return AfterValidator(check)


def _no_truth(value: Any) -> Any:
    """Return *value* unless it is true or false, which pydantic takes for 1 and 0."""
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


def _duration(value: Any) -> timedelta:
    span = _span(value)
    if span > _LONGEST:
        raise ValueError(f"{said(value)} is longer than {_LONGEST.days} days")
    return span


def _span(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 10**9:
        return timedelta(seconds=value)
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)\s*([smhd]?)", value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{said(value)} is not a duration (seconds, or such as 30s, 15m, 6h, 2d)")
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2] or "s"])


def _size(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    found = re.fullmatch(r"(\d{1,12})\s*([KMG]?i?B?)", value.strip(), re.IGNORECASE) if isinstance(value, str) else None
    if found is None or found[2].upper() not in _BYTES:
        raise ValueError(f"{said(value)} is not a size (bytes, or such as 90kB, 15MiB)")
    return int(found[1]) * _BYTES[found[2].upper()]


def _time_of_day(value: Any) -> time:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and (found := _TIME_OF_DAY.fullmatch(value)):
        return time(int(found[1]), int(found[2]))
    raise ValueError(f"{said(value)} is not a time of day (00:00–23:59)")


@cache
def _zones() -> tuple[str, ...]:
    """Return the names of all zones: it takes milliseconds to find them, and each reader's file asks."""
    return tuple(sorted(available_timezones()))


def _timezone(value: Any) -> str:
    if value in _zones():
        return str(value)
    hint = did_you_mean(value, _zones()) if isinstance(value, str) else ""
    raise ValueError(f'{said(value)} is not a time zone of the IANA database, such as "Europe/Berlin"{hint}')


def _address(value: Any) -> str:
    try:
        found = validate_email(str(value), check_deliverability=False, strict=True, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(f"{said(value)} is not an e-mail address: {error}") from None
    return found.normalized


def _mailable(value: Any) -> str:
    """Return an address that an envelope can carry: what never could be mailed is said where it is written.

    A domain whose letters have no certain A-label stays in its own xn-- form.
    """
    written, shown = str(value).strip(), _address(value)
    try:
        mailbox(shown)
    except ValueError as error:
        if shown.isascii() or not written.isascii():
            raise ValueError(f"{said(value)} cannot be mailed: {error}") from None
        return written
    return shown


def _turn_day(value: Any) -> str | int:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise ValueError(f'{said(value)} is neither a weekday, such as "mon", nor a day of the month, from 1 to 31')


def _ascii_address(value: Any) -> str:
    """Return an address of ours: mail servers everywhere must take it, so an international domain is in its xn-- form."""
    address = _address(value)
    found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    if found.ascii_email is None:
        raise ValueError(f"{said(value)} has letters before the @ that not every mail server takes: use a to z and digits")
    return found.ascii_email


Count = Annotated[int, BeforeValidator(_no_truth)]
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_no_truth)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Size = Annotated[int, BeforeValidator(_size)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Timezone = Annotated[str, BeforeValidator(_timezone)]
TurnDay = Annotated[str | int, BeforeValidator(_turn_day)]
Address = Annotated[str, BeforeValidator(_mailable)]
AsciiAddress = Annotated[str, BeforeValidator(_ascii_address)]
