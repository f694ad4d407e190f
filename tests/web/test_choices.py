"""What a reader chooses is in force at once, and nothing else is."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

import aiohttp
import pytest
import structlog

from digestd.model.standing import Reason
from digestd.model.subscriber import SubscriberId
from digestd.ports import DatabaseTrouble
from digestd.rendering import ENGLISH, Language
from digestd.rendering.tokens import token
from digestd.storage import Database, StandingStore
from digestd.web.choices import Leave, read_choice
from digestd.web.table import Table
from tests.support.builders import DAY
from tests.web.conftest import ADA, BEN, EVE, FRENCH, GERMAN, KEY, LETTERHEAD, Scene, link

CLICK = {"List-Unsubscribe": "One-Click"}
FORMS: list[dict[str, str]] = [
    CLICK,
    {"pause": "7"},
    {"return": "yes"},
    {"schedule": "change", "every": "fri"},
    {"schedule": "change", "timezone": "<b>"},
    {"schedule": "planned"},
    {"x": "<b>"},
]
NOBODYS = f"/u/{'a' * 26}"


async def press(url: str, form: dict[str, str] | aiohttp.FormData = CLICK, **more: str) -> tuple[int, str]:
    """Send a form, and return the answer; a redirect is not followed."""
    async with aiohttp.ClientSession() as client, client.post(url, data=form, allow_redirects=False, headers=more) as answer:
        return answer.status, await answer.text()


async def look(url: str, method: str = "GET") -> tuple[int, str]:
    async with aiohttp.ClientSession() as client, client.request(method, url, allow_redirects=False) as answer:
        return answer.status, await answer.text()


def in_parts() -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("List-Unsubscribe", "One-Click")
    return form


async def test_one_click_takes_a_digest_out_of_the_queue(scene: Scene) -> None:
    async with scene.served() as site:
        status, page = await press(site + link(ADA))

    assert (status, "You are unsubscribed" in page) == (200, True)
    assert scene.mailable() == {BEN}
    assert scene.suppressed() == {ADA: "unsubscribe"}


async def test_a_form_of_parts_does_the_same(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        status, _ = await press(site + link(ADA), in_parts())

    assert status == 200
    assert small_scene.suppressed() == {ADA: "unsubscribe"}


async def test_whoever_leaves_twice_has_left(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        first, second = [await press(site + link(ADA)) for _ in range(2)]

    assert first == second
    assert small_scene.suppressed() == {ADA: "unsubscribe"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
async def test_only_a_post_changes_anything(small_scene: Scene, method: str) -> None:
    async with small_scene.served() as site:
        queries = ("", "?settings", "?List-Unsubscribe=One-Click", "?pause=7")
        statuses = {(await look(f"{site}{link(ADA)}{query}", method))[0] for query in queries}

    assert statuses == ({200} if method in {"GET", "HEAD"} else {405})
    assert small_scene.mailable() == {ADA, BEN}


async def test_a_look_shows_one_button(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        _, page = await look(site + link(ADA))

    assert page.count("<button") == page.count('<form method="post">') == 1
    assert 'name="List-Unsubscribe" value="One-Click"' in page


async def test_no_page_says_whose_it_is(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        pages = [(await look(site + path))[1] for path in (link(ADA), f"{link(ADA)}?settings", "/", f"{link(ADA)}x")]
        pages += [(await press(site + link(ADA), form))[1] for form in FORMS]

    assert not any(secret in page for page in pages for secret in (ADA, link(ADA).removeprefix("/u/"), "<b>"))


async def test_who_left_may_come_back_within_a_week(scene: Scene) -> None:
    async with scene.served() as site:
        await press(site + link(ADA))
        scene.after(timedelta(hours=2))
        await press(site + link(ADA), {"return": "yes"})

    assert scene.mailable() == {ADA, BEN}


async def test_an_old_link_does_not_bring_back_who_left_long_ago(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        await press(site + link(ADA))
        small_scene.after(8 * DAY)
        await press(site + link(ADA))
        await press(site + link(ADA), {"return": "yes"})

    assert small_scene.suppressed() == {ADA: "unsubscribe"}


@pytest.mark.parametrize("reason", ["bounce", "complaint", "operator"])
async def test_only_a_readers_own_choice_can_be_undone(small_scene: Scene, reason: Reason) -> None:
    small_scene.standing.suppress(ADA, reason, "", small_scene.clock())
    async with small_scene.served() as site:
        await press(site + link(ADA), {"return": "yes"})

    assert small_scene.suppressed() == {ADA: reason}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        pytest.param({"pause": "30"}, "unless you have unsubscribed or they were stopped", id="pause"),
        pytest.param({"return": "yes"}, "or digests were stopped for another reason, write to ", id="return"),
        pytest.param({"schedule": "change", "every": "fri"}, "if you paused or unsubscribed, that still holds", id="change"),
    ],
)
async def test_no_page_promises_mail_to_who_is_suppressed(small_scene: Scene, form: dict[str, str], told: str) -> None:
    small_scene.standing.suppress(ADA, "bounce", "", small_scene.clock())
    async with small_scene.served() as site:
        status, page = await press(site + link(ADA), form)

    assert (status, told in page) == (200, True)
    assert small_scene.suppressed() == {ADA: "bounce"}


async def test_a_pause_keeps_the_queue_back_until_it_ends(scene: Scene) -> None:
    async with scene.served() as site:
        status, page = await press(site + link(ADA), {"pause": "14"})

    assert (status, "Paused for two weeks" in page) == (200, True)
    assert scene.standing.paused(scene.clock()) == {ADA: scene.clock() + 14 * DAY}
    assert scene.mailable() == {BEN}
    assert scene.standing.paused(scene.clock() + 14 * DAY) == {}


async def test_a_pause_can_be_ended(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        await press(site + link(ADA), {"pause": "30"})
        await press(site + link(ADA), {"return": "yes"})

    assert small_scene.mailable() == {ADA, BEN}


@pytest.mark.parametrize("form", [{"pause": "7"}, {"return": "yes"}], ids=["shorten", "end"])
async def test_a_pause_of_the_operators_stays(small_scene: Scene, form: dict[str, str]) -> None:
    small_scene.standing.pause(ADA, None, small_scene.clock())
    async with small_scene.served() as site:
        await press(site + link(ADA), form)

    assert small_scene.standing.paused(small_scene.clock()) == {ADA: None}


@pytest.mark.parametrize(
    "form", [{"pause": "8"}, {"pause": "7 days"}, {"return": "no"}, {"List-Unsubscribe": "Two-Clicks"}, {}]
)
async def test_a_form_without_a_choice_changes_nothing(small_scene: Scene, form: dict[str, str]) -> None:
    async with small_scene.served() as site:
        status, _ = await press(site + link(ADA), form)

    assert status == 400
    assert small_scene.mailable() == {ADA, BEN}


@pytest.mark.parametrize("form", [CLICK, {"pause": "7"}, {"return": "yes"}], ids=["leave", "pause", "return"])
async def test_nobody_is_answered_as_a_reader_is(small_scene: Scene, form: dict[str, str]) -> None:
    async with small_scene.served() as site:
        known, unknown = await press(site + link(ADA), form), await press(site + NOBODYS, form)

    assert known == unknown
    assert small_scene.suppressed().keys() <= {ADA}


async def test_nobody_is_answered_as_soon_as_a_reader_is(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.app._STROKE", stroke := 0.6)
    async with small_scene.served() as site:
        for path in (link(ADA), NOBODYS):
            begun = time.monotonic()
            await press(site + path)

            assert stroke <= time.monotonic() - begun < 2 * stroke


async def test_a_link_of_another_purpose_is_nobodys(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        await press(f"{site}/u/{token(KEY, 'bounce', ADA)}")

    assert small_scene.suppressed() == {}


async def test_letters_of_a_link_may_be_large(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        await press(f"{site}/u/{link(ADA).removeprefix('/u/').upper()}")

    assert small_scene.suppressed() == {ADA: "unsubscribe"}


async def test_the_choice_of_a_new_reader_is_put_in_force_once_she_is_known(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        small_scene.known[EVE] = ENGLISH
        await press(site + link(EVE))
        await comes_true(lambda: bool(small_scene.suppressed()))

    assert small_scene.suppressed() == {EVE: "unsubscribe"}


async def test_a_new_reader_is_known_at_once_though_a_stranger_came_before(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        await press(site + NOBODYS)
        small_scene.known[EVE] = ENGLISH
        await press(site + link(EVE))
        begun = time.monotonic()
        await comes_true(lambda: bool(small_scene.suppressed()))

    assert time.monotonic() - begun < 15  # seconds; it rests a second, and far longer where it took long


async def test_a_choice_that_waits_when_the_server_stops_is_put_in_force(
    small_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digestd.web.counter._SECONDS_BETWEEN", 30)
    async with small_scene.served() as site:
        await press(site + NOBODYS)  # whoever comes next waits
        await asyncio.sleep(0.2)
        small_scene.known[EVE] = ENGLISH
        await press(site + link(EVE))
        await press(site + link(EVE), {"pause": "7"})

    assert small_scene.suppressed() == {EVE: "unsubscribe"}  # all that was chosen, and not the last alone
    assert small_scene.standing.paused(small_scene.clock()).keys() == {EVE}


async def test_a_choice_that_was_put_in_force_is_not_again(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.counter._REST", 0)
    small_scene.known = Slow(small_scene.known)
    async with small_scene.served() as site:
        small_scene.known[EVE] = ENGLISH
        await press(site + link(EVE))
        await asyncio.sleep(0.2)
        await press(site + link(EVE), {"pause": "7"})  # while the readers are learned
        await comes_true(lambda: bool(small_scene.suppressed()))
        await press(site + link(EVE), {"return": "yes"})
        await comes_true(lambda: bool(small_scene.standing.paused(small_scene.clock())))

    assert small_scene.suppressed() == {}


async def test_a_choice_waits_until_the_database_is_back(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.counter._SECONDS_BETWEEN", 0.02)
    small_scene.standing = stuck = Stuck(small_scene.database, times=3)
    async with small_scene.served() as site:
        small_scene.known[EVE] = ENGLISH
        await press(site + link(EVE))
        await comes_true(lambda: bool(small_scene.suppressed()))

    assert stuck.times == 0
    assert small_scene.suppressed() == {EVE: "unsubscribe"}


def test_who_is_no_reader_any_more_is_nobody() -> None:
    table = Table(KEY, iter([{ADA: ENGLISH, BEN: GERMAN}, {BEN: FRENCH, EVE: ENGLISH}]).__next__)
    table.renew()
    table.renew()

    shown = [link(who).removeprefix("/u/") for who in (ADA, BEN, EVE)]
    assert [table.holder(one) for one in shown] == [None, BEN, EVE]
    assert [table.language(one) for one in shown] == [None, FRENCH, ENGLISH]


async def test_when_the_database_fails_the_reader_is_told(small_scene: Scene) -> None:
    small_scene.standing = Broken(small_scene.database)
    async with small_scene.served() as site:
        status, page = await press(site + link(ADA))

    assert (status, "Nothing was saved" in page) == (503, True)


async def test_a_fault_of_ours_is_logged_and_the_server_goes_on(small_scene: Scene) -> None:
    small_scene.standing = Faulty(small_scene.database)
    with structlog.testing.capture_logs() as log:
        async with small_scene.served() as site:
            status, _ = await press(site + link(ADA))
            after, _ = await look(site + link(ADA))

    assert (status, after) == (500, 200)
    assert [entry["event"] for entry in log] == ["web.fault"]


async def test_the_log_names_nobody(small_scene: Scene) -> None:
    with structlog.testing.capture_logs() as log:
        async with small_scene.served() as site:
            await press(site + link(ADA))
            await press(site + NOBODYS)

    assert [(one["log_level"], one["choice"]) for one in log] == [("info", "leave"), ("debug", "leave")]
    assert not any(secret in str(log) for secret in (ADA, link(ADA).removeprefix("/u/"), "aaaa", "127.0.0.1"))


async def test_pages_may_lie_below_a_path(small_scene: Scene) -> None:
    below = Scene(small_scene.database, letterhead=replace(LETTERHEAD, base_url="https://example.org/mail/"))
    async with below.served() as site:
        found = [(await look(site + path))[0] for path in ("/mail", "/mail/", f"/mail{link(ADA)}", link(ADA), "/")]
        await press(f"{site}/mail{link(ADA)}")

    assert found == [200, 200, 200, 404, 404]
    assert below.suppressed() == {ADA: "unsubscribe"}


async def comes_true(met: Callable[[], bool]) -> None:
    for _ in range(400):
        if met():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come true within 20 s")


class Broken(StandingStore):
    def suppress(self, who: SubscriberId, reason: Reason, note: str, now: datetime) -> NoReturn:
        raise DatabaseTrouble("the disk is full: make room")


class Faulty(StandingStore):
    def suppress(self, who: SubscriberId, reason: Reason, note: str, now: datetime) -> NoReturn:
        raise ZeroDivisionError


class Slow(dict[SubscriberId, Language]):
    """Readers whom it takes time to learn."""

    def copy(self) -> "Slow":
        time.sleep(1)
        return Slow(self)


class Stuck(StandingStore):
    """Fails so many times."""

    def __init__(self, database: Database, times: int) -> None:
        super().__init__(database)
        self.times = times

    def suppress(self, who: SubscriberId, reason: Reason, note: str, now: datetime) -> None:
        if self.times:
            self.times -= 1
            raise DatabaseTrouble("the database is locked", temporary=True)
        super().suppress(who, reason, note, now)


CLICK_PART = b'Content-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'


@pytest.mark.parametrize(
    "boundary", ["boundary*=undefined'x'y", "boundary*=idna'x'y", "boundary*=a\0b''zz", "boundary*0=x; boundary*=y"]
)
def test_a_form_whose_head_is_nonsense_makes_no_choice(boundary: str) -> None:
    assert read_choice(f"multipart/form-data; {boundary}", b"--y\r\n" + CLICK_PART + b"--y--\r\n") is None


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Disposition: form-data; name*0=1; name*=2\r\n\r\nx\r\n",
        b"Content-Disposition: form-data; name*=undefined''x\r\n\r\nx\r\n",
    ],
    ids=["numbers", "letters"],
)
def test_a_part_that_is_nonsense_does_not_hide_the_others(part: bytes) -> None:
    form = b"--y\r\n" + part + b"--y\r\n" + CLICK_PART + b"--y--\r\n"

    assert read_choice("multipart/form-data; boundary=y", form) == Leave()


def test_parts_that_cannot_be_told_apart_make_no_choice() -> None:
    part = b"Content-Type: multipart/mixed; boundary*=a\0b''zz\r\n\r\nx\r\n"

    assert read_choice("multipart/form-data; boundary=y", b"--y\r\n" + part + b"--y\r\n" + CLICK_PART + b"--y--\r\n") is None
