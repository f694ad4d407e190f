"""Periods tile a reader's calendar, whatever the clocks there do."""

from datetime import UTC, datetime, time, timedelta

import pytest

from digestd.model.period import Every, OwnSchedule, Period, PeriodKey, Schedule, timezone_called

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",  # half an hour off the hour
    "Australia/Lord_Howe",  # summer time moves by half an hour
    "America/St_Johns",
    "Pacific/Chatham",  # three quarters off the hour
    "Africa/Casablanca",  # summer time that stops for Ramadan
)
HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TWO_YEARS = 2 * 365 * 24


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("every", ["day", "weekday", "week", "month"])
def test_periods_tile_two_years_of_hourly_instants(every: Every, zone: str) -> None:
    schedule = Schedule(every, time(2, 30), zone, on=1)  # 02:30 is skipped once a year, and comes twice once a year

    period = schedule.latest_period(BEGIN)
    seen = {period.key}
    for hour in range(TWO_YEARS):
        now = BEGIN + hour * HOUR
        latest = schedule.latest_period(now)
        assert latest.end <= now
        if latest != period:
            assert latest.start == period.end
            assert latest.key not in seen
            seen.add(latest.key)
            period = latest
        elif every == "day":
            assert now < latest.end + 25 * HOUR


@pytest.mark.parametrize(
    ("now", "end"),
    [
        pytest.param("2026-03-29T12:00Z", "2026-03-29T01:30Z", id="skipped_half_past_two_is_read_with_the_offset_before"),
        pytest.param("2026-10-25T12:00Z", "2026-10-25T00:30Z", id="doubled_half_past_two_is_the_first"),
        pytest.param("2026-07-01T12:00Z", "2026-07-01T00:30Z", id="plain_summer_day"),
    ],
)
def test_half_past_two_has_one_instant_each_day(now: str, end: str) -> None:
    assert Schedule("day", time(2, 30), "Europe/Berlin").latest_period(at(now)).end == at(end)


@pytest.mark.parametrize(
    ("schedule", "key"),
    [
        pytest.param(Schedule("day"), "daily/2026-08-21", id="day"),
        pytest.param(Schedule("weekday"), "daily/2026-08-21", id="weekday"),
        pytest.param(Schedule("week", on=0), "weekly/2026-W34", id="week"),
        pytest.param(Schedule("month", on=1), "monthly/2026-08", id="month"),
        pytest.param(Schedule("month", on=31), "monthly/2026-07", id="last_day_of_the_month"),
    ],
)
def test_a_period_is_named_in_the_calendar(schedule: Schedule, key: str) -> None:
    assert schedule.latest_period(at("2026-08-21T12:00Z")).key == key


def test_a_month_that_lacks_the_day_ends_on_its_last() -> None:
    period = Schedule("month", on=31).latest_period(at("2026-03-10T00:00Z"))

    assert period.end == at("2026-02-28T07:30Z")
    assert period.start == at("2026-01-31T07:30Z")


def test_a_weekday_period_on_monday_begins_on_friday() -> None:
    period = Schedule("weekday").latest_period(at("2026-03-09T08:00Z"))

    assert (period.start, period.end) == (at("2026-03-06T07:30Z"), at("2026-03-09T07:30Z"))


def test_after_a_week_down_one_period_is_latest() -> None:
    schedule = Schedule()

    before, after = schedule.latest_period(at("2026-03-01T08:00Z")), schedule.latest_period(at("2026-03-08T08:00Z"))

    assert after.end - after.start == timedelta(days=1)
    assert after.start > before.end


def test_a_day_that_a_zone_skips_is_no_period() -> None:
    period = Schedule("day", time(7, 30), "Pacific/Apia").latest_period(at("2011-12-31T00:00Z"))

    assert period.start < period.end <= at("2011-12-31T00:00Z")


@pytest.mark.parametrize("every", ["day", "weekday", "week", "month"])
def test_the_current_period_follows_the_latest(every: Every) -> None:
    schedule = Schedule(every, on=1)
    now = at("2026-08-21T12:00Z")

    current = schedule.current_period(now)

    assert current.start == schedule.latest_period(now).end
    assert current.end > now


@pytest.mark.parametrize(
    ("schedule", "key"),
    [
        pytest.param(Schedule("day"), "daily/2026-08-31", id="a_day"),
        pytest.param(Schedule("weekday"), "daily/2026-08-31", id="a_weekday"),
        pytest.param(Schedule("week", on=4), "weekly/2026-W35-5", id="a_week"),
        pytest.param(Schedule("month", on=31), "monthly/2026-08-31", id="a_month"),
        pytest.param(Schedule("month", time(1), "Asia/Tokyo", on=1), "monthly/2026-08-01", id="a_month_elsewhere"),
    ],
)
def test_a_period_may_be_named_by_the_day_of_its_end(schedule: Schedule, key: str) -> None:
    latest = schedule.latest_period(at("2026-08-31T12:00Z"))

    assert schedule.named_by_day(latest) == Period(PeriodKey(key), latest.start, latest.end)


def test_what_a_reader_chose_lies_over_what_was_planned() -> None:
    planned = Schedule("week", time(7), "Europe/Berlin", on=3)

    assert OwnSchedule().over(planned) == planned
    assert OwnSchedule("day").over(planned) == Schedule("day", time(7), "Europe/Berlin")
    assert OwnSchedule(at=time(0)).over(planned) == Schedule("week", time(0), "Europe/Berlin", on=3)
    assert OwnSchedule("month", 31, time(9), "UTC").over(planned) == Schedule("month", time(9), "UTC", on=31)


def test_a_zone_that_there_is_no_more_is_as_planned() -> None:
    assert OwnSchedule(timezone="Atlantis/Poseidonis").over(Schedule(timezone="Asia/Kolkata")).timezone == "Asia/Kolkata"


def test_a_later_choice_leaves_what_it_does_not_name() -> None:
    first, second = OwnSchedule("week", 4, time(18)), OwnSchedule(timezone="UTC")

    assert first.then(second) == OwnSchedule("week", 4, time(18), "UTC")
    assert second.then(first) == OwnSchedule("week", 4, time(18), "UTC")
    assert first.then(OwnSchedule("day", at=time(0))) == OwnSchedule("day", 0, time(0))


def test_a_zone_is_called_as_it_is_written_or_nearly_so() -> None:
    assert [*map(timezone_called, ("EUROPE/berlin", "UTC", "Berlin", "", "../etc"))] == [
        "Europe/Berlin",
        "UTC",
        None,
        None,
        None,
    ]
