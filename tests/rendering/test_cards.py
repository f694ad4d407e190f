"""What a card leads to and says of where a paper appeared, and how a longer period's cards are divided."""

import re
from typing import Any

import pytest

from digestd.model.paper import Identifiers, Links, Paper, PaperId
from digestd.model.period import Schedule
from tests.rendering.test_page import page
from tests.support.builders import NOON, digest, paper

WEEKLY = Schedule("week", on=3)


def days_of(text: str) -> list[str]:
    return re.findall(r"^([A-Z][^\n]*)\n-{6,}$", text, re.MULTILINE)


def on(day: int | None, number: int) -> Paper:
    return paper(number, published=NOON.replace(day=day) if day else None)


def test_a_weekly_digest_is_divided_by_day_the_newest_first_and_counted_through() -> None:
    shown = [on(2, 1), on(4, 2), on(None, 3), on(2, 4), on(4, 5)]

    made = page(digest("ada", *shown, schedule=WEEKLY), *shown)

    assert days_of(made.text) == ["Wednesday, 4 March 2026", "Monday, 2 March 2026", "Without a date"]
    assert re.findall(r"^ (\d)\. Paper (\d)", made.text, re.MULTILINE) == [*zip("12345", "25143", strict=True)]
    assert "Paper 1" in made.subject


@pytest.mark.parametrize(
    ("schedule", "days", "names"),
    [
        pytest.param(Schedule(), [2, 3, 4, 5], [], id="a_day"),
        pytest.param(WEEKLY, [2, 3, 4], [], id="few_papers"),
        pytest.param(WEEKLY, [2, 2, 2, 2], [], id="one_day"),
        pytest.param(Schedule("month", on=1), [2, 3, 9, 10], ["Week of 9 Mar 2026", "Week of 2 Mar 2026"], id="a_month"),
    ],
)
def test_a_digest_is_divided_where_that_helps(schedule: Schedule, days: list[int], names: list[str]) -> None:
    shown = [on(day, number) for number, day in enumerate(days, 1)]

    told = days_of(page(digest("ada", *shown, schedule=schedule), *shown).text.replace("\u00a0", " "))

    assert told == names


@pytest.mark.parametrize(
    ("one", "told"),
    [
        pytest.param(paper(1, journal="Tides"), "now in Tides", id="preprint_of_arxiv"),
        pytest.param(
            Paper(PaperId("doi:10.1101/1"), "Tide", ids=Identifiers(doi="10.1101/1"), journal="Tides"),
            "now in Tides",
            id="of_biorxiv",
        ),
        pytest.param(Paper(PaperId("pmid:1"), "Tide", ids=Identifiers(pmid="1"), journal="Tides"), "Tides", id="journal"),
    ],
)
def test_where_a_paper_appeared_is_told(one: Paper, told: str) -> None:
    assert re.findall(r"(?:now in )?Tides", page(digest("ada", one), one).text) == [told]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"links": Links("", code="https://code.example.org/tide")}, "https://code.example.org/tide", id="told"),
        pytest.param(
            {"abstract": r"Code: \url{https://github.com/quay/tide}."}, "https://github.com/quay/tide", id="in_the_abstract"
        ),
        pytest.param(
            {"comment": "9 pages, https://gitlab.com/quay/tide.git"}, "https://gitlab.com/quay/tide", id="in_the_comment"
        ),
        pytest.param({"abstract": "Unlike https://github.com/a/b we have https://github.com/c/d."}, "", id="two_places"),
        pytest.param({"abstract": "See https://example.org/a/b."}, "", id="elsewhere"),
        pytest.param({"links": Links("", code="javascript:alert(1)")}, "", id="no_link"),
    ],
)
def test_code_is_led_to_where_there_is_one_place(fields: dict[str, Any], code: str) -> None:
    one = paper(1, **fields)

    links = re.findall(r'href="([^"]*)"[^>]*>Code', page(digest("ada", one), one).html)

    assert links == ([code] if code else [])
