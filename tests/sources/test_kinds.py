"""What holds for every kind of source: built of settings, asked over the net, read in a worker."""

from datetime import timedelta
from typing import Any

import pytest

from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.ports import Source
from digestd.sources.http import Web
from digestd.sources.kinds import KINDS
from tests.sources.arxiv_documents import found, row
from tests.sources.documents import arxiv_item, daily_paper, daily_papers, item, rss
from tests.sources.service_documents import note, notes, posting, postings, work, works
from tests.sources.test_pubmed import article, records
from tests.sources.test_pubmed import found as listed
from tests.sources.wanted import Wanted
from tests.support.builders import NOON, paper
from tests.support.fakes import FakeSource, announces
from tests.support.web import Site

POSTED = postings(posting())
SERVED = {
    "arxiv": {"/rss/cs.LG": rss(arxiv_item())},
    "arxiv_api": {"/api/query": found(row(published="2026-03-04T12:00:00Z"))},
    "huggingface": {"/api/daily_papers": daily_papers(daily_paper())},
    "biorxiv": {"/details/biorxiv/2026-03-02/2026-03-06/0": POSTED, "/details/biorxiv/2026-03-03/2026-03-06/0": POSTED},
    "medrxiv": {"/details/medrxiv/2026-03-02/2026-03-06/0": POSTED, "/details/medrxiv/2026-03-03/2026-03-06/0": POSTED},
    "pubmed": {"/esearch.fcgi": listed(99000001), "/efetch.fcgi": records(article(99000001))},
    "crossref": {"/works": works(work())},
    "openreview": {"/notes": notes(note())},
    "feed": {"/": rss(item())},
}
WHOLE = ("arxiv", "feed")  # one document each, which the server may say has not changed


def source(kind: str, web: Web, site: Site, **settings: Any) -> Source:
    categories = ("cs.LG",) if kind == "arxiv" else ()
    (only,) = KINDS[kind].sources(Wanted(kind, site.url("/"), categories=categories, **settings), web)
    return only


def fake() -> Source:
    """Return the source that other tests use, which answers as a real one does."""
    announced = announces(paper(1, sources=("tides",)), cursor=Cursor(etag='"one"'), wait=timedelta(minutes=1))
    return FakeSource([announced, NotModified(announced.cursor, announced.wait)], "tides")


def serve(site: Site, kind: str, document: str | None = None, **told: Any) -> None:
    """Serve what a source of that kind asks for, or *document* in its place."""
    for path, own in SERVED[kind].items():
        site.serve(path, own if document is None else document, **told)


@pytest.mark.parametrize("kind", [*WHOLE, "fake"])
async def test_a_document_is_fetched_once_and_then_known(kind: str, web: Web, site: Site) -> None:
    if kind in KINDS:
        serve(site, kind, etag='"one"', headers={"Cache-Control": "max-age=60"})
    asked = source(kind, web, site) if kind in KINDS else fake()

    first = await asked.fetch(Cursor(), NOON)
    assert isinstance(first, Fetched)
    again = await asked.fetch(first.cursor, NOON)

    assert first.cursor.etag == '"one"'
    assert first.wait == timedelta(minutes=1)
    assert isinstance(again, NotModified)
    assert (again.cursor.etag, again.cursor.body_hash, again.wait) == ('"one"', first.cursor.body_hash, first.wait)


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    async def test_it_announces_in_its_own_name_and_says_nothing_new_when_asked_again(
        self, kind: str, web: Web, site: Site
    ) -> None:
        serve(site, kind)
        asked = source(kind, web, site)

        first = await asked.fetch(Cursor(), NOON)
        assert isinstance(first, Fetched), first
        again = await asked.fetch(first.cursor, NOON)

        assert [paper.sources for paper in first.papers] == [("tides",)]
        assert (first.complaints, first.gap) == ((), None)
        assert not isinstance(again, Failed)
        assert isinstance(again, NotModified) or [one.id for one in again.papers] == [one.id for one in first.papers]
        assert first.cursor.reached in {None, NOON}

    async def test_a_page_of_html_is_a_failure(self, kind: str, web: Web, site: Site) -> None:
        serve(site, kind, "<html><body>Down for repairs</body></html>")

        assert isinstance(await source(kind, web, site).fetch(Cursor(), NOON), Failed)

    async def test_a_private_address_needs_leave(self, kind: str, web: Web, site: Site) -> None:
        shut = source(kind, web, site, allow_private=False)

        assert isinstance(await shut.fetch(Cursor(), NOON), Failed)
        assert site.requests == []

    def test_it_says_what_it_is(self, kind: str, web: Web, site: Site) -> None:
        one = source(kind, web, site)

        assert (one.name, one.kind, one.every) == ("tides", kind, timedelta(hours=1))


async def test_several_categories_are_several_sources_that_announce_in_one_name(web: Web, site: Site) -> None:
    sources = KINDS["arxiv"].sources(Wanted("arxiv", site.url(), "arxiv", categories=("cs.LG", "stat.ML")), web)
    site.serve("/rss/stat.ML", rss(arxiv_item()))
    fetched = await sources[1].fetch(Cursor(), NOON)

    assert [one.name for one in sources] == ["arxiv:cs.LG", "arxiv:stat.ML"]
    assert isinstance(fetched, Fetched)
    assert fetched.papers[0].sources == ("arxiv",)


async def test_a_source_that_moved_for_good_is_asked_there_and_here_again_if_that_ends(web: Web, site: Site) -> None:
    asked = source("feed", web, site)
    site.redirect("/", site.url("/new"), 301)
    site.serve("/new", rss(item()), etag='"one"')

    first = await asked.fetch(Cursor(), NOON)
    assert isinstance(first, Fetched)
    assert first.cursor.moved_to == site.url("/new")
    again = await asked.fetch(first.cursor, NOON)
    assert isinstance(again, NotModified)
    assert (again.cursor.moved_to, again.cursor.etag) == (site.url("/new"), '"one"')
    assert [request.path for request in site.requests] == ["/", "/new", "/new"]

    site.serve("/new", status=404)
    site.serve("/", rss(item()))
    home = await asked.fetch(again.cursor, NOON)
    assert isinstance(home, Fetched | NotModified)
    assert home.cursor.moved_to is None
