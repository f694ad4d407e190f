"""The web client over real connections: what it sends, what it takes, and every way in which an answer goes wrong."""

import asyncio
import gzip
import socket
import time
from datetime import timedelta
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from digestd.model.source import Cursor, Failed, NotModified
from digestd.sources.document import Body
from digestd.sources.http import Manners, Web
from tests.support.web import Site, loopback

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
        pytest.param({"Expires": "Sat, 05 Mar 2099 12:00:00 GMT"}, 86_400, id="expires"),
        pytest.param(
            {"Expires": "Sat, 05 Mar 2099 12:00:00 GMT", "Cache-Control": "max-age=60"}, 60, id="max_age_before_expires"
        ),
        pytest.param({"Cache-Control": "stale-while-revalidate=900, s-maxage=900"}, None, id="stale_is_not_fresh"),
        pytest.param({"Cache-Control": 'public, max-age="60", stale-if-error=900'}, 60, id="quoted"),
        pytest.param({"Cache-Control": "max-age=600", "Age": "-9"}, 600, id="age_is_no_number"),
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
        pytest.param(403, {"Retry-After": "60"}, 60, id="forbidden_for_a_while"),
        pytest.param(403, {}, 6 * 3600, id="forbidden"),
        pytest.param(302, {"Location": "/repairs", "Retry-After": "3600"}, 3600, id="redirected_to_a_page_about_repairs"),
    ],
)
async def test_a_server_says_how_long_to_leave_it_alone(
    site: Site, web: Web, status: int, headers: dict[str, str], wait: int | None
) -> None:
    site.serve("/feed", FEED, status=status, headers=headers)

    answer = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(answer, Failed)
    assert str(status) in answer.reason or "redirects" in answer.reason
    assert answer.wait == (timedelta(seconds=wait) if wait else None)
    assert len(site.requests) == 1


async def test_retry_after_may_be_a_date_which_counts_from_the_servers_own(site: Site, web: Web) -> None:
    site.serve("/feed", status=503, headers={"Retry-After": formatdate(time.time() + 300, usegmt=True)})

    answer = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(answer, Failed)
    assert answer.wait
    assert timedelta(seconds=290) < answer.wait <= timedelta(seconds=300)


def gzipped(text: str, more: bytes = b"") -> bytes:
    """Return an answer in gzip, and what comes after it."""
    content = gzip.compress(text.encode()) + more
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)


@pytest.mark.parametrize("pieces", [2, 7, len(FEED)])
async def test_gzip_may_come_in_several_members(site: Site, web: Web, pieces: int) -> None:
    content = (FEED * 3_000).encode()[:190_000]
    size = -(-len(content) // pieces)
    members = b"".join(gzip.compress(content[at : at + size]) for at in range(0, len(content), size))
    site.serve("/feed", members, headers={"Content-Encoding": "gzip"})

    body = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(body, Body)
    assert body.content == content


SCENARIOS: dict[str, tuple[dict[str, Any], str]] = {
    "forbidden": ({"status": 403}, "403 (forbidden)"),
    "unauthorized": ({"status": 401}, "a name and a password"),
    "not_found": ({"status": 404}, "is the address right?"),
    "empty_reply": ({"raw": b""}, "without an answer"),
    "not_http": ({"raw": b"220 tides.example.org ESMTP\r\n"}, "no proper answer of a web server"),
    "endless_header": ({"raw": b"HTTP/1.1 200 OK\r\nTide: " + b"a" * 100_000}, "no proper answer of a web server"),
    "many_headers": ({"raw": b"HTTP/1.1 200 OK\r\n" + b"Tide: 1\r\n" * 10_000 + b"\r\n"}, "no proper answer of a web server"),
    "broken_chunks": (
        {"raw": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
        "no proper answer of a web server",
    ),
    "more_after_the_gzip": ({"raw": gzipped(FEED, b"lantern" * 20)}, "does not end where it should"),
    "zeros_after_the_gzip": ({"raw": gzipped(FEED, bytes(8))}, "does not end where it should"),
    "a_second_member_cut_short": ({"raw": gzipped(FEED, gzip.compress(b"lantern")[:-3])}, "does not end where it should"),
    "members_that_are_too_large": ({"raw": gzipped(FEED, gzip.compress(bytes(150_000)) * 2)}, "larger than 200,000"),
    "members_without_end": ({"raw": gzipped(FEED, gzip.compress(b"") * 2_000)}, "more than 1,000 pieces"),
    "announced_too_large": ({"raw": b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"}, "larger than 200,000"),
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
    site.redirect("/old", "/new?list=1#tides")
    site.serve("/new", FEED)

    body = await web.get(site.url("/old"), Cursor(), allow_private=True)

    assert isinstance(body, Body)
    assert body.address == site.url("/new?list=1")


@pytest.mark.parametrize(
    ("hops", "moved"),
    [
        pytest.param([301], True, id="moved"),
        pytest.param([308, 301, 308], True, id="moved_three_times"),
        pytest.param([302], False, id="found"),
        pytest.param([301, 307], False, id="moved_then_elsewhere_for_now"),
        pytest.param([303, 308], False, id="elsewhere_for_now_then_moved"),
    ],
)
async def test_the_new_address_is_kept_when_every_redirect_was_permanent(
    site: Site, web: Web, hops: list[int], moved: bool
) -> None:
    for at, status in enumerate(hops):
        site.redirect(f"/{at}", f"/{at + 1}", status)
    site.serve(f"/{len(hops)}", FEED)
    body = await web.get(site.url("/0"), Cursor(), allow_private=True)
    assert isinstance(body, Body)
    same = await web.get(site.url("/0"), body.cursor, allow_private=True)

    assert body.cursor.moved_to == (site.url(f"/{len(hops)}") if moved else None)
    assert same == NotModified(body.cursor)


async def test_a_new_address_is_kept_until_it_moves_again(site: Site, web: Web) -> None:
    site.serve("/new", FEED, etag='"one"')
    kept = Cursor(etag='"one"', body_hash=sha256(FEED.encode()).hexdigest(), moved_to=site.url("/new"))
    there = await web.get(site.url("/new"), kept, allow_private=True)
    site.redirect("/new", "/newer", 301)
    site.serve("/newer", FEED, etag='"one"')
    moved = await web.get(site.url("/new"), kept, allow_private=True)

    assert there == NotModified(kept)
    assert isinstance(moved, NotModified)
    assert moved.cursor.moved_to == site.url("/newer")


async def test_a_move_to_a_failure_is_not_kept_and_one_to_what_is_gone_is_gone(site: Site, web: Web) -> None:
    site.redirect("/old", "/new", 301)
    site.redirect("/today", "/new", 302)
    site.serve("/new", status=410)

    gone = await web.get(site.url("/old"), Cursor(), allow_private=True)
    away = await web.get(site.url("/today"), Cursor(), allow_private=True)

    assert isinstance(gone, Failed)
    assert isinstance(away, Failed)
    assert (gone.gone, away.gone) == (True, False)


async def test_validators_of_one_host_are_not_shown_to_another(site: Site, web: Web) -> None:
    site.redirect("/feed", site.url("/there").replace("127.0.0.1", "localhost"))
    site.serve("/there", FEED, etag='"theirs"')
    body = await web.get(site.url("/feed"), Cursor(etag='"ours"', last_modified="then", body_hash="some"), allow_private=True)

    assert isinstance(body, Body)
    assert [request.headers.get("if-none-match") for request in site.requests] == ['"ours"', None]
    assert "if-modified-since" not in site.requests[1].headers
    assert (body.cursor.etag, body.cursor.last_modified) == (None, None)  # we shall ask the first host again


async def test_a_temporary_redirects_validators_are_not_shown_to_another_address(site: Site, web: Web) -> None:
    site.serve("/a", FEED, etag='"1"')
    site.serve("/b", FEED.replace("Tides", "Lanterns"), etag='"1"')
    site.redirect("/feed", "/a")
    cursor = await read_once(site, web)
    same = await web.get(site.url("/feed"), cursor, allow_private=True)
    site.redirect("/feed", "/b")

    body = await web.get(site.url("/feed"), cursor, allow_private=True)

    assert same == NotModified(cursor)
    assert isinstance(body, Body)
    assert b"Lanterns" in body.content
    assert not any("if-none-match" in request.headers for request in site.requests)


async def test_validators_of_one_port_are_not_shown_to_another(site: Site, web: Web) -> None:
    with loopback() as other:
        site.redirect("/feed", other.url("/feed"))
        other.serve("/feed", FEED, etag='"ours"')

        body = await web.get(site.url("/feed"), Cursor(etag='"ours"', body_hash="some"), allow_private=True)

        assert isinstance(body, Body)
        assert ["if-none-match" in request.headers for request in (*site.requests, *other.requests)] == [True, False]


async def test_a_body_says_what_was_asked_before_all_redirects(site: Site, web: Web) -> None:
    site.redirect("/feed", "/there", 301)
    site.serve("/there", FEED)

    body = await web.get(site.url("/feed").replace("http://", "http://ada:tide@"), Cursor(), allow_private=True)

    assert isinstance(body, Body)
    assert (body.asked, body.address) == (site.url("/feed"), site.url("/there"))


async def test_validators_are_kept_of_a_host_that_a_source_moved_to(site: Site, web: Web) -> None:
    there = site.url("/there").replace("127.0.0.1", "localhost")
    site.redirect("/feed", there, 301)
    site.serve("/there", FEED, etag='"theirs"')
    body = await web.get(site.url("/feed"), Cursor(), allow_private=True)
    assert isinstance(body, Body)
    again = await web.get(body.cursor.moved_to or "", body.cursor, allow_private=True)
    old = await web.get(site.url("/feed"), body.cursor, allow_private=True)

    assert (body.cursor.moved_to, body.cursor.etag) == (there, '"theirs"')
    assert again == old == NotModified(body.cursor)
    assert [request.headers.get("if-none-match") for request in site.requests[2:]] == ['"theirs"', None, '"theirs"']


async def test_a_password_goes_no_further_than_to_its_own_server_and_is_not_kept(site: Site, web: Web) -> None:
    site.redirect("/feed", "/near", 301)
    site.redirect("/near", site.url("/nearer"), 301)
    site.redirect("/nearer", site.url("/far").replace("127.0.0.1", "eve:guess@localhost"), 301)
    site.serve("/far", FEED)
    secret = site.url("/feed").replace("http://", "http://ada:tide-and-lantern@")
    far = await web.get(secret, Cursor(), allow_private=True)
    site.serve("/nearer", FEED)
    near = await web.get(secret, Cursor(), allow_private=True)

    assert ["authorization" in request.headers for request in site.requests] == [True, True, True, False, True, True, True]
    assert isinstance(far, Body)
    assert isinstance(near, Body)
    assert far.cursor.moved_to == site.url("/far").replace("127.0.0.1", "localhost")
    assert near.cursor.moved_to is None
    assert near.address == site.url("/nearer")


async def test_a_304_is_not_asked_for_by_one_who_has_read_nothing(site: Site, web: Web) -> None:
    site.serve("/feed", FEED, etag='"one"')

    body = await web.get(site.url("/feed"), Cursor(etag='"one"'), allow_private=True)

    assert isinstance(body, Body)


async def test_the_time_allowed_is_for_all_redirects_together(site: Site) -> None:
    for at in range(5):
        site.serve(f"/{at}", status=302, headers={"Location": f"/{at + 1}"}, after=0.6)
    async with Web(Manners("digestd-test", timeout=timedelta(seconds=1.6), per_host_gap=timedelta())) as web:
        answer = await web.get(site.url("/0"), Cursor(), allow_private=True)

    assert answer == Failed("no whole answer within the time allowed")
    assert len(site.requests) == 3


async def test_time_spent_waiting_for_a_turn_is_not_the_servers_fault(site: Site) -> None:
    site.serve("/feed", FEED, after=0.3)
    async with Web(Manners("digestd-test", timeout=timedelta(seconds=0.6), per_host_gap=timedelta(seconds=0.2))) as web:
        told = await asyncio.gather(*(web.get(site.url(f"/feed?{n}"), Cursor(), allow_private=True) for n in range(4)))

    assert all(isinstance(answer, Body) for answer in told)


HOSTS = [
    *("127.0.0.1", "localhost", "localhost.", "2130706433", "127.1", "0x7f.1", "0177.0.0.1", "0.0.0.0"),
    *("[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]"),
]


@pytest.mark.parametrize("host", HOSTS)
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


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]"])
async def test_not_even_a_private_source_leads_to_the_secrets_of_a_cloud(site: Site, web: Web, host: str) -> None:
    site.redirect("/feed", f"http://{host}/latest/meta-data/")

    answer = await web.get(site.url("/feed"), Cursor(), allow_private=True)

    assert isinstance(answer, Failed)
    assert "is a link-local address" in answer.reason


async def test_a_name_that_leads_elsewhere_at_each_look_leads_nowhere_private(
    site: Site, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = iter(["8.8.8.8", "127.0.0.1", *["127.0.0.1"] * 20])
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *_, **__: [answer_of_dns(next(told), port)])
    monkeypatch.setattr("digestd.sources.addresses.is_public", lambda host: host != "127.0.0.1")
    socket.getaddrinfo("tides.example.org", 80)  # what anyone who looked first would have seen
    site.serve("/feed", FEED)

    answer = await web.get(f"http://tides.example.org:{site.server_port}/feed", Cursor())

    assert answer == Failed("no connection: 127.0.0.1 is not a public address (allow_private lets a source ask it)")
    assert site.requests == []


def answer_of_dns(address: str, port: int) -> tuple[int, int, int, str, tuple[str, int]]:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)


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
