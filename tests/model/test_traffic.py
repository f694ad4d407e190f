"""How long the way out is closed, and how much a new sender may send."""

from datetime import timedelta

import pytest

from digestd.model.delivery import Deferred
from digestd.model.traffic import Pause, pause_after, ramp
from tests.support.builders import DAY, NOON

BUSY = Deferred("421 busy", everyone=True)
LOCKED = Deferred("535 no", everyone=True, wait=timedelta(minutes=15))


def pauses(*outcomes: Deferred) -> list[timedelta]:
    """Return how long each pause is, when every try fails as soon as the last pause is over."""
    last, now, lengths = None, NOON, []
    for outcome in outcomes:
        last = pause_after(last, outcome, now)
        lengths.append(last.until - now)
        now = last.until
    return lengths


def test_pauses_grow_from_two_minutes_to_an_hour() -> None:
    minutes = [length / timedelta(minutes=1) for length in pauses(*[BUSY] * 8)]

    assert minutes == [2, 4, 8, 16, 32, 60, 60, 60]


def test_a_wrong_password_is_not_shown_again_for_a_quarter_of_an_hour() -> None:
    assert pauses(LOCKED, LOCKED, *[LOCKED] * 4) == [timedelta(minutes=minutes) for minutes in (15, 15, 15, 16, 32, 60)]


def test_a_row_of_pauses_has_one_beginning() -> None:
    first = pause_after(None, BUSY, NOON)
    second = pause_after(first, LOCKED, NOON + DAY)

    assert (second.since, second.failures, second.reply) == (NOON, 2, "535 no")


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        pytest.param(timedelta(minutes=1), True, id="within"),
        pytest.param(timedelta(minutes=2), False, id="over"),
        pytest.param(-DAY, False, id="the_clock_went_back"),
    ],
)
def test_a_pause_holds_until_it_is_over(after: timedelta, holds: bool) -> None:
    assert Pause(NOON, NOON + timedelta(minutes=2), 1, "421 busy").holds(NOON + after) is holds


def test_a_new_sender_warms_up_day_by_day() -> None:
    assert [ramp(None, NOON), *(ramp(NOON, NOON + day * DAY) for day in (0, 1, 2, 9, 10))] == [50, 50, 100, 200, 25_600, None]


def test_a_warm_up_begins_anew_with_the_clock_before_it() -> None:
    assert ramp(NOON, NOON - DAY) == 50
