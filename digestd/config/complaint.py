"""What is wrong in a file of the operator's, said so that it can be mended: file, line, key, problem."""

import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from digestd.config.wording import wording

Place = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_PLAIN = re.compile(r"[\w-]+")
_SECRET = re.compile(r"//[^/@\s]+@")  # the name and password in an address
_KEY = re.compile(r"""^\s*([\w-]+(?:\s*\.\s*[\w-]+)*|"[^"]+")\s*=""")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault. *line* is None where the file does not hold the key, as when it came from the environment."""

    file: str
    line: int | None
    key: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return " ".join(part for part in (place, f"{self.key}:" if self.key else "", self.problem) if part)


def complaints(error: ValidationError, model: type[BaseModel], file: str, text: str) -> list[Complaint]:
    """Return a complaint for each of pydantic's errors about a TOML *text* read as *model*."""
    errors = error.errors()
    # Of a list whose every table is wrong, pydantic says that it is empty too.
    above = {one["loc"][:length] for one in errors for length in range(len(one["loc"]))}
    return [_of_error(one, model, file, text) for one in errors if one["loc"] not in above]


def complaint(file: str, text: str, place: Place, problem: str) -> Complaint:
    """Return a complaint about the key at *place*, with the line on which *text* sets it."""
    return Complaint(file, line_of(text, place), _dotted(place), problem)


def toml_complaint(file: str, text: str, error: Exception) -> Complaint:
    """Return a complaint about a *text* that is not TOML, at the line where reading it stopped, if there is one."""
    if not isinstance(error, tomllib.TOMLDecodeError):
        return Complaint(file, None, "", "not TOML: it is nested too deep, or has a number of thousands of figures")
    found = re.search(r"(.*) \((?:at line (\d+), column (\d+)|at end of document)\)", str(error))
    if found is None:
        return Complaint(file, None, "", f"not TOML: {error}")
    place = f"column {found[3]}" if found[3] else "at the end of the file"
    return Complaint(file, int(found[2] or max(len(text.splitlines()), 1)), "", f"not TOML: {found[1]} ({place})")


def line_of(text: str, place: Place) -> int | None:
    """Return the line, from 1, on which a TOML *text* sets the key at *place*, or the nearest key above it."""
    lines: dict[Place, int] = {}
    for found, number in _keys(text):
        lines.setdefault(found, number)
    above = (place[:length] for length in range(len(place), 0, -1))
    return next((lines[part] for part in above if part in lines), None)


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return a question that names the closest of *known*, or an empty text."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f" – did you mean {close[0]!r}?" if close else ""


def _of_error(error: ErrorDetails, model: type[BaseModel], file: str, text: str) -> Complaint:
    """Return the complaint of one error, about the variable of the environment that holds the key, if one does."""
    place, problem = _place(error), _problem(error, model)
    variable = "DIGESTD_" + "__".join(str(part).upper() for part in place)
    return (
        Complaint("environment", None, variable, problem) if variable in os.environ else complaint(file, text, place, problem)
    )


def _keys(text: str) -> Iterator[tuple[Place, int]]:
    """Yield each key of a TOML text with its line: a scan, since no reader of the standard library keeps lines."""
    table: Place = ()
    counts: Counter[Place] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            name = _parts(header[2])
            yield name, number
            table = (*name, counts[name]) if header[1] == "[[" else name
            counts[name] += 1
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, *_parts(key[1])), number


def _parts(name: str) -> Place:
    return tuple(part.strip().strip('"') for part in name.split("."))


def _place(error: ErrorDetails) -> Place:
    return tuple(part for part in error["loc"] if not str(part).startswith("function-"))


def _problem(error: ErrorDetails, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        known = _fields_at(model, error["loc"][:-1])
        return f"unknown key{did_you_mean(str(error['loc'][-1]), known)}"
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "value_error":
        return _SECRET.sub("//…@", error["msg"].removeprefix("Value error, "))
    return _SECRET.sub("//…@", wording(error, holds_tables=_holds_tables(model, error["loc"])))


def _holds_tables(model: type[BaseModel], place: Sequence[str | int]) -> bool:
    """Say whether the key at *place* is a list of tables."""
    for part in (part for part in place if isinstance(part, str)):
        field = model.model_fields.get(part)
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            return False
        model = inner
    return True


def _fields_at(model: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    """Return the names of the keys that may stand at *place*."""
    for part in place:
        if isinstance(part, str) and (field := model.model_fields.get(part)):
            model = _model_in(field.annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation such as `tuple[SourceSettings, ...]` holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, getattr(annotation, "__args__", ()))), None)


def _dotted(place: Place) -> str:
    """Return a place as people write it: `profiles[0].keywords[2]`, `smtp.domains."example.org"`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in place).removeprefix(".")


def _key(part: str) -> str:
    return part if _PLAIN.fullmatch(part) else json.dumps(part, ensure_ascii=False)
