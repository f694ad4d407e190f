"""OpenReview: the submissions of a venue."""

from datetime import UTC, datetime
from typing import Any

import pytest

from digestd.model.paper import Links, Paper
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources.http import Web
from digestd.sources.openreview import read, sources
from tests.sources.documents import body
from tests.sources.service_documents import first_form, note, notes
from tests.sources.wanted import Wanted
from tests.support.shared import shared
from tests.support.web import Site

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
NOTHING = Cursor()
ASKED = "/notes?content.venueid=Example.org/2026/Conference&limit=1000&sort=cdate:asc&offset="
CHALLENGE = "<!DOCTYPE html><html><body>Are you a person?</body></html>"


def only(told: Any) -> Paper:
    answer = read(body(notes(told)), "venue")
    assert isinstance(answer, Fetched)
    (paper,) = answer.papers
    return paper


async def poll(web: Web, site: Site, cursor: Cursor = NOTHING) -> Fetched | NotModified | Failed:
    (source,) = sources(Wanted("openreview", site.url("/"), "venue"), web)
    return await source.fetch(cursor, NOON)


async def fetched(web: Web, site: Site, cursor: Cursor = NOTHING) -> Fetched:
    told = await poll(web, site, cursor)
    assert isinstance(told, Fetched)
    return told


@pytest.mark.parametrize("form", [dict, first_form])
def test_a_submission_becomes_a_paper(form: Any) -> None:
    paper = only(form(note()))

    assert paper.ids.openreview == "Tide_000001"
    assert paper.id == "openreview:Tide_000001"
    assert (paper.title, paper.abstract) == ("Lanterns at low tide", "We light a lantern.")
    assert paper.authors == ("Ada Quill", "Bo Reed")
    assert paper.categories == ()
    assert paper.published == datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert paper.journal == "Example 2026 poster"
    assert paper.comment == "Lanterns float."
    assert paper.links == Links("https://openreview.net/forum?id=Tide_000001", "https://openreview.net/pdf/lantern.pdf")
    assert paper.sources == ("venue",)


def test_authors_may_be_profiles() -> None:
    profiles = [{"fullname": "Ada Quill", "username": "~Ada_Quill1"}, {"name": "Bo Reed"}, {"username": "~C1"}, None, 7]

    assert only(note(1, {"authors": profiles})).authors == ("Ada Quill", "Bo Reed")


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        pytest.param({"pdate": None, "odate": 1772582400000}, "2026-03-04T00:00", id="made_public"),
        pytest.param({"pdate": None}, "2026-03-03T18:00", id="created"),
        pytest.param({"pdate": None, "cdate": None, "tcdate": 1772582400000}, "2026-03-04T00:00", id="entered"),
        pytest.param({"pdate": 10**40, "cdate": 1772582400000}, "2026-03-04T00:00", id="an_absurd_number"),
        pytest.param({"pdate": "soon", "cdate": True}, None, id="no_numbers"),
        pytest.param({"pdate": -1, "cdate": 0}, None, id="before_time"),
    ],
)
def test_a_date_is_milliseconds(dates: dict[str, Any], published: str | None) -> None:
    expected = datetime.fromisoformat(f"{published}+00:00") if published else None

    assert only(note(1, **dates)).published == expected


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(note(2, forum="Tide_000001"), id="a_review"),
        pytest.param(note(2, ddate=1772647200000), id="deleted"),
    ],
)
def test_what_is_no_submission_is_left_out_without_a_word(other: object) -> None:
    told = read(body(notes(other, note())), "venue")

    assert isinstance(told, Fetched)
    assert len(told.papers) == 1
    assert told.complaints == ()


@pytest.mark.parametrize("content", [{"title": None}, {"title": " "}, {"title": ["x"]}])
def test_a_submission_without_a_title_is_a_complaint_and_the_rest_goes_on(content: dict[str, Any]) -> None:
    told = read(body(notes(note(2, content), note())), "venue")

    assert isinstance(told, Fetched)
    assert len(told.papers) == 1
    assert told.complaints == ("submission 1 has no id or no title",)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(None, id="null"),
        pytest.param("note", id="a_word"),
        pytest.param({}, id="an_empty_note"),
        pytest.param(note(2, id=None), id="a_null_id"),
        pytest.param(note(2, id=None, forum=None), id="no_names_at_all"),
        pytest.param(note(2, id=7), id="a_number_for_an_id"),
    ],
)
def test_what_may_have_been_a_submission_is_a_complaint(other: object) -> None:
    told = read(body(notes(note(), other)), "venue")

    assert isinstance(told, Fetched)
    assert len(told.papers) == 1
    assert told.complaints == ("submission 2 has no id or no title",)


def test_a_note_whose_forum_is_null_is_a_submission() -> None:
    assert only(note(1, forum=None)).ids.openreview == "Tide_000001"


async def test_a_server_that_repeats_its_pages_has_not_told_all(web: Web, site: Site) -> None:
    site.serve("/notes", notes(None, note(1), note(2), count=9))

    told = await fetched(web, site)

    assert len(told.papers) == 2
    assert told.gap == "page 2: the server repeats its pages"
    assert told.cursor == NOTHING


def test_what_a_note_lacks_or_has_wrong_is_left_out() -> None:
    paper = only(
        {
            "id": "Tide_1",
            "forum": "Tide_1",
            "content": {"title": "Ti\u0000des", "authors": "Quill", "pdf": "ftp://x", "TLDR": 7},
        }
    )

    assert (paper.title, paper.authors, paper.abstract) == ("Tides", (), "")
    assert (paper.published, paper.journal, paper.comment, paper.links.pdf) == (None, None, None, None)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(CHALLENGE, "a challenge page came", id="a_challenge"),
        pytest.param("", "not a list of notes", id="nothing"),
        pytest.param(notes(note())[:-5], "not a list of notes", id="truncated"),
        pytest.param('{"notes": {}}', "not a list of notes", id="no_list"),
        pytest.param('{"name": "ForbiddenError", "message": "You may not", "status": 403}', '"You may not"', id="an_error"),
        pytest.param(notes(note(1, {"title": None})), "none of the page's 1 submissions", id="no_papers_at_all"),
        pytest.param('{"notes":' * 50_000, "not a list of notes", id="nested"),
    ],
)
def test_what_is_no_answer_is_a_failure(document: str, words: str) -> None:
    told = read(body(document), "venue")

    assert isinstance(told, Failed)
    assert words in told.reason


async def test_a_whole_venue_is_asked_for_page_by_page(web: Web, site: Site) -> None:
    site.serve(f"{ASKED}0", notes(note(1), note(2), count=3))
    site.serve(f"{ASKED}2", notes(note(3), count=3))

    told = await fetched(web, site)

    assert len(told.papers) == 3
    assert not told.day_list
    assert [request.path for request in site.requests] == [f"{ASKED}0", f"{ASKED}2"]


async def test_without_a_count_a_page_that_is_not_full_is_the_last(web: Web, site: Site) -> None:
    site.serve("/notes", notes(note(), count=None))

    assert len((await fetched(web, site)).papers) == 1
    assert len(site.requests) == 1


async def test_a_venue_that_says_the_same_is_not_modified(web: Web, site: Site) -> None:
    site.serve("/notes", notes(note(1)))
    first = await fetched(web, site)

    again = await poll(web, site, first.cursor)
    site.serve("/notes", notes(note(1), note(2)))
    later = await fetched(web, site, first.cursor)

    assert again == NotModified(first.cursor)
    assert len(later.papers) == 2


@pytest.mark.parametrize(
    ("last", "why"),
    [
        pytest.param({"body": notes(count=3)}, "page 2: only 2 of 3 notes came", id="nothing_more"),
        pytest.param({"body": CHALLENGE}, "page 2: a challenge page came", id="a_challenge"),
        pytest.param({"status": 500}, "page 2: the server answered 500", id="an_error"),
    ],
)
async def test_pages_that_are_missing_are_a_gap(last: dict[str, Any], why: str, web: Web, site: Site) -> None:
    site.serve(f"{ASKED}0", notes(note(1), note(2), count=3))
    site.serve(f"{ASKED}2", **last)

    told = await fetched(web, site)

    assert len(told.papers) == 2
    assert told.gap is not None
    assert told.gap.startswith(why)
    assert told.cursor == NOTHING


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param({"body": CHALLENGE}, "a challenge page came", id="a_challenge_with_200"),
        pytest.param({"body": CHALLENGE, "status": 403}, "OpenReview may want a challenge solved", id="a_challenge_with_403"),
        pytest.param({"status": 429, "headers": {"Retry-After": "60"}}, "429", id="too_often"),
    ],
)
async def test_a_poll_that_brings_nothing_is_a_failure(answer: dict[str, Any], words: str, web: Web, site: Site) -> None:
    site.serve("/notes", **answer)

    told = await poll(web, site)

    assert isinstance(told, Failed)
    assert words in told.reason


async def test_a_challenge_on_another_page_is_a_failure(web: Web, site: Site) -> None:
    site.redirect("/notes", "/challenge?next=notes")
    site.serve("/challenge", CHALLENGE)

    told = await poll(web, site)

    assert isinstance(told, Failed)
    assert "a challenge page came" in told.reason


def test_a_real_note_is_read() -> None:
    told = read(body(shared("data", "feeds", "openreview", "notes_v1_NIPS2018_CDNNRIA_HkghWScuoQ.json").read_bytes()), "venue")

    assert isinstance(told, Fetched)
    (paper,) = told.papers
    assert paper.ids.openreview == "HkghWScuoQ"
    assert (len(paper.authors), paper.published) == (5, datetime(2018, 10, 20, 11, 44, 3, 524000, UTC))
