"""Readers say on a page when digests come, and take that back."""

import re
from datetime import time
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestd.model.period import OwnSchedule, Rescheduled
from digestd.ports import DatabaseTrouble
from digestd.rendering import ENGLISH
from digestd.storage import StandingStore
from digestd.web.choices import Replan, Reschedule, read_choice
from digestd.web.pages import Pages
from digestd.web.timing import TURNS, Timing
from digestd.web.words import when
from tests.support.builders import DAY
from tests.web.conftest import ADA, BEN, LETTERHEAD, Scene, link
from tests.web.test_choices import CLICK, NOBODYS, look, press

FRIDAYS = {"schedule": "change", "every": "fri", "at": "18:00", "timezone": "europe/berlin"}
PLANNED = {"schedule": "planned"}
CHOSEN = OwnSchedule("week", 4, time(18), "Europe/Berlin")


async def test_a_schedule_is_in_force_when_it_is_answered(scene: Scene) -> None:
    async with scene.served() as site:
        status, page = await press(site + link(), FRIDAYS)

    assert status == 200
    assert "<strong>every Friday at 18:00, in the time zone Europe/Berlin</strong>" in page
    assert scene.standing.rescheduled() == {ADA: Rescheduled(scene.clock(), CHOSEN)}
    assert scene.mailable() == {ADA, BEN}


async def test_a_schedule_is_undone(scene: Scene) -> None:
    async with scene.served() as site:
        _, changed = await press(site + link(), FRIDAYS)
        scene.after(DAY)
        status, page = await press(site + link(), PLANNED)

    assert 'name="schedule" value="planned" class="other">Undo' in changed
    assert (status, "Original schedule restored" in page) == (200, True)
    assert scene.standing.rescheduled() == {ADA: Rescheduled(scene.clock())}


async def test_what_is_left_empty_stays_as_it_was(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        await press(site + link(), FRIDAYS)
        _, page = await press(site + link(), {"schedule": "change", "every": "last", "at": "", "timezone": " "})

    assert "<strong>on the last day of every month</strong>" in page
    assert small_scene.standing.rescheduled()[ADA].own == OwnSchedule("month", 31, time(18), "Europe/Berlin")


async def test_a_form_of_parts_changes_it_too(small_scene: Scene) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in FRIDAYS.items():
        form.add_field(name, value)
    async with small_scene.served() as site:
        status, _ = await press(site + link(), form)

    assert status == 200
    assert small_scene.standing.rescheduled()[ADA].own == CHOSEN


WRONG = {
    "nothing_is_chosen": ({}, "every", "Choose what to change"),
    "no_such_turn": ({"every": "fortnight"}, "every", "Choose one of these"),
    "a_day_that_not_every_month_has": ({"every": "29"}, "every", "Choose one of these"),
    "no_time_of_day": ({"every": "day", "at": "25:00"}, "at", "not a time of day"),
    "figures_of_another_script": ({"at": "٠٧:٣٠"}, "at", "not a time of day"),
    "no_time_zone": ({"timezone": "Middle-earth/Shire"}, "timezone", "no such time zone"),
    "a_path": ({"timezone": "../../etc/passwd"}, "timezone", "no such time zone"),
    "markup": ({"timezone": '"><b>'}, "timezone", "no such time zone"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_changes(small_scene: Scene, name: str) -> None:
    fields, wrong, words = WRONG[name]
    async with small_scene.served() as site:
        status, page = await press(site + link(), {"schedule": "change"} | fields)

    assert status == 400
    (described,) = re.findall(r'name="(\w+)"[^>]* aria-invalid="true" aria-describedby="\1-fault"', page)
    (fault,) = re.findall(rf'id="{wrong}-fault">([^<]*)<', page)
    assert (described, words in fault) == (wrong, True)
    assert "<b>" not in page
    assert small_scene.standing.rescheduled() == {}


async def test_a_form_comes_back_as_it_was_filled_in(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        _, page = await press(site + link(), FRIDAYS | {"timezone": 'Berlin "Mitte"'})

    assert '<option value="fri" selected>' in page
    assert 'value="18:00"' in page
    assert 'value="Berlin &quot;Mitte&quot;"' in page
    assert page.count("selected") == 1


@pytest.mark.parametrize("form", [FRIDAYS, PLANNED, FRIDAYS | {"at": "?"}], ids=["change", "undo", "mistake"])
async def test_nobody_is_answered_as_a_reader_is(small_scene: Scene, form: dict[str, str]) -> None:
    async with small_scene.served() as site:
        known, unknown = await press(site + link(), form), await press(site + NOBODYS, form)

    assert known == unknown
    assert small_scene.standing.rescheduled().keys() <= {ADA}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_a_look_changes_no_schedule(small_scene: Scene, method: str) -> None:
    async with small_scene.served() as site:
        for query in (urlencode(FRIDAYS), f"settings&{urlencode(FRIDAYS)}"):
            await look(f"{site}{link()}?{query}", method)

    assert small_scene.standing.rescheduled() == {}


async def test_one_click_in_the_same_form_leaves(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        await press(site + link(), FRIDAYS | CLICK)

    assert small_scene.suppressed() == {ADA: "unsubscribe"}
    assert small_scene.standing.rescheduled() == {}


async def test_when_the_database_fails_the_schedule_is_not_said_to_be_changed(small_scene: Scene) -> None:
    small_scene.standing = Broken(small_scene.database)
    async with small_scene.served() as site:
        status, page = await press(site + link(), FRIDAYS)

    assert (status, "Nothing was saved" in page, "every Friday</strong>" in page) == (503, True, False)


@pytest.mark.parametrize(
    ("fields", "own", "words"),
    [
        pytest.param("every=day", OwnSchedule("day"), "every day", id="days"),
        pytest.param("every=WEEKDAY", OwnSchedule("weekday"), "every weekday (Monday to Friday)", id="weekdays"),
        pytest.param("every=sun&at=7:05", OwnSchedule("week", 6, time(7, 5)), "every Sunday at 07:05", id="a_week"),
        pytest.param("every=22", OwnSchedule("month", 22), "on the 22nd of every month", id="a_month"),
        pytest.param("at=00%3A00%3A00", OwnSchedule(at=time(0)), "at 00:00", id="a_time_alone"),
        pytest.param(
            "timezone=America/New+York",
            OwnSchedule(timezone="America/New_York"),
            "in the time zone America/New_York",
            id="a_zone_as_it_is_said",
        ),
        pytest.param("every=mon&every=tue", OwnSchedule("week", 0), "every Monday", id="the_first_of_two"),
    ],
)
def test_a_schedule_is_read_from_a_form(fields: str, own: OwnSchedule, words: str) -> None:
    assert read_choice("", f"schedule=change&{fields}".encode()) == Reschedule(own)
    assert when(ENGLISH, own) == words


def test_every_turn_that_is_offered_can_be_chosen() -> None:
    for name, turn in TURNS.items():
        assert read_choice("", f"schedule=change&every={name}".encode()) == Reschedule(OwnSchedule(turn.every, turn.on))


@pytest.mark.parametrize("letters", ["idna", "punycode", "undefined", "utf-7", "unicode_escape", "utf-16", "nonsense"])
@pytest.mark.parametrize("written", [b"\\ud800\xff", b"+2AA-\xff", b"\xff\xfe\0\xd8"], ids=["escaped", "shifted", "halves"])
def test_whatever_letters_a_part_claims_what_was_written_can_be_shown_again(letters: str, written: bytes) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\nContent-Type: text/plain; charset=%s\r\n\r\n%s\r\n'
    parts = part % (b"schedule", b"utf-8", b"change") + part % (b"timezone", letters.encode(), written) + b"--x--\r\n"

    read = read_choice("multipart/form-data; boundary=x", parts)

    assert isinstance(read, Timing)
    assert read.faults == ("timezone",)
    assert Pages(LETTERHEAD, ENGLISH).mistaken(read)


FIELDS = st.sampled_from(["schedule", "every", "at", "timezone", "x"])
VALUES = st.sampled_from(["change", "planned", "fri", "31", "last", "07:30", "UTC", ""]) | st.text(max_size=70)


@given(st.lists(st.tuples(FIELDS, VALUES), max_size=6))
def test_any_form_of_a_schedule_can_be_read(fields: list[tuple[str, str]]) -> None:
    read = read_choice("", urlencode(fields).encode())

    assert read is None or isinstance(read, Reschedule | Replan) or (isinstance(read, Timing) and read.faults)


class Broken(StandingStore):
    def reschedule(self, *_: object) -> None:
        raise DatabaseTrouble("the disk is full: make room")
