"""Incidents of documents that are not what they should be: none of them looks like a quiet day, and none stops the others."""

import time

import pytest

from digestd.pipeline.poll import Polled
from digestd.rendering.words import source
from tests.incidents.scene import NO_MAIL, Scene, at
from tests.incidents.services import PATHS, announces, asks, feed, says
from tests.sources.documents import daily_papers, item, rss
from tests.sources.service_documents import notes, postings, works
from tests.sources.test_pubmed import article, records

pytestmark = pytest.mark.asyncio(loop_scope="package")

THURSDAY, THURSDAY_MAIL = at("2026-03-05 12:00"), at("2026-03-05 12:01")
FRIDAY, SATURDAY_MAIL = at("2026-03-06 06:00"), at("2026-03-07 08:00")
HTML = "<!DOCTYPE html><html><head><title>Sorry</title></head><body><p>Down for repairs</p></body></html>"
HOME, TODAY = "https://annals.example.org/", "Thu, 05 Mar 2026 00:00:00 GMT"
LATER = "could not be read; its papers will follow once available."


async def begins(scene: Scene, kind: str) -> None:
    """Poll a source of that kind, and a feed beside it, on Thursday, and tell Ada of both."""
    asks(scene, kind)
    announces(scene, kind, [1, 2, 3], etag='"1"', last_modified="Thu, 05 Mar 2026 05:00:00 GMT")
    scene.asks("feed", "quay", path="/quay")
    scene.site.serve("/quay", rss(item(title="Lanterns on the quay", link="https://quay.example.org/1")))
    told = await scene.polls(THURSDAY)
    assert told[kind] == Polled(kind, 3, 3)
    assert len(scene.digest(THURSDAY_MAIL).papers) >= 3


async def fails(scene: Scene, kind: str) -> str:
    """Poll on Friday, when the feed beside has a paper more, and assert all that holds where the first source failed.

    Return why it failed.
    """
    before = scene.news(), scene.validators(kind), scene.cursor(kind).reached
    entries = [item(title=f"Lanterns on the quay {n}", link=f"https://quay.example.org/{n}") for n in (1, 2)]
    scene.site.serve("/quay", rss(*entries))
    scene.reopens()

    told = await scene.polls(FRIDAY)

    assert told["quay"].error is None
    assert told["quay"].news == 1
    assert (scene.news()[:-1], scene.validators(kind), scene.cursor(kind).reached) == before
    row = scene.row(kind, FRIDAY)
    assert (row["health"], row["last_error"]) == ("failing", told[kind].error)
    assert scene.healths(FRIDAY)["quay"] == "fresh"
    mail = scene.digest(SATURDAY_MAIL)
    assert len(mail.papers) == 1
    assert f"{source(kind, 60)} {LATER}" in mail.text
    return told[kind].error or ""


async def recovers(scene: Scene, kind: str) -> None:
    """Poll again, when the source has a paper more: it is told once, and nothing else is."""
    news = scene.news()
    announces(scene, kind, [1, 2, 3, 4], etag='"3"')
    again = at("2026-03-06 07:00")

    told = await scene.polls(again, kind)

    assert (told[kind].error, told[kind].news) == (None, 1)
    assert (len(scene.news()), scene.news()[:-1]) == (len(news) + 1, news)
    assert scene.healths(again)[kind] != "failing"
    assert len(set(scene.told())) == len(scene.told())


NOTHING_PARSED = {
    "arxiv": rss(*(item(title=f"Lantern {n}", link="", guid="") for n in range(3))),
    "huggingface": daily_papers({"paper": {"id": "tide"}}, {}, None),
    "biorxiv": postings({}, {}, None),
    "pubmed": records(*(article(title="").replace("<PMID", "<ID").replace("/PMID", "/ID") for _ in range(3))),
    "crossref": works({}, {}, None),
    "openreview": notes({}, {}, None),
    "feed": rss(*(item(title="", link=f"https://annals.example.org/{n}") for n in range(3))),
}


@pytest.mark.parametrize("kind", NOTHING_PARSED)
async def test_incident_05_none_parsed_of_many(scene: Scene, kind: str) -> None:
    await begins(scene, kind)
    says(scene, kind, NOTHING_PARSED[kind], etag='"2"')
    if kind == "pubmed":
        announces(scene, kind, [1, 2, 3, 4])
        scene.site.serve("/efetch.fcgi", NOTHING_PARSED[kind])

    assert "none of the" in await fails(scene, kind)
    await recovers(scene, kind)


async def test_incident_05_fewer_parsed_than_declared(scene: Scene) -> None:
    await begins(scene, "feed")
    swallowed = feed([1, 2, 3]).replace("<title>Lantern number 2", "<title><![CDATA[Lantern number 2")
    scene.site.serve("/feed", swallowed, etag='"2"')

    assert await fails(scene, "feed") == "the feed has 3 entries, 2 of which could be read"
    await recovers(scene, "feed")


@pytest.mark.parametrize("status", [400, 200])
async def test_incident_07_feed_error_for_query(scene: Scene, status: int) -> None:
    await begins(scene, "arxiv")
    says(scene, "arxiv", rss(title="Feed error for query: cs.LG"), status=status, etag='"2"')

    reason = await fails(scene, "arxiv")

    assert ("400" if status == 400 else "Feed error for query: cs.LG") in reason
    await recovers(scene, "arxiv")


@pytest.mark.parametrize("kind", PATHS)
async def test_incident_19_an_html_page_with_200(scene: Scene, kind: str) -> None:
    await begins(scene, kind)
    says(scene, kind, HTML, etag='"2"', headers={"Content-Type": "text/html"})

    assert await fails(scene, kind)
    await recovers(scene, kind)


@pytest.mark.parametrize("cut", [30, -1], ids=["in_the_middle", "of_its_last_byte"])
@pytest.mark.parametrize("kind", ["arxiv", "feed"])
async def test_incident_20_a_truncated_gzip(scene: Scene, kind: str, cut: int) -> None:
    await begins(scene, kind)
    announces(scene, kind, [1, 2, 3, 4, 5], etag='"2"', gzip=True, cut=cut)

    assert "cut short" in await fails(scene, kind)
    await recovers(scene, kind)


TITLES = {
    "titles_unlike": ["Lanterns at low tide", "Why estuaries glow", "A census of the quay"],
    "titles_alike": ["Lantern number 1", "Lantern number 2", "Lantern number 3"],
}


@pytest.mark.parametrize("titles", TITLES.values(), ids=TITLES)
async def test_incident_21_one_guid_on_all_items(scene: Scene, titles: list[str]) -> None:
    *first, last = [item(title=title, guid=HOME, link=HOME, pubDate=TODAY) for title in titles]
    scene.asks("feed")
    scene.site.serve("/feed", rss(*first))
    assert await scene.polls(THURSDAY) == {"feed": Polled("feed", 2, 2)}
    assert len(scene.digest(THURSDAY_MAIL).papers) == 2

    scene.reopens()
    scene.site.serve("/feed", rss(last, *first))
    assert await scene.polls(FRIDAY) == {"feed": Polled("feed", 3, 1)}

    mail = scene.digest(SATURDAY_MAIL)
    assert len(mail.papers) == 1
    assert titles[-1] in mail.text
    assert scene.healths(FRIDAY) == {"feed": "fresh"}
    assert scene.row("feed", FRIDAY)["last_error"] is None


async def test_incident_22_a_byte_a_second(scene: Scene) -> None:
    await begins(scene, "arxiv")
    announces(scene, "arxiv", [1, 2, 3, 4], etag='"2"', slow=0.25)
    begun = time.monotonic()

    reason = await fails(scene, "arxiv")

    assert reason == "no whole answer within the time allowed"
    assert time.monotonic() - begun < 10
    await recovers(scene, "arxiv")


@pytest.mark.parametrize("status", [301, 302])
async def test_incident_23_a_redirect_to_the_secrets_of_a_cloud(scene: Scene, status: int) -> None:
    await begins(scene, "feed")
    scene.site.redirect("/feed", "http://169.254.169.254/latest/meta-data/", status)
    begun = time.monotonic()

    reason = await fails(scene, "feed")

    assert "link-local" in reason
    assert time.monotonic() - begun < 10
    assert scene.cursor("feed").moved_to is None
    await recovers(scene, "feed")


async def test_incident_23_a_redirect_to_this_machine_needs_leave(scene: Scene) -> None:
    scene.asks("feed", allow_private=False)
    scene.site.serve("/feed", feed([1]))

    told = await scene.polls(THURSDAY)

    assert told["feed"].error is not None
    assert "allow_private" in told["feed"].error
    assert scene.site.requests == []
    assert scene.healths(THURSDAY) == {"feed": "failing"}
    assert scene.digest(THURSDAY_MAIL) == NO_MAIL
