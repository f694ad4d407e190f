"""What a reader may choose, and the forms that say so."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

from digestd.model.period import OwnSchedule
from digestd.web.timing import Timing

LONGEST_FORM = 2048  # bytes; RFC 8058's own has 26, or some 150 in parts
_LONGEST_KIND = 200  # characters of a Content-Type; a long one takes long to read
_MOST_FIELDS = 16


@dataclass(frozen=True, slots=True)
class Leave:
    """Never again."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing for so many days."""

    days: int

    @property
    def time(self) -> timedelta:
        return timedelta(self.days)


@dataclass(frozen=True, slots=True)
class Return:
    """As before."""


@dataclass(frozen=True, slots=True)
class Reschedule:
    """At other times."""

    own: OwnSchedule


@dataclass(frozen=True, slots=True)
class Replan:
    """At the times that were set for the reader."""


Choice = Leave | Pause | Return | Reschedule | Replan

PAUSES = tuple(map(Pause, (7, 14, 30, 90)))
_CHOICES: dict[tuple[str, str], Choice] = {
    ("list-unsubscribe", "one-click"): Leave(),
    ("return", "yes"): Return(),
    ("schedule", "planned"): Replan(),
    **{("pause", str(one.days)): one for one in PAUSES},
}
_CHANGE = "schedule", "change"

_UNREADABLE = (LookupError, ValueError, TypeError, AttributeError)  # what the library raises for nonsense


def read_choice(content_type: str, form: bytes) -> Choice | Timing | None:
    """Return what *form* chooses, in either form that a browser sends (RFC 8058 3.2); None where it makes no choice.

    Where it would change the schedule and something is wrong with that, return what was filled in.
    """
    if len(content_type) > _LONGEST_KIND:
        return None
    read = _parts(content_type, form) if content_type.lower().startswith("multipart/form-data") else _pairs(form)
    fields = [(name.strip().lower(), value.strip()) for name, value in read]
    chosen = [(name, value.lower()) for name, value in fields]
    plain = next((_CHOICES[field] for field in chosen if field in _CHOICES), None)
    return _timing(fields) if plain is None and _CHANGE in chosen else plain


def _timing(fields: Iterable[tuple[str, str]]) -> Reschedule | Timing:
    timing = Timing.of(fields)
    return timing if timing.faults else Reschedule(timing.own)


def _pairs(form: bytes) -> Iterator[tuple[str, str]]:
    try:
        yield from parse_qsl(form.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError:  # not ASCII, or too many
        return


def _parts(content_type: str, form: bytes) -> Iterator[tuple[str, str]]:
    """Yield the fields of a form of parts: a form is a MIME message but for its head, and in UTF-8 (RFC 7578 4, 5.1)."""
    with suppress(*_UNREADABLE):
        whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode("ascii", "replace") + form)
        for part in whole.walk():
            with suppress(*_UNREADABLE):
                yield from _field(part)


def _field(part: Message) -> Iterator[tuple[str, str]]:
    disposition = dict(part.get_params(header="content-disposition", failobj=[]))
    if not part.is_multipart():
        content = part.get_payload(decode=True)
        yield str(disposition.get("name", "")), content.decode(errors="replace") if isinstance(content, bytes) else ""
