"""Readers who change their schedule: each paper is told once all the same, and no digest comes out of turn."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.model.period import OwnSchedule, Schedule
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import Composed
from digestd.storage import Database, StandingStore, open_database
from tests.pipeline.test_compose import HOUR, Desk
from tests.support.builders import DAY, NOON, paper, subscriber

DAYS, MONDAYS, FRIDAYS = (OwnSchedule("day"), OwnSchedule("week", 0), OwnSchedule("week", 4))
FIRST, FIFTEENTH, LAST = (OwnSchedule("month", day) for day in (1, 15, 31))
EVENINGS = OwnSchedule(at=time(18))


class Life:
    """Ada, who gets a paper a day at six, composes that come every two hours, and what she chooses."""

    def __init__(self, database: Database, planned: Schedule = Schedule()) -> None:  # noqa: B008 - it is frozen
        self.reader, self.standing = subscriber(schedule=planned), StandingStore(database)
        self.desk, self.now, self.count = Desk(database, self.reader), NOON, 0
        self.desk.sees(paper(0))
        self.desk.composes(self.now)

    def chooses(self, own: OwnSchedule) -> None:
        self.standing.reschedule(self.reader.id, own, self.now)
        self.desk.readers = (self.in_force,)

    def undoes(self) -> None:
        self.standing.replan(self.reader.id, self.now)
        self.desk.readers = (self.in_force,)

    @property
    def in_force(self) -> Subscriber:
        return self.reader.timed(self.standing.rescheduled().get(self.reader.id))

    def passes(self, days: float) -> "Life":
        end = self.now + days * DAY
        while self.now < end:
            self.now += 2 * HOUR
            if self.now.hour == 6:
                self.count += 1
                self.desk.sees(paper(self.count), at=self.now)
            self.desk.composes(self.now)
        return self

    def told(self) -> list[tuple[str, int]]:
        """Return when each digest was composed, and how many papers it tells."""
        entries = reversed(self.desk.records.queue())
        return [(f"{entry.composed_at:%a %d %H:%M}", len(entry.digest.tells)) for entry in entries]

    def tells_each_paper_once(self) -> bool:
        told = [name for digest in self.desk.digests() for name in digest.tells]
        return sorted(told) == sorted(paper(number).id for number in range(self.count + 1))


@pytest.fixture
def life(database: Database) -> Life:
    return Life(database)


def test_from_days_to_a_week_and_back_each_paper_is_told_once(life: Life) -> None:
    """NOON is a Thursday; the first digest comes at once, and the others when their periods end."""
    life.passes(2)  # Saturday
    life.chooses(FRIDAYS)
    life.passes(10)  # Tuesday
    life.chooses(DAYS)
    life.passes(2)

    assert life.told() == [
        ("Thu 05 12:00", 1),
        ("Fri 06 08:00", 1),
        ("Sat 07 08:00", 1),
        ("Fri 13 08:00", 6),
        ("Wed 18 08:00", 5),
        ("Thu 19 08:00", 1),
    ]
    assert life.tells_each_paper_once()
    assert "empty" not in life.desk.records.states()


def test_another_day_of_the_same_week_has_a_digest_of_its_own(database: Database) -> None:
    life = Life(database, Schedule("week", on=0)).passes(5)  # Tuesday, and Monday's has come
    life.chooses(FRIDAYS)
    life.passes(4)

    assert life.told() == [("Thu 05 12:00", 1), ("Mon 09 08:00", 4), ("Fri 13 08:00", 4)]


def test_another_day_of_the_same_month_has_a_digest_of_its_own(database: Database) -> None:
    life = Life(database, Schedule("month", on=6)).passes(2)
    life.chooses(FIFTEENTH)
    life.passes(10)

    assert life.told() == [("Thu 05 12:00", 1), ("Fri 06 08:00", 1), ("Sun 15 08:00", 9)]


def test_a_later_hour_of_a_day_that_had_its_digest_begins_tomorrow(life: Life) -> None:
    life.passes(1)
    life.chooses(EVENINGS)
    life.passes(1.5)

    assert life.told() == [("Thu 05 12:00", 1), ("Fri 06 08:00", 1), ("Sat 07 18:00", 1)]


def test_a_day_that_had_its_digest_has_no_weekly_one_too(life: Life) -> None:
    life.passes(4)  # Monday, and the digest of the day has come
    life.chooses(OwnSchedule("week", 0, time(18)))
    life.passes(7.5)

    assert life.told()[-1] == ("Mon 16 18:00", 7)
    assert life.tells_each_paper_once()


def test_a_clock_that_once_ran_ahead_does_not_shorten_what_is_told_after_a_pause(life: Life) -> None:
    life.passes(1)
    life.desk.composes(life.now + 60 * DAY)
    life.desk.readers = (replace(life.reader, paused=True),)
    life.passes(14)
    life.desk.readers = (life.reader,)
    life.passes(1)

    assert life.tells_each_paper_once()


@pytest.mark.parametrize(
    ("planned", "days", "then"),
    [
        (Schedule("week", time(6), on=0), 7.5, ("Mon 16 18:00", 8)),
        (Schedule("month", time(6), on=9), 31.5, ("Thu 09 18:00", 32)),
    ],
    ids=["week", "month"],
)
def test_a_later_hour_begins_a_week_or_a_month_later(
    database: Database, planned: Schedule, days: float, then: tuple[str, int]
) -> None:
    life = Life(database, planned).passes(4)  # Monday the 9th, and the digest of six o'clock has come
    life.chooses(EVENINGS)
    life.passes(days)

    assert life.told() == [("Thu 05 12:00", 1), ("Mon 09 06:00", 3), then]
    assert life.tells_each_paper_once()


def test_undo_is_as_the_file_says_from_the_next_period_on(life: Life) -> None:
    life.chooses(LAST)
    life.passes(4)
    life.undoes()
    assert (life.in_force.schedule, life.desk.composes(life.now)) == (life.reader.schedule, Composed(0, 0, 0))
    life.passes(1)

    assert life.told() == [("Thu 05 12:00", 1), ("Tue 10 08:00", 5)]


def test_the_same_choice_again_puts_nothing_off(life: Life) -> None:
    life.chooses(FRIDAYS)
    life.passes(0.75)  # Friday at six: the digest is due at half past seven
    life.now += 2 * HOUR
    life.chooses(FRIDAYS)
    life.desk.composes(life.now)

    assert life.told()[-1] == ("Fri 06 08:00", 1)


def test_a_preview_shows_what_the_next_digest_tells_so_far(life: Life) -> None:
    life.passes(1)
    life.chooses(FRIDAYS)
    life.passes(2)
    (previewed,) = life.desk.drafts(life.now)
    life.passes(5)

    assert previewed.key == life.desk.digests()[-1].key
    assert {paper(2).id, paper(3).id} == previewed.tells < life.desk.digests()[-1].tells


def test_a_choice_by_a_clock_that_ran_ahead_withholds_nothing(life: Life) -> None:
    life.now += 400 * DAY
    life.chooses(FRIDAYS)
    life.now -= 400 * DAY
    life.passes(2)

    assert ("Fri 06 08:00", 1) in life.told()


PLANNED = [Schedule("day", timezone="Europe/Berlin"), Schedule("weekday", timezone="Asia/Kolkata"), Schedule("week", on=4)]
CHOICES = [DAYS, MONDAYS, FRIDAYS, FIRST, FIFTEENTH, LAST, EVENINGS, OwnSchedule(timezone="Pacific/Kiritimati"), None]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32), planned=st.sampled_from(PLANNED))
def test_choices_at_any_time_tell_each_wanted_paper_exactly_once(seed: int, planned: Schedule) -> None:
    """Choose, poll and compose at random for two months, storing some polls late; then let one more period pass."""
    chance = Random(seed)
    with TemporaryDirectory() as folder, open_database(Path(folder) / "digestd.db", NOON) as database:
        life = Life(database, planned)
        for _ in range(50):
            life.now += timedelta(minutes=chance.choice([1, 30, 60, 600, 1440, 2000]))
            live_on(life, chance)
        life.desk.composes(life.now + 32 * DAY)

        assert life.tells_each_paper_once()
        assert all(earlier < later for earlier, later in pairwise(untils(life)))


def live_on(life: Life, chance: Random) -> None:
    """Do one of the things that happen."""
    match chance.choice(["choose", "compose", "compose", "poll", "poll"]):
        case "choose" if (own := chance.choice(CHOICES)) is not None:
            life.chooses(own)
        case "choose":
            life.undoes()
        case "compose":
            life.desk.composes(life.now)
        case _:
            first, life.count = life.count + 1, life.count + chance.randrange(4)
            late = chance.choice([0, 0, 0, 20]) * HOUR
            life.desk.sees(*(paper(number) for number in range(first, life.count + 1)), at=life.now - late)


def untils(life: Life) -> list[datetime]:
    entries = sorted(life.desk.records.queue(), key=lambda entry: entry.composed_at)
    return [entry.digest.until for entry in entries]
