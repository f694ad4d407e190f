"""What becomes of a digest after a try."""

from datetime import datetime, timedelta

import pytest

from digestd.model.delivery import GIVE_UP_AFTER, Accepted, Claim, Deferred, Outcome, Patience, Rejected, Uncertain, fate
from tests.support.builders import NOON, digest

HALF_AN_HOUR = timedelta(minutes=30)


def claim(attempt: int, composed_at: datetime = NOON, refusals: int | None = None) -> Claim:
    return Claim(digest(), attempt, attempt - 1 if refusals is None else refusals, composed_at, NOON + HALF_AN_HOUR)


def wait(attempt: int, outcome: Outcome, refusals: int | None = None) -> timedelta:
    """Return how long a digest waits after a try at noon."""
    again = fate(claim(attempt, refusals=refusals), outcome, NOON, Patience()).next_at

    assert again is not None
    return again - NOON


@pytest.mark.parametrize(
    ("outcome", "state", "refusals"),
    [
        pytest.param(Accepted("250 ok"), "accepted", 0, id="accepted"),
        pytest.param(Rejected("550 no such user", "address"), "failed", 0, id="mailbox_is_gone"),
        pytest.param(Deferred("451 later"), "queued", 1, id="mailbox_is_busy"),
        pytest.param(Deferred("421 later", everyone=True), "queued", 0, id="server_is_busy"),
        pytest.param(Uncertain("the line broke"), "queued", 1, id="line_breaks_after_data"),
    ],
)
def test_each_outcome_has_its_state(outcome: Outcome, state: str, refusals: int) -> None:
    then = fate(claim(1), outcome, NOON, Patience())

    assert (then.state, then.refusals) == (state, refusals)
    assert (then.next_at is not None) == (state == "queued")


def test_a_digest_in_doubt_is_held_where_the_operator_wants_to_decide() -> None:
    then = fate(claim(1), Uncertain("the line broke"), NOON, Patience(on_uncertain="hold"))

    assert (then.state, then.next_at) == ("held", None)


def test_a_busy_mailbox_is_left_alone_for_half_an_hour_or_more() -> None:
    assert HALF_AN_HOUR <= wait(1, Deferred("451 later")) <= 1.25 * HALF_AN_HOUR


def test_waits_grow_up_to_four_hours() -> None:
    waits = [wait(number, Uncertain("lost")) for number in range(1, 12)]

    assert waits[0] < waits[1] < waits[2]
    assert max(waits) == timedelta(hours=4)


def test_a_digest_that_a_server_took_from_nobody_waits_for_the_server_alone() -> None:
    assert wait(1, Deferred("connection refused", everyone=True)) == timedelta(0)


def test_tries_at_a_server_that_was_away_do_not_count_against_the_reader() -> None:
    assert wait(20, Deferred("450 greylisted"), refusals=0) <= 1.25 * HALF_AN_HOUR


@pytest.mark.parametrize("patience", [Patience(), Patience(timedelta(hours=2))])
def test_an_old_digest_is_given_up(patience: Patience) -> None:
    late, early = NOON - patience.give_up_after, NOON - patience.give_up_after + HALF_AN_HOUR * 2

    assert fate(claim(1, late), Deferred("451 later"), NOON, patience).state == "failed"
    assert fate(claim(1, early), Deferred("451 later"), NOON, patience).state == "queued"


def test_a_digest_that_may_have_arrived_is_held_however_old_it_is() -> None:
    old = claim(1, NOON - GIVE_UP_AFTER)

    assert fate(old, Uncertain("the line broke"), NOON, Patience(on_uncertain="hold")).state == "held"


def test_the_same_try_waits_the_same_time() -> None:
    assert wait(3, Deferred("4")) == wait(3, Deferred("4"))
