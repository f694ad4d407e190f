"""docs/tex.md is true: each row of its tables; and what holds of any text."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from digestd.rendering.marks import plain, unmarked
from digestd.rendering.templates import highlighted
from digestd.rendering.tex import convert, runs

PAGE = (Path(__file__).parents[2] / "docs/tex.md").read_text(encoding="utf-8")
BITS = r"""
$ $$ { } ^ _ ~ \ [ ] \frac \sqrt \left( \right) \text{ \textbf{ \href{ \emph{ \over \alpha \log \'e \c c
textbf{ left( ' '' `` -- x 1
"""
TEX = st.lists(st.sampled_from([*BITS.split(), " ", "\n", "\\begin{equation}", "\\end{equation}"])).map("".join)


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield each example of the page: a source, what it is in text, and what in HTML."""
    for line in re.findall(r"^\| `.*\|$", PAGE, re.MULTILINE):
        source, text, *html = (code(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        yield source, text, "".join(html) or str(escape(text))


def code(cell: str) -> str:
    return cell.strip().strip("`").removeprefix(" ").removesuffix(" ").replace("\\|", "|")


def on_a_page(source: str) -> str:
    return highlighted(unmarked(source), "<b>")


EXAMPLES = [*rows()]


def test_the_page_has_hundreds_of_examples() -> None:
    assert len({source for source, _, _ in EXAMPLES}) > 300


@pytest.mark.parametrize(("source", "text", "html"), EXAMPLES)
def test_a_documented_source_reads_as_the_page_says(source: str, text: str, html: str) -> None:
    assert convert(source) == text
    assert re.sub(' style="[^"]*"', "", on_a_page(source)) == html


def test_a_script_on_a_page_is_as_large_as_its_smallest_text() -> None:
    assert on_a_page("$x^{q}$") == 'x<sup style="font-size:14px;line-height:0">q</sup>'


@given(st.text(alphabet=st.sampled_from("ab1 \\${}^_~'\"`-.,()[]|&%=\n\0éαcHvemphsqrtfrac")) | TEX | st.text())
def test_runs_tile_any_text(source: str) -> None:
    found = list(runs(source))

    assert "".join(source[run.start : run.end] for run in found) == source
    assert all(run.text == source[run.start : run.end] for run in found if run.plain)


@given(st.text().filter(lambda text: not re.search(r"[\\${}~^_]|--|``|''", text)))
def test_text_without_signs_of_tex_is_itself(source: str) -> None:
    assert convert(source) == source


@given(st.text(alphabet=st.sampled_from("ab1 ${}^_~'`-.,()|&%=")))
def test_no_letter_or_digit_is_lost(source: str) -> None:
    told = unicodedata.normalize("NFKC", convert(source))

    assert [letter for letter in told if letter.isalnum()] == [letter for letter in source if letter.isalnum()]


@given(TEX | st.text())
def test_what_is_shown_holds_no_control_character(source: str) -> None:
    told = plain(unmarked(source))

    assert not [letter for letter in told if unicodedata.category(letter) == "Cc"]


@pytest.mark.parametrize(
    "bomb",
    [
        "{" * 50_000,
        r"\emph{" * 10_000,
        r"\emph{" * 10_000 + "}" * 10_000,
        "{" * 20_000 + r"\a" + "}" * 20_000,
        "$" * 50_000,
        "$x" * 25_000,
        "$ a" * 25_000,
        "$" + "{" * 300 + "}" * 300 + "$",
        r"$\sqrt" * 10_000,
        "$" + r"\sqrt" * 79 + "$",
        "$" + "^" * 399 + "$",
        "$" + " " * 50_000 + "_x",
        r"\~{" * 20_000,
        r"\begin{equation}" * 5_000,
        r"\(" * 25_000,
        r"\cite{" * 10_000,
        "textbf{" * 10_000,
        "left(" * 10_000,
        "x_{" * 20_000,
        "https://" * 10_000,
        "-" * 50_000,
        "``" * 25_000,
        r"C:\a" * 20_000,
        "\\" * 50_000,
        r"\"" * 25_000,
        r"\textsuperscript{" * 5_000,
        r"\hspace{" * 10_000,
        r"\hspace{" + " " * 50_000,
        "x^1" * 20_000,
    ],
)
def test_a_bomb_of_tex_is_read_in_no_time(bomb: str) -> None:
    start = process_time()

    convert(bomb)

    assert process_time() - start < 3
