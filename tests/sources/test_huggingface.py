"""Hugging Face's list of the day."""

from datetime import UTC, datetime

import pytest

from digestd.model.paper import Links
from digestd.model.source import Failed, Fetched
from digestd.sources import arxiv
from digestd.sources.huggingface import read
from tests.sources.documents import arxiv_item, body, daily_paper, daily_papers, rss


def fetched(document: str) -> Fetched:
    told = read(body(document), "daily")
    assert isinstance(told, Fetched)
    return told


def test_a_row_becomes_a_paper_with_its_votes() -> None:
    told = fetched(daily_papers(daily_paper()))

    (paper,) = told.papers
    assert told.day_list
    assert paper.id == "arXiv:2603.00001"
    assert (paper.title, paper.abstract) == ("Lanterns at low tide", "We light a lantern.")
    assert paper.authors == ("Ada Quill", "Bo Reed")
    assert paper.published == datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert (paper.votes, paper.comments, paper.organization) == (12, 3, "Tide Laboratory")
    assert paper.links == Links("https://arxiv.org/abs/2603.00001", "https://arxiv.org/pdf/2603.00001")
    assert paper.sources == ("daily",)


def test_a_paper_here_and_on_arxiv_is_one_paper() -> None:
    announced = arxiv.read(body(rss(arxiv_item())), "arxiv")

    assert isinstance(announced, Fetched)
    assert fetched(daily_papers(daily_paper())).papers[0].id == announced.papers[0].id


def test_the_order_is_the_lists() -> None:
    told = fetched(daily_papers(daily_paper("2603.00003"), daily_paper("2603.00001"), daily_paper("2603.00003", upvotes=13)))

    assert [(paper.id, paper.votes) for paper in told.papers] == [("arXiv:2603.00003", 13), ("arXiv:2603.00001", 12)]


def test_an_empty_list_is_a_quiet_day() -> None:
    assert fetched("[]").papers == ()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(7, id="a_number"),
        pytest.param({}, id="no_paper"),
        pytest.param({"paper": []}, id="a_paper_that_is_a_list"),
        pytest.param(daily_paper("tide-1"), id="no_arxiv_id"),
        pytest.param({"paper": {"id": "2603.00002"}}, id="no_title"),
    ],
)
def test_a_row_that_names_no_paper_is_a_complaint_and_the_rest_goes_on(row: object) -> None:
    told = fetched(daily_papers(row, daily_paper()))

    assert len(told.papers) == 1
    assert told.complaints == ("row 1 names no arXiv paper or no title",)


def test_what_a_row_lacks_or_has_wrong_is_left_out() -> None:
    lacking = {
        "paper": {"id": "2603.00001", "authors": [None, {"name": 7}], "upvotes": "many"},
        "title": "Tides",
        "numComments": -1,
    }

    (paper,) = fetched(daily_papers(lacking)).papers
    assert paper.title == "Tides"
    assert (paper.abstract, paper.authors, paper.published) == ("", (), None)
    assert (paper.votes, paper.comments, paper.organization) == (None, None, None)


@pytest.mark.parametrize("document", ["", '{"error": "Invalid date"}', "<html></html>", "[{}]", "[" * 100_000, '"tide"'])
def test_what_is_no_list_of_papers_is_a_failure(document: str) -> None:
    assert isinstance(read(body(document), "daily"), Failed)
