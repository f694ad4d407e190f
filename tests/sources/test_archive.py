"""Papers looked up by id: what every archive does, and how arXiv's API is asked."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from digestd.model.paper import Paper, PaperId
from digestd.model.source import Failed
from digestd.ports import Archive
from digestd.sources.arxiv_archive import ArxivArchive, archive, read
from digestd.sources.http import Web
from tests.sources.arxiv_documents import api_error, by_id, found, row
from tests.sources.documents import body
from tests.sources.wanted import Wanted
from tests.support.builders import NOON, paper
from tests.support.fakes import FakeArchive
from tests.support.shared import shared
from tests.support.web import Site

LANTERNS = ("2603.00001", "2603.00002", "hep-ex/0307015")


def ids(*numbers: str) -> list[PaperId]:
    return [PaperId(f"arXiv:{number}") for number in numbers]


def hundred() -> list[str]:
    return [f"2603.{number:05}" for number in range(100)]


def arxiv(web: Web, site: Site) -> ArxivArchive:
    return archive([Wanted("arxiv_api", site.url("/"))], web)


async def found_by(asked: Archive, wanted: Sequence[PaperId]) -> set[str]:
    told = await asked.find(wanted, NOON)
    assert not isinstance(told, Failed), told
    return {one.id for one in told}


@pytest.fixture(params=["fake", "arxiv"])
def anyones(request: pytest.FixtureRequest, web: Web, site: Site) -> Archive:
    """Return an archive that knows two lanterns."""
    site.serve_by("/api/query", by_id(*LANTERNS[:2]))
    return FakeArchive(paper(1), paper(2)) if request.param == "fake" else arxiv(web, site)


class TestEveryArchive:
    async def test_it_finds_what_it_knows_and_leaves_out_what_it_does_not(self, anyones: Archive) -> None:
        assert await found_by(anyones, ids("2603.00002", "2603.00009", "2603.00001")) == set(ids("2603.00001", "2603.00002"))
        assert await found_by(anyones, ids("2603.00009")) == set()

    async def test_its_papers_carry_no_badge_for_nobody_announced_them(self, anyones: Archive) -> None:
        told = await anyones.find(ids("2603.00001"), NOON)

        assert isinstance(told, Sequence)
        assert [one.sources for one in told] == [()]

    async def test_of_ids_that_are_not_its_own_it_finds_none(self, anyones: Archive) -> None:
        assert anyones.keeps(PaperId("arXiv:2603.00001"))
        assert not anyones.keeps(PaperId("doi:10.5555/a"))
        assert await found_by(anyones, [PaperId("doi:10.5555/a"), PaperId("id:2603.00001")]) == set()
        assert await found_by(anyones, []) == set()

    def test_no_source_can_be_called_as_it_is(self, anyones: Archive) -> None:
        assert anyones.name.startswith("(")


class TestAsking:
    async def test_a_hundred_are_asked_for_in_one_request(self, web: Web, site: Site) -> None:
        site.serve_by("/api/query", by_id(*hundred()))

        assert await found_by(arxiv(web, site), ids(*hundred())) == set(ids(*hundred()))
        (request,) = site.requests
        assert request.path == f"/api/query?id_list={','.join(hundred())}&max_results=100"
        assert request.headers["user-agent"] == "digestd-test (tester@example.org)"

    async def test_a_paper_comes_with_all_that_the_api_tells(self, web: Web, site: Site) -> None:
        site.serve_by("/api/query", by_id(*LANTERNS))
        told = await arxiv(web, site).find(ids("hep-ex/0307015"), NOON)

        assert isinstance(told, Sequence)
        (lantern,) = told
        assert (lantern.id, lantern.version, lantern.title) == ("arXiv:hep-ex/0307015", 3, "Lanterns at low tide")
        assert (lantern.abstract, lantern.categories) == ("We light a lantern.", ("cs.LG", "cs.AI"))

    async def test_nothing_is_asked_where_there_is_nothing_to_ask(self, web: Web, site: Site) -> None:
        await found_by(arxiv(web, site), [PaperId("doi:10.5555/a")])

        assert site.requests == []

    @pytest.mark.parametrize("status", [pytest.param(400, id="said_by_http"), pytest.param(200, id="said_in_the_document")])
    async def test_a_malformed_id_spoils_only_itself(self, web: Web, site: Site, status: int) -> None:
        site.serve_by("/api/query", by_id(*hundred(), malformed={"2603.00007", "2603.00093"}, status=status))

        assert await found_by(arxiv(web, site), ids(*hundred())) == set(ids(*hundred())) - set(ids("2603.00007", "2603.00093"))
        assert len(site.requests) <= 27

    async def test_a_service_that_refuses_everything_is_not_asked_for_ever(self, web: Web, site: Site) -> None:
        site.serve("/api/query", status=400)
        told = await arxiv(web, site).find(ids(*hundred()), NOON)

        assert isinstance(told, Failed)
        assert told.reason == "arXiv refuses too many of the ids from arXiv:2603.00000 to arXiv:2603.00099"
        assert len(site.requests) == 40

    async def test_a_server_in_trouble_is_a_failure_and_is_not_asked_again(self, web: Web, site: Site) -> None:
        site.serve("/api/query", status=503, headers={"Retry-After": "120"})
        told = await arxiv(web, site).find(ids(*LANTERNS), NOON)

        assert isinstance(told, Failed)
        assert told.wait == timedelta(minutes=2)
        assert len(site.requests) == 1

    async def test_a_private_address_needs_leave(self, web: Web, site: Site) -> None:
        shut = archive([Wanted("arxiv", site.url(), allow_private=False)], web)

        assert isinstance(await shut.find(ids(*LANTERNS), NOON), Failed)
        assert site.requests == []


@pytest.mark.parametrize(
    ("entries", "service"),
    [
        pytest.param([], "https://export.arxiv.org", id="no_sources"),
        pytest.param([Wanted("arxiv")], "https://export.arxiv.org", id="arxiv_itself"),
        pytest.param([Wanted("feed", "https://a.example.org")], "https://export.arxiv.org", id="other_kinds_alone"),
        pytest.param([Wanted("arxiv", "https://a.example.org/")], "https://a.example.org", id="a_mirror_of_lists"),
        pytest.param(
            [Wanted("feed", "https://f.example.org"), Wanted("arxiv"), Wanted("arxiv_api", "https://a.example.org/x/")],
            "https://a.example.org/x",
            id="a_mirror_of_searches",
        ),
    ],
)
def test_it_is_asked_where_arxivs_sources_are(web: Web, entries: Sequence[Wanted], service: str) -> None:
    assert archive(entries, web).service == service


def told_of(document: str, *numbers: str) -> tuple[Paper, ...] | Failed:
    return read(body(document), ids=ids(*numbers))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(found(row(), total=2), "fewer papers than it says", id="cut_by_the_service"),
        pytest.param(found(total=2), "it came empty", id="empty"),
        pytest.param(found(), "none of 20 papers came", id="nothing_of_many"),
        pytest.param(found(row("2603.00099")), "none of 20 papers came", id="another_answer"),
        pytest.param("<html><body>Rate exceeded.</body></html>", "HTML", id="html_with_200"),
        pytest.param(found(row())[:-30], "cut short", id="truncated"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_a_failure(document: str, words: str) -> None:
    failed = told_of(document, *hundred()[:20])

    assert isinstance(failed, Failed)
    assert words in failed.reason
    assert failed.status is None


def test_an_error_in_the_document_is_one_of_the_request() -> None:
    failed = told_of(api_error("incorrect id format for tide"), "2603.00001")

    assert isinstance(failed, Failed)
    assert failed.status == 400


def test_papers_that_were_not_asked_for_are_left_out() -> None:
    told = told_of(found(row("2603.00001"), row("2603.00002")), "2603.00001")

    assert not isinstance(told, Failed)
    assert [one.id for one in told] == ids("2603.00001")


@pytest.mark.parametrize(
    ("name", "wanted", "known"),
    [
        pytest.param("id_0000.0000_s0_m100_8b51d9633a68", ["0000.0000"], [], id="unknown"),
        pytest.param(
            "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af",
            ["0808.05394", "1707.08567"],
            ["1707.08567"],
            id="one_of_a_form_that_never_was",
        ),
        pytest.param("id_1605.08386_s0_m100_199195aa31ad", ["1605.08386"], ["1605.08386"], id="known"),
    ],
)
def test_real_answers_are_read(name: str, wanted: list[str], known: list[str]) -> None:
    told = read(body(shared("data", "feeds", "arxiv_api", f"{name}.xml").read_bytes()), ids=ids(*wanted))

    assert not isinstance(told, Failed)
    assert [one.id for one in told] == ids(*known)
