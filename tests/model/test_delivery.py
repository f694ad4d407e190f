"""When a delivery is tried again."""

from datetime import datetime, timedelta

from digestd.model.delivery import GIVE_UP_AFTER, Claim, Deferred, Uncertain, next_attempt
from tests.support.builders import NOON, digest

HALF_AN_HOUR = timedelta(minutes=30)


def claim(attempt: int, composed_at: datetime = NOON, refusals: int | None = None) -> Claim:
    return Claim(digest(), attempt, attempt - 1 if refusals is None else refusals, composed_at, NOON + HALF_AN_HOUR)


def test_a_busy_mailbox_is_left_alone_for_half_an_hour_or_more() -> None:
    again = next_attempt(claim(1), Deferred("451 later"), NOON)

    assert again is not None
    assert HALF_AN_HOUR <= again - NOON <= 1.25 * HALF_AN_HOUR


def test_waits_grow_up_to_four_hours() -> None:
    waits = [(next_attempt(claim(number), Uncertain("lost"), NOON) or NOON) - NOON for number in range(1, 12)]

    assert waits[0] < waits[1] < waits[2]
    assert max(waits) <= timedelta(hours=5)


def test_a_server_that_is_away_is_asked_again_soon() -> None:
    again = next_attempt(claim(1), Deferred("connection refused", everyone=True), NOON)

    assert again is not None
    assert again - NOON < timedelta(minutes=3)


def test_tries_at_a_server_that_was_away_do_not_count_against_the_reader() -> None:
    again = next_attempt(claim(20, refusals=0), Deferred("450 greylisted"), NOON)

    assert again is not None
    assert again - NOON <= 1.25 * HALF_AN_HOUR


def test_an_old_digest_is_given_up() -> None:
    assert next_attempt(claim(1, NOON - GIVE_UP_AFTER), Deferred("451 later"), NOON) is None


def test_the_same_try_waits_the_same_time() -> None:
    assert next_attempt(claim(3), Deferred("4"), NOON) == next_attempt(claim(3), Deferred("4"), NOON)
