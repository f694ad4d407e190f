"""bioRxiv and medRxiv: the days' postings from the API, and the feed in its stead."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digestd.model.paper import Links, Paper
from digestd.model.source import Cursor, Failed, Fetched
from digestd.sources.http import Web
from digestd.sources.rxiv import read, sources
from tests.sources.documents import body
from tests.sources.service_documents import NO_POSTINGS, posting, postings, rdf, rdf_item, serve_postings
from tests.sources.wanted import Wanted
from tests.support.shared import shared
from tests.support.web import Site

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
NOTHING = Cursor()
FIRST = "/details/biorxiv/2026-03-02/2026-03-06"  # three days back, and the day that begins sooner elsewhere


def only(record: Any) -> Paper:
    told = read(body(postings(record)), "biorxiv")
    assert isinstance(told, Fetched)
    (paper,) = told.papers
    return paper


async def poll(web: Web, site: Site, cursor: Cursor = NOTHING, now: datetime = NOON, **asked: Any) -> Fetched | Failed:
    (source,) = sources(Wanted("biorxiv", site.url("/"), "biorxiv", **({"categories": ()} | asked)), web)
    told = await source.fetch(cursor, now)
    assert isinstance(told, Fetched | Failed)
    return told


async def fetched(web: Web, site: Site, cursor: Cursor = NOTHING, now: datetime = NOON, **asked: Any) -> Fetched:
    told = await poll(web, site, cursor, now, **asked)
    assert isinstance(told, Fetched)
    return told


def test_a_record_becomes_a_paper() -> None:
    paper = only(posting(7, version="2", published="10.5555/Tide.1", title="Lanterns &amp; <i>tides</i>"))

    assert paper.id == "doi:10.64898/2026.03.04.000007"
    assert (paper.title, paper.abstract) == ("Lanterns & tides", "We light a lantern.")
    assert paper.authors == ("Quill, A.", "Reed, B. C.")
    assert paper.categories == ("ecology",)
    assert paper.published == datetime(2026, 3, 4, tzinfo=UTC)
    assert paper.version == 2
    assert paper.organization == "Tide Laboratory"
    assert paper.names == ("doi:10.5555/tide.1",)
    page = "https://www.biorxiv.org/content/10.64898/2026.03.04.000007v2"
    assert paper.links == Links(page, f"{page}.full.pdf", f"{page}.full")
    assert paper.sources == ("biorxiv",)


@pytest.mark.parametrize("said", ["NA", "na", "", None, 7, "forthcoming", "10.48550/arXiv.2603.00001"])
def test_a_preprint_without_a_journal_has_one_name(said: object) -> None:
    assert only(posting(published=said)).names == ()


@pytest.mark.parametrize(
    ("said", "day"),
    [
        pytest.param("2026-6-3", datetime(2026, 6, 3, tzinfo=UTC), id="unpadded"),
        pytest.param("2026-13-40", None, id="no_such_day"),
        pytest.param("soon", None, id="no_date"),
        pytest.param(None, None, id="nothing"),
        pytest.param(20260603, None, id="a_number"),
    ],
)
def test_the_day_of_posting_may_lack_zeros(said: object, day: datetime | None) -> None:
    assert only(posting(date=said)).published == day


def test_a_paper_of_medrxiv_is_read_there() -> None:
    assert only(posting(server="medRxiv")).links.abstract.startswith("https://www.medrxiv.org/content/10.64898/")


def test_what_a_record_lacks_or_has_wrong_is_left_out() -> None:
    paper = only(
        {"doi": "10.64898/tide", "title": "Tides", "authors": None, "version": "new", "category": ["x"], "abstract": 7}
    )

    assert (paper.abstract, paper.authors, paper.categories, paper.published) == ("", (), (), None)
    assert (paper.version, paper.organization) == (None, None)
    assert paper.links.abstract == "https://www.biorxiv.org/content/10.64898/tidev1"


@pytest.mark.parametrize("record", [None, 7, [], {}, posting(doi="NA"), posting(title=" "), posting(doi={"a": 1})])
def test_a_record_that_names_no_paper_is_a_complaint_and_the_rest_goes_on(record: object) -> None:
    told = read(body(postings(record, posting())), "biorxiv")

    assert isinstance(told, Fetched)
    assert len(told.papers) == 1
    assert told.complaints == ("record 1 has no DOI or no title",)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="nothing"),
        pytest.param("<html><body>Down for repairs</body></html>", id="html"),
        pytest.param(postings(posting())[:-9], id="truncated"),
        pytest.param('{"collection": []}', id="no_messages"),
        pytest.param('{"messages": [], "collection": []}', id="an_empty_message"),
        pytest.param('{"messages": [null], "collection": []}', id="a_null_message"),
        pytest.param('{"messages": [{"status": "ok"}]}', id="no_collection"),
        pytest.param('{"messages": [{"status": "Both dates must be in yyyy-mm-dd"}]}', id="an_error"),
        pytest.param(postings(posting(), count=30, total="45"), id="fewer_than_counted"),
        pytest.param(postings({}, {}), id="no_papers_at_all"),
        pytest.param('{"messages":' * 50_000, id="nested"),
        pytest.param(rdf(rdf_item())[:-20], id="truncated_feed"),
    ],
)
def test_what_is_no_answer_is_a_failure(document: str) -> None:
    assert isinstance(read(body(document), "biorxiv"), Failed)


@pytest.mark.parametrize("document", [NO_POSTINGS, "[]", postings()])
def test_an_answer_without_posts_is_a_quiet_day(document: str) -> None:
    told = read(body(document), "biorxiv")

    assert isinstance(told, Fetched)
    assert told.papers == ()


def test_the_feed_tells_the_same_as_the_api() -> None:
    told = read(body(rdf(rdf_item(1, version=2), rdf_item(2))), "biorxiv")

    assert isinstance(told, Fetched)
    api = only(posting(1, version="2"))
    first = told.papers[0]
    assert (first.id, first.title, first.abstract, first.authors) == (api.id, api.title, api.abstract, api.authors)
    assert (first.published, first.links, first.version) == (api.published, api.links, api.version)
    assert told.day_list


@pytest.mark.parametrize("size", [30, 100])
async def test_a_full_page_is_followed_by_the_next(size: int, web: Web, site: Site) -> None:
    serve_postings(site, FIRST, [posting(n) for n in range(2 * size + 5)], size)

    told = await fetched(web, site)

    assert len(told.papers) == 2 * size + 5
    assert [request.path for request in site.requests] == [f"{FIRST}/{at}" for at in (0, size, 2 * size)]
    assert told.day_list
    assert told.gap is None
    assert told.cursor.reached == NOON


@pytest.mark.parametrize("count", ["2", 2])
async def test_counts_may_be_numbers_or_text(count: object, web: Web, site: Site) -> None:
    site.serve(f"{FIRST}/0", postings(posting(1), posting(2), count=count, total=3))
    site.serve(f"{FIRST}/2", postings(posting(3), count=count, total="3"))

    assert len((await fetched(web, site)).papers) == 3


async def test_a_later_poll_asks_from_two_days_before_the_last(web: Web, site: Site) -> None:
    site.serve("/details/biorxiv/2026-03-02/2026-03-06/0", NO_POSTINGS)

    told = await fetched(web, site, Cursor(reached=NOON - timedelta(hours=20)))

    assert told.papers == ()
    assert told.cursor.reached == NOON


async def test_after_a_long_absence_it_catches_up_step_by_step(web: Web, site: Site) -> None:
    site.serve("/details/biorxiv/2026-01-08/2026-01-22/0", postings(posting(1)))
    site.serve("/details/biorxiv/2026-01-20/2026-02-03/0", postings(posting(2)))

    first = await fetched(web, site, Cursor(reached=datetime(2026, 1, 10, tzinfo=UTC)))
    second = await fetched(web, site, first.cursor)

    assert first.gap == "only what was posted up to 2026-01-22 was asked for yet"
    assert second.cursor.reached == datetime(2026, 2, 3, tzinfo=UTC)


async def test_a_clock_that_jumped_back_asks_for_the_last_days(web: Web, site: Site) -> None:
    site.serve("/details/biorxiv/2026-03-03/2026-03-06/0", NO_POSTINGS)

    assert (await fetched(web, site, Cursor(reached=NOON + timedelta(days=400)))).cursor.reached == NOON


@pytest.mark.parametrize(
    ("versions", "revisions", "is_news"),
    [
        pytest.param(["1"], False, True, id="a_new_paper"),
        pytest.param([None], False, True, id="no_version_told"),
        pytest.param(["3"], False, False, id="a_revision"),
        pytest.param(["2", "1"], False, True, id="a_new_paper_and_its_revision"),
        pytest.param(["3"], True, True, id="a_revision_that_is_asked_for"),
    ],
)
async def test_a_revision_is_back_catalogue(
    versions: list[str | None], revisions: bool, is_news: bool, web: Web, site: Site
) -> None:
    site.serve(f"{FIRST}/0", postings(*(posting(1, version=version) for version in versions)))

    told = await fetched(web, site, revisions=revisions)

    assert len(told.papers) == 1
    assert (told.papers[0].id not in told.back_catalogue) == is_news


async def test_only_the_categories_asked_for_are_kept(web: Web, site: Site) -> None:
    kept, others = posting(1, category="Evolutionary Biology "), posting(2, category="zoology")
    site.serve(f"{FIRST}/0", postings(kept, others, posting(3, category="BIOENGINEERING")))

    told = await fetched(web, site, categories=("bioengineering", "evolutionary_biology"))

    assert [paper.categories for paper in told.papers] == [("Evolutionary Biology",), ("BIOENGINEERING",)]


@pytest.mark.parametrize(
    ("last", "why"),
    [
        pytest.param({"body": postings(posting(31), total="40")}, "only 31 of 40", id="fewer_than_promised"),
        pytest.param({"body": NO_POSTINGS}, "only 30 of 40", id="nothing_more"),
        pytest.param({"body": postings(posting(31), count=10)}, "only 31 of 40", id="fewer_than_counted"),
        pytest.param({"body": "<html></html>"}, "no JSON", id="html"),
        pytest.param({"status": 500}, "500", id="an_error"),
    ],
)
async def test_pages_that_are_missing_are_a_gap(last: dict[str, Any], why: str, web: Web, site: Site) -> None:
    site.serve(f"{FIRST}/0", postings(*(posting(n) for n in range(30)), total="40"))
    site.serve(f"{FIRST}/30", **last)
    site.serve(f"{FIRST}/31", NO_POSTINGS)
    known = Cursor(reached=NOON - timedelta(days=1))

    told = await fetched(web, site, known)

    assert len(told.papers) >= 30
    assert told.gap is not None
    assert told.gap.startswith("the API failed: page ")
    assert why in told.gap
    assert told.cursor == known


async def test_a_server_that_repeats_its_pages_has_not_told_all(web: Web, site: Site) -> None:
    page = postings(None, *(posting(n) for n in range(29)), total="90")
    site.serve(f"{FIRST}/0", page)
    site.serve(f"{FIRST}/30", page)

    told = await fetched(web, site)

    assert len(told.papers) == 29
    assert told.gap == "the API failed: page 2: the server repeats its pages"
    assert told.cursor == NOTHING


async def test_two_versions_of_a_paper_may_begin_two_pages(web: Web, site: Site) -> None:
    serve_postings(site, FIRST, [posting(1, version="1"), posting(2), posting(1, version="2"), posting(3)], 2)

    assert (await fetched(web, site)).gap is None


SATURDAY = datetime(2026, 3, 7, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reached", "span"),
    [
        pytest.param(datetime(2026, 3, 2, 20, tzinfo=UTC), "2026-02-28/2026-03-08", id="since_monday"),
        pytest.param(datetime(2026, 3, 5, 1, tzinfo=UTC), "2026-03-03/2026-03-08", id="since_thursday"),
        pytest.param(datetime(2026, 1, 10, tzinfo=UTC), "2026-01-08/2026-01-22", id="since_january"),
        pytest.param(None, "2026-03-04/2026-03-08", id="at_the_first_poll"),
    ],
)
async def test_no_posts_where_there_should_be_some_are_a_failure(
    reached: datetime | None, span: str, web: Web, site: Site
) -> None:
    site.serve(f"/details/biorxiv/{span}/0", NO_POSTINGS)

    told = await poll(web, site, Cursor(reached=reached), SATURDAY)

    assert isinstance(told, Failed)
    assert told.reason.startswith(f"no posts between {span.replace('/', ' and ')}, where there should be some")


async def test_in_place_of_posts_that_should_be_there_the_feed_is_read(web: Web, site: Site) -> None:
    site.serve("/details/biorxiv/2026-02-28/2026-03-08/0", NO_POSTINGS)
    site.serve("/biorxiv_xml.php?subject=all", rdf(rdf_item()))
    known = Cursor(reached=datetime(2026, 3, 2, 20, tzinfo=UTC))

    told = await fetched(web, site, known, SATURDAY)

    assert len(told.papers) == 1
    assert told.gap == "the API failed: no posts between 2026-02-28 and 2026-03-08, where there should be some"
    assert told.cursor == known


async def test_posts_of_other_categories_only_are_a_quiet_day(web: Web, site: Site) -> None:
    site.serve("/details/biorxiv/2026-02-28/2026-03-08/0", postings(posting()))

    told = await fetched(web, site, Cursor(reached=datetime(2026, 3, 2, 20, tzinfo=UTC)), SATURDAY, categories=("zoology",))

    assert (told.papers, told.gap, told.complaints) == ((), None, ())
    assert told.cursor.reached == SATURDAY


async def test_a_weekend_without_posts_is_quiet(web: Web, site: Site) -> None:
    site.serve("/details/biorxiv/2026-03-04/2026-03-09/0", NO_POSTINGS)

    told = await fetched(web, site, Cursor(reached=datetime(2026, 3, 6, 20, tzinfo=UTC)), SATURDAY + timedelta(days=1))

    assert (told.papers, told.gap) == ((), None)


async def test_a_category_that_is_misspelt_is_a_complaint(web: Web, site: Site) -> None:
    site.serve(
        f"{FIRST}/0", postings(posting(1, category="Neuroscience"), posting(2, category="ecology"), posting(3, category=7))
    )

    told = await fetched(web, site, categories=("neurosience", "ecology", "zoology"))

    assert len(told.papers) == 2
    assert told.complaints == ('no preprint in "neurosience"; did you mean "neuroscience"?',)


@pytest.mark.parametrize(("asked", "other"), [("hematology", "Rheumatology"), ("urology", "neurology")])
async def test_a_quiet_subject_that_resembles_another_is_not_misspelt(asked: str, other: str, web: Web, site: Site) -> None:
    site.serve(f"{FIRST}/0", postings(posting(1, category=other)))

    assert (await fetched(web, site, categories=(asked,))).complaints == ()


@pytest.mark.parametrize(
    "trouble", [{"status": 503}, {"body": "<html></html>"}, {"body": '{"messages": [{"status": "error"}]}'}]
)
async def test_when_the_api_fails_the_feed_is_read(trouble: dict[str, Any], web: Web, site: Site) -> None:
    site.serve(f"{FIRST}/0", **trouble)
    site.serve("/biorxiv_xml.php?subject=all", rdf(rdf_item(1), rdf_item(2, version=2)))

    told = await fetched(web, site)

    assert len(told.papers) == 2
    assert told.back_catalogue == {told.papers[1].id}
    assert told.gap is not None
    assert told.gap.startswith("the API failed: ")
    assert told.cursor == Cursor()
    assert told.day_list


async def test_the_feed_is_asked_for_the_same_categories(web: Web, site: Site) -> None:
    site.serve("/biorxiv_xml.php?subject=bioengineering+evolutionary_biology", rdf(rdf_item()))

    told = await fetched(web, site, categories=("Evolutionary Biology", "bioengineering"))

    assert len(told.papers) == 1


async def test_medrxiv_has_its_own_addresses(web: Web, site: Site) -> None:
    (source,) = sources(Wanted("medrxiv", site.url(), categories=()), web)
    await source.fetch(Cursor(), NOON)

    assert [request.path for request in site.requests] == [f"{FIRST.replace('bio', 'med')}/0", "/medrxiv_xml.php?subject=all"]


async def test_when_both_fail_the_poll_does(web: Web, site: Site) -> None:
    site.serve(f"{FIRST}/0", status=429, headers={"Retry-After": "600"})

    told = await poll(web, site)

    assert isinstance(told, Failed)
    assert "429" in told.reason
    assert "its feed: the server answered 404" in told.reason
    assert told.wait == timedelta(minutes=10)


async def test_an_empty_feed_does_not_make_a_failure_a_quiet_day(web: Web, site: Site) -> None:
    site.serve("/biorxiv_xml.php", rdf())

    assert isinstance(await poll(web, site), Failed)


async def test_sources_that_ask_for_other_things_have_other_origins(web: Web) -> None:
    asked = [
        Wanted("biorxiv", categories=()),
        Wanted("medrxiv", categories=()),
        Wanted("biorxiv", categories=("ecology",)),
        Wanted("biorxiv", "https://mirror.example.org", categories=()),
    ]

    assert len({source.origin for wanted in asked for source in sources(wanted, web)}) == 4


async def test_it_posts_on_weekdays(web: Web) -> None:
    (source,) = sources(Wanted("biorxiv"), web)

    assert source.calendar is not None
    assert source.calendar.rests(datetime(2026, 3, 7, 12, tzinfo=UTC))
    assert source.calendar.latest(NOON) == datetime(2026, 3, 5, 5, tzinfo=UTC)


def test_a_real_collection_is_read() -> None:
    told = read(body(shared("data", "feeds", "biorxiv_medrxiv", "biorxiv_collection_2013-11.json").read_bytes()), "biorxiv")

    assert isinstance(told, Fetched)
    assert len(told.papers) == 8
    assert all(paper.ids.doi and paper.authors and paper.abstract and paper.version == 1 for paper in told.papers)
    assert {paper.published and paper.published.date() for paper in told.papers} == {date(2013, 11, 7)}


def test_a_real_feed_is_read() -> None:
    folder = shared("data", "feeds", "biorxiv_medrxiv")
    told = read(body((folder / "biorxiv_rss_bioengineering_2019-11-29.xml").read_bytes()), "biorxiv")

    assert isinstance(told, Fetched)
    assert [paper.id for paper in told.papers] == ["doi:10.1101/857789"]
    assert len(told.papers[0].authors) == 4
