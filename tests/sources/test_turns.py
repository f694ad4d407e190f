"""Turns: who may ask when, within a process and among several."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from digestd.model.source import Cursor, Failed
from digestd.sources.document import Body
from digestd.sources.http import Manners, Web
from digestd.sources.trouble import LeftAlone
from digestd.sources.turns import Turns
from tests.support.web import Request, Site

GAP = 0.2


def web(turns: Path | None = None, gap: float = GAP, at_once: int = 10) -> Web:
    return Web(Manners("digestd-test", per_host_gap=timedelta(seconds=gap), at_once=at_once, turns=turns))


async def test_a_host_is_asked_one_at_a_time_with_a_pause_after_each_answer(site: Site) -> None:
    site.serve("/feed", b"tides", after=0.1)
    async with web() as one:
        await asyncio.gather(*(one.get(site.url(f"/feed?{n}"), Cursor(), allow_private=True) for n in range(3)))

    assert all(request.at_once == 1 for request in site.requests)
    assert all(pause >= GAP + 0.1 for pause in pauses(site.requests))
    assert [request.path for request in site.requests] == ["/feed?0", "/feed?1", "/feed?2"]


async def test_hosts_do_not_wait_for_each_other(site: Site) -> None:
    site.serve("/feed", b"tides", after=0.3)
    async with web() as one:
        await asyncio.gather(*(one.get(address, Cursor(), allow_private=True) for address in on_two_hosts(site)))

    assert max(request.at_once for request in site.requests) == 2


async def test_the_hosts_of_a_service_share_its_turn(site: Site) -> None:
    site.serve("/feed", b"tides", after=0.1)
    async with web() as one:
        asked = (one.get(address, Cursor(), allow_private=True, service="tides") for address in on_two_hosts(site))
        await asyncio.gather(*asked)

    assert all(request.at_once == 1 for request in site.requests)
    assert all(pause >= GAP + 0.1 for pause in pauses(site.requests))


async def test_no_more_than_so_many_are_asked_at_once() -> None:
    turns, asking, most = Turns(0, at_once=3), 0, 0

    async def ask(host: str) -> None:
        nonlocal asking, most
        async with turns.taken(host):
            asking += 1
            most = max(most, asking)
            await asyncio.sleep(0.02)
            asking -= 1

    await asyncio.gather(*(ask(f"{number}.tides.example") for number in range(7)))

    assert (most, asking) == (3, 0)


async def test_waiting_for_a_turn_takes_no_place_from_other_hosts() -> None:
    turns, taken = Turns(60, at_once=1), []

    async def ask(host: str) -> None:
        async with turns.taken(host):
            taken.append(host)

    await ask("tides.example")
    waiting = asyncio.create_task(ask("tides.example"))
    await asyncio.sleep(0)
    await asyncio.wait_for(ask("lanterns.example"), 5)
    waiting.cancel()

    assert taken == ["tides.example", "lanterns.example"]


@pytest.mark.parametrize(
    ("host", "service", "gap"),
    [
        pytest.param("export.arxiv.org", "arxiv", 3, id="arxiv"),
        pytest.param("rss.arxiv.org.", None, 3, id="arxiv_as_a_feed"),
        pytest.param("eutils.ncbi.nlm.nih.gov", "pubmed", 0.34, id="pubmed"),
        pytest.param("127.0.0.1", "arxiv", 0, id="a_mirror"),
        pytest.param("notarxiv.org", None, 0, id="another_host"),
    ],
)
async def test_services_have_a_pause_by_their_own_terms(host: str, service: str | None, gap: float) -> None:
    turns, begun = Turns(0, at_once=2), time.monotonic()
    async with turns.taken(host, service):
        pass
    async with turns.taken("oaipmh.arxiv.org" if host.startswith("export") else host, service):
        took = time.monotonic() - begun

    assert gap <= took < gap + 0.3


async def test_processes_of_one_installation_share_a_services_turn(site: Site, tmp_path: Path) -> None:
    site.serve("/feed", b"tides", after=0.1)
    async with web(tmp_path / "turns") as one, web(tmp_path / "turns") as other:
        asked = (
            each.get(site.url(f"/feed?{n}"), Cursor(), allow_private=True, service="arxiv")
            for n in range(2)
            for each in (one, other)
        )
        await asyncio.gather(*asked)

    assert all(request.at_once == 1 for request in site.requests)
    assert all(pause >= GAP + 0.1 for pause in pauses(site.requests))


async def test_a_restart_does_not_forget_when_a_service_was_asked(site: Site, tmp_path: Path) -> None:
    site.serve("/feed", b"tides")
    for _ in range(2):
        async with web(tmp_path) as one:
            await one.get(site.url("/feed"), Cursor(), allow_private=True, service="arxiv")

    assert all(pause >= GAP for pause in pauses(site.requests))


@pytest.mark.parametrize(
    "noted",
    [
        pytest.param(f"{time.time() + 9_999_999:020.6f}", id="in_the_future"),
        pytest.param("lantern", id="nonsense"),
        pytest.param("nan", id="not_a_number"),
        pytest.param("inf", id="for_ever"),
        pytest.param("-1e300", id="long_ago"),
        pytest.param("", id="nothing"),
    ],
)
async def test_a_noted_time_is_never_waited_for_longer_than_the_pause(tmp_path: Path, noted: str) -> None:
    (tmp_path / "arxiv.turn").write_text(noted)
    begun = time.monotonic()
    async with Turns(GAP, at_once=1, folder=tmp_path).taken("127.0.0.1", "arxiv"):
        took = time.monotonic() - begun

    assert took < GAP + 0.3
    assert abs(float((tmp_path / "arxiv.turn").read_text()) - time.time()) < 5


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        pytest.param(403, {}, id="forbidden"),
        pytest.param(429, {"Retry-After": "60"}, id="too_many_requests"),
        pytest.param(503, {"Retry-After": "60"}, id="unavailable"),
    ],
)
async def test_a_service_that_wants_to_be_left_alone_is_not_asked_for_another_source(
    site: Site, status: int, headers: dict[str, str]
) -> None:
    site.serve("/feed", status=status, headers=headers)
    async with web(gap=60) as one:
        asked = [
            one.get(address, Cursor(), allow_private=True, service="tides")
            for address in (*on_two_hosts(site), *on_two_hosts(site))
        ]
        first, *others = await asyncio.wait_for(asyncio.gather(*asked), 20)

    assert len(site.requests) == 1
    assert isinstance(first, Failed)
    for told in others:
        assert isinstance(told, Failed)
        assert told.reason.startswith("the service asked to be left alone")
        assert told.status == status
        assert told.wait
        assert first.wait
        assert timedelta() < told.wait <= first.wait


async def test_a_service_is_asked_again_when_its_time_has_passed(site: Site) -> None:
    site.serve("/feed", status=429, headers={"Retry-After": "1"})
    async with web(gap=0) as one:
        await one.get(site.url("/feed"), Cursor(), allow_private=True, service="tides")
        site.serve("/feed", b"tides")
        await asyncio.sleep(1.1)
        told = await one.get(site.url("/feed"), Cursor(), allow_private=True, service="tides")

    assert isinstance(told, Body)


async def test_a_known_host_is_its_service_and_is_left_alone_in_whatever_name() -> None:
    turns = Turns(0, at_once=1)
    turns.refused(Failed("forbidden", timedelta(hours=6), status=403), "rss.arxiv.org")

    with pytest.raises(LeftAlone, match="left alone"):
        async with turns.taken("export.arxiv.org.", "papers"):
            pass


@pytest.mark.parametrize(
    ("status", "service"),
    [
        pytest.param(403, None, id="a_host_may_mean_one_address"),
        pytest.param(503, "tides", id="a_service_that_does_not_say_how_long"),
        pytest.param(404, "tides", id="what_is_not_there_says_nothing_of_the_rest"),
    ],
)
async def test_other_answers_stop_nobody_else(site: Site, status: int, service: str | None) -> None:
    site.serve("/feed", status=status)
    site.serve("/other", b"tides")
    async with web(gap=0) as one:
        await one.get(site.url("/feed"), Cursor(), allow_private=True, service=service)
        told = await one.get(site.url("/other"), Cursor(), allow_private=True, service=service)

    assert isinstance(told, Body)


async def test_turns_that_cannot_be_kept_are_a_failure_with_a_reason(site: Site, tmp_path: Path) -> None:
    (tmp_path / "turns").write_text("a file, where a folder should be")
    async with web(tmp_path / "turns") as one:
        told = await one.get(site.url("/feed"), Cursor(), allow_private=True, service="arxiv")

    assert isinstance(told, Failed)
    assert "turns of services cannot be kept" in told.reason
    assert site.requests == []


def on_two_hosts(site: Site) -> Sequence[str]:
    return site.url("/feed"), site.url("/feed").replace("127.0.0.1", "localhost")


def pauses(requests: Sequence[Request]) -> Sequence[float]:
    """Return the seconds from the beginning of each request to that of the next."""
    return [second.at - first.at for first, second in pairwise(requests)]
