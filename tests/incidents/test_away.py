"""Incidents of absence: a source that was away for a week, and a week in which we were."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from digestd.pipeline.poll import Polled
from tests.incidents.scene import NO_MAIL, Scene, at
from tests.incidents.services import announces, arxiv_ids, arxiv_list, asks, feed, hugging_face, pubmed_records, says
from tests.sources.arxiv_documents import found, harvest, harvest_error, record, row
from tests.sources.documents import arxiv_item, item, rss
from tests.sources.service_documents import posting, serve_postings
from tests.sources.test_pubmed import found as pubmed_found

pytestmark = pytest.mark.asyncio(loop_scope="package")

DAY = timedelta(days=1)
BEFORE, BEFORE_MAIL = at("2026-03-05 06:00"), at("2026-03-05 08:00")  # a Thursday
AFTER, AFTER_MAIL, NEXT_MAIL = at("2026-03-12 06:00"), at("2026-03-12 08:00"), at("2026-03-13 08:00")
LG, TODAY = "/rss/cs.LG", "Thu, 05 Mar 2026 00:00:00 GMT"
VANISHED: Mapping[str, Mapping[str, Any]] = {
    "not_found": {"status": 404},
    "out_of_service": {"status": 503, "headers": {"Retry-After": "3600"}},
    "an_empty_feed": {"body": rss()},
    "a_page_for_people": {"body": "<html><body>This site has moved to a new home</body></html>"},
}


@pytest.mark.parametrize("how", VANISHED)
async def test_incident_24_a_source_that_vanishes_for_a_week_and_comes_back_with_everything(scene: Scene, how: str) -> None:
    scene.asks("feed")
    scene.site.serve("/feed", feed(range(1, 16)), etag='"1"')
    await scene.polls(BEFORE)
    assert len(scene.digest(BEFORE_MAIL).papers) == 15
    before = scene.news(), scene.validators("feed")

    scene.site.serve("/feed", **{"etag": '"gone"', **VANISHED[how]})
    for days in range(1, 7):
        assert (await scene.polls(BEFORE + days * DAY))["feed"].error is not None
        mail = scene.digest(BEFORE_MAIL + days * DAY)
        assert mail.papers == ()
        assert "feed could not be read" in mail.text  # she reads nothing else: silence would look like quiet days
        assert scene.healths(BEFORE + days * DAY) == {"feed": "failing"}
        scene.reopens()
    assert (scene.news(), scene.validators("feed")) == before
    assert scene.due(AFTER) == ["feed"]

    scene.site.serve("/feed", feed(range(18)), etag='"2"')
    assert await scene.polls(AFTER) == {"feed": Polled("feed", 18, 3)}
    mail = scene.digest(AFTER_MAIL)
    assert len(mail.papers) == 3
    assert "could not be read" not in mail.text
    assert scene.healths(AFTER) == {"feed": "fresh"}
    assert len(scene.told()) == len(set(scene.told())) == 18


async def test_incident_24_a_source_that_comes_back_rebuilt_under_other_guids_and_links(scene: Scene) -> None:
    def rebuilt(number: int, home: str) -> str:
        link = f"https://{home}/{number}"
        return item(title=f"Lantern number {number} of the quay", link=link, guid=link, dc_creator="Ada Quill", pubDate=TODAY)

    scene.asks("feed")
    scene.site.serve("/feed", rss(*(rebuilt(n, "old.example.org") for n in range(10))))
    await scene.polls(BEFORE)
    assert len(scene.digest(BEFORE_MAIL).papers) == 10

    scene.site.serve("/feed", status=404)
    await scene.polls(BEFORE + DAY)
    scene.site.serve("/feed", rss(*(rebuilt(n, "new.example.org") for n in range(11))))

    assert await scene.polls(AFTER) == {"feed": Polled("feed", 11, 1)}
    assert len(scene.digest(AFTER_MAIL).papers) == 1
    assert scene.row("feed", AFTER)["lost"] is None


async def test_incident_24_a_service_by_date_that_was_away_is_asked_for_the_whole_week(scene: Scene) -> None:
    asks(scene, "biorxiv")
    announces(scene, "biorxiv", [1, 2])
    await scene.polls(BEFORE)
    assert len(scene.digest(BEFORE_MAIL).papers) == 2

    says(scene, "biorxiv", "", status=503)
    for days in range(1, 7):
        assert (await scene.polls(BEFORE + days * DAY))["biorxiv"].error is not None
        assert scene.cursor("biorxiv").reached == BEFORE
    assert "bioRxiv could not be read" in scene.digest(AFTER_MAIL - DAY).text

    serve_postings(scene.site, "/details/biorxiv/2026-03-03/2026-03-13", [posting(n) for n in range(1, 61)], 30)
    assert await scene.polls(AFTER) == {"biorxiv": Polled("biorxiv", 60, 58)}
    assert scene.healths(AFTER) == {"biorxiv": "fresh"}
    mail = scene.digest(AFTER_MAIL)
    assert (len(mail.papers), mail.more) == (20, 38)  # a week's papers do not flood: the rest is counted
    assert scene.digest(NEXT_MAIL) == NO_MAIL


# A week without power: nobody was asked, and nobody failed.


def week_of(numbers: range) -> list[str]:
    """Return OAI-PMH's records of papers of the missed lists."""
    return [record(f"2603.{n:05}", created="2026-03-09", title=f"Lantern number {n}") for n in numbers]


@pytest_asyncio.fixture(loop_scope="package")
async def arxiv(scene: Scene) -> Scene:
    """Return an installation that read arXiv's list of Thursday, was without power, and can read that of Thursday next."""
    scene.asks("arxiv")
    scene.site.serve(LG, arxiv_list([1]), etag='"1"')
    await scene.polls(BEFORE)
    scene.digest(BEFORE_MAIL)
    scene.reopens()
    scene.site.serve(LG, arxiv_list([9]), etag='"9"')
    return scene


async def caught_up(scene: Scene) -> None:
    """Assert that the week's papers were told once, and that nobody is alarmed."""
    assert sorted(scene.news()) == arxiv_ids(range(1, 10))
    assert scene.healths(AFTER) == {"arxiv": "fresh"}
    assert scene.cursor("arxiv").etag == '"9"'
    mail = scene.digest(AFTER_MAIL)
    assert sorted(mail.papers) == arxiv_ids(range(2, 10))
    assert "could not be read" not in mail.text
    asked = len(scene.site.requests)
    assert (await scene.polls(AFTER + timedelta(hours=6))) == {"arxiv": Polled("arxiv")}
    assert len(scene.site.requests) == asked + 1  # it does not catch up again


async def test_catching_up_with_arxiv_by_oai(arxiv: Scene) -> None:
    old = record("1901.00001", created="2019-01-01", updated="2026-03-10", title="An old lantern, replaced")
    arxiv.site.serve("/oai", harvest(*week_of(range(1, 5)), old, token="more"))
    arxiv.site.serve("/oai?verb=ListRecords&resumptionToken=more", harvest(*week_of(range(5, 10))))

    assert (await arxiv.polls(AFTER))["arxiv"] == Polled("arxiv", 10, 8)
    assert "from=2026-03-05" in arxiv.site.requests[2].path
    await caught_up(arxiv)


@pytest.mark.parametrize("oai", [harvest_error("badArgument", "no such set"), "<html>Sorry</html>", None])
async def test_catching_up_with_arxiv_by_its_api_where_oai_fails(arxiv: Scene, oai: str | None) -> None:
    arxiv.site.serve("/oai", oai or "", status=200 if oai else 500)
    arxiv.site.serve("/api/query", found(*(row(f"2603.{n:05}", title=f"Lantern number {n}") for n in range(1, 10))))

    assert (await arxiv.polls(AFTER))["arxiv"] == Polled("arxiv", 9, 8)
    assert [one.path.partition("?")[0] for one in arxiv.site.requests[1:]] == [LG, "/oai", "/api/query"]
    await caught_up(arxiv)


async def test_what_cannot_be_caught_up_is_said_and_asked_for_again(arxiv: Scene) -> None:
    for path in ("/oai", "/api/query"):
        arxiv.site.serve(path, status=500)
    told = (await arxiv.polls(AFTER))["arxiv"]

    assert (told.papers, told.news) == (1, 1)
    assert told.error is not None
    assert told.error.startswith("announcements of 2026-03-06 to 2026-03-11 could not be caught up: ")
    assert arxiv.healths(AFTER) == {"arxiv": "failing"}
    assert arxiv.row("arxiv", AFTER)["last_error"] == told.error
    assert arxiv.validators("arxiv") == (None, None, None)
    mail = arxiv.digest(AFTER_MAIL)
    assert mail.papers == tuple(arxiv_ids([9]))
    assert "arXiv could not be read; its papers will follow once available." in mail.text

    arxiv.reopens()
    arxiv.site.serve("/oai", harvest(*week_of(range(2, 9))))
    again = AFTER + timedelta(hours=3)
    assert (await arxiv.polls(again))["arxiv"] == Polled("arxiv", 8, 7)
    assert arxiv.healths(again) == {"arxiv": "fresh"}
    assert sorted(arxiv.digest(NEXT_MAIL).papers) == arxiv_ids(range(2, 9))


async def test_catching_up_with_a_list_that_stands_as_it_was(arxiv: Scene) -> None:
    """The newest list is still the old one: it is stale, and those in between are asked for nevertheless."""
    arxiv.site.serve(LG, arxiv_list([1]), etag='"1"')
    arxiv.site.serve("/oai", harvest(*week_of(range(2, 9))))

    assert (await arxiv.polls(AFTER))["arxiv"].news == 7
    assert sorted(arxiv.news()) == arxiv_ids(range(1, 9))


async def test_catching_up_never_tells_what_only_changed(arxiv: Scene) -> None:
    changed = arxiv_item("2603.00001", version=2, way="replace", title="Lantern number 1, relit")
    arxiv.site.serve(LG, rss(changed), etag='"9"')
    arxiv.site.serve("/oai", harvest(*(record(f"2501.{n:05}", created="2025-01-02", updated="2026-03-09") for n in range(5))))

    assert (await arxiv.polls(AFTER))["arxiv"].news == 0
    assert arxiv.digest(AFTER_MAIL) == NO_MAIL


async def test_catching_up_with_hugging_face(scene: Scene) -> None:
    scene.asks("huggingface")
    days = {day: hugging_face([day]) if day not in {7, 8} else "[]" for day in range(4, 13)}
    for day, document in days.items():
        scene.site.serve(f"/api/daily_papers?date=2026-03-{day:02}&limit=100", document)
    await scene.polls(BEFORE)
    scene.digest(BEFORE_MAIL)

    scene.reopens()
    assert (await scene.polls(AFTER))["huggingface"].error is None

    assert sorted(scene.news()) == arxiv_ids([4, 5, 6, 9, 10, 11, 12])
    assert scene.healths(AFTER) == {"huggingface": "fresh"}
    assert sorted(scene.digest(AFTER_MAIL).papers) == arxiv_ids([6, 9, 10, 11, 12])


async def test_a_list_of_hugging_face_that_does_not_come_is_asked_for_again(scene: Scene) -> None:
    scene.asks("huggingface")
    for day in range(4, 13):
        scene.site.serve(f"/api/daily_papers?date=2026-03-{day:02}&limit=100", hugging_face([day]))
    await scene.polls(BEFORE)
    scene.digest(BEFORE_MAIL)

    scene.site.serve("/api/daily_papers?date=2026-03-09&limit=100", status=500)
    told = (await scene.polls(AFTER))["huggingface"]
    assert told.error == "the list of 2026-03-09: the server answered 500 (internal server error)"
    assert scene.cursor("huggingface").reached == BEFORE
    assert "Hugging Face could not be read" in scene.digest(AFTER_MAIL).text

    scene.site.serve("/api/daily_papers?date=2026-03-09&limit=100", hugging_face([9]))
    assert (await scene.polls(AFTER + timedelta(hours=3)))["huggingface"].news == 1
    assert scene.digest(NEXT_MAIL).papers == tuple(arxiv_ids([9]))


async def test_catching_up_with_biorxiv(scene: Scene) -> None:
    asks(scene, "biorxiv")
    announces(scene, "biorxiv", [1, 2])
    await scene.polls(BEFORE)
    scene.digest(BEFORE_MAIL)

    scene.reopens()
    serve_postings(scene.site, "/details/biorxiv/2026-03-03/2026-03-13", [posting(n) for n in range(1, 8)], 30)
    assert await scene.polls(AFTER) == {"biorxiv": Polled("biorxiv", 7, 5)}

    assert scene.healths(AFTER) == {"biorxiv": "fresh"}
    assert len(scene.digest(AFTER_MAIL).papers) == 5


async def test_catching_up_with_pubmed(scene: Scene) -> None:
    scene.asks("pubmed")
    announces(scene, "pubmed", [1, 2])
    await scene.polls(BEFORE)
    scene.digest(BEFORE_MAIL)

    scene.reopens()
    scene.site.serve("/esearch.fcgi", pubmed_found(*range(99000001, 99000008)))
    scene.site.serve("/efetch.fcgi", pubmed_records(range(1, 8)))
    assert await scene.polls(AFTER) == {"pubmed": Polled("pubmed", 7, 5)}

    assert "mindate=2026/03/03&maxdate=2026/03/13" in scene.site.requests[2].path
    assert scene.healths(AFTER) == {"pubmed": "fresh"}
    assert len(scene.digest(AFTER_MAIL).papers) == 5


@pytest.mark.parametrize("after", [AFTER, BEFORE + 40 * DAY], ids=["a_week", "forty_days"])
async def test_a_feed_that_has_moved_on_says_what_could_not_be_recovered(scene: Scene, after: datetime) -> None:
    scene.asks("feed")
    scene.site.serve("/feed", feed(range(1, 6)), etag='"1"')
    await scene.polls(BEFORE)
    scene.digest(BEFORE_MAIL)

    scene.reopens()
    scene.site.serve("/feed", feed(range(11, 16)), etag='"2"')
    told = (await scene.polls(after))["feed"]

    assert (told.papers, told.news, told.error) == (5, 5, None)
    said = f"nothing that it listed on 2026-03-05 06:00 UTC was still there on {after:%Y-%m-%d} 06:00 UTC: "
    assert told.complaints == (f"{said}papers announced in between may have been missed",)
    assert scene.row("feed", after)["lost"] == told.complaints[0]
    assert scene.healths(after) == {"feed": "fresh"}
    assert len(scene.digest(after + timedelta(hours=2)).papers) == 5


async def test_a_feed_that_still_lists_what_was_there_has_lost_nothing(scene: Scene) -> None:
    scene.asks("feed")
    scene.site.serve("/feed", feed(range(1, 6)))
    await scene.polls(BEFORE)
    scene.digest(BEFORE_MAIL)

    scene.site.serve("/feed", feed(range(5, 12)))
    assert await scene.polls(AFTER) == {"feed": Polled("feed", 7, 6)}
    assert scene.row("feed", AFTER)["lost"] is None
    assert len(scene.digest(AFTER_MAIL).papers) == 6
