"""Hugging Face's lists of the day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digestd.model.paper import Links
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources import arxiv
from digestd.sources.http import Web
from digestd.sources.huggingface import read, sources
from tests.sources.documents import arxiv_item, body, daily_paper, daily_papers, rss
from tests.sources.wanted import Wanted
from tests.support.web import Site

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)  # a Thursday
NOTHING = Cursor()


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


def test_a_row_may_be_the_paper_itself() -> None:
    told = daily_paper(upvotes=7)

    assert fetched(daily_papers(told["paper"] | {"numComments": 2})).papers[0].votes == 7
    assert fetched(daily_papers(told["paper"] | {"numComments": 2})).papers[0].comments == 2


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("https://github.com/tidelab/lantern", "https://github.com/tidelab/lantern"),
        ("javascript:alert(1)", None),
        ("tidelab/lantern", None),
        (["https://github.com/tidelab/lantern"], None),
        (None, None),
    ],
)
def test_code_is_where_its_address_says(told: Any, code: str | None) -> None:
    assert fetched(daily_papers(daily_paper(githubRepo=told))).papers[0].links.code == code


def test_a_full_list_says_that_there_may_be_more() -> None:
    told = fetched(daily_papers(*(daily_paper(f"2603.{number:05}") for number in range(100))))

    assert told.complaints == ("the list has 100 rows, as many as were asked for: there may be more",)


def serve(site: Site, day: str, *rows: Any) -> None:
    site.serve(address(day), daily_papers(*rows))


def address(day: str) -> str:
    return f"/api/daily_papers?date={day}&limit=100"


async def poll(web: Web, site: Site, cursor: Cursor = NOTHING, now: datetime = NOON) -> Fetched | NotModified | Failed:
    (source,) = sources(Wanted("huggingface", site.url("/"), "daily"), web)
    return await source.fetch(cursor, now)


async def polled(web: Web, site: Site, cursor: Cursor = NOTHING, now: datetime = NOON) -> Fetched:
    told = await poll(web, site, cursor, now)
    assert isinstance(told, Fetched)
    return told


async def test_a_poll_brings_yesterdays_list_and_todays(web: Web, site: Site) -> None:
    serve(site, "2026-03-04", daily_paper("2603.00001"), daily_paper("2603.00002"))
    serve(site, "2026-03-05", daily_paper("2603.00003"))

    told = await polled(web, site)

    assert [paper.ids.arxiv for paper in told.papers] == ["2603.00003", "2603.00001", "2603.00002"]
    assert told.day_list
    assert (told.gap, told.cursor.reached) == (None, NOON)


async def test_lists_that_say_the_same_are_not_read_again(web: Web, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.serve("/api/daily_papers", daily_papers(daily_paper()), headers={"Cache-Control": "max-age=60"})
    first = await polled(web, site)
    monkeypatch.setattr(web, "read", None)  # whoever reads now, fails

    again = await poll(web, site, first.cursor, NOON + timedelta(hours=1))

    assert isinstance(again, NotModified)
    assert again.cursor.body_hash == first.cursor.body_hash
    assert again.cursor.reached == NOON + timedelta(hours=1)
    assert again.wait == timedelta(minutes=1)


async def test_votes_that_grew_are_told(web: Web, site: Site) -> None:
    serve(site, "2026-03-04", daily_paper(upvotes=3))
    serve(site, "2026-03-05")
    first = await polled(web, site)
    serve(site, "2026-03-04", daily_paper(upvotes=30))

    again = await polled(web, site, first.cursor)

    assert [paper.votes for paper in again.papers] == [30]


async def test_a_list_that_was_half_filled_is_told_again_with_the_rest(web: Web, site: Site) -> None:
    serve(site, "2026-03-04")
    serve(site, "2026-03-05", daily_paper("2603.00001"))
    first = await polled(web, site)
    serve(site, "2026-03-05", daily_paper("2603.00001"), daily_paper("2603.00002"))
    serve(site, "2026-03-06")

    again = await polled(web, site, first.cursor, NOON + timedelta(days=1))

    assert len(again.papers) == 2


@pytest.mark.parametrize(
    ("now", "days"),
    [
        pytest.param(datetime(2026, 3, 6, 0, 1, tzinfo=UTC), ["2026-03-05", "2026-03-06"], id="friday_just_after_midnight"),
        pytest.param(datetime(2026, 3, 7, 9, tzinfo=UTC), ["2026-03-06", "2026-03-07"], id="saturday"),
        pytest.param(datetime(2026, 3, 8, 9, tzinfo=UTC), ["2026-03-06", "2026-03-07", "2026-03-08"], id="sunday"),
        pytest.param(
            datetime(2026, 3, 9, 0, 1, tzinfo=UTC), ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"], id="monday"
        ),
    ],
)
async def test_it_asks_from_the_last_working_day_on(now: datetime, days: list[str], web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", "[]")

    await polled(web, site, now=now)

    assert [request.path for request in site.requests] == [address(day) for day in reversed(days)]


FRIDAY = datetime(2026, 3, 6, 20, tzinfo=UTC)


async def polled_on(days: int, web: Web, site: Site, known: Cursor) -> Fetched:
    return await polled(web, site, known, FRIDAY + timedelta(days=days))


async def test_empty_lists_of_working_days_are_asked_for_until_they_come(web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", "[]")
    silent = await polled_on(1, web, site, Cursor(reached=datetime(2026, 3, 2, 20, tzinfo=UTC), body_hash="as it was"))
    for number in range(2, 7):
        serve(site, f"2026-03-{number:02}", daily_paper(f"2603.{number:05}"))

    told = await polled_on(2, web, site, silent.cursor)

    assert silent.gap == ("no papers on the list of 2026-03-02, 2026-03-03, 2026-03-04, 2026-03-05, where there should be some")
    assert (silent.cursor.reached, silent.cursor.body_hash) == (datetime(2026, 3, 2, tzinfo=UTC), None)
    assert (len(told.papers), told.gap, told.cursor.reached) == (5, None, FRIDAY + timedelta(days=2))


async def test_yesterdays_list_may_be_late_and_is_asked_for_again(web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", "[]")
    serve(site, "2026-03-05", daily_paper("2603.00001"))
    known = Cursor(reached=datetime(2026, 3, 5, 20, tzinfo=UTC))

    saturday = await polled_on(1, web, site, known)
    again = await polled_on(1, web, site, saturday.cursor)
    unchanged = await poll(web, site, again.cursor, FRIDAY + timedelta(days=1, hours=1))
    sunday = await polled_on(2, web, site, saturday.cursor)

    assert (saturday.gap, saturday.cursor.reached) == (None, datetime(2026, 3, 6, tzinfo=UTC))
    assert unchanged == NotModified(again.cursor)
    assert sunday.gap == "no papers on the list of 2026-03-06, where there should be some"


async def test_the_empty_list_of_a_holiday_is_let_go_after_a_week(web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", daily_papers(daily_paper()))
    serve(site, "2026-03-06")
    known = Cursor(reached=datetime(2026, 3, 6, tzinfo=UTC))

    seventh, eighth = await polled_on(7, web, site, known), await polled_on(8, web, site, known)

    assert seventh.gap == "no papers on the list of 2026-03-06, where there should be some"
    assert seventh.cursor.reached == datetime(2026, 3, 6, tzinfo=UTC)
    assert (eighth.gap, eighth.cursor.reached) == (None, FRIDAY + timedelta(days=8))


async def test_a_server_that_has_nothing_at_all_to_tell_has_no_holiday(web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", " [ ]\n")

    told = await polled_on(9, web, site, Cursor(reached=FRIDAY))

    assert told.gap is not None
    assert told.cursor.reached == datetime(2026, 3, 6, tzinfo=UTC)


def rows(begin: int, end: int) -> list[Any]:
    return [daily_paper(f"2603.{number:05}") for number in range(begin, end)]


async def test_a_long_list_is_asked_for_page_by_page(web: Web, site: Site) -> None:
    serve(site, "2026-03-04", *rows(0, 100))
    site.serve(f"{address('2026-03-04')}&p=1", daily_papers(*rows(100, 200)))
    site.serve(f"{address('2026-03-04')}&p=2", daily_papers(*rows(200, 230)))
    serve(site, "2026-03-05", *rows(300, 399))

    told = await polled(web, site)
    again = await poll(web, site, told.cursor)

    assert (len(told.papers), told.gap, told.complaints) == (329, None, ())
    assert [request.path.partition("&p=")[2] for request in site.requests] == ["", "", "1", "2"] * 2
    assert isinstance(again, NotModified)


async def test_more_rows_than_were_asked_for_are_the_whole_list(web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", daily_papers(*rows(0, 130)))

    told = await polled(web, site)

    assert (len(told.papers), told.gap, told.complaints) == (130, None, ())


async def test_a_list_has_at_most_ten_pages(web: Web, site: Site) -> None:
    serve(site, "2026-03-05")
    serve(site, "2026-03-04", *rows(0, 100))
    for page in range(1, 12):
        site.serve(f"{address('2026-03-04')}&p={page}", daily_papers(*rows(100 * page, 100 * page + 100)))

    told = await polled(web, site)

    assert (len(told.papers), told.gap) == (1_000, None)
    assert told.complaints == ("the list of 2026-03-04 has 10 pages: there may be more",)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        pytest.param({"body": daily_papers(*rows(0, 100))}, "the server repeats its pages", id="the_same_again"),
        pytest.param({"body": "<html></html>"}, "what came is not a list of papers", id="html"),
        pytest.param({"status": 400}, "the server answered 400", id="an_error"),
    ],
)
async def test_a_page_that_is_missing_is_a_gap(page: dict[str, Any], why: str, web: Web, site: Site) -> None:
    serve(site, "2026-03-04", daily_paper("2603.09999"))
    serve(site, "2026-03-05", *rows(0, 100))
    site.serve(f"{address('2026-03-05')}&p=1", **page)

    told = await polled(web, site)

    assert len(told.papers) == 101
    assert told.gap is not None
    assert told.gap.startswith(f"the list of 2026-03-05: {why}")
    assert told.cursor == NOTHING


async def test_after_a_week_away_every_list_since_is_asked_for(web: Web, site: Site) -> None:
    for number in range(1, 9):
        serve(site, f"2026-03-{number:02}", daily_paper(f"2603.{number:05}"))

    told = await polled(web, site, Cursor(reached=datetime(2026, 3, 1, 23, tzinfo=UTC)), datetime(2026, 3, 8, 1, tzinfo=UTC))

    assert len(told.papers) == 8
    assert told.gap is None


async def test_after_a_month_away_it_catches_up_step_by_step_and_brings_the_newest_first(web: Web, site: Site) -> None:
    for day in (date(2026, 2, 1) + timedelta(days=n) for n in range(33)):
        serve(site, f"{day}", daily_paper(f"26{day:%m}.{day.day:05}"))
    told, known = [], Cursor(reached=datetime(2026, 2, 1, 9, tzinfo=UTC))

    for _ in range(4):
        told.append(await polled(web, site, known))
        known = told[-1].cursor

    assert all(len(one.papers) <= 14 for one in told)
    assert {paper.ids.arxiv for one in told for paper in one.papers if paper.ids.arxiv} >= {
        f"2602.{n:05}" for n in range(1, 29)
    }
    assert "2603.00004" in {paper.ids.arxiv for paper in told[0].papers}
    assert told[0].gap == "only the lists up to 2026-02-12 and the newest were asked for yet"
    assert (told[-1].gap, told[-1].cursor.reached) == (None, NOON)


async def test_a_day_that_the_server_does_not_know_yet_is_no_trouble(web: Web, site: Site) -> None:
    serve(site, "2026-03-04", daily_paper())
    site.serve(address("2026-03-05"), '{"error": "Invalid date"}', status=400)

    told = await polled(web, site)

    assert (len(told.papers), told.gap) == (1, None)


@pytest.mark.parametrize(
    ("day", "trouble"),
    [
        pytest.param("2026-03-04", {"status": 400}, id="yesterday_refused"),
        pytest.param("2026-03-04", {"status": 500}, id="yesterday_fails"),
        pytest.param("2026-03-05", {"status": 500}, id="today_fails"),
        pytest.param("2026-03-05", {"body": "<html></html>"}, id="html_with_200"),
    ],
)
async def test_one_list_that_fails_is_a_gap(day: str, trouble: dict[str, Any], web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", daily_papers(daily_paper()))
    site.serve(address(day), **trouble)
    known = Cursor(reached=NOON - timedelta(hours=1), body_hash="as it was")

    told = await polled(web, site, known)

    assert len(told.papers) == 1
    assert told.gap is not None
    assert told.gap.startswith(f"the list of {day}: ")
    assert told.cursor == known


@pytest.mark.parametrize("answer", [{"status": 500}, {"status": 400}, {"body": "<html></html>"}, {"body": "[{}]"}])
async def test_when_all_lists_fail_the_poll_does(answer: dict[str, Any], web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", **answer)

    assert isinstance(await poll(web, site), Failed)


async def test_a_server_that_wants_to_be_left_alone_is(web: Web, site: Site) -> None:
    site.serve("/api/daily_papers", status=429, headers={"Retry-After": "600"})

    told = await poll(web, site)

    assert isinstance(told, Failed)
    assert told.wait == timedelta(minutes=10)
    assert len(site.requests) == 1


async def test_it_announces_on_weekdays(web: Web) -> None:
    (source,) = sources(Wanted("huggingface"), web)

    assert source.calendar is not None
    assert source.calendar.rests(datetime(2026, 3, 7, tzinfo=UTC))
    assert source.calendar.latest(NOON) == datetime(2026, 3, 5, tzinfo=UTC)
