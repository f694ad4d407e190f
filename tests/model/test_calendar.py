"""When a source announces, on its own wall clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from digestd.model.period import Calendar

LIST = Calendar("America/New_York", holidays=frozenset({date(2026, 11, 27)}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        pytest.param("2026-03-05T12:00", "2026-03-05T05:00", id="thursday"),
        pytest.param("2026-03-05T04:59", "2026-03-04T05:00", id="a_minute_before"),
        pytest.param("2026-03-05T05:00", "2026-03-05T05:00", id="at_that_instant"),
        pytest.param("2026-03-08T12:00", "2026-03-06T05:00", id="sunday_of_the_switch_to_summer_time"),
        pytest.param("2026-03-09T04:00", "2026-03-09T04:00", id="monday_in_summer_time"),
        pytest.param("2026-11-02T04:59", "2026-10-30T04:00", id="monday_in_winter_time_a_minute_before"),
        pytest.param("2026-11-02T05:00", "2026-11-02T05:00", id="monday_in_winter_time"),
        pytest.param("2026-11-28T12:00", "2026-11-26T05:00", id="after_a_holiday"),
    ],
)
def test_the_latest_announcement_is_on_the_sources_clock(now: str, latest: str) -> None:
    assert LIST.latest(at(now)) == at(latest)


def test_those_missed_are_all_since_but_the_one_still_there() -> None:
    away, back = at("2026-11-23T06:00"), at("2026-12-01T06:00")

    assert [one.strftime("%m-%d") for one in LIST.missed(away, back)] == ["11-24", "11-25", "11-26", "11-30"]
    assert LIST.missed(away, away + timedelta(hours=1)) == ()
    assert LIST.missed(back, away) == ()


@pytest.mark.parametrize(
    ("now", "rests"),
    [
        ("2026-03-05T12:00", False),
        ("2026-03-07T12:00", True),
        ("2026-03-09T03:59", True),  # Sunday evening in New York
        ("2026-11-27T12:00", True),
    ],
)
def test_it_rests_on_weekends_and_holidays(now: str, rests: bool) -> None:
    assert LIST.rests(at(now)) == rests


def test_an_announcement_at_an_hour_that_the_clock_skips_still_comes() -> None:
    skipped = Calendar("America/New_York", at=time(2, 30), weekdays=frozenset(range(7)))

    assert skipped.latest(at("2026-03-08T12:00")) == at("2026-03-08T07:30")
