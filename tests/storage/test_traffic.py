"""The contract of Traffic: tries are counted by scope and day, and the way out stays paused, over a restart too."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from digestd.model.traffic import ALL, EVERYBODY, Ledger, Pause, Quota, Wish
from digestd.ports import Traffic
from digestd.storage import Database, OutboxStore, TrafficStore
from tests.support.builders import DAY, NOON, digest

THERE = "example.org"
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def traffic(database: Database) -> Traffic:
    OutboxStore(database).enqueue([digest(f"reader{number}") for number in range(12)], NOON - 2 * DAY)
    return TrafficStore(database)


def tried(database: Database, tries: int, quotas: Mapping[str, Quota], now: datetime) -> int:
    """Claim up to so many digests, and return how many it were."""
    done = OutboxStore(database).exchange([], [Wish(ALL, tries, quotas)], timedelta(minutes=10), now)
    return sum(map(len, done.claims))


def test_nothing_is_on_record_at_first(traffic: Traffic) -> None:
    assert traffic.ledger(NOON) == Ledger()


def test_tries_are_counted_in_every_scope(database: Database, traffic: Traffic) -> None:
    tried(database, 3, {EVERYBODY: Quota()}, NOON)
    tried(database, 2, {EVERYBODY: Quota(), THERE: Quota()}, LATER)

    assert traffic.ledger(LATER).tries == {EVERYBODY: 5, THERE: 2}


@pytest.mark.parametrize(
    ("quotas", "granted"),
    [
        pytest.param({EVERYBODY: Quota(per_day=10)}, 4, id="room_for_all"),
        pytest.param({EVERYBODY: Quota(per_day=3)}, 3, id="room_for_some"),
        pytest.param({EVERYBODY: Quota(per_day=10), THERE: Quota(per_day=1)}, 1, id="one_scope_has_less"),
        pytest.param({EVERYBODY: Quota()}, 4, id="no_limit"),
    ],
)
def test_no_scope_gets_more_than_its_day_allows(
    database: Database, traffic: Traffic, quotas: dict[str, Quota], granted: int
) -> None:
    assert tried(database, 4, quotas, NOON) == granted
    assert traffic.ledger(NOON).tries == dict.fromkeys(quotas, granted)


def test_a_limit_that_was_lowered_takes_nothing_back(database: Database, traffic: Traffic) -> None:
    tried(database, 5, {EVERYBODY: Quota()}, NOON)

    assert tried(database, 1, {EVERYBODY: Quota(per_day=2)}, NOON) == 0
    assert traffic.ledger(NOON).tries == {EVERYBODY: 5}


def test_a_new_day_begins_at_midnight_in_utc(database: Database, traffic: Traffic) -> None:
    quotas = {EVERYBODY: Quota(per_day=1)}

    assert [tried(database, 1, quotas, at) for at in (NOON, LATER, NOON + DAY / 2)] == [1, 0, 1]


def test_a_turn_comes_after_those_that_others_took(traffic: Traffic) -> None:
    half, two = timedelta(seconds=0.5), timedelta(seconds=2)

    turns = [
        traffic.turn(gaps, NOON) for gaps in ({EVERYBODY: half}, {EVERYBODY: half, THERE: two}, {EVERYBODY: half}, {THERE: two})
    ]

    assert turns == [NOON, NOON + half, NOON + 2 * half, NOON + half + two]
    assert traffic.turn({EVERYBODY: half}, LATER) == LATER


def test_a_turn_that_a_clock_took_which_ran_ahead_is_not_waited_for(traffic: Traffic) -> None:
    traffic.turn({EVERYBODY: timedelta(seconds=1)}, NOON + DAY)

    assert traffic.turn({EVERYBODY: timedelta(seconds=1)}, NOON) <= NOON + timedelta(minutes=2)


def test_several_who_take_turns_at_once_get_each_their_own(traffic: Traffic) -> None:
    gap = timedelta(seconds=1)
    with ThreadPoolExecutor(4) as pool:
        turns = sorted(pool.map(lambda _: traffic.turn({EVERYBODY: gap}, NOON), range(12)))

    assert turns == [NOON + number * gap for number in range(12)]


def test_the_first_mail_is_remembered(database: Database, traffic: Traffic) -> None:
    tried(database, 0, {EVERYBODY: Quota()}, NOON - DAY)
    for at in (NOON, LATER):
        tried(database, 1, {EVERYBODY: Quota()}, at)

    assert traffic.ledger(LATER).first_mail == NOON


def test_a_pause_stays_until_it_is_ended(traffic: Traffic) -> None:
    first, second = Pause(NOON, LATER, 1, "421 busy – ü"), Pause(NOON, LATER + DAY, 2, '421 "still"')

    for pause in (first, second):
        traffic.pause(pause)
        assert traffic.ledger(LATER + 2 * DAY).pause == pause
    traffic.pause(None)
    traffic.pause(None)
    assert traffic.ledger(NOON).pause is None


def test_nothing_is_claimed_while_the_way_out_is_paused(database: Database, traffic: Traffic) -> None:
    traffic.pause(Pause(NOON, LATER, 1, "421 busy"))

    assert [tried(database, 1, {EVERYBODY: Quota()}, at) for at in (NOON, LATER)] == [0, 1]


def test_several_who_claim_at_once_keep_to_the_limit_together(database: Database, traffic: Traffic) -> None:
    quotas = {EVERYBODY: Quota(per_day=7)}
    with ThreadPoolExecutor(4) as pool:
        granted = sum(pool.map(lambda _: tried(database, 3, quotas, NOON), range(8)))

    assert granted == 7
    assert traffic.ledger(NOON).tries == {EVERYBODY: 7}
