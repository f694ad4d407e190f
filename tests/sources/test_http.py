"""The web client over real connections: what it sends, what it takes, and every way in which an answer goes wrong."""

import asyncio
import time
from datetime import timedelta
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from digestd.model.source import Cursor, Failed, NotModified
from digestd.sources.addresses import is_public
from digestd.sources.document import Body
from digestd.sources.http import Manners, Web
from tests.support.web import Site

FEED = "<rss version='2.0'><channel><title>Tides</title></channel></rss>"


async def test_a_document_comes_with_its_validators(site: Site, web: Web) -> None:
    site.serve("/feed", FEED, etag='W/"one"', last_modified="Thu, 05 Mar 2026 12:00:00 GMT", gzip=True)

    body = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(body, Body)
    assert body.content == FEED.encode()
    assert body.address == site.url("/feed")
    assert (body.cursor.etag, body.cursor.last_modified) == ('W/"one"', "Thu, 05 Mar 2026 12:00:00 GMT")
    assert site.requests[0].headers["user-agent"] == "digestd-test (tester@example.org)"
    assert "if-none-match" not in site.requests[0].headers
    assert "cookie" not in site.requests[0].headers


async def test_validators_are_sent_back_as_they_came_and_kept_by_a_304(site: Site, web: Web) -> None:
    site.serve("/feed", FEED, etag='W/"one"', last_modified="yesterday, as some say")
    cursor = await read_once(site, web)

    answer = await web.get(site.url("/feed"), cursor, allow_private=True)

    assert answer == NotModified(cursor)
    assert site.requests[1].headers["if-none-match"] == 'W/"one"'
    assert site.requests[1].headers["if-modified-since"] == "yesterday, as some say"


async def test_a_304_to_one_who_has_nothing_is_a_failure(site: Site, web: Web) -> None:
    site.serve("/feed", status=304)

    answer = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(answer, Failed)


async def test_the_same_body_with_a_new_etag_is_not_modified(site: Site, web: Web) -> None:
    site.serve("/feed", FEED, etag='"one"')
    cursor = await read_once(site, web)
    site.serve("/feed", FEED, etag='"two"')

    answer = await web.get(site.url("/feed"), cursor, allow_private=True)

    assert isinstance(answer, NotModified)
    assert (answer.cursor.etag, answer.cursor.body_hash) == ('"two"', cursor.body_hash)


async def test_what_the_store_keeps_in_a_cursor_survives_a_poll(site: Site, web: Web) -> None:
    site.serve("/feed", FEED)

    body = await web.get(site.url("/feed"), Cursor(etag='"old"'), allow_private=True)

    assert isinstance(body, Body)
    assert body.cursor.etag is None


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param({"Cache-Control": "public, max-age=600"}, 600, id="max_age"),
        pytest.param({"Cache-Control": "max-age=600", "Age": "200"}, 400, id="max_age_less_its_age"),
        pytest.param({"Cache-Control": "max-age=600", "Age": "700"}, None, id="no_longer_fresh"),
        pytest.param({"Cache-Control": "max-age=99999999"}, 86_400, id="at_most_a_day"),
        pytest.param({"Cache-Control": "max-age=0"}, None, id="max_age_zero"),
        pytest.param({"Cache-Control": "no-cache, max-age=600"}, None, id="no_cache"),
        pytest.param({"Cache-Control": "max-age=soon"}, None, id="no_number"),
        pytest.param({"Expires": "0"}, None, id="expires_is_no_date"),
    ],
)
async def test_freshness_says_how_long_to_wait(site: Site, web: Web, headers: dict[str, str], wait: int | None) -> None:
    site.serve("/feed", FEED, headers=headers)

    body = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(body, Body)
    assert body.wait == (timedelta(seconds=wait) if wait else None)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        pytest.param(429, {"Retry-After": "120"}, 120, id="too_many_requests"),
        pytest.param(503, {"Retry-After": "9999999"}, 86_400, id="at_most_a_day"),
        pytest.param(503, {"Retry-After": "-5"}, None, id="nonsense"),
        pytest.param(503, {}, None, id="unsaid"),
    ],
)
async def test_a_server_says_how_long_to_leave_it_alone(
    site: Site, web: Web, status: int, headers: dict[str, str], wait: int | None
) -> None:
    site.serve("/feed", FEED, status=status, headers=headers)

    answer = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(answer, Failed)
    assert str(status) in answer.reason
    assert answer.wait == (timedelta(seconds=wait) if wait else None)


async def test_retry_after_may_be_a_date_which_counts_from_the_servers_own(site: Site, web: Web) -> None:
    site.serve("/feed", status=503, headers={"Retry-After": formatdate(time.time() + 300, usegmt=True)})

    answer = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(answer, Failed)
    assert answer.wait
    assert timedelta(seconds=290) < answer.wait <= timedelta(seconds=300)


SCENARIOS: dict[str, tuple[dict[str, Any], str]] = {
    "forbidden": ({"status": 403}, "403 (forbidden)"),
    "gone": ({"status": 410}, "remove this source"),
    "server_error": ({"status": 500}, "500 (internal server error)"),
    "a_status_nobody_knows": ({"status": 599}, "599 (unknown status)"),
    "truncated_body": ({"body": FEED, "broken": True}, "cut short"),
    "truncated_gzip": ({"body": FEED * 50, "gzip": True, "cut": 40}, "cut short"),
    "gzip_that_is_none": ({"body": FEED, "headers": {"Content-Encoding": "gzip"}}, "damaged"),
    "brotli_unasked": ({"body": FEED, "headers": {"Content-Encoding": "br"}}, "'br'"),
    "too_large": ({"body": bytes(200_001)}, "larger than 200,000 bytes"),
    "gzip_bomb": ({"body": bytes(20_000_000), "gzip": True}, "larger than 200,000 bytes"),
    "byte_a_second": ({"body": FEED, "slow": 0.5}, "within the time allowed"),
    "redirect_loop": ({"status": 302, "headers": {"Location": "/feed"}}, "more than 5 redirects"),
    "redirect_to_nonsense": ({"status": 302, "headers": {"Location": "http://[::1"}}, "not one of the web"),
    "redirect_without_a_place": ({"status": 302}, "302"),
    "ftp_redirect": ({"status": 302, "headers": {"Location": "ftp://example.org/feed"}}, "http:// or https://"),
    "file_redirect": ({"status": 302, "headers": {"Location": "file:///etc/hostname"}}, "http:// or https://"),
    "unexpected_status": ({"status": 204}, "204"),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_trouble_is_a_failure_with_a_reason(site: Site, web: Web, scenario: str) -> None:
    told, words = SCENARIOS[scenario]
    site.serve("/feed", **told)

    answer = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(answer, Failed)
    assert words in answer.reason
    assert len(site.requests) <= 6


async def test_nobody_listening_is_a_failure(web: Web) -> None:
    answer = await web.get("http://127.0.0.1:9/feed", Cursor(), allow_private=True)

    assert isinstance(answer, Failed)
    assert "no connection" in answer.reason


async def test_credentials_are_used_and_never_told(site: Site, web: Web) -> None:
    secret = site.url("/feed").replace("http://", "http://ada:tide-and-lantern@")
    site.serve("/feed", status=401)
    refused = await web.get(secret, Cursor(), allow_private=True)
    odd = await web.get("http://ada:tide-and-lantern@[::1", Cursor())
    deaf = await web.get("http://ada:tide-and-lantern@127.0.0.1:9/?api_key=tide-and-lantern", Cursor(), allow_private=True)
    private = await web.get(secret, Cursor())

    assert site.requests[0].headers["authorization"].startswith("Basic ")
    for answer in (refused, odd, deaf, private):
        assert isinstance(answer, Failed)
        assert "lantern" not in answer.reason


async def test_a_redirect_is_followed(site: Site, web: Web) -> None:
    site.redirect("/old", "/new?list=1")
    site.serve("/new", FEED)

    body = await web.get(site.url("/old"), Cursor(), allow_private=True)

    assert isinstance(body, Body)
    assert body.address == site.url("/new?list=1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "127.1", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_a_private_address_is_refused_however_it_is_written(site: Site, web: Web, host: str) -> None:
    site.serve("/feed", FEED)

    answer = await web.get(f"http://{host}:{site.server_port}/feed", Cursor())

    assert isinstance(answer, Failed)
    assert site.requests == []


async def test_a_redirect_to_a_private_address_is_refused(site: Site, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    site.redirect("/feed", "http://169.254.169.254/latest/meta-data/")
    monkeypatch.setattr("digestd.sources.addresses.is_public", lambda host: host == "127.0.0.1")

    answer = await web.get(site.url("/feed"), Cursor())

    assert len(site.requests) == 1
    assert answer == Failed("no connection: 169.254.169.254 is not a public address (allow_private lets a source ask it)")


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
        *("240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1"),
        *("ff02::1", "2001:db8::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1"),
        *("64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::1", "fec0::1"),
    ],
)
def test_an_address_that_is_not_anyones_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.3.42", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_of_the_open_net_is_public(address: str) -> None:
    assert is_public(address)


async def test_a_host_is_asked_one_at_a_time_with_a_pause_between(site: Site) -> None:
    site.serve("/feed", FEED, slow=0.001)
    async with Web(Manners("digestd-test", per_host_gap=timedelta(seconds=0.1))) as web:
        await asyncio.gather(*(web.get(site.url(f"/feed?{n}"), Cursor(), allow_private=True) for n in range(3)))

    times = [request.at for request in site.requests]
    assert all(request.at_once == 1 for request in site.requests)
    assert all(second - first >= 0.1 for first, second in pairwise(times))


async def test_proxies_and_passwords_of_the_environment_are_not_ours(
    site: Site, web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password tide\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.serve("/feed", FEED, headers={"Set-Cookie": "tide=high"})
    await web.get(site.url("/feed"), Cursor(), allow_private=True)
    await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert len(site.requests) == 2
    assert not any({"authorization", "cookie"} & set(request.headers) for request in site.requests)


async def read_once(site: Site, web: Web) -> Cursor:
    body = await web.get(site.url("/feed"), Cursor(), allow_private=True)
    assert isinstance(body, Body)
    return body.cursor
