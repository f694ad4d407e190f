"""What every verb is given, and how every verb speaks."""

import asyncio
import json
import re
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from digestd.config import Complaint, Places, find_file, load_settings
from digestd.model.shapes import parse_instant
from digestd.model.subscriber import Readers, Subscriber, subscriber_id
from digestd.ports import Clock

FAILED, SOFTWARE, TEMPORARY, CONFIG = 1, 70, 75, 78  # sysexits.h: EX_SOFTWARE, EX_TEMPFAIL, EX_CONFIG; typer has 2 for usage

_YEARS = range(1970, 9000)  # a century before and after these there are dates, too
# What steers a terminal or the direction of text: controls but for the line feed, bidi marks, halves of pairs.
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Value = TypeVar("Value")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class LogFormat(StrEnum):
    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Context:
    """The program's own options: which configuration, what time it is, and all of them as they were *given*."""

    config: Path | None
    clock: Clock
    given: Sequence[str] = ()

    def places(self) -> Places:
        """Return the configuration's places. Raises ConfigTrouble."""
        file = find_file(self.config)
        return Places(file, load_settings(file))

    def command(self, *words: str) -> Sequence[str]:
        """Return the command that runs this program again, with these words for a verb. Secrets are in files, or inherited."""
        return [sys.executable, "-m", "digestd", *self.given, *words]


def context(ctx: typer.Context) -> Context:
    """Return the program's options from what typer hands a verb."""
    found = ctx.obj
    assert isinstance(found, Context)
    return found


def wait_for(work: Coroutine[Any, Any, Value]) -> Value:
    return asyncio.run(work)


def fixed_clock(text: str) -> Clock:
    """Return a clock that stands at an ISO instant. Raises typer.BadParameter."""
    at = read_instant(text)
    if at.year not in _YEARS:
        raise typer.BadParameter(f'"{text}" is not in the years from {_YEARS[0]} to {_YEARS[-1]}')
    return lambda: at


def read_instant(text: str) -> datetime:
    """Return an ISO instant of the command line. Raises typer.BadParameter."""
    try:
        at = parse_instant(text)
    except ValueError:
        at = None
    if at is None:
        raise typer.BadParameter(f'"{text}" is not an instant such as 2026-03-05T07:30:00+01:00')
    return at


def real_clock() -> datetime:
    return datetime.now(UTC)


def complain(text: str) -> None:
    """Say what went wrong on stderr."""
    Console(stderr=True, soft_wrap=True).print(Text("digestd: ", style="bold red") + Text(harmless(text)))


def of_system(trouble: OSError) -> str:
    """Return what the operating system refused."""
    return f"{trouble.filename or 'the system'}: {trouble.strerror}"


def complain_of(complaints: Sequence[Complaint]) -> None:
    for complaint in complaints:
        complain(str(complaint))


def say(text: str = "", style: str = "") -> None:
    Console(soft_wrap=True).print(Text(harmless(text), style=style))


def harmless(text: str) -> str:
    """Return a text of lines with U+FFFD for whatever would steer a terminal."""
    return _STEERING.sub("\ufffd", text)


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_line(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """Print rows for a person, or the sentence *empty* where there are none; on a terminal long cells are wrapped at words.

    For a file or another program each row is one line, as wide as it needs to be.
    """
    if not rows:
        say(empty)
        return
    console = Console()
    cells = [[harmless(" ".join(cell.split("\n"))) for cell in row] for row in rows]
    if console.is_terminal:
        console.print(_table(columns, cells, console.width))
        return
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    typer.echo("\n".join(_line(row, widths) for row in (columns, *cells)))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Table:
    """Return a table so wide: each column has room for its longest word, where it can, and longer cells share the rest."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [*zip(columns, *rows, strict=True)]
    words = _shared(
        [max(cell_len(word) for cell in some for word in [*cell.split(), ""]) for some in cells], width - 2 * len(columns)
    )
    more = [max(map(cell_len, some)) - least for some, least in zip(cells, words, strict=True)]
    rest = _shared(more, width - 2 * len(columns) - sum(words))
    for name, least, further in zip(columns, words, rest, strict=True):
        table.add_column(name, overflow="fold", min_width=max(least + further, 1), max_width=max(least + further, 1))
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _shared(wanted: Sequence[int], room: int) -> Sequence[int]:
    """Return how much each of some columns gets of so much room: what one does not need of its part, the others have."""
    got = [0] * len(wanted)
    for done, place in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        got[place] = max(min(wanted[place], room // (len(wanted) - done)), 0)
        room -= got[place]
    return got


def chosen(readers: Readers, emails: Sequence[str]) -> Sequence[Subscriber]:
    """Return the readers at *emails*, or all where none is named. Raises typer.BadParameter for a stranger."""
    known = {reader.id: reader for reader in readers.subscribers}
    for email in emails:
        if subscriber_id(email) not in known:
            close = get_close_matches(subscriber_id(email), known, n=1)
            hint = f"; did you mean {known[subscriber_id(close[0])].email}?" if close else ""
            broken = ". Some readers' files are broken: see `digestd check`" if readers.complaints else ""
            raise typer.BadParameter(f"no reader has the address {email}{hint}{broken}")
    return [known[subscriber_id(email)] for email in emails] if emails else readers.subscribers


def counted(number: int, what: str, many: str | None = None) -> str:
    """Return so many of something: `1 paper`, `2 papers`."""
    return f"{number} {what if number == 1 else many or f'{what}s'}"


def when(at: datetime | None) -> str:
    """Return an instant for a person, in the machine's own zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M %Z") if at else "–"
