"""Strangers may send any bytes, as slowly and as often as they like: nothing changes, and readers are served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.web.choices import Choice, Leave, read_choice
from digestd.web.gate import Rate
from tests.web.conftest import ADA, BEN, Scene, link
from tests.web.test_choices import CLICK, look, press

CLICKED = b"List-Unsubscribe=One-Click"


@asynccontextmanager
async def line(site: str, us: str = "127.0.0.1") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection, from *us*, on which a test says what it likes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.rpartition(":")[2]), local_addr=(us, 0))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def say(site: str, *words: bytes) -> bytes:
    """Return the answer to those bytes: none where the connection is cut."""
    async with line(site) as (reader, writer):
        try:
            for some in words:
                writer.write(some)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), 20)
        except ConnectionError:
            return b""


def request(path: str, *fields: bytes, method: bytes = b"POST", body: bytes = CLICKED) -> bytes:
    head = [method + b" " + path.encode() + b" HTTP/1.1", b"Host: digest.example.org", *fields]
    length = [] if any(field.lower().startswith((b"content-length", b"transfer-encoding")) for field in fields) else [len(body)]
    return b"\r\n".join([*head, *(b"Content-Length: %d" % one for one in length), b"", body])


ODD = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400),
    "a form that is too long": (request(link(), body=b"x" * 5000), 413),
    "a form that says it is too long": (request(link(), b"Content-Length: 99999999999", body=b"x" * 5000), 413),
    "a form in endless pieces": (
        request(link(), b"Transfer-Encoding: chunked", body=b"400\r\n" + b"x" * 1024 + b"\r\n")
        + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 9,
        413,
    ),
    "two lengths": (request(link(), b"Content-Length: 26", b"Content-Length: 27"), 400),
    "a length below nothing": (request(link(), b"Content-Length: -1"), 400),
    "a long head": (request(link(), b"Cookie: " + b"x" * 40_000), 431),
    "a head of many lines": (request(link(), *[b"X-%d: x" % one for one in range(4000)]), 431),
    "a path that is not one": (request("/u/../../etc/passwd"), 404),
    "a path in odd letters": (request("/u/%ff%fe%00%0d%0aSet-Cookie:x=1"), 404),
    "a token that is too long": (request(f"{link()}a"), 404),
    "a path of slashes": (request(f"//{link()}/"), 404),
    "a name in another field": (request(link(), body=b"x=List-Unsubscribe=One-Click"), 400),
    "many fields": (request(link(), body=b"a=1&" * 100 + CLICKED), 400),
    "a form in odd letters": (request(link(), body=b"\xff\xfe" + CLICKED), 400),
    "a form of parts without an edge": (request(link(), b"Content-Type: multipart/form-data"), 400),
    "a form of parts that ends early": (
        request(
            link(), b"Content-Type: multipart/form-data; boundary=x", body=b'--x\r\nContent-Disposition: form-data; name="Lis'
        ),
        400,
    ),
    "a kind that is nonsense": (request(link(), b"Content-Type: multipart/form-data; boundary*0*=\xff''%ff; =;;"), 400),
    "a kind that is long": (request(link(), b"Content-Type: multipart/form-data; boundary=x" + b";" * 9000), 400),
    "a form that takes long to read": (
        request(link(), b"Content-Type: multipart/form-data; boundary=x", body=b"--x\r\nContent-Disposition: " + b";" * 1900),
        400,
    ),
    "another method": (request(link(), method=b"PURGE"), 405),
    "a connection to elsewhere": (b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", 404),
    "an address of elsewhere": (request(f"http://example.org{link()}", method=b"GET", body=b""), 404),
}


@pytest.mark.parametrize("name", ODD)
async def test_what_is_odd_changes_nothing(small_scene: Scene, name: str) -> None:
    words, status = ODD[name]
    async with small_scene.served() as site:
        answer = await say(site, words)
        after, _ = await look(site + link())

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"set-cookie" not in answer.lower()
    assert b"location:" not in answer.lower()
    assert after == 200
    assert small_scene.mailable() == {ADA, BEN}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: eA=="], id="an_upgrade"),
        pytest.param([b"Host: [::1", b"X-Forwarded-Host: evil.example"], id="hosts_that_are_none"),
        pytest.param([b"Content-Type: \xff\xfe"], id="a_kind_in_odd_letters"),
        pytest.param([b"Expect: 100-continue"], id="who_waits_to_go_on"),
        pytest.param([b"X-Forwarded-For: " + b"1.2.3.4, " * 900], id="who_says_it_comes_from_everywhere"),
    ],
)
async def test_a_click_counts_whatever_else_is_said(small_scene: Scene, fields: list[bytes]) -> None:
    words = request(link(), *fields)
    if b"Host: [::1" in fields:
        words = words.replace(b"Host: digest.example.org\r\n", b"")
    async with small_scene.served() as site:
        answer = await say(site, words)

    assert b"200 OK" in answer
    assert b"evil.example" not in answer
    assert small_scene.suppressed() == {ADA: "unsubscribe"}


async def test_a_connection_has_one_request(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        answer = await say(site, request("/", method=b"GET", body=b"") + request(link()))

    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer
    assert small_scene.suppressed() == {}


UNFINISHED = [b"", b"GET / HTT", request(link(), b"Content-Length: 26", body=b"List-Uns")]


@pytest.mark.parametrize("words", UNFINISHED, ids=repr)
async def test_who_is_slow_is_cut_off(small_scene: Scene, monkeypatch: pytest.MonkeyPatch, words: bytes) -> None:
    monkeypatch.setattr("digestd.web.server._LONGEST", 0.3)
    async with small_scene.served() as site:
        answer = await say(site, words)

    assert answer == b""
    assert small_scene.suppressed() == {}


@pytest.mark.parametrize("words", UNFINISHED, ids=repr)
async def test_who_keeps_us_waiting_makes_room(small_scene: Scene, monkeypatch: pytest.MonkeyPatch, words: bytes) -> None:
    monkeypatch.setattr("digestd.web.server._MOST_CONNECTIONS", 3)
    async with small_scene.served() as site, line(site) as oldest, line(site) as older, line(site) as old:
        for _, writer in (oldest, older, old):
            writer.write(words)
        await asyncio.sleep(0.1)
        answer = await say(site, request(link()))
        cut = await is_cut(oldest[0])
        stay = [not await is_cut(reader) for reader, _ in (older, old)]

    assert b"200 OK" in answer
    assert (cut, stay) == (True, [True, True])
    assert small_scene.suppressed() == {ADA: "unsubscribe"}


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Return whether the server has cut a connection on which it says nothing."""
    try:
        return await asyncio.wait_for(reader.read(), 0.1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


async def test_any_number_of_idle_connections_keeps_nobody_out(small_scene: Scene) -> None:
    async with small_scene.served() as site, AsyncExitStack() as lines:
        for _ in range(300):
            await lines.enter_async_context(line(site))
        async with asyncio.timeout(5):
            answers = [await look(site + link()) for _ in range(10)]

    assert {status for status, _ in answers} == {200}


async def test_who_has_many_connections_makes_room_first(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.server._MOST_CONNECTIONS", 4)
    async with small_scene.served() as site, line(site) as (slow, writer), AsyncExitStack() as lines:
        for _ in range(20):
            await lines.enter_async_context(line(site, "127.0.0.2"))
        await asyncio.sleep(0.1)
        writer.write(request(link()))
        answer = await slow.read()

    assert b"200 OK" in answer


async def test_connections_that_are_answered_are_not_too_many(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.server._MOST_CONNECTIONS", 3)
    monkeypatch.setattr("digestd.web.app._STROKE", 1.0)
    async with small_scene.served() as site:
        presses = [asyncio.create_task(say(site, request(link()))) for _ in range(3)]
        await asyncio.sleep(0.3)
        refused = await say(site, request("/", method=b"GET", body=b""))
        answers = await asyncio.gather(*presses)

    assert refused == b""
    assert all(b"200 OK" in answer for answer in answers)


async def test_a_server_with_idle_connections_stops(small_scene: Scene) -> None:
    async with asyncio.timeout(10), small_scene.served() as site, line(site) as (_, writer):
        writer.write(b"GET ")


async def test_who_asks_too_often_is_told_to_wait(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.door._PRESSES", (Rate(0.01, 2), Rate(100, 100)))
    async with small_scene.served() as site, aiohttp.ClientSession() as client:
        statuses = [(await press(site + link(), CLICK, **{"X-Forwarded-For": f"192.0.2.{one}"}))[0] for one in range(3)]
        async with client.post(site + link(), data=CLICK) as answer:
            wait = int(answer.headers["Retry-After"])
        looks, _ = await look(site + link())

    assert statuses == [200, 200, 429]  # who is no proxy is not believed
    assert 0 < wait <= 100
    assert looks == 200


async def test_a_proxy_is_believed_for_whom_it_asks(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.door._PRESSES", (Rate(0.01, 1), Rate(100, 100)))
    async with small_scene.served("127.0.0.1") as site:
        told = ("192.0.2.1", "192.0.2.2", "198.51.100.9, 192.0.2.1")  # the last is by the proxy; what is before, anybody wrote
        statuses = [(await press(site + link(), CLICK, **{"X-Forwarded-For": one}))[0] for one in told]

    assert statuses == [200, 200, 429]


async def test_the_daemon_can_ask_how_the_server_is(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.door._LOOKS", (Rate(0.01, 1), Rate(0.01, 1)))
    async with small_scene.served() as site:
        for _ in range(3):
            assert await look(f"{site}/health") == (200, "ok\n")
            assert await look(f"{site}/ready") == (200, "ready\n")


async def test_without_a_database_the_server_is_not_ready(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.app._FRESH", 0)
    async with small_scene.served() as site:
        before, _ = await look(f"{site}/ready")
        with small_scene.database.writing() as connection:
            connection.exec_driver_sql("DROP TABLE beats")
        after, words = await look(f"{site}/ready")
        health, _ = await look(f"{site}/health")

    assert (before, after, health) == (200, 503, 200)
    assert words.startswith("not ready: ")


async def test_every_answer_is_strict(small_scene: Scene) -> None:
    async with small_scene.served() as site, aiohttp.ClientSession() as client:
        for method, path in (("GET", link()), ("POST", link()), ("GET", "/nothing"), ("GET", "/health"), ("PUT", link())):
            async with client.request(method, site + path, data=CLICK) as answer:
                fields = answer.headers

            assert fields["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
            assert "frame-ancestors 'none'" in fields["Content-Security-Policy"]
            assert fields["Referrer-Policy"] == "no-referrer"
            assert fields["X-Content-Type-Options"] == "nosniff"
            assert fields["Cache-Control"] == "no-store"
            assert not {"Server", "Set-Cookie", "Location", "X-Powered-By"} & {name.title() for name in fields}


PART = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
PARTS = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("kind", "form", "choice"),
    [
        pytest.param("application/x-www-form-urlencoded", CLICKED, Leave(), id="one_click"),
        pytest.param("application/x-www-form-urlencoded; charset=utf-8", CLICKED + b"\r\n", Leave(), id="with_a_line_end"),
        pytest.param("", CLICKED, Leave(), id="without_a_kind"),
        pytest.param(PARTS, PART, Leave(), id="parts"),
        pytest.param('Multipart/Form-Data; boundary="x"', PART, Leave(), id="parts_with_a_quoted_edge"),
        pytest.param(PARTS, PART.replace(b"\r\n", b"\n"), Leave(), id="parts_of_bare_lines"),
        pytest.param(PARTS, PART.replace(b'"', b""), Leave(), id="a_name_without_quotes"),
        pytest.param(PARTS, b"--x\r\nX: y\r\n\r\n1\r\n" + PART, Leave(), id="after_another_part"),
        pytest.param(PARTS, CLICKED, None, id="pairs_that_say_they_are_parts"),
        pytest.param("text/plain", b"One-Click", None, id="a_value_alone"),
    ],
)
def test_a_choice_is_read_from_either_form(kind: str, form: bytes, choice: Choice | None) -> None:
    assert read_choice(kind, form) == choice


@given(st.sampled_from(["", PARTS]) | st.text(), st.binary(max_size=300) | st.binary(max_size=40).map(PART.__add__))
@settings(deadline=None)
def test_any_form_can_be_read(kind: str, form: bytes) -> None:
    assert read_choice(kind, form) in {None, Leave()}
