"""Readers from a table or from another folder, written as files of their own. What is wrong is said with file and line."""

import csv
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from digestd.config.complaint import Complaint, did_you_mean
from digestd.config.subscribers import Defaults, parse_subscriber
from digestd.config.wording import unread
from digestd.model.subscriber import Subscriber, SubscriberId, subscriber_id

_OF_A_READER = ("email", "name", "every", "at", "timezone", "on", "max_papers", "paused", "language")
_SCHEDULE = ("every", "at", "timezone", "on")
_LISTS = ("keywords", "mute", "authors", "categories", "sources", "like", "dislike")
_COLUMNS = (*_OF_A_READER, "profile", *_LISTS, "min_score")
_NUMBERS = {"on", "max_papers", "min_score"}
_SLASHES = re.compile("[/\0]")  # a slash may stand in an address (RFC 5322 3.2.3)
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}
_LONGEST_NAME = 200  # octets of a file's name: file systems take 255

_BEYOND = "beyond the head"

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A reader's file before it is written; *place* is where its words come from."""

    email: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Drafts:
    """What a table or folder holds: the readers that are right, and what is wrong with the others."""

    drafts: tuple[Draft, ...] = ()
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written, which readers were there already and kept their files, and what went wrong."""

    written: tuple[Draft, ...]
    kept: tuple[Draft, ...]
    complaints: tuple[Complaint, ...]


def read_readers(source: Path, defaults: Defaults) -> Drafts:
    """Return the readers of a table (CSV with a head, a row a profile) or of a folder of TOML files. Raises OSError."""
    found = list(_folder(source, defaults) if source.is_dir() else _table(source, defaults))
    return Drafts(
        tuple(one for one in found if isinstance(one, Draft)), tuple(one for one in found if isinstance(one, Complaint))
    )


def write_readers(found: Drafts, folder: Path, files: Mapping[SubscriberId, str], *, replace: bool) -> Imported:
    """Write each draft into *folder*; *files* are those of the readers who are there, written over only to *replace* them."""
    kept = tuple(draft for draft in found.drafts if subscriber_id(draft.email) in files and not replace)
    told = {draft: _written(draft, folder, files, replace=replace) for draft in found.drafts if draft not in kept}
    faults = tuple(fault for fault in told.values() if fault is not None)
    return Imported(tuple(draft for draft, fault in told.items() if fault is None), kept, (*found.complaints, *faults))


def _written(draft: Draft, folder: Path, files: Mapping[SubscriberId, str], *, replace: bool) -> Complaint | None:
    """Write a reader's file; return what went wrong."""
    who = subscriber_id(draft.email)
    path = folder / files.get(who, _file_name(who))
    try:
        _write(path, draft.text, over=replace)
    except FileExistsError:
        return Complaint(draft.place, None, "", f"{path} is there already, and broken or another reader's")
    except OSError as error:
        return Complaint(draft.place, None, "", f"{path} cannot be written: {error.strerror}")
    return None


def _file_name(who: SubscriberId) -> str:
    """Return the name of a new reader's file: the address, or its beginning and a hash."""
    name = _SLASHES.sub("_", who)
    if len(name.encode()) > _LONGEST_NAME:
        beginning = name.encode()[: _LONGEST_NAME - 17].decode(errors="ignore")
        name = f"{beginning}-{hashlib.sha256(who.encode()).hexdigest()[:16]}"
    return f"{name}.toml"


def _folder(source: Path, defaults: Defaults) -> Iterator[Draft | Complaint]:
    known: set[SubscriberId] = set()
    for path in sorted(one for one in source.iterdir() if one.suffix == ".toml" and not one.name.startswith(".")):
        place = f"{source.name}/{path.name}"
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            yield Complaint(place, None, "", f"cannot be read: {unread(error)}")
            continue
        reader = parse_subscriber(text, place, defaults)
        if not isinstance(reader, Subscriber):
            yield from reader
        elif reader.id in known:
            yield Complaint(place, None, "email", f"{reader.email} is the reader of an earlier file; this one is left out")
        else:
            known.add(reader.id)
            yield Draft(reader.email, text, place)


def _table(source: Path, defaults: Defaults) -> Iterator[Draft | Complaint]:
    readers: dict[SubscriberId, list[tuple[int, Row]]] = {}
    try:
        for line, cells in _rows(source):
            readers.setdefault(subscriber_id(cells["email"]), []).append((line, cells))
    except _NoTable as wrong:
        yield Complaint(source.name, wrong.line, "", wrong.problem)
        return
    for rows in readers.values():
        yield from _reader(source.name, rows, defaults)


class _NoTable(ValueError):
    """The file is no table: what is wrong with it as a whole, and at which *line*."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(line, problem)
        self.line, self.problem = line, problem


def _rows(source: Path) -> Iterator[tuple[int, Row]]:
    """Yield each row with the line on which it begins. Raises _NoTable."""
    (_, head), *rows = [*_cells(_text(source.read_bytes()))] or [(1, [])]
    columns = [name.strip().lower() for name in head]
    _check_head(columns)
    for line, cells in rows:
        row = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
        yield line, row | {_BEYOND: "".join(cells[len(columns) :]).strip()}


def _text(content: bytes) -> str:
    """Return a table's text. Raises _NoTable for another encoding, as spreadsheets like to write: UTF-16 is full of zeros."""
    try:
        text, wrong = content.decode("utf-8-sig"), content.find(b"\0")
    except UnicodeDecodeError as error:
        text, wrong = "", error.start
    if wrong >= 0:
        raise _NoTable(content.count(b"\n", 0, wrong) + 1, 'is not in UTF-8: save it as "CSV UTF-8"')
    return text


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line that has any. Raises _NoTable."""
    csv.field_size_limit(max(len(text), csv.field_size_limit()))  # a cell too long is a fault of its row alone
    table = csv.reader(StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    begins = 1
    try:
        for cells in table:
            if cells:
                yield begins, cells
            begins = table.line_num + 1
    except csv.Error as error:
        raise _NoTable(begins, f'has a quote that does not close: write "" for a quote within quotes ({error})') from None


def _separator(text: str) -> str:
    """Return what stands between cells: a semicolon, as spreadsheets write it in half of Europe, where the head has it."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","


def _check_head(columns: Sequence[str]) -> None:
    if "email" not in columns:
        raise _NoTable(1, f"has no column email; there may be {', '.join(_COLUMNS)}")
    if unknown := next((name for name in columns if name not in _COLUMNS), None):
        raise _NoTable(1, f"unknown column {unknown!r}{did_you_mean(unknown, _COLUMNS)}")
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        raise _NoTable(1, f"has the column {twice} twice")


def _reader(file: str, rows: Sequence[tuple[int, Row]], defaults: Defaults) -> Iterator[Draft | Complaint]:
    """Yield the reader of some rows, a profile each, or what is wrong with them, at their own lines."""
    lines = [line for line, _ in rows]
    if beyond := next((line for line, cells in rows if cells.get(_BEYOND)), None):
        yield Complaint(file, beyond, "", "has more cells than the head: quote a cell that has the separator in it")
        return
    text = _toml([cells for _, cells in rows])
    reader = parse_subscriber(text, file, defaults)
    if isinstance(reader, Subscriber):
        yield Draft(reader.email, text, f"{file}:{lines[0]}")
        return
    for complaint in reader:
        profile = re.match(r"profiles\[(\d+)\]", complaint.key)
        problem = " ".join(complaint.problem.split())
        yield replace(complaint, line=lines[int(profile[1])] if profile else lines[0], problem=problem)


def _toml(rows: Sequence[Row]) -> str:
    """Return the file of a reader: what rows say of the reader stands in the first that says it."""
    said = {name: next((row[name] for row in rows if row.get(name)), "") for name in _OF_A_READER}
    schedule = ", ".join(f"{name} = {_value(name, said[name])}" for name in _SCHEDULE if said[name])
    lines = [f"{name} = {_value(name, said[name])}" for name in ("email", "name") if said[name]]
    lines += [f"schedule = {{ {schedule} }}"] if schedule else []
    lines += [f"{name} = {_value(name, said[name])}" for name in ("max_papers", "paused", "language") if said[name]]
    return "\n".join([*lines, *(line for number, row in enumerate(rows, 1) for line in _profile(number, row))]) + "\n"


def _profile(number: int, row: Row) -> Iterator[str]:
    yield ""
    yield "[[profiles]]"
    yield f"name = {_quoted(row.get('profile') or f'Profile {number}')}"
    for name in _LISTS:
        if entries := [entry.strip() for entry in row.get(name, "").split(";") if entry.strip()]:
            yield f"{name} = [{', '.join(map(_quoted, entries))}]"
    if row.get("min_score"):
        yield f"min_score = {_value('min_score', row['min_score'])}"


def _value(name: str, cell: str) -> str:
    """Return a cell of a column as TOML: a number or a truth where one belongs and it looks like one; the rest is text."""
    if name in _NUMBERS and re.fullmatch(r"(0|[1-9]\d{0,8})(\.\d{1,9})?", cell):
        return cell
    if name == "paused" and cell.lower() in _YES | _NO:
        return "true" if cell.lower() in _YES else "false"
    return _quoted(cell)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str, *, over: bool) -> None:
    """Write a file whole or not at all: a daemon may read the folder at any time."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    try:
        if over:
            part.replace(path)
        else:
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
