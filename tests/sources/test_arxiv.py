"""arXiv's lists of the day."""

from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digestd.model.paper import Links
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources import arxiv
from digestd.sources.arxiv import Category, read
from digestd.sources.arxiv_catch_up import read_until
from digestd.sources.arxiv_paper import CALENDAR, LISTS
from digestd.sources.http import Manners, Web
from tests.sources.arxiv_documents import deleted, found, harvest, harvest_error, record, row
from tests.sources.documents import arxiv_atom_entry, arxiv_item, atom, body, rss
from tests.sources.wanted import Wanted
from tests.support.web import Site

THURSDAY = datetime(2026, 3, 5, 12, tzinfo=UTC)  # its list came at 05:00
DAY = timedelta(days=1)
TODAY = rss(arxiv_item("2603.00005"))
MANY = rss(*(arxiv_item(f"2603.0001{number}") for number in range(10)))
CUT = rss(*(arxiv_item(f"2603.1{number:04}") for number in range(2_000)))


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


def test_affiliations_and_the_journal_are_told_apart() -> None:
    item = arxiv_item(dc_creator="Ada Quill (Tide Lab (East), Port), Bo Reed (Sea, Ltd)", arxiv_journal_reference="Annals 3")
    (paper,) = fetched(rss(item)).papers

    assert paper.authors == ("Ada Quill", "Bo Reed")
    assert paper.journal == "Annals 3"


def test_a_list_of_two_thousand_is_not_whole() -> None:
    told = fetched(CUT)

    assert len(told.papers) == 2_000
    assert told.gap == "arXiv cut this list at 2,000 entries, and it is new papers that are missing"


def test_documents_of_arxivs_other_services_are_read_too() -> None:
    assert [paper.id for paper in fetched(harvest(record("2603.00007"))).papers] == ["arXiv:2603.00007"]
    assert [paper.version for paper in fetched(found(row(version=3))).papers] == [3]


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
        pytest.param(rss(title="Feed error for query: https://u:pw@x.org/rss/cs.TIDE"), "query: cs.TIDE", id="no_addresses"),
        pytest.param("<html><body>Rate exceeded.</body></html>", "HTML", id="html_with_200"),
        pytest.param(rss(arxiv_item(guid="", link="")), "none of the list's 1 entries", id="no_ids"),
        pytest.param(rss(arxiv_item())[:-40], "cut short", id="truncated"),
    ],
)
def test_a_list_that_cannot_be_believed_is_a_failure(document: str, words: str) -> None:
    told = read(body(document), "arxiv")

    assert isinstance(told, Failed)
    assert words in told.reason


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with Web(Manners("digestd-test (tester@example.org)", per_host_gap=timedelta())) as web:
        yield web


def category(site: Site, web: Web, category: str = "cs.LG", *, cross_lists: bool = True) -> Category:
    (only,) = arxiv.sources(Wanted("arxiv", site.url("/"), categories=(category,), cross_lists=cross_lists), web)
    return only


def march(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}Z")


def paths(site: Site) -> list[str]:
    return [urlsplit(request.path).path for request in site.requests]


def asked(site: Site) -> dict[str, list[str]]:
    return parse_qs(urlsplit(site.requests[-1].path).query)


def news(told: Fetched | NotModified | Failed) -> AbstractSet[str]:
    assert isinstance(told, Fetched)
    return {paper.id for paper in told.papers} - told.back_catalogue


@pytest.mark.parametrize(
    ("reached", "moved", "now", "until"),
    [
        pytest.param(None, None, "05T05:05", "05T05:05", id="a_first_poll"),
        pytest.param(None, "04T12:00", "05T12:00", "04T12:00", id="of_an_older_digestd"),
        pytest.param("04T12:00", "05T05:05", "05T05:59", "04T12:00", id="not_settled"),
        pytest.param("04T12:00", "05T05:05", "05T06:00", "05T06:00", id="settled"),
        pytest.param("04T12:00", "04T12:00", "05T11:00", "04T12:00", id="stale"),
        pytest.param("05T05:05", "05T05:05", "05T11:00", "05T05:05", id="stale_perhaps_since_the_first_poll"),
        pytest.param("04T12:00", "06T05:05", "07T05:05", "04T12:00", id="no_longer_there_on_a_saturday"),
    ],
)
def test_a_list_that_moved_has_been_read_when_it_is_looked_at_settled(
    reached: str | None, moved: str | None, now: str, until: str
) -> None:
    cursor = Cursor(reached=march(reached) if reached else None, moved_at=march(moved) if moved else None)

    assert read_until(cursor, march(now)) == march(until)


class TestLists:
    async def test_a_first_poll_asks_for_the_list_alone(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        told = await category(site, web).fetch(Cursor(), THURSDAY)

        assert paths(site) == ["/rss/cs.LG"]
        assert news(told) == {"arXiv:2603.00005"}
        assert isinstance(told, Fetched)
        assert told.cursor.reached == THURSDAY

    async def test_a_list_that_follows_the_last_is_asked_for_alone(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        cursor = Cursor(body_hash="x", reached=THURSDAY - 9 * DAY, moved_at=THURSDAY - DAY)
        told = await category(site, web).fetch(cursor, THURSDAY)

        assert paths(site) == ["/rss/cs.LG"]
        assert isinstance(told, Fetched)
        assert told.cursor.reached == THURSDAY - 9 * DAY

    async def test_a_list_put_right_within_its_day_is_read_again(self, site: Site, web: Web) -> None:
        source = category(site, web)
        site.serve("/rss/cs.LG", rss(arxiv_item("2603.00001")), etag='"left-over"', headers={"Cache-Control": "max-age=57600"})
        first = await source.fetch(Cursor(), THURSDAY)
        site.serve("/rss/cs.LG", TODAY, etag='"real"')
        assert isinstance(first, Fetched)
        then = await source.fetch(first.cursor, THURSDAY + timedelta(hours=6))

        assert first.wait == timedelta(hours=6)
        assert news(then) == {"arXiv:2603.00005"}

    async def test_a_list_that_failed_is_a_failure_whatever_was_missed(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", "<html>Busy</html>")
        told = await category(site, web).fetch(Cursor(reached=THURSDAY - 9 * DAY), THURSDAY)

        assert isinstance(told, Failed)
        assert paths(site) == ["/rss/cs.LG"]

    def test_every_request_takes_its_turn_with_arxivs_others(self, site: Site, web: Web) -> None:
        assert category(site, web).service == "arxiv"


class TestCatchingUp:
    async def test_lists_that_were_missed_are_asked_of_oai_pmh(self, site: Site, web: Web) -> None:
        old = record("1901.00001", created="2019-01-01", updated="2026-03-03")
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", harvest(record("2603.00003"), record("2603.00005"), old, deleted("2603.00008")))
        told = await category(site, web).fetch(Cursor(body_hash="x", moved_at=THURSDAY - 2 * DAY), THURSDAY)

        assert asked(site) == {
            "verb": ["ListRecords"], "metadataPrefix": ["arXiv"], "set": ["cs:cs:LG"], "from": ["2026-03-03"],
        }  # fmt: skip
        assert news(told) == {"arXiv:2603.00003", "arXiv:2603.00005"}
        assert isinstance(told, Fetched)
        assert told.back_catalogue == {"arXiv:1901.00001"}
        assert (told.gap, told.cursor.reached, told.day_list) == (None, THURSDAY, True)

    async def test_all_of_its_documents_are_read(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", harvest(record("2603.00003"), token="two"))
        site.serve("/oai?verb=ListRecords&resumptionToken=two", harvest(record("2603.00004"), token=""))
        told = await category(site, web).fetch(Cursor(reached=THURSDAY - 2 * DAY), THURSDAY)

        assert news(told) == {"arXiv:2603.00003", "arXiv:2603.00004", "arXiv:2603.00005"}

    async def test_a_list_that_was_stale_is_caught_up_when_the_next_is_due(self, site: Site, web: Web) -> None:
        source, monday = category(site, web), datetime(2026, 3, 2, 12, tzinfo=UTC)
        site.serve("/rss/cs.LG", rss(arxiv_item("2603.00001")), etag='"monday"')
        site.serve("/oai", harvest(record("2603.00002")))
        first = await source.fetch(Cursor(), monday)
        assert isinstance(first, Fetched)
        tuesday = await source.fetch(first.cursor, monday + DAY)
        wednesday = await source.fetch(first.cursor, monday + 2 * DAY)

        assert isinstance(tuesday, NotModified)
        assert news(wednesday) == {"arXiv:2603.00002"}
        assert paths(site).count("/oai") == 1

    async def test_if_nothing_was_announced_in_a_small_category_nothing_is_new(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", harvest_error("noRecordsMatch"))
        site.serve("/api/query", found())
        told = await category(site, web).fetch(Cursor(body_hash="x", reached=THURSDAY - 2 * DAY), THURSDAY)

        assert paths(site) == ["/rss/cs.LG", "/oai", "/api/query"]
        assert news(told) == {"arXiv:2603.00005"}
        assert isinstance(told, Fetched)
        assert (told.gap, told.cursor.reached) == (None, THURSDAY)

    async def test_what_oai_pmh_does_not_know_the_api_may(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", harvest_error("noRecordsMatch"))
        site.serve("/api/query", found(row("2603.00003")))
        told = await category(site, web).fetch(Cursor(body_hash="x", reached=THURSDAY - 2 * DAY), THURSDAY)

        assert news(told) == {"arXiv:2603.00003", "arXiv:2603.00005"}
        assert isinstance(told, Fetched)
        assert told.gap is None

    @pytest.mark.parametrize(
        ("listed", "oai", "words"),
        [
            pytest.param(
                MANY, {"body": harvest_error("noRecordsMatch")}, "found no papers, not even today's", id="not_even_todays"
            ),
            pytest.param(
                MANY, {"body": harvest(deleted("2603.00008"))}, "found no papers, not even today's", id="only_deleted"
            ),
            pytest.param(TODAY, {"status": 500}, "the server answered 500", id="the_first_failed"),
            pytest.param(MANY, {"body": harvest(record(), token="")[:-60]}, "the answer was cut short", id="the_first_was_cut"),
        ],
    )
    async def test_that_nothing_was_found_is_a_gap_if_it_cannot_be_believed(
        self, site: Site, web: Web, listed: str, oai: dict[str, Any], words: str
    ) -> None:
        site.serve("/rss/cs.LG", listed)
        site.serve("/oai", **{"body": "", **oai})
        site.serve("/api/query", found())
        told = await category(site, web).fetch(Cursor(body_hash="x", reached=THURSDAY - 2 * DAY), THURSDAY)

        assert isinstance(told, Fetched)
        assert told.gap is not None
        assert words in told.gap
        assert told.cursor == Cursor(reached=THURSDAY - 2 * DAY)

    async def test_nothing_found_beside_a_list_that_did_not_change_is_asked_for_again(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY, etag='"one"')
        site.serve("/oai", harvest_error("noRecordsMatch"))
        site.serve("/api/query", found())
        source, cursor = category(site, web), Cursor(etag='"one"', body_hash="x", reached=THURSDAY - 2 * DAY)
        first = await source.fetch(cursor, THURSDAY)
        assert isinstance(first, Fetched)
        then = await source.fetch(first.cursor, THURSDAY + timedelta(hours=1))

        assert first.gap is not None
        assert isinstance(then, Fetched)
        assert then.gap is None

    @pytest.mark.parametrize(
        ("moved", "asks"),
        [
            pytest.param("2026-03-04T05:05", True, id="read_just_after_midnight"),
            pytest.param("2026-03-04T05:59", True, id="not_yet_settled"),
            pytest.param("2026-03-04T06:00", False, id="settled"),
        ],
    )
    async def test_a_list_that_was_read_before_it_settled_is_caught_up(
        self, site: Site, web: Web, moved: str, asks: bool
    ) -> None:
        cursor = Cursor(body_hash="x", reached=THURSDAY - 2 * DAY, moved_at=datetime.fromisoformat(f"{moved}Z"))
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", harvest(record("2603.00004")))
        told = await category(site, web).fetch(cursor, THURSDAY)

        assert ("/oai" in paths(site)) == asks
        assert ("arXiv:2603.00004" in news(told)) == asks

    async def test_pages_that_repeat_are_no_whole_answer(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", harvest(record("2603.00003"), token="again"))
        told = await category(site, web).fetch(Cursor(reached=THURSDAY - 2 * DAY), THURSDAY)

        assert isinstance(told, Fetched)
        assert told.gap is not None
        assert "page 2: the server repeats its pages" in told.gap
        assert len([path for path in paths(site) if path == "/oai"]) == 2

    async def test_where_oai_pmh_fails_the_api_is_asked(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", harvest(record("2603.00003"), token="expired"))
        site.serve("/oai?verb=ListRecords&resumptionToken=expired", harvest_error("badResumptionToken"))
        site.serve("/api/query", found(row("2603.00003"), row("2603.00004")))
        told = await category(site, web).fetch(Cursor(reached=THURSDAY - 2 * DAY), THURSDAY)

        assert asked(site)["search_query"] == ["(cat:cs.LG) AND submittedDate:[202602250500 TO 202603051200]"]
        assert news(told) == {"arXiv:2603.00003", "arXiv:2603.00004", "arXiv:2603.00005"}
        assert isinstance(told, Fetched)
        assert (told.gap, told.cursor.reached) == (None, THURSDAY)

    async def test_what_could_not_be_had_is_a_gap_until_it_can(self, site: Site, web: Web) -> None:
        source, since = category(site, web), THURSDAY - 3 * DAY
        site.serve("/rss/cs.LG", TODAY, etag='"one"')
        first = await source.fetch(Cursor(etag='"old"', body_hash="x", moved_at=since), THURSDAY)
        site.serve("/oai", harvest(record("2603.00003")))
        assert isinstance(first, Fetched)
        then = await source.fetch(first.cursor, THURSDAY + timedelta(hours=1))

        assert news(first) == {"arXiv:2603.00005"}
        assert first.gap is not None
        assert first.gap.startswith("announcements of 2026-03-03 to 2026-03-04 could not be caught up: the server answered 404")
        assert first.cursor == Cursor(reached=since, moved_at=since)
        assert news(then) == {"arXiv:2603.00003", "arXiv:2603.00005"}

    async def test_who_asks_to_be_left_alone_is_asked_nowhere_else(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs.LG", TODAY)
        site.serve("/oai", status=503, headers={"Retry-After": "300"})
        told = await category(site, web).fetch(Cursor(reached=THURSDAY - 2 * DAY), THURSDAY)

        assert paths(site) == ["/rss/cs.LG", "/oai"]
        assert isinstance(told, Fetched)
        assert told.wait == timedelta(minutes=5)

    @pytest.mark.parametrize(
        ("name", "categories", "is_news"),
        [
            pytest.param("cs.LG", "cs.LG cs.AI", True, id="of_the_category"),
            pytest.param("cs.LG", "cs.AI cs.LG", False, id="of_another"),
            pytest.param("cs", "cs.AI math.OC", True, id="of_the_archive"),
        ],
    )
    async def test_cross_lists_that_were_not_asked_for_are_back_catalogue(
        self, site: Site, web: Web, name: str, categories: str, is_news: bool
    ) -> None:
        site.serve(f"/rss/{name}", rss())
        site.serve("/oai", harvest(record("2603.00003", categories=categories)))
        told = await category(site, web, name, cross_lists=False).fetch(Cursor(reached=THURSDAY - 2 * DAY), THURSDAY)

        assert (news(told) == {"arXiv:2603.00003"}) == is_news


class TestACutList:
    async def test_the_api_tells_the_rest(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs", CUT)
        site.serve("/api/query", found(row("2603.00003"), row("2603.10000")))
        told = await category(site, web, "cs").fetch(Cursor(body_hash="x", reached=THURSDAY - DAY), THURSDAY)

        assert asked(site)["search_query"] == ["(cat:cs.*) AND submittedDate:[202602260500 TO 202603051200]"]
        assert isinstance(told, Fetched)
        assert len(news(told)) == 2_001
        assert told.gap is None

    async def test_without_the_api_it_is_a_gap_and_read_again(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs", CUT, etag='"one"')
        told = await category(site, web, "cs").fetch(Cursor(body_hash="x", reached=THURSDAY - DAY), THURSDAY)

        assert isinstance(told, Fetched)
        assert told.gap is not None
        assert "cut this list at 2,000 entries" in told.gap
        assert "404" in told.gap
        assert len(told.papers) == 2_000
        assert told.cursor == Cursor(reached=THURSDAY - DAY)

    async def test_on_a_first_poll_what_is_older_than_the_look_back_is_no_news(self, site: Site, web: Web) -> None:
        site.serve("/rss/cs", CUT)
        site.serve("/api/query", found(row("2602.00003", published="2026-02-27T12:00:00Z"), row("2603.00003")))
        told = await category(site, web, "cs").fetch(Cursor(), THURSDAY)

        assert isinstance(told, Fetched)
        assert told.back_catalogue == {"arXiv:2602.00003"}


@pytest.mark.parametrize(
    ("since", "now", "missed"),
    [
        pytest.param("2026-03-05T05:00", "2026-03-06T12:00", [], id="the_next_day"),
        pytest.param("2026-03-06T12:00", "2026-03-09T12:00", [], id="over_a_weekend"),
        pytest.param("2026-03-05T12:00", "2026-03-09T12:00", ["2026-03-06T05:00"], id="a_friday"),
        pytest.param("2026-03-06T12:00", "2026-03-10T12:00", ["2026-03-09T04:00"], id="the_clocks_went_forward"),
        pytest.param("2026-10-30T12:00", "2026-11-03T12:00", ["2026-11-02T05:00"], id="the_clocks_went_back"),
        pytest.param("2026-11-26T12:00", "2026-11-30T12:00", [], id="the_day_after_thanksgiving_has_no_list"),
        pytest.param("2026-11-25T12:00", "2026-11-30T12:00", ["2026-11-26T05:00"], id="thanksgiving_has"),
        pytest.param("2026-01-19T12:00", "2026-01-21T12:00", [], id="the_day_after_a_monday_has_no_list"),
    ],
)
def test_a_list_is_due_for_each_evening_that_announces(since: str, now: str, missed: list[str]) -> None:
    instants = LISTS.missed(datetime.fromisoformat(f"{since}Z"), datetime.fromisoformat(f"{now}Z"))

    assert [f"{at:%Y-%m-%dT%H:%M}" for at in instants] == missed


@pytest.mark.parametrize("day", [date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28)])
def test_no_list_is_expected_on_a_holiday_and_the_day_after(day: date) -> None:
    assert CALENDAR.rests(datetime(day.year, day.month, day.day, 17, tzinfo=UTC))


@pytest.mark.parametrize("year", range(2026, 2036))
def test_no_list_is_due_after_a_holiday_of_the_coming_years(year: int) -> None:
    christmas = date(year, 12, 25) + timedelta(days={5: -1, 6: 1}.get(date(year, 12, 25).weekday(), 0))

    assert {christmas, christmas + timedelta(days=1)} <= CALENDAR.holidays
    assert christmas + timedelta(days=1) in LISTS.holidays


@pytest.mark.parametrize(
    ("year", "days"),
    [
        pytest.param(2026, "01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31", id="as_arxiv_says"),
        pytest.param(2027, "01-01 01-18 06-18 07-05 09-06 11-25 12-24 12-31", id="observed_on_a_friday_or_a_monday"),
        pytest.param(2029, "01-01 01-15 06-19 07-04 09-03 11-22 12-25 12-31", id="a_month_that_begins_on_the_day_itself"),
    ],
)
def test_the_evenings_without_announcement(year: int, days: str) -> None:
    silent = {f"{day - timedelta(days=1):%m-%d}" for day in LISTS.holidays if (day - timedelta(days=1)).year == year}

    assert silent == set(days.split())
