"""docs/queries.md is true: each row of its tables."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from digestd.matching.page import Page
from digestd.matching.profile import compile_profile
from digestd.matching.query import QueryError
from digestd.matching.weights import prominence, rarity
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile
from tests.support.builders import paper, profile

PAGE = (Path(__file__).parents[2] / "docs/queries.md").read_text(encoding="utf-8")
TEXT = ("Phrases", "Plurals", "Accents, TeX and other scripts", "Numbers, units and formulas")
OTHERS = "Strategies from other systems"
WORDS = (*TEXT, "Acronyms", "Quotes and stars", "Operators", "Fields and weights")


def rows(*headings: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the tables under *headings*."""
    for heading in headings:
        _, section = PAGE.split(f"## {heading}\n")
        for line in re.findall(r"^\| (?:`|\w+ \| \d).*$", section.split("\n## ")[0], re.MULTILINE):
            yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def errors() -> Iterator[tuple[str, ...]]:
    return (row for row in rows("Errors", OTHERS) if row[1].isdigit())


def translations() -> Iterator[tuple[str, ...]]:
    return ((there[1:-1], here[1:-1]) for there, here, _ in rows(OTHERS) if not here.isdigit())


def examples(*headings: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each example: the entry, a text, and whether it is found."""
    for entry, found, missed in rows(*headings):
        yield from ((entry[1:-1], text, True) for text in re.findall("`(.*?)`", found))
        yield from ((entry[1:-1], text, False) for text in re.findall("`(.*?)`", missed))


def is_found(wanted: Profile, one: Paper) -> bool:
    return any(Page(one).answer(entry.query) is not None for entry in compile_profile(wanted).wanted)


@pytest.mark.parametrize(("entry", "text", "found"), [*examples(*WORDS)])
def test_a_documented_entry_finds_what_the_page_says(entry: str, text: str, found: bool) -> None:
    assert is_found(profile(entry), paper(1, text, abstract="")) is found


@pytest.mark.parametrize(("entry", "name", "found"), [*examples("Authors")])
def test_a_documented_author_is_found_as_the_page_says(entry: str, name: str, found: bool) -> None:
    assert is_found(profile(authors=(entry,)), paper(1, authors=("Ada Quill", name))) is found
    assert is_found(profile(f'author:"{entry}"'), paper(1, authors=("Ada Quill", name))) is found


@pytest.mark.parametrize(("entry", "label", "found"), [*examples("Categories and sources")])
def test_a_documented_category_or_source_is_found_as_the_page_says(entry: str, label: str, found: bool) -> None:
    assert is_found(profile(entry), paper(1, categories=(label,), sources=(label,))) is found


@pytest.mark.parametrize(("entry", "column", "problem"), [*errors()])
def test_a_documented_error_names_the_column_and_the_problem(entry: str, column: str, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_profile(profile(entry[1:-1]))

    assert (caught.value.column, caught.value.problem) == (int(column), problem)
    assert caught.value.advice


@pytest.mark.parametrize(("there", "here"), [*translations()])
def test_a_documented_sign_of_another_system_is_refused_and_its_translation_is_understood(there: str, here: str) -> None:
    with pytest.raises(QueryError):
        compile_profile(profile(there))

    assert compile_profile(profile(here)).wanted


@pytest.mark.parametrize(("papers", "points"), re.findall(r"\| 1 in ([\d,]+) \| ([\d.]+) \|", PAGE))
def test_a_documented_share_is_as_rare_as_the_page_says(papers: str, points: str) -> None:
    assert float(rarity(np.asarray(1 / int(papers.replace(",", ""))))) == pytest.approx(float(points))


@pytest.mark.parametrize(("times", "points"), re.findall(r"\| in the abstract (\w+)(?: times)? \| ([\d.]+) \|", PAGE))
def test_a_documented_prominence_is_what_the_page_says(times: str, points: str) -> None:
    assert prominence(float({"once": 1, "twice": 2}.get(times) or times)) == pytest.approx(float(points))
