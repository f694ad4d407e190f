"""Crossref: works registered from a day on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digestd.model.paper import Links, Paper
from digestd.model.source import Cursor, Failed, Fetched
from digestd.sources.crossref import read, sources
from digestd.sources.http import Web
from tests.sources.documents import body
from tests.sources.service_documents import work, works
from tests.sources.wanted import Wanted
from tests.support.shared import shared
from tests.support.web import Site

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
NOTHING = Cursor()


def only(item: Any) -> Paper:
    told = read(body(works(item)), "journals")
    assert isinstance(told, Fetched)
    (paper,) = told.papers
    return paper


async def poll(web: Web, site: Site, cursor: Cursor = NOTHING, now: datetime = NOON, **asked: Any) -> Fetched | Failed:
    (source,) = sources(Wanted("crossref", site.url("/"), "journals", **asked), web)
    told = await source.fetch(cursor, now)
    assert isinstance(told, Fetched | Failed)
    return told


async def fetched(web: Web, site: Site, cursor: Cursor = NOTHING, now: datetime = NOON, **asked: Any) -> Fetched:
    told = await poll(web, site, cursor, now, **asked)
    assert isinstance(told, Fetched)
    return told


def queries(site: Site) -> list[dict[str, str]]:
    """Return what each request asked for."""
    return [{key: value for key, (value,) in parse_qs(urlsplit(request.path).query).items()} for request in site.requests]


def test_a_work_becomes_a_paper() -> None:
    pdf = {"URL": "https://annals.example.org/1.pdf", "content-type": "application/pdf", "intended-application": "text-mining"}
    paper = only(work(1, subject=["Oceanography"], link=[{"URL": "https://annals.example.org/1.xml"}, pdf]))

    assert paper.id == "doi:10.5555/tide.1"
    assert (paper.title, paper.abstract) == ("Lanterns at low tide 1", "We light a lantern.")
    assert paper.authors == ("Ada Quill", "The Lantern Group")
    assert paper.categories == ("Oceanography",)
    assert paper.published == datetime(2026, 3, 3, tzinfo=UTC)
    assert paper.journal == "Annals of Tidal Lanterns"
    assert paper.links == Links("https://doi.org/10.5555/tide.1", "https://annals.example.org/1.pdf")
    assert paper.sources == ("journals",)


@pytest.mark.parametrize(
    ("dates", "day"),
    [
        pytest.param({"issued": [[2026, 3, 1]]}, "2026-03-01T00:00", id="a_day"),
        pytest.param({"issued": [[1997, 7]]}, "1997-07-01T00:00", id="a_month_long_ago"),
        pytest.param({"issued": [[1997]]}, "1997-01-01T00:00", id="a_year_long_ago"),
        pytest.param({"issued": [[2026, 3]]}, "2026-03-04T18:00", id="the_month_of_registration"),
        pytest.param({"issued": [[2026]]}, "2026-03-04T18:00", id="the_year_of_registration"),
        pytest.param({"issued": [[2027, 1, 1]]}, "2026-03-04T18:00", id="a_day_to_come"),
        pytest.param({"issued": [[2025]], "published-online": [[2025, 12, 30]]}, "2025-12-30T00:00", id="whole_before_partial"),
        pytest.param({"issued": [[None]]}, "2026-03-04T18:00", id="null"),
        pytest.param({"issued": None, "posted": 7}, "2026-03-04T18:00", id="wrong_types"),
        pytest.param({"issued": [[2026, 13, 45]], "posted": [["x"]]}, "2026-03-04T18:00", id="no_such_day"),
        pytest.param({"issued": [[10**30, 1, 1]]}, "2026-03-04T18:00", id="an_absurd_year"),
        pytest.param({"issued": [[True, True, True]]}, "2026-03-04T18:00", id="no_numbers"),
        pytest.param({"issued": []}, "2026-03-04T18:00", id="nothing"),
    ],
)
def test_the_first_day_that_is_told_is_when_it_was_published(dates: dict[str, Any], day: str) -> None:
    told: dict[str, Any] = {"published-online": None, "issued": None} | {
        field: {"date-parts": parts} if isinstance(parts, list) else parts for field, parts in dates.items()
    }

    assert only(work(1, **told)).published == datetime.fromisoformat(f"{day}+00:00")


def test_a_work_without_any_date_has_none() -> None:
    assert only({"DOI": "10.5555/1", "title": ["Tides"], "created": {"date-time": "soon"}}).published is None


@pytest.mark.parametrize("kind", ["is-preprint-of", "has-preprint", "is-identical-to"])
def test_the_other_form_of_a_work_is_another_name(kind: str) -> None:
    related = [
        {"id-type": "doi", "id": "10.64898/Tide.9"},
        {"id-type": "doi", "id": "https://doi.org/10.48550/arXiv.2603.00001"},
        {"id-type": "uri", "id": "https://doi.org/10.5555/no"},
        None,
    ]

    paper = only(work(1, relation={kind: related, "has-review": [{"id-type": "doi", "id": "10.5555/review"}]}))
    assert paper.names == ("doi:10.64898/tide.9", "arXiv:2603.00001")


@pytest.mark.parametrize("kind", ["journal", "journal-issue", "component", "grant", "peer-review", "proceedings"])
def test_what_is_no_paper_is_left_out_without_a_word(kind: str) -> None:
    told = read(body(works(work(1, type=kind), work(2))), "journals")

    assert isinstance(told, Fetched)
    assert [paper.id for paper in told.papers] == ["doi:10.5555/tide.2"]
    assert told.complaints == ()


@pytest.mark.parametrize("item", [None, 7, {}, work(1, title=[]), work(1, title=None), work(1, DOI="tide"), work(1, DOI=None)])
def test_a_work_that_names_no_paper_is_a_complaint_and_the_rest_goes_on(item: object) -> None:
    told = read(body(works(item, work(2))), "journals")

    assert isinstance(told, Fetched)
    assert len(told.papers) == 1
    assert told.complaints == ("work 1 has no DOI or no title",)


def test_what_a_work_lacks_or_has_wrong_is_left_out() -> None:
    wrong = {
        "DOI": "10.5555/<tide>\ud800",
        "title": ["", None, "Ti\u0000des \ud800"],
        "author": [None, {}, {"given": 7, "family": "Reed"}],
        "abstract": ["x"],
        "subject": [None, 7],
        "container-title": {},
        "link": [{"URL": "javascript:alert(1)", "content-type": "application/pdf"}],
        "relation": [],
    }

    paper = only(wrong)
    assert (paper.title, paper.authors, paper.abstract, paper.categories) == ("Tides", ("Reed",), "", ())
    assert (paper.journal, paper.names) == (None, ())
    assert paper.links == Links("https://doi.org/10.5555/%3Ctide%3E")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param("Resource not found.", "JSON", id="a_word"),
        pytest.param("<html></html>", "JSON", id="html"),
        pytest.param(works(work())[:-5], "JSON", id="truncated"),
        pytest.param('{"status": "ok", "message-type": "work-list", "message": {}}', "work-list", id="no_items"),
        pytest.param('{"message-type": "journal-list", "message": {"items": []}}', "journal-list", id="journals"),
        pytest.param(
            '{"status": "failed", "message-type": "validation-failure", "message": [{"message": "no such filter"}]}',
            '"no such filter" (validation-failure)',
            id="a_refusal",
        ),
        pytest.param(works({}, {}), "none of the page's 2 works", id="no_papers_at_all"),
        pytest.param('{"message":' * 50_000, "JSON", id="nested"),
    ],
)
def test_what_is_no_answer_is_a_failure(document: str, words: str) -> None:
    told = read(body(document), "journals")

    assert isinstance(told, Failed)
    assert words in told.reason


async def test_it_asks_for_what_was_registered_since_a_day(web: Web, site: Site) -> None:
    site.serve("/works", works(work()))

    told = await fetched(web, site, issn=("1234-5679", "2345-6788"), query="low tides & lanterns")

    assert queries(site) == [
        {
            "filter": "issn:1234-5679,issn:2345-6788,from-created-date:2026-03-02",
            "query": "low tides & lanterns",
            "rows": "200",
            "mailto": "tester@example.org",
            "cursor": "*",
        }
    ]
    assert told.day_list
    assert told.back_catalogue == frozenset()
    assert told.cursor.reached == NOON


async def test_a_later_poll_asks_from_two_days_before_the_last(web: Web, site: Site) -> None:
    site.serve("/works", works())

    await fetched(web, site, Cursor(reached=NOON - timedelta(hours=1)), query=None, contact=None)

    assert queries(site) == [{"filter": "from-created-date:2026-03-03", "rows": "200", "cursor": "*"}]


async def test_after_a_long_absence_it_catches_up_step_by_step(web: Web, site: Site) -> None:
    site.serve("/works", works(work()))

    told = await fetched(web, site, Cursor(reached=datetime(2026, 1, 3, tzinfo=UTC)), date_field="pub")

    assert queries(site)[0]["filter"] == "from-pub-date:2026-01-01,until-pub-date:2026-01-31"
    assert told.gap == "only what came up to 2026-01-31 was asked for yet"
    assert told.cursor.reached == datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("field", ["index", "deposit", "update"])
async def test_old_works_that_were_touched_are_back_catalogue(field: str, web: Web, site: Site) -> None:
    old = work(2, **{"published-online": {"date-parts": [[1997, 7, 1]]}})
    site.serve("/works", works(work(1), old))

    told = await fetched(web, site, date_field=field)

    assert f"from-{field}-date:2026-03-02" in queries(site)[0]["filter"]
    assert told.back_catalogue == {"doi:10.5555/tide.2"}


async def test_pages_follow_each_other_by_the_servers_cursor(web: Web, site: Site) -> None:
    site.serve(page("*"), works(work(1), work(2), total=5, cursor="a+b/c=="))
    site.serve(page("a%2Bb/c%3D%3D"), works(work(3), work(4), total=6, cursor="d"))
    site.serve(page("d"), works(work(5), total=5, cursor="e"))

    told = await fetched(web, site)

    assert len(told.papers) == 5
    assert [query["cursor"] for query in queries(site)] == ["*", "a+b/c==", "d"]
    assert told.cursor.reached == NOON


@pytest.mark.parametrize(
    ("last", "why"),
    [
        pytest.param({"body": works(total=5, cursor="e")}, "page 2: only 2 of 5 works came", id="nothing_more"),
        pytest.param({"body": works(work(3), total=5)}, "page 2: only 3 of 5 works came", id="no_way_on"),
        pytest.param({"body": "<html></html>"}, "page 2: what came is not an answer", id="html"),
        pytest.param({"status": 500}, "page 2: the server answered 500", id="an_error"),
    ],
)
async def test_pages_that_are_missing_are_a_gap(last: dict[str, Any], why: str, web: Web, site: Site) -> None:
    site.serve(page("*"), works(work(1), work(2), total=5, cursor="d"))
    site.serve(page("d"), **last)

    told = await fetched(web, site)

    assert len(told.papers) == 2
    assert told.gap is not None
    assert told.gap.startswith(why)
    assert told.cursor == NOTHING


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param({"body": "<html></html>"}, "not an answer", id="html"),
        pytest.param({"body": works(total=5)}, "only 0 of 5", id="nothing_of_five"),
        pytest.param({"body": works(work(), total=123_456)}, "123,456 works", id="too_many"),
        pytest.param({"status": 429, "headers": {"Retry-After": "60"}}, "429", id="too_often"),
        pytest.param({"status": 400}, "400", id="a_field_that_it_does_not_know"),
    ],
)
async def test_a_poll_that_brings_nothing_is_a_failure(answer: dict[str, Any], words: str, web: Web, site: Site) -> None:
    site.serve("/works", **answer)

    told = await poll(web, site)

    assert isinstance(told, Failed)
    assert words in told.reason


async def test_a_server_that_repeats_its_pages_has_not_told_all(web: Web, site: Site) -> None:
    site.serve("/works", works(None, work(1), work(2), total=6, cursor="a"))

    told = await fetched(web, site)

    assert len(told.papers) == 2
    assert told.gap == "page 2: the server repeats its pages"
    assert told.cursor == NOTHING


@pytest.mark.parametrize(
    ("away", "most", "asked", "reached"),
    [
        pytest.param(30, 17, ["03-03:04-02", "03-03:03-18"], "2026-03-18", id="half_a_month"),
        pytest.param(
            30, 3, ["03-03:04-02", "03-03:03-18", "03-03:03-10", "03-03:03-06", "03-05:03-06"], "2026-03-06", id="days"
        ),
        pytest.param(3, 2, ["03-03:", "03-03:03-06", "03-05:03-06"], "2026-03-06", id="without_the_overlap"),
        pytest.param(3, 1, ["03-03:", "03-03:03-06", "03-05:03-06", "03-05:03-05"], "2026-03-06", id="one_day"),
        pytest.param(0, 2, ["03-03:", "03-05:"], "2026-03-05T12:00", id="today_without_the_overlap"),
    ],
)
async def test_when_there_are_too_many_works_fewer_days_are_asked_for(
    away: int, most: int, asked: list[str], reached: str, web: Web, site: Site
) -> None:
    site.serve("/works", works(total=20_001))
    for begin in range(1, 32):
        for end in range(begin, min(begin + most, 32)):
            site.serve(days(f"03-{begin:02}", f"03-{end:02}"), works(work()))
    if away == 0:
        site.serve(days("03-05"), works(work()))

    told = await fetched(web, site, Cursor(reached=NOON), NOON + timedelta(days=away), query=None, contact=None)

    assert [days(*span.split(":")) for span in asked] == [request.path for request in site.requests]
    assert told.cursor.reached == datetime.fromisoformat(f"{reached}+00:00" if "T" in reached else f"{reached}T00:00+00:00")
    assert (told.gap is None) == (away == 0)


async def test_works_that_were_too_many_come_day_by_day(web: Web, site: Site) -> None:
    site.serve("/works", works(total=24_000))
    for number in range(5, 16):
        site.serve(days(f"03-{number:02}", f"03-{number:02}"), works(work(number)))
    site.serve(days("03-15"), works(work(15)))
    told, known, now = [], Cursor(reached=NOON), NOON + timedelta(days=10)

    for _ in range(11):
        told.append(await fetched(web, site, known, now, query=None, contact=None))
        known = told[-1].cursor

    assert {paper.id for one in told for paper in one.papers} == {f"doi:10.5555/tide.{n}" for n in range(5, 16)}
    assert (told[-2].gap, told[-1].gap) == ("only what came up to 2026-03-14 was asked for yet", None)
    assert known.reached == now


async def test_a_single_day_of_too_many_works_is_a_failure(web: Web, site: Site) -> None:
    site.serve("/works", works(total=24_000))

    told = await poll(web, site, Cursor(reached=NOON), NOON + timedelta(days=30))

    assert told == Failed("one day has 24,000 works, too many to read: ask for journals by issn, or for less")
    assert "from-created-date:2026-03-05,until-created-date:2026-03-05" in queries(site)[-1]["filter"]


async def test_no_works_are_a_quiet_day(web: Web, site: Site) -> None:
    site.serve("/works", works())

    told = await fetched(web, site)

    assert (told.papers, told.gap, told.day_list) == ((), None, True)


async def test_sources_that_ask_for_other_things_have_other_origins(web: Web) -> None:
    asked = [
        Wanted("crossref"),
        Wanted("crossref", query="tides"),
        Wanted("crossref", issn=("1234-5679",)),
        Wanted("crossref", date_field="index"),
        Wanted("crossref", "https://mirror.example.org"),
    ]

    assert len({source.origin for wanted in asked for source in sources(wanted, web)}) == 5


REAL = {
    "test_cursor_0.json": 20,
    "test_journals_field_queries_0.json": 20,
    "test_works_mixed_ids_warn_0.json": 1,
    "test_works_mixed_ids_warn_2.json": 1,
    "test_works_with_many_ids_0.json": 1,
    "test_works_with_many_ids_1.json": 1,
    "test_works_with_many_ids_2.json": 1,
    "test_works_with_many_ids_3.json": 1,
    "test_works_with_many_ids_4.json": 1,
}


@pytest.mark.parametrize("name", REAL)
def test_real_answers_are_read(name: str) -> None:
    told = read(body(shared("data", "feeds", "crossref", name).read_bytes()), "journals")

    assert isinstance(told, Fetched)
    assert len(told.papers) == REAL[name]
    assert told.complaints == ()
    assert all(paper.ids.doi and paper.published and "<jats" not in paper.abstract for paper in told.papers)


def test_a_real_refusal_is_a_failure() -> None:
    refusal = shared("data", "feeds", "crossref", "test_works_mixed_ids_warn_1.txt")

    assert isinstance(read(body(refusal.read_bytes()), "journals"), Failed)


def page(cursor: str) -> str:
    """Return the address of a page of works."""
    asked = "filter=from-created-date:2026-03-02&query=lanterns&rows=200&mailto=tester@example.org"
    return f"/works?{asked}&cursor={cursor}"


def days(begin: str, end: str = "") -> str:
    """Return the address of the works of some days of 2026."""
    until = f",until-created-date:2026-{end}" if end else ""
    return f"/works?filter=from-created-date:2026-{begin}{until}&rows=200&cursor=*"
