"""Incidents of papers: versions, cross-lists, half-filled lists, pages, odd markup. Each paper is told once, and told well."""

import json
from datetime import datetime
from typing import Any

import pytest

from digestd.pipeline.poll import Polled
from tests.incidents.scene import NO_MAIL, Scene, at
from tests.incidents.services import arxiv_ids, arxiv_items, arxiv_list, asks, hugging_face, pubmed_records
from tests.sources.documents import arxiv_item, item, rss
from tests.sources.service_documents import posting, rdf, rdf_item, serve_postings
from tests.sources.test_pubmed import article, found, records

pytestmark = pytest.mark.asyncio(loop_scope="package")

THURSDAY, THURSDAY_MAIL = at("2026-03-05 06:00"), at("2026-03-05 08:00")
FRIDAY, FRIDAY_MAIL, SATURDAY_MAIL = at("2026-03-06 06:00"), at("2026-03-06 08:00"), at("2026-03-07 08:00")
LG, AI = "/rss/cs.LG", "/rss/cs.AI"


def fine(scene: Scene, name: str, now: datetime) -> bool:
    """Return whether the operator sees a source without trouble."""
    row = scene.row(name, now)
    return row["health"] == "fresh" and row["last_error"] is None and row["lost"] is None


@pytest.mark.parametrize("way", ["replace", "replace-cross"])
async def test_incident_09_a_second_version_is_not_told_again(scene: Scene, way: str) -> None:
    scene.asks("arxiv")
    scene.site.serve(LG, arxiv_list([1]), etag='"1"')
    await scene.polls(THURSDAY)
    assert scene.digest(THURSDAY_MAIL).papers == tuple(arxiv_ids([1]))

    scene.reopens()
    newer = arxiv_item("2603.00001", version=2, way=way, title="Lantern number 1, relit")
    scene.site.serve(LG, rss(newer, *arxiv_items([2])), etag='"2"')

    assert await scene.polls(FRIDAY) == {"arxiv": Polled("arxiv", 2, 1)}
    assert scene.news() == arxiv_ids([1, 2])
    assert (scene.paper("arXiv:2603.00001").version, scene.paper("arXiv:2603.00001").title) == (2, "Lantern number 1, relit")
    assert scene.digest(SATURDAY_MAIL).papers == tuple(arxiv_ids([2]))
    assert fine(scene, "arxiv", FRIDAY)
    assert scene.cursor("arxiv").etag == '"2"'


@pytest.mark.parametrize("cross_lists", [True, False], ids=["cross_lists_wanted", "cross_lists_not_wanted"])
@pytest.mark.parametrize("order", [(LG, AI), (AI, LG)], ids=["new_then_cross", "cross_then_new"])
async def test_incident_09_cross_in_one_and_new_in_another(scene: Scene, order: tuple[str, str], cross_lists: bool) -> None:
    scene.asks("arxiv", categories=("cs.LG", "cs.AI"), cross_lists=cross_lists)
    scene.site.serve(LG, arxiv_list([1], category="cs.LG"))
    scene.site.serve(AI, arxiv_list([1], "cross", category="cs.AI"))

    for path in order:
        await scene.polls(THURSDAY, f"arxiv:{path[5:]}")

    assert scene.news() == arxiv_ids([1])
    paper = scene.paper("arXiv:2603.00001")
    assert (set(paper.categories), paper.sources, paper.published) == ({"cs.LG", "cs.AI"}, ("arxiv",), at("2026-03-05 05:00"))
    mail = scene.digest(THURSDAY_MAIL)
    assert (mail.papers, mail.text.count("Lantern number 1")) == (("arXiv:2603.00001",), 1)
    assert set(scene.healths(THURSDAY).values()) == {"fresh"}


async def test_incident_10_hugging_face_answers_400_for_tomorrow(scene: Scene) -> None:
    """The day has begun in UTC by our clock, and not by the server's."""
    scene.asks("huggingface")
    early = at("2026-03-06 00:00")
    scene.site.serve("/api/daily_papers", hugging_face([1]), etag='"1"')
    scene.site.serve("/api/daily_papers?date=2026-03-06&limit=100", '{"error": "Invalid date"}', status=400)

    assert await scene.polls(early) == {"huggingface": Polled("huggingface", 1, 1)}
    assert fine(scene, "huggingface", early)
    assert "could not be read" not in scene.digest(at("2026-03-06 00:10")).text

    scene.site.serve("/api/daily_papers?date=2026-03-06&limit=100", hugging_face([2]))
    assert (await scene.polls(FRIDAY))["huggingface"].news == 1
    assert scene.news() == arxiv_ids([1, 2])
    assert scene.digest(SATURDAY_MAIL).papers == tuple(arxiv_ids([2]))


async def test_incident_10_a_list_with_one_paper_fills(scene: Scene) -> None:
    scene.asks("huggingface")
    scene.site.serve("/api/daily_papers", "[]")
    scene.site.serve("/api/daily_papers?date=2026-03-04&limit=100", hugging_face(range(1, 13)))
    await scene.polls(at("2026-03-04 23:30"))
    assert len(scene.digest(at("2026-03-04 23:31")).papers) == 12

    scene.site.serve("/api/daily_papers?date=2026-03-05&limit=100", hugging_face([13]))
    assert await scene.polls(THURSDAY) == {"huggingface": Polled("huggingface", 13, 1)}
    assert fine(scene, "huggingface", THURSDAY)
    assert scene.digest(THURSDAY_MAIL).papers == tuple(arxiv_ids([13]))

    scene.reopens()
    scene.site.serve("/api/daily_papers?date=2026-03-05&limit=100", hugging_face(range(13, 21)))  # since midnight it is full
    await scene.polls(FRIDAY)
    assert scene.news() == arxiv_ids(range(1, 21))
    assert sorted(scene.digest(SATURDAY_MAIL).papers) == arxiv_ids(range(14, 21))
    assert sorted(scene.told()) == arxiv_ids(range(1, 21))


@pytest.mark.parametrize("size", [30, 100])
async def test_incident_11_pages_and_unpadded_dates(scene: Scene, size: int) -> None:
    asks(scene, "biorxiv")
    posted = [posting(n, date="2026-3-4") for n in range(1, 131)]
    serve_postings(scene.site, "/details/biorxiv/2026-03-02/2026-03-06", posted, size)

    assert await scene.polls(THURSDAY) == {"biorxiv": Polled("biorxiv", 130, 130)}
    assert scene.paper("doi:10.64898/2026.03.04.000130").published == at("2026-03-04")
    assert fine(scene, "biorxiv", THURSDAY)
    assert scene.cursor("biorxiv").reached == THURSDAY
    mail = scene.digest(THURSDAY_MAIL)
    assert (len(mail.papers), mail.more) == (20, 110)

    scene.reopens()
    serve_postings(scene.site, "/details/biorxiv/2026-03-03/2026-03-07", [*posted, posting(131, date="2026-3-5")], size)
    assert await scene.polls(FRIDAY) == {"biorxiv": Polled("biorxiv", 131, 1)}
    assert scene.digest(SATURDAY_MAIL).papers == ("doi:10.64898/2026.03.04.000131",)


@pytest.mark.parametrize("size", [30, 100])
async def test_incident_11_a_page_that_does_not_come_is_asked_for_again(scene: Scene, size: int) -> None:
    asks(scene, "biorxiv")
    posted = [posting(n) for n in range(1, 131)]
    interval = "/details/biorxiv/2026-03-02/2026-03-06"
    serve_postings(scene.site, interval, posted, size)
    scene.site.serve(f"{interval}/{size}", status=500)
    told = (await scene.polls(THURSDAY))["biorxiv"]

    assert told.news == size
    assert told.error == "the API failed: page 2: the server answered 500 (internal server error)"
    assert scene.cursor("biorxiv").reached is None
    assert scene.row("biorxiv", THURSDAY)["health"] == "failing"
    assert "bioRxiv could not be read" in scene.digest(THURSDAY_MAIL).text

    serve_postings(scene.site, interval, posted, size)
    assert (await scene.polls(at("2026-03-05 09:00")))["biorxiv"].news == 130 - size
    assert fine(scene, "biorxiv", at("2026-03-05 09:00"))
    scene.digest(FRIDAY_MAIL)
    assert len(scene.told()) == len(set(scene.told())) == 130


async def test_incident_12_rdf_with_spaces_in_links_in_the_apis_stead(scene: Scene) -> None:
    asks(scene, "biorxiv")
    scene.site.serve("/details/biorxiv/2026-03-02/2026-03-06/0", status=503)
    scene.site.serve("/biorxiv_xml.php", rdf(rdf_item(1), rdf_item(2)))
    told = (await scene.polls(THURSDAY))["biorxiv"]

    assert told.news == 2
    assert told.error is not None
    assert told.error.startswith("the API failed: ")
    assert scene.healths(THURSDAY) == {"biorxiv": "failing"}
    mail = scene.digest(THURSDAY_MAIL)
    assert len(mail.papers) == 2
    assert " https://www.biorxiv.org/content/10.64898/2026.03.04.000001v1 " in mail.text
    assert "bioRxiv could not be read" in mail.text

    serve_postings(scene.site, "/details/biorxiv/2026-03-02/2026-03-06", [posting(n) for n in (1, 2, 3)], 30)
    assert (await scene.polls(at("2026-03-05 09:00")))["biorxiv"].news == 1
    assert scene.news() == [f"doi:10.64898/2026.03.04.{n:06}" for n in (1, 2, 3)]
    assert scene.digest(FRIDAY_MAIL).papers == ("doi:10.64898/2026.03.04.000003",)


async def test_incident_12_rdf_with_spaces_in_links_as_a_feed(scene: Scene) -> None:
    scene.asks("feed")
    scene.site.serve("/feed", rdf(rdf_item(1)), etag='"1"')

    assert await scene.polls(THURSDAY) == {"feed": Polled("feed", 1, 1)}
    assert await scene.polls(FRIDAY) == {"feed": Polled("feed")}

    paper = scene.paper("doi:10.64898/2026.03.04.000001")
    assert paper.links.abstract == "http://biorxiv.org/cgi/content/short/2026.03.04.000001v1?rss=1"
    assert paper.title == "Lanterns at low tide 1"
    assert scene.digest(FRIDAY_MAIL).papers == (paper.id,)
    assert scene.cursor("feed").etag == '"1"'


async def test_incident_13_a_record_that_enters_months_late(scene: Scene) -> None:
    scene.asks("pubmed")
    scene.site.serve("/esearch.fcgi", found(99000001))
    scene.site.serve("/efetch.fcgi", pubmed_records([1]))
    await scene.polls(THURSDAY)
    scene.digest(THURSDAY_MAIL)

    months_ago = "<Year>2025</Year><Month>Sep</Month>"
    late = article(99000002, "Lantern number 2.").replace("<Year>2026</Year><Month>Mar</Month>", months_ago)
    scene.site.serve("/esearch.fcgi", found(99000001, 99000002))
    scene.site.serve("/efetch.fcgi", records(article(99000001, "Lantern number 1."), late))

    assert await scene.polls(FRIDAY) == {"pubmed": Polled("pubmed", 2, 1)}
    assert scene.news() == ["pmid:99000001", "pmid:99000002"]
    assert fine(scene, "pubmed", FRIDAY)
    assert scene.digest(SATURDAY_MAIL).papers == ("pmid:99000002",)
    assert "datetype=edat" in scene.site.requests[-2].path


async def test_incident_13_a_paper_that_a_feed_dates_months_back_or_ahead(scene: Scene) -> None:
    def dated(number: int, date: str) -> str:
        return item(title=f"Lantern number {number}", link=f"https://annals.example.org/{number}", pubDate=date)

    scene.asks("feed")
    today = dated(1, "Thu, 05 Mar 2026 00:00:00 GMT")
    scene.site.serve("/feed", rss(today))
    await scene.polls(THURSDAY)
    scene.digest(THURSDAY_MAIL)

    past, future = dated(2, "Mon, 01 Sep 2025 00:00:00 GMT"), dated(3, "Tue, 01 Dec 2026 00:00:00 GMT")
    scene.site.serve("/feed", rss(today, past, future))

    assert await scene.polls(FRIDAY) == {"feed": Polled("feed", 3, 2)}
    assert len(scene.digest(SATURDAY_MAIL).papers) == 2
    assert fine(scene, "feed", FRIDAY)


ODD = {"title": "When $O(n<k)$ & <b>bold lanterns", "dc_creator": r"Andr\'e Quill"}
ROW: dict[str, Any] = {"id": "2603.00001", "title": ODD["title"], "authors": [{"name": ODD["dc_creator"]}], "summary": "Tides."}


@pytest.mark.parametrize("kind", ["arxiv", "huggingface"])
async def test_incident_14_a_title_of_tex_and_an_author_with_an_accent(scene: Scene, kind: str) -> None:
    scene.asks(kind)
    scene.site.serve(LG, arxiv_list([1], **ODD))
    scene.site.serve("/api/daily_papers", json.dumps([{"paper": ROW}]))

    assert (await scene.polls(THURSDAY))[kind] == Polled(kind, 1, 1)
    paper = scene.paper("arXiv:2603.00001")
    assert (paper.title, paper.authors) == (ODD["title"], (ODD["dc_creator"],))
    mail = scene.digest(THURSDAY_MAIL)
    assert "1. When O(n < k) & <b>bold lanterns André Quill" in mail.text
    assert fine(scene, kind, THURSDAY)
    assert scene.digest(FRIDAY_MAIL) == NO_MAIL
