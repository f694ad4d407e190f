"""The shape of a paper: what is not of its type is refused."""

from typing import Any

import pytest

from digestd.model.paper import Links, Paper, PaperId
from digestd.model.shapes import paper_from_json, paper_to_json, parse_instant

LAMP = {"id": "lamp-1", "title": "A lantern"}


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        pytest.param({"abstract": 5}, "abstract should be a text", id="abstract"),
        pytest.param({"authors": "Ada Quill"}, "authors should be a list of texts", id="one_author"),
        pytest.param({"authors": ["Ada Quill", None]}, "authors should be a list of texts", id="no_author"),
        pytest.param({"categories": "cs.LG"}, "categories should be a list of texts", id="categories"),
        pytest.param({"sources": {"arxiv": 1}}, "sources should be a list of texts", id="sources"),
        pytest.param({"published": 5}, "published should be a text", id="published"),
        pytest.param({"links": "https://a.example"}, "links should be an object", id="links"),
        pytest.param({"links": {"abstract": 5}}, "abstract should be a text", id="link"),
        pytest.param({"ids": ["2613.00001"]}, "ids should be an object", id="ids"),
        pytest.param({"ids": {"arxiv": 5}}, "arxiv should be a text", id="arxiv"),
        pytest.param({"votes": "5"}, "votes should be a whole number", id="votes_text"),
        pytest.param({"votes": True}, "votes should be a whole number", id="votes_true"),
        pytest.param({"comments": float("nan")}, "comments should be a whole number", id="comments_nan"),
        pytest.param({"version": 1.5}, "version should be a whole number", id="version"),
        pytest.param({"journal": ["Tides"]}, "journal should be a text", id="journal"),
    ],
)
def test_a_field_of_another_type_is_refused(field: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        paper_from_json(LAMP | field)


def test_an_id_is_a_text_also_beside_ids() -> None:
    with pytest.raises(TypeError):
        paper_from_json({"id": 1, "title": "A lantern", "ids": {"arxiv": "2613.00001"}})


def test_every_link_is_kept() -> None:
    links = Links("https://a.example/1", "https://a.example/1.pdf", "https://a.example/1.full", "https://code.example/1")

    assert paper_from_json(paper_to_json(Paper(PaperId("lamp-1"), "A lantern", links=links))).links == links


def test_null_is_the_same_as_absent() -> None:
    empty = dict.fromkeys(paper_to_json(paper_from_json(LAMP)).keys() | {"votes", "comments", "version", "journal"})

    assert paper_from_json(empty | LAMP) == Paper(PaperId("lamp-1"), "A lantern")


@pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|UTC"):
        parse_instant(text)
