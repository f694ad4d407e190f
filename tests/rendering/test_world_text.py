"""What is asked of the text part: that it is read in any terminal, and says all that the HTML says; held by six digests."""

import re
import unicodedata

import pytest

from tests.rendering.test_world_html import page, seen
from tests.support.samples import KINDS, sample

every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_its_lines_fit_a_terminal(kind: str) -> None:
    lines = page(kind).text.splitlines()

    assert [line for line in lines if columns(line) > 78 and not re.search(r"https?://\S{40,}", line)] == []


@every_kind
def test_no_line_ends_in_blanks(kind: str) -> None:
    lines = page(kind).text.splitlines()

    assert [line for line in lines if line != line.rstrip() and line != "-- "] == []
    assert lines.count("-- ") == 1


@every_kind
def test_it_is_letters_alone(kind: str) -> None:
    text = page(kind).text

    assert not re.search(
        r"</?(?:p|div|table|td|tr|span|br|a|h\d|mark|sup|sub)\b[^>]*>|&(?:nbsp|amp|lt|gt|quot|zwnj|#\d+);", text
    )
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u200b-\u200f\u2028-\u202e\u2060-\u2065\u206a-\u206f\ufeff\ufffd]", text
    )
    assert not re.search(r"\{\{|\{%|\bNone\b|undefined", text)


@every_kind
def test_it_says_what_the_html_says(kind: str) -> None:
    told = re.sub(r"\s", "", page(kind).text)  # a word that is longer than a line is cut

    missing = {word for word in re.findall(r"\w{5,}", seen(kind).text) if word not in told}

    assert missing <= {"Abstract", "paper", "arXiv", "PubMed"}  # the words of links, which are written out here
    links = [url for url, told in seen(kind).links if url.startswith("https://")]
    assert [url for url in links if url not in page(kind).text] == []


@every_kind
def test_it_says_how_to_leave(kind: str) -> None:
    foot = page(kind).text.partition("\n-- \n")[2]

    assert re.search(r"^https://digest\.example\.org/u/[a-z2-7]{26}$", foot, re.MULTILINE)
    assert re.search(r"^https://digest\.example\.org/u/[a-z2-7]{26}\?settings$", foot, re.MULTILINE)
    assert sample(kind).digest.email in foot


def columns(line: str) -> int:
    """Return how wide a terminal shows it: the letters of East Asia take two columns, marks none (UAX 11)."""
    plain = [letter for letter in line if not unicodedata.combining(letter)]
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in plain)
