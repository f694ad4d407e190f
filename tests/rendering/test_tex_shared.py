"""TeX as it is found: every string with a sign of TeX in the captures of real responses."""

import gzip
import html
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from digestd.rendering.clean import clean
from digestd.rendering.tex import convert
from tests.support.shared import shared

SIGN = re.compile(r"[\\${}~^_]|--|``")
LONGEST = 10_000  # as sources have it
# Names are no letters of a text: those of macros (damaged ones, too), of colours and of environments.
NAMES = re.compile(
    r"""
      \\(?:href|hyperlink)\s*\{[^{}]*\}(?=\s*\{)              # the address comes after what is said
    | \\(?:textcolor|colorbox|color|[vh]space)(?:\[\w+\])?\*?\s*\{[^{}]*\}
    | \\unicode\s*\{\w+\} | \\(?:begin|end)\{[a-z*]+\}
    | \\[a-z]\{(?:eta|ho|hi|appa|elta|au|heta|arphi|amma|lpha)\} | \\[A-Za-z]+
    | (?<![\\\w])(?:text|math)[a-z]{2,4}(?=\{) | left(?=[(\[|]) | right(?=[)\]|]) | (?<=\{\w)times(?=\ \w\})
    """,
    re.VERBOSE,
)


def strings() -> Iterator[str]:
    """Yield each string of the captures that has a sign of TeX, once."""
    seen: set[str] = set()
    for path in sorted(shared("data").rglob("*")):
        for text in _texts(path) if path.is_file() else ():
            if SIGN.search(text) and text not in seen:
                seen.add(text)
                yield text[:LONGEST]


def _texts(path: Path) -> Iterator[str]:
    match path.suffixes:
        case [*_, ".jsonl"] | [*_, ".jsonl", ".gz"] | [*_, ".json"]:
            yield from _values(path)
        case [*_, ".xml"] | [*_, ".xml", ".gz"] | [*_, ".rss"] | [*_, ".txt"]:
            text = _read(path).decode("utf-8", "replace")
            yield from (html.unescape(html.unescape(part)) for part in re.split(r"<[^<>]*>|\n\n", text))
        case [*_, ".zip"]:
            with zipfile.ZipFile(path) as whole:
                yield from (whole.read(name).decode("utf-8", "replace") for name in whole.namelist())


def _values(path: Path) -> Iterator[str]:
    text = _read(path).decode("utf-8", "replace")
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    for document in documents:
        yield from _strings(document)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def letters(text: str) -> list[str]:
    """Return the letters and digits of *text*, without accents, and without looks: ² is 2."""
    return [letter for letter in unicodedata.normalize("NFKD", text) if letter.isalnum()]


def lost(source: str, told: str) -> str:
    """Return the first letter of *source* that *told* has not, in the same order; "" when it has them all."""
    rest = iter(letters(told))
    return next((letter for letter in letters(NAMES.sub(" ", source)) if letter not in rest), "")


@dataclass(frozen=True, slots=True)
class Read:
    """A string, what was made of it, and how many seconds that took."""

    source: str
    told: str
    seconds: float


@pytest.fixture(scope="module")
def found() -> list[Read]:
    return [read(one) for one in strings()]


def read(source: str) -> Read:
    start = process_time()
    told = convert(source)
    return Read(source, told, process_time() - start)


def test_there_are_thousands_of_them(found: list[Read]) -> None:
    assert len(found) > 4_000


def test_no_letter_or_digit_of_them_is_lost(found: list[Read]) -> None:
    assert [(letter, one.source) for one in found if (letter := lost(one.source, one.told))] == []


def test_none_is_shown_with_a_control_character(found: list[Read]) -> None:
    assert [one.source for one in found if any(unicodedata.category(letter) == "Cc" for letter in clean(one.told))] == []


def test_each_is_read_in_a_time_that_its_length_explains(found: list[Read]) -> None:
    assert [one.source for one in found if one.seconds > 0.5 + len(one.source) * 1e-4] == []


@pytest.mark.parametrize(
    ("source", "told", "letter"),
    [
        (r"a \textbf{lamp} $x^2$", "a lamp x²", ""),
        ("a lamp at 5", "a lamp at", "5"),
        ("ab", "ba", "b"),
        (r"\'etude", "étude", ""),
    ],
)
def test_what_is_lost_is_found(source: str, told: str, letter: str) -> None:
    assert lost(source, told) == letter
