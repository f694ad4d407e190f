"""arXiv's lists of the day."""

from datetime import UTC, datetime

import pytest

from digestd.model.paper import Links
from digestd.model.source import Failed, Fetched
from digestd.sources.arxiv import read
from tests.sources.documents import arxiv_atom_entry, arxiv_item, atom, body, rss


def fetched(document: str, **asked: bool) -> Fetched:
    told = read(body(document), "arxiv", **asked)
    assert isinstance(told, Fetched)
    return told


def test_an_announcement_becomes_a_paper() -> None:
    told = fetched(rss(arxiv_item(version=3, way="new", arxiv_DOI="10.5555/Tide.1")))

    (paper,) = told.papers
    assert told.day_list
    assert paper.id == "arXiv:2603.00001"
    assert (paper.version, paper.ids.arxiv, paper.ids.doi) == (3, "2603.00001", "10.5555/tide.1")
    assert paper.abstract == "We light a lantern."
    assert paper.authors == ("Ada Quill", "Bo Reed")
    assert paper.categories == ("cs.LG",)
    assert paper.published == datetime(2026, 3, 5, 5, tzinfo=UTC)
    assert paper.links == Links("https://arxiv.org/abs/2603.00001", "https://arxiv.org/pdf/2603.00001")
    assert paper.sources == ("arxiv",)


def test_the_atom_form_tells_the_same() -> None:
    assert fetched(atom(arxiv_atom_entry())) == fetched(rss(arxiv_item(), title="cs.LG updates on arXiv.org"))


def test_titles_and_authors_are_text_and_tex_and_not_html() -> None:
    (paper,) = fetched(
        rss(
            arxiv_item(
                title="When $O(n<k)$ & <b>bold",
                description="arXiv:2603.00001v1 Announce Type: new \nAbstract: If $a<b$ and </i> &amp; \\emph{tide}.",
                dc_creator="Andr\\'e Q, Zo{\\\"e} R",
            )
        )
    ).papers

    assert paper.title == "When $O(n<k)$ & <b>bold"
    assert paper.abstract == "If $a<b$ and </i> &amp; \\emph{tide}."
    assert paper.authors == ("Andr\\'e Q", 'Zo{\\"e} R')


@pytest.mark.parametrize(
    ("asked", "news"),
    [
        pytest.param({}, "12", id="as_asked_for_by_default"),
        pytest.param({"cross_lists": False}, "1", id="no_cross_lists"),
        pytest.param({"revisions": True}, "1234", id="revisions_too"),
        pytest.param({"cross_lists": False, "revisions": True}, "13", id="revisions_but_no_cross_lists"),
    ],
)
def test_what_was_not_asked_for_is_back_catalogue(asked: dict[str, bool], news: str) -> None:
    ways = ("new", "cross", "replace", "replace-cross")
    told = fetched(rss(*(arxiv_item(f"2603.0000{n}", way=way) for n, way in enumerate(ways, 1))), **asked)

    assert len(told.papers) == 4
    assert {str(paper.id)[-1] for paper in told.papers if paper.id not in told.back_catalogue} == set(news)


def test_only_a_new_paper_is_dated_by_its_announcement() -> None:
    told = fetched(rss(arxiv_item("2603.00001"), arxiv_item("1901.00001", version=4, way="replace")))

    assert [paper.published is None for paper in told.papers] == [False, True]


def test_the_strongest_announcement_of_a_paper_wins() -> None:
    told = fetched(rss(arxiv_item(way="replace", version=2), arxiv_item(way="new")))

    assert [paper.version for paper in told.papers] == [2]
    assert told.back_catalogue == frozenset()


def test_an_entry_without_an_id_is_a_complaint_and_the_rest_goes_on() -> None:
    told = fetched(rss(arxiv_item(guid="", link="https://example.org/"), arxiv_item()))

    assert len(told.papers) == 1
    assert told.complaints == ("entry 1 has no arXiv id or no title",)


def test_a_weekend_is_a_quiet_day() -> None:
    assert fetched(rss(title="cs.LG updates on arXiv.org")).papers == ()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(rss(title="Feed error for query: cs.TIDE"), "Feed error for query: cs.TIDE", id="feed_error"),
        pytest.param(rss(*(arxiv_item(f"2603.{n:05}") for n in range(2_000))), "2,000", id="two_thousand_entries"),
        pytest.param("<html><body>Rate exceeded.</body></html>", "HTML", id="html_with_200"),
        pytest.param(rss(arxiv_item(guid="", link="")), "none of the list's 1 entries", id="no_ids"),
        pytest.param(rss(arxiv_item())[:-40], "cut short", id="truncated"),
    ],
)
def test_a_list_that_cannot_be_believed_is_a_failure(document: str, words: str) -> None:
    told = read(body(document), "arxiv")

    assert isinstance(told, Failed)
    assert words in told.reason
