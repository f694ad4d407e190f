"""What holds for every kind of source: built of settings, asked over the net, read in a worker."""

import asyncio
import os
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.ports import Source
from digestd.sources.document import Body
from digestd.sources.http import Web
from digestd.sources.kinds import KINDS
from digestd.sources.worker import Worker
from tests.sources.documents import arxiv_atom_entry, arxiv_item, atom, body, daily_paper, daily_papers, item, json_feed, rss
from tests.support.builders import paper
from tests.support.fakes import FakeSource, announces
from tests.support.web import Site


@dataclass(frozen=True)
class Wanted:
    """Settings of a source, as an operator's file would give them."""

    kind: str
    url: str | None = None
    name: str = "tides"
    every: timedelta = timedelta(hours=1)
    allow_private: bool = True
    categories: tuple[str, ...] = ("cs.LG",)
    revisions: bool = False
    cross_lists: bool = True


SERVED = {
    "arxiv": ("/rss/cs.LG", rss(arxiv_item())),
    "huggingface": ("/api/daily_papers", daily_papers(daily_paper())),
    "feed": ("/", rss(item())),
}


def source(kind: str, web: Web, site: Site) -> Source:
    (only,) = KINDS[kind].sources(Wanted(kind, site.url("/")), web)
    return only


def fake() -> Source:
    """Return the source that other tests use, which answers as a real one does."""
    announced = announces(paper(1, sources=("tides",)), cursor=Cursor(etag='"one"'), wait=timedelta(minutes=1))
    return FakeSource([announced, NotModified(announced.cursor, announced.wait)], "tides")


@pytest.mark.parametrize("kind", [*KINDS, "fake"])
async def test_a_source_fetches_papers_once_and_then_knows_them(kind: str, web: Web, site: Site) -> None:
    if kind in KINDS:
        path, document = SERVED[kind]
        site.serve(path, document, etag='"one"', headers={"Cache-Control": "max-age=60"})
    asked = source(kind, web, site) if kind in KINDS else fake()

    first = await asked.fetch(Cursor())
    assert isinstance(first, Fetched)
    again = await asked.fetch(first.cursor)

    assert [paper.sources for paper in first.papers] == [("tides",)]
    assert first.cursor.etag == '"one"'
    assert first.wait == timedelta(minutes=1)
    assert again == NotModified(first.cursor, timedelta(minutes=1))


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    async def test_a_page_of_html_is_a_failure(self, kind: str, web: Web, site: Site) -> None:
        site.serve(SERVED[kind][0], "<html><body>Down for repairs</body></html>")

        assert isinstance(await source(kind, web, site).fetch(Cursor()), Failed)

    async def test_a_private_address_needs_leave(self, kind: str, web: Web, site: Site) -> None:
        (shut,) = KINDS[kind].sources(Wanted(kind, site.url("/"), allow_private=False), web)

        assert isinstance(await shut.fetch(Cursor()), Failed)
        assert site.requests == []

    def test_it_says_what_it_is(self, kind: str, web: Web, site: Site) -> None:
        one = source(kind, web, site)

        assert (one.name, one.kind, one.every) == ("tides", kind, timedelta(hours=1))

    @given(st.data())
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_no_document_is_too_broken_to_answer(self, kind: str, data: st.DataObject) -> None:
        document = mutilated(data)

        assert isinstance(KINDS[kind].read(Body(document), "tides"), Fetched | Failed)


async def test_several_categories_are_several_sources_that_announce_in_one_name(web: Web, site: Site) -> None:
    sources = KINDS["arxiv"].sources(Wanted("arxiv", site.url(), "arxiv", categories=("cs.LG", "stat.ML")), web)
    site.serve("/rss/stat.ML", rss(arxiv_item()))
    fetched = await sources[1].fetch(Cursor())

    assert [one.name for one in sources] == ["arxiv:cs.LG", "arxiv:stat.ML"]
    assert isinstance(fetched, Fetched)
    assert fetched.papers[0].sources == ("arxiv",)


async def test_a_document_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    worker = Worker(timedelta(seconds=2))
    begun = time.monotonic()
    slow = await worker.read(stall, body(""))
    fine = await worker.read(answer, body(""))
    worker.close()

    assert slow == Failed("the document could not be read within 2 s")
    assert fine == Failed("read")
    assert time.monotonic() - begun < 8


async def test_a_document_that_ends_the_worker_is_a_failure_and_the_next_is_read() -> None:
    worker = Worker()
    dead = await worker.read(end, body(""))
    fine = await worker.read(answer, body(""))
    worker.close()

    assert isinstance(dead, Failed)
    assert fine == Failed("read")


async def test_documents_wait_for_each_other_and_none_gets_anothers_answer() -> None:
    worker = Worker()
    told = await asyncio.gather(*(worker.read(echo, body(str(n))) for n in range(20)))
    worker.close()

    assert told == [Failed(str(n)) for n in range(20)]


async def test_a_worker_ends_in_the_middle_of_a_document() -> None:
    worker = Worker()
    reading = asyncio.create_task(worker.read(stall, body("")))
    await asyncio.sleep(0.5)
    worker.close()

    assert isinstance(await reading, Failed)


async def test_the_worker_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTD_SMTP__PASSWORD", "tide-and-lantern")
    worker = Worker()
    told = await worker.read(environment, body(""))
    worker.close()

    assert isinstance(told, Failed)
    assert "PASSWORD" not in told.reason


def stall(_: Body) -> Failed:
    time.sleep(60)
    return Failed("too late")


def answer(_: Body) -> Failed:
    return Failed("read")


def echo(given: Body) -> Failed:
    return Failed(given.content.decode())


def end(_: Body) -> Failed:
    os._exit(1)


def environment(_: Body) -> Failed:
    return Failed(" ".join(os.environ))


DOCUMENTS = [
    rss(arxiv_item(), arxiv_item("2603.00002", way="cross")),
    atom(arxiv_atom_entry()),
    rss(item(guid="1"), item(title="<b>T</b>", guid="1", dc_creator="A B, C D")),
    daily_papers(daily_paper(), daily_paper("2603.00002")),
    json_feed({"id": "1", "title": "Tide", "content_html": "<p>x</p>"}),
]
SPLINTERS = [
    b"<",
    b">",
    b"&",
    b"&#1114112;",
    b"]]>",
    b"<![CDATA[",
    b"\x00",
    b"\xff",
    b'"',
    b"{",
    b"[",
    b"null",
    b"<!DOCTYPE x [<!ENTITY a 'C:\\d'>]>",
]


def mutilated(data: st.DataObject) -> bytes:
    """Return a document in which a few pieces are cut out, doubled, or replaced by splinters."""
    document = data.draw(st.sampled_from(DOCUMENTS)).encode()
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(document)))
        to = min(len(document), at + data.draw(st.integers(0, 60)))
        put = data.draw(st.sampled_from([b"", document[at:to] * 2, *SPLINTERS]) | st.binary(max_size=4))
        document = document[:at] + put + document[to:]
    return document
