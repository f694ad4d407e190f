"""What a reader may choose, and the forms that say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from urllib.parse import parse_qsl

LONGEST_FORM = 2048  # bytes; RFC 8058's own has 26, or some 150 in parts
_LONGEST_KIND = 200  # characters of a Content-Type; a long one takes long to read
_MOST_FIELDS = 16
_PAUSES = {7: "one week", 14: "two weeks", 30: "a month", 90: "three months"}


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

    @property
    def words(self) -> str:
        return _PAUSES[self.days]


@dataclass(frozen=True, slots=True)
class Return:
    """As before."""


Choice = Leave | Pause | Return

PAUSES = tuple(map(Pause, _PAUSES))
_CHOICES: dict[tuple[str, str], Choice] = {
    ("list-unsubscribe", "one-click"): Leave(),
    ("return", "yes"): Return(),
    **{("pause", str(one.days)): one for one in PAUSES},
}


def read_choice(content_type: str, form: bytes) -> Choice | None:
    """Return what *form* chooses, in either form that a browser sends (RFC 8058 3.2); None where it makes no choice."""
    if len(content_type) > _LONGEST_KIND:
        return None
    fields = _parts(content_type, form) if content_type.lower().startswith("multipart/form-data") else _pairs(form)
    chosen = (_CHOICES.get((name.strip().lower(), value.strip().lower())) for name, value in fields)
    return next((choice for choice in chosen if choice is not None), None)


def _pairs(form: bytes) -> Iterator[tuple[str, str]]:
    try:
        yield from parse_qsl(form.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError:  # not ASCII, or too many
        return


def _parts(content_type: str, form: bytes) -> Iterator[tuple[str, str]]:
    """Yield the fields of a form of parts: a form is a MIME message but for its head (RFC 7578 4)."""
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode("ascii", "replace") + form)
    for part in whole.walk():
        disposition = dict(part.get_params(header="content-disposition", failobj=[]))
        if not part.is_multipart():
            yield str(disposition.get("name", "")), str(part.get_payload())
