"""A query asked of arXiv's API, again and again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from digestd.model.source import Cursor, Failed, Fetched
from digestd.sources import arxiv_api
from digestd.sources.arxiv_api import Rows, Search, fresh_for, page, read
from digestd.sources.http import Manners, Web
from digestd.sources.pages import Page
from tests.sources.arxiv_documents import api_error, found, row
from tests.sources.documents import body
from tests.sources.wanted import Wanted
from tests.support.builders import DAY, NOON
from tests.support.shared import shared
from tests.support.web import Site

CAPTURES = {
    "id_0000.0000_s0_m100_8b51d9633a68": 0,
    "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af": 1,
    "id_1605.08386_s0_m100_199195aa31ad": 1,
    "q_einstein_2018-02-05_oldformat": 10,
    "q_transformer_cs.LG_2026-06-14": 5,
}
FIRST = Cursor()
SUBMITTED = Rows("", {}, "tides")
UPDATED = Rows("", {}, "tides", since=datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with Web(Manners("digestd-test (tester@example.org)", per_host_gap=timedelta())) as web:
        yield web


def search(site: Site, web: Web, date_field: str | None = None) -> Search:
    wanted = Wanted("arxiv_api", site.url("/"), query="cat:cs.LG OR abs:lantern", date_field=date_field)
    (only,) = arxiv_api.sources(wanted, web)
    return only


def asked(site: Site, number: int = -1) -> dict[str, list[str]]:
    return parse_qs(urlsplit(site.requests[number].path).query)


def rows(first: int, count: int) -> list[str]:
    return [row(f"2603.{number:05}") for number in range(first, first + count)]


async def fetched(source: Search, cursor: Cursor = FIRST) -> Fetched:
    told = await source.fetch(cursor, NOON)
    assert isinstance(told, Fetched)
    return told


def page_of(document: str, rows: Rows = SUBMITTED) -> Page:
    told = page(body(document), rows=rows)
    assert isinstance(told, Page)
    return told


def test_an_entry_becomes_a_paper() -> None:
    entry = row(version=2, arxiv_doi="10.5555/Tide.1", arxiv_comment="9 pages", arxiv_journal_ref="Annals of Tides 3")
    (paper,) = page_of(found(entry)).papers

    assert paper.id == "arXiv:2603.00001"
    assert (paper.version, paper.ids.doi) == (2, "10.5555/tide.1")
    assert (paper.title, paper.abstract) == ("Lanterns at low tide", "We light a lantern.")
    assert paper.authors == ("Ada Quill", "Bo Reed")
    assert paper.categories == ("cs.LG", "cs.AI")
    assert paper.published == datetime(2026, 3, 3, 17, 59, 59, tzinfo=UTC)
    assert (paper.comment, paper.journal) == ("9 pages", "Annals of Tides 3")
    assert paper.sources == ("tides",)


def test_an_id_of_the_old_form_and_tex_are_kept() -> None:
    (paper,) = page_of(found(row("hep-ex/0307015", title="When $O(n<k)$ & <b>bold"))).papers

    assert paper.id == "arXiv:hep-ex/0307015"
    assert paper.title == "When $O(n<k)$ & <b>bold"


def test_arxivs_own_doi_is_no_journals() -> None:
    (paper,) = page_of(found(row(arxiv_doi="10.48550/arXiv.2603.00001"))).papers

    assert paper.ids.doi is None


class TestAsking:
    async def test_a_first_poll_looks_back_and_some_days_farther(self, site: Site, web: Web) -> None:
        site.serve("/api/query", found(row()))
        told = await fetched(search(site, web))

        assert asked(site) == {
            "search_query": ["(cat:cs.LG OR abs:lantern) AND submittedDate:[202602231200 TO 202603051200]"],
            "sortBy": ["submittedDate"],
            "sortOrder": ["ascending"],
            "start": ["0"],
            "max_results": ["500"],
        }
        assert told.cursor == Cursor(reached=NOON)
        assert not told.day_list

    async def test_a_later_poll_asks_from_a_week_before_the_last(self, site: Site, web: Web) -> None:
        site.serve("/api/query", found())
        told = await fetched(search(site, web), Cursor(reached=NOON - 30 * DAY))

        assert "submittedDate:[202601271200 TO 202603051200]" in asked(site)["search_query"][0]
        assert told.papers == ()
        assert told.cursor.reached == NOON

    async def test_pages_follow_until_all_that_were_found_are_there(self, site: Site, web: Web) -> None:
        site.serve("/api/query", found(*rows(0, 2), total=3))
        source = search(site, web)
        await source.fetch(FIRST, NOON)
        second = site.requests[-1].path
        site.serve(second, found(*rows(2, 1), total=3, start=2))
        told = await fetched(source)

        assert [paper.id for paper in told.papers] == ["arXiv:2603.00000", "arXiv:2603.00001", "arXiv:2603.00002"]
        assert asked(site)["start"] == ["2"]
        assert told.gap is None

    async def test_a_page_that_fails_leaves_a_gap_and_the_papers_before_it(self, site: Site, web: Web) -> None:
        site.serve("/api/query", found(*rows(0, 2), total=900))
        source, cursor = search(site, web), Cursor(reached=NOON - DAY)
        await source.fetch(cursor, NOON)
        site.serve(site.requests[-1].path, found(total=900, start=2))
        told = await fetched(source, cursor)

        assert len(told.papers) == 2
        assert told.gap == "page 2: it came empty, though 900 papers were found"
        assert told.cursor == cursor

    async def test_a_server_that_repeats_its_pages_has_not_told_all(self, site: Site, web: Web) -> None:
        site.serve("/api/query", found(*rows(0, 2), total=6).replace("startIndex", "start"))
        cursor = Cursor(reached=NOON - DAY)
        told = await fetched(search(site, web), cursor)

        assert len(site.requests) == 2
        assert told.gap == "page 2: the server repeats its pages"
        assert told.cursor == cursor

    async def test_a_last_page_that_is_the_page_before_tells_no_more_either(self, site: Site, web: Web) -> None:
        site.serve("/api/query", found(*rows(0, 2), total=4).replace("startIndex", "start"))

        assert (await fetched(search(site, web))).gap == "page 2: the server repeats its pages"

    async def test_a_last_row_that_moved_by_one_repeats_nothing(self, site: Site, web: Web) -> None:
        site.serve("/api/query", found(*rows(0, 2), total=3))
        source = search(site, web)
        await source.fetch(FIRST, NOON)
        site.serve(site.requests[-1].path, found(*rows(1, 1), total=3, start=2))

        assert (await fetched(source)).gap is None

    async def test_a_first_page_that_fails_is_a_failure(self, site: Site, web: Web) -> None:
        site.serve("/api/query", status=503, headers={"Retry-After": "120"})
        failed = await search(site, web).fetch(FIRST, NOON)

        assert isinstance(failed, Failed)
        assert failed.wait == timedelta(minutes=2)

    async def test_by_date_of_update_rows_are_read_until_they_are_older(self, site: Site, web: Web) -> None:
        newest = [row("2603.00001", 2), row("1901.00001", 7, updated="2026-02-23T12:00:00Z")]
        site.serve("/api/query", found(*newest, row("1801.00001", updated="2026-02-23T11:59:00Z"), total=28_946))
        told = await fetched(search(site, web, date_field="updated"))

        assert [paper.id for paper in told.papers] == ["arXiv:2603.00001", "arXiv:1901.00001"]
        assert len(site.requests) == 1
        assert asked(site)["search_query"] == ["cat:cs.LG OR abs:lantern"]
        assert (asked(site)["sortBy"], asked(site)["sortOrder"]) == (["lastUpdatedDate"], ["descending"])
        assert told.gap is None

    def test_what_is_asked_decides_what_a_source_is(self, site: Site, web: Web) -> None:
        origins = {search(site, web).origin, search(site, web, date_field="updated").origin}

        assert len(origins) == 2
        assert search(site, web).service == "arxiv"
        assert search(site, web).name == "tides"


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        pytest.param(NOON, timedelta(hours=6), id="by_day"),
        pytest.param(datetime(2026, 3, 6, 3, 30, tzinfo=UTC), timedelta(hours=1, minutes=30), id="until_midnight_in_new_york"),
        pytest.param(datetime(2026, 3, 9, 3, 30, tzinfo=UTC), timedelta(minutes=30), id="after_the_clocks_went_forward"),
        pytest.param(datetime(2026, 3, 7, 3, 30, tzinfo=UTC), timedelta(hours=6), id="before_a_saturday"),
    ],
)
def test_answers_stay_fresh_until_they_may_change(now: datetime, wait: timedelta) -> None:
    assert fresh_for(now) == wait


@pytest.mark.parametrize(
    ("document", "rows", "words"),
    [
        pytest.param(api_error("incorrect id format for tide"), SUBMITTED, "arXiv answered: incorrect id format", id="error"),
        pytest.param(found(total=12), SUBMITTED, "it came empty, though 12 papers", id="an_empty_page"),
        pytest.param(found(row(), total=9, start=0), Rows("", {}, "", start=5), "begins at row 0", id="the_wrong_page"),
        pytest.param(found(row()).replace("totalResults", "total"), SUBMITTED, "does not say how many", id="no_total"),
        pytest.param(found(row(title="")), SUBMITTED, "none of the answer's 1 entries", id="nothing_readable"),
        pytest.param(
            found(row(), total=40_000, start=29_999),
            Rows("", {}, "", start=29_999),
            "arXiv gives 30,000",
            id="more_than_it_gives",
        ),
        pytest.param(
            found(row(updated="2020-01-01T00:00:00Z"), row(), total=9), UPDATED, "not in the order", id="sorting_ignored"
        ),
        pytest.param(found(row())[:-30], SUBMITTED, "cut short", id="truncated"),
        pytest.param("<html><body>Rate exceeded.</body></html>", SUBMITTED, "HTML", id="html_with_200"),
        pytest.param("Rate exceeded.", SUBMITTED, "not an answer in XML", id="plain_text"),
        pytest.param("<rss/>", SUBMITTED, "no answer of arXiv's API", id="another_form"),
        pytest.param(f"<!DOCTYPE x [<!ENTITY t 'x'>]>{found(row())}", SUBMITTED, "not an answer", id="entities_of_its_own"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_a_failure(document: str, rows: Rows, words: str) -> None:
    failed = page(body(document), rows=rows)

    assert isinstance(failed, Failed)
    assert words in failed.reason


def test_an_entry_that_cannot_be_read_is_a_complaint_and_the_rest_goes_on() -> None:
    told = page_of(found(row(title=""), row()))

    assert len(told.papers) == 1
    assert told.complaints == ("entry 1 has no arXiv id or no title",)


def test_nothing_found_is_an_answer() -> None:
    assert page_of(found()) == Page()


@pytest.mark.parametrize("name", CAPTURES)
def test_real_answers_are_read(name: str) -> None:
    told = read(body(shared("data", "feeds", "arxiv_api", f"{name}.xml").read_bytes()), "arxiv")

    assert isinstance(told, Fetched)
    assert len(told.papers) == CAPTURES[name]
    assert all(paper.version and paper.published and paper.authors and paper.categories for paper in told.papers)
