"""Compose: each wanted paper is told once, whenever polls and composes come."""

import gc
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.model.digest import Digest, DigestKey
from digestd.model.paper import Paper
from digestd.model.period import Schedule
from digestd.model.source import Cursor, Failed, Fetched
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import Composed, Rules, compose, draft, upcoming_turns
from digestd.ports import Outbox, SeenPapers
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, open_database
from tests.support.builders import DAY, NOON, paper, profile, subscriber
from tests.support.fakes import FakeSource

RULES = Rules(look_back=3 * DAY, domain="digest.example.org", sources=[FakeSource([], "arxiv")])
HOUR = timedelta(hours=1)


class Desk:
    """The stores of a test, and the few things that it does with them."""

    def __init__(self, database: Database, *readers: Subscriber) -> None:
        self.seen: SeenPapers = PaperStore(database)
        self.outbox: Outbox = OutboxStore(database)
        self.records = RecordStore(database)
        self.readers: tuple[Subscriber, ...] = readers or (subscriber(),)
        self.seen.unchanged("arxiv", Cursor(), NOON - DAY)

    def sees(self, *papers: Paper, at: datetime = NOON) -> None:
        self.seen.record("arxiv", Fetched(papers, Cursor()), at)

    def composes(self, now: datetime, rules: Rules = RULES) -> Composed:
        return compose(self.readers, self.seen, self.outbox, rules, now)

    def drafts(self, now: datetime, *who: Subscriber, rules: Rules = RULES) -> list[Digest]:
        """Return what a preview of these readers, or of all, shows."""
        turns = upcoming_turns(who or self.readers, self.outbox, rules, now)
        return [digest for some in draft(turns, self.readers, self.seen, rules, now) for _, digest in some]

    def digests(self) -> list[Digest]:
        """Return the digests composed, oldest first."""
        return [entry.digest for entry in reversed(self.records.queue())]

    def shown(self) -> list[list[str]]:
        return [[match.paper for match in digest.shown] for digest in self.digests()]


class Watching(OutboxStore):
    """An outbox that notes whether Python looks for garbage when it is asked what is due, and when it is handed digests."""

    looks: tuple[bool, ...] = ()

    def missing(self, keys: Iterable[DigestKey]) -> set[DigestKey]:
        self.looks += (gc.isenabled(),)
        return super().missing(keys)

    def enqueue(self, digests: Sequence[Digest], now: datetime) -> int:
        self.looks += (gc.isenabled(),)
        return super().enqueue(digests, now)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_day_one_is_not_empty(desk: Desk) -> None:
    desk.sees(paper(1), at=NOON)

    assert desk.composes(NOON) == Composed(due=1, stored=1, silent=0)
    assert desk.shown() == [[paper(1).id]]


def test_a_digest_is_in_the_language_that_its_reader_had(database: Database) -> None:
    desk = Desk(database, subscriber("ada", language="de"))
    desk.sees(paper(1))

    desk.composes(NOON)

    assert [digest.language for digest in desk.digests()] == ["de"]


def test_a_period_is_composed_once(desk: Desk) -> None:
    desk.sees(paper(1))
    desk.composes(NOON)

    assert desk.composes(NOON + HOUR) == Composed(due=0, stored=0, silent=0)


def test_python_looks_for_garbage_again_once_all_is_composed(database: Database, desk: Desk) -> None:
    desk.outbox = outbox = Watching(database)

    desk.composes(NOON)

    assert outbox.looks == (False, False)
    assert gc.isenabled()


def test_tomorrow_tells_what_came_since(desk: Desk) -> None:
    desk.sees(paper(1))
    desk.composes(NOON)
    desk.sees(paper(2), at=NOON + HOUR)
    desk.composes(NOON + DAY)

    assert desk.shown() == [[paper(1).id], [paper(2).id]]


def test_a_paper_seen_after_the_period_waits_for_the_next(desk: Desk) -> None:
    desk.composes(NOON)
    desk.sees(paper(1), at=NOON + DAY)  # the period ended at 07:30
    desk.composes(NOON + DAY)
    desk.composes(NOON + 2 * DAY)

    assert desk.shown() == [[], [], [paper(1).id]]


def test_a_poll_that_is_stored_late_loses_nothing(desk: Desk) -> None:
    desk.composes(NOON)
    desk.composes(NOON + DAY)
    desk.sees(paper(1), at=NOON + HOUR)  # within the period that has been answered just now
    desk.composes(NOON + 2 * DAY)

    assert desk.shown()[-1] == [paper(1).id]


def test_after_a_week_down_one_digest_tells_the_week(desk: Desk) -> None:
    desk.sees(paper(1))
    desk.composes(NOON)
    desk.sees(paper(2), at=NOON + HOUR)

    assert desk.composes(NOON + 8 * DAY) == Composed(due=1, stored=1, silent=0)
    assert desk.shown() == [[paper(1).id], [paper(2).id]]


def test_a_period_with_nothing_to_say_is_answered_in_silence(desk: Desk) -> None:
    assert desk.composes(NOON) == Composed(due=1, stored=1, silent=1)
    assert desk.records.states() == {"empty": 1}


def test_an_operator_may_want_empty_mails(desk: Desk) -> None:
    desk.composes(NOON, Rules(RULES.look_back, RULES.domain, send_empty=True))

    assert desk.records.states() == {"queued": 1}


def test_a_paused_reader_is_left_alone(database: Database) -> None:
    desk = Desk(database, subscriber(paused=True))

    assert desk.composes(NOON).due == 0


def test_what_is_over_the_limit_is_counted_once(database: Database) -> None:
    desk = Desk(database, subscriber("ada", profile("lantern*", max_papers=2), max_papers=5))
    desk.sees(*(paper(number) for number in range(1, 6)))
    desk.composes(NOON)
    desk.sees(paper(6), at=NOON + HOUR)
    desk.composes(NOON + DAY)

    first, second = desk.digests()
    assert (len(first.shown), len(first.sections[0].overflow)) == (2, 3)
    assert (len(second.shown), len(second.sections[0].overflow)) == (1, 0)


def test_profiles_share_a_readers_limit_in_turn(database: Database) -> None:
    lanterns, tides = profile("lantern*"), profile("estuar*", name="Estuaries")
    desk = Desk(database, subscriber("ada", lanterns, tides, max_papers=4))
    estuaries = [paper(number, f"Estuary {number}", abstract="Mud.") for number in range(10, 14)]
    desk.sees(*(paper(number) for number in range(1, 9)), *estuaries)
    desk.composes(NOON)

    (digest,) = desk.digests()
    assert [(len(section.shown), len(section.overflow)) for section in digest.sections] == [(2, 6), (2, 2)]


def test_a_paper_that_two_profiles_want_is_told_once(database: Database) -> None:
    desk = Desk(database, subscriber("ada", profile("lantern*"), profile("tide*", name="Tides")))
    desk.sees(paper(1))
    desk.composes(NOON)

    (digest,) = desk.digests()
    assert [len(section.shown) for section in digest.sections] == [1, 0]


def test_a_muted_paper_is_hidden_and_counted_once(database: Database) -> None:
    desk = Desk(database, subscriber("ada", profile("lantern*", mute=("survey",))))
    desk.sees(paper(1), paper(2, "A survey of lanterns"))
    desk.composes(NOON)
    desk.composes(NOON + DAY)

    first, second = desk.digests()
    assert first.sections[0].hidden == (paper(2).id,)
    assert second.sections[0].hidden == ()


def test_a_failing_source_is_named_to_those_who_would_miss_it(database: Database) -> None:
    elsewhere = subscriber("ben", profile("lantern*", sources=("journal",)))
    desk = Desk(database, subscriber("ada"), elsewhere)
    desk.sees(paper(1))
    desk.seen.failed("arxiv", Failed("HTTP 503"), Cursor())
    desk.composes(NOON)

    assert {digest.email: digest.failing for digest in desk.digests()} == {
        "ada@example.org": ("arxiv",),
        "ben@example.org": (),
    }


def test_a_first_digest_waits_for_a_source_that_fails(desk: Desk) -> None:
    desk.seen.failed("arxiv", Failed("HTTP 503"), Cursor())
    assert desk.composes(NOON) == Composed(due=1, stored=0, silent=0)

    desk.sees(paper(1), at=NOON + HOUR)
    assert desk.composes(NOON + HOUR) == Composed(due=1, stored=1, silent=0)


def test_a_first_digest_waits_until_some_source_has_answered(database: Database) -> None:
    seen, outbox = PaperStore(database), OutboxStore(database)

    assert compose([subscriber()], seen, outbox, RULES, NOON) == Composed(due=1, stored=0, silent=0)


def test_how_many_were_looked_at_is_told(desk: Desk) -> None:
    desk.sees(paper(1), paper(2, "Mud", abstract="More mud."))
    desk.composes(NOON)

    assert desk.digests()[0].looked_at == 2


def test_a_preview_is_the_draft_that_compose_stores(desk: Desk) -> None:
    desk.sees(paper(1), paper(2))
    previewed = desk.drafts(NOON)
    desk.composes(NOON)

    assert desk.digests() == previewed


def test_a_preview_between_periods_shows_the_one_under_way(desk: Desk) -> None:
    desk.sees(paper(1))
    desk.composes(NOON)
    desk.sees(paper(2), at=NOON + HOUR)

    (digest,) = desk.drafts(NOON + HOUR)

    assert digest.looked_at == 1
    assert [match.paper for match in digest.shown] == [paper(2).id]


def new_rules() -> Rules:
    """Return the rules of a process that has just started."""
    return Rules(RULES.look_back, RULES.domain, RULES.sources)


def test_a_preview_of_one_reader_shows_what_everybody_makes_of_it(database: Database) -> None:
    """With 150 readers, what all ask for counts for less."""
    crowd = [subscriber(f"reader{number}", profile("tide", "lantern", f"wick{number}")) for number in range(149)]
    desk = Desk(database, subscriber("ada", profile("lantern^1.2", "wick", max_papers=2)), *crowd)
    desk.sees(paper(1), paper(2, "Wick", abstract="Lantern"), paper(3, "Wick", abstract="A wick."))

    [previewed] = desk.drafts(NOON, desk.readers[0], rules=new_rules())
    [alone] = draft_of(desk.readers[0], desk)
    desk.composes(NOON, new_rules())

    assert previewed in desk.digests()
    assert [match.paper for match in previewed.shown] == [paper(3).id, paper(1).id]
    assert [match.paper for match in alone.shown] == [paper(1).id, paper(3).id]


def draft_of(reader: Subscriber, desk: Desk) -> list[Digest]:
    """Return the draft of a reader who is the only one."""
    turns = upcoming_turns([reader], desk.outbox, RULES, NOON)
    return [digest for some in draft(turns, [reader], desk.seen, new_rules(), NOON) for _, digest in some]


def test_what_is_rare_is_settled_at_midnight(database: Database) -> None:
    desk = Desk(database)
    desk.sees(paper(1))
    before = desk.drafts(NOON, rules=new_rules())
    desk.sees(*(paper(number) for number in range(2, 500)), at=NOON + HOUR)
    after, tomorrow = (desk.drafts(at, rules=new_rules()) for at in (NOON + 2 * HOUR, NOON + DAY))

    scores = [{match.paper: match.score for match in digest.shown}[paper(1).id] for [digest] in (before, after)]
    assert scores[0] == scores[1]
    assert max(match.score for match in tomorrow[0].shown) < scores[0] / 2


def test_a_matcher_that_is_kept_changes_nothing(database: Database) -> None:
    desk, kept = Desk(database, subscriber("ada"), subscriber("ben", profile("tide"))), new_rules()
    for day in range(4):
        desk.sees(paper(day), paper(10 + day, "Tide"), at=NOON + day * DAY)
        desk.readers = (subscriber("ada", profile("lantern", f"number {day}")), *desk.readers[1:])

        assert desk.drafts(NOON + day * DAY, rules=kept) == desk.drafts(NOON + day * DAY, rules=new_rules())


def test_what_is_shown_counted_and_hidden_is_all_that_was_found(database: Database) -> None:
    """The wick is the theme of one paper only: it takes the place of the worst of lanterns."""
    desk = Desk(database, subscriber("ada", profile("lantern", "wick^0.8", mute=("survey",), max_papers=4)))
    lanterns = [paper(number, "Lantern", abstract="") for number in range(1, 9)]
    wick, survey = paper(20, "Wick", abstract=""), paper(21, "A survey of lanterns", abstract="")
    desk.sees(*lanterns, wick, survey)
    desk.composes(NOON)

    [digest] = desk.digests()
    [section] = digest.sections
    assert [match.paper for match in section.shown] == [*(one.id for one in lanterns[:3]), wick.id]
    assert [*section.overflow] == [one.id for one in lanterns[3:]]
    assert [*section.hidden] == [survey.id]
    assert digest.tells == {one.id for one in (*lanterns, wick, survey)}


def test_an_example_is_told_to_others_and_not_to_who_named_it(database: Database) -> None:
    named = profile("lantern*", like=("https://arxiv.org/abs/2603.00001v2",), dislike=("arXiv:2603.00002", "arXiv:2603.09999"))
    desk = Desk(database, subscriber("ada", named), subscriber("ben"))
    desk.sees(paper(1), paper(2), paper(3))
    desk.composes(NOON)

    told = {digest.email: digest.tells for digest in desk.digests()}
    assert told == {"ada@example.org": {paper(3).id}, "ben@example.org": {paper(1).id, paper(2).id, paper(3).id}}


def test_a_profile_of_examples_alone_tells_what_is_like_them(database: Database) -> None:
    desk = Desk(database, subscriber("ada", profile(like=("arXiv:2603.00001",))))
    desk.seen.remember([paper(1, "Ebb currents at tide gauges", abstract="Buoys log the ebb.")], [], NOON - DAY)
    alike = paper(2, "Tide gauges and buoys", abstract="Gauges log ebb currents.")
    desk.sees(alike, paper(3, "Bread", abstract="Rye dough."))
    desk.composes(NOON)

    assert desk.shown() == [[alike.id]]


def test_a_reader_without_profiles_is_answered_in_silence(database: Database) -> None:
    desk = Desk(database, replace(subscriber(), profiles=()))
    desk.sees(paper(1))

    assert desk.composes(NOON) == Composed(due=1, stored=1, silent=1)


SCHEDULES = [
    Schedule("day", timezone="Europe/Berlin"),
    Schedule("weekday", timezone="Asia/Kolkata"),
    Schedule("week", timezone="America/New_York", on=4),
    Schedule("month", timezone="UTC", on=31),
]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), schedule=st.sampled_from(SCHEDULES))
def test_polls_and_composes_in_any_order_tell_each_wanted_paper_exactly_once(seed: int, schedule: Schedule) -> None:
    """Poll and compose at random instants for two months, storing some polls late; then let one more period pass."""
    chance = Random(seed)
    with TemporaryDirectory() as folder, open_database(Path(folder) / "digestd.db", NOON) as database:
        desk = Desk(database, subscriber("ada", profile("lantern*", max_papers=2), schedule=schedule, max_papers=3))
        desk.composes(NOON)  # a reader is known from the first compose on; what is older than the look-back is not for them
        now, count = NOON, 0
        for _ in range(40):
            now += timedelta(minutes=chance.choice([1, 30, 60, 600, 1440, 4000]))
            if chance.random() < 0.5:
                desk.composes(now)
                continue
            first, count = count, count + chance.randrange(6)
            desk.sees(*(paper(number) for number in range(first, count)), at=now - chance.choice([0, 0, 0, 20]) * HOUR)
        desk.composes(now + 32 * DAY)

        told = [name for digest in desk.digests() for name in digest.tells]
        assert sorted(told) == sorted(paper(number).id for number in range(count))


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        pytest.param({"mute": ("tide",)}, [[], [1, 2, 3]], id="what_one_profile_hides"),
        pytest.param({"max_papers": 0}, [[], [1, 2, 3]], id="what_one_profile_never_shows"),
        pytest.param({"max_papers": 1}, [[1], [2, 3]], id="what_is_over_the_limit_of_one"),
    ],
)
def test_another_profile_shows(database: Database, first: dict[str, Any], shown: list[list[int]]) -> None:
    desk = Desk(database, subscriber("ada", profile("lantern*", name="A", **first), profile("tide", name="B")))
    desk.sees(*(paper(number, published=NOON - number * HOUR) for number in (1, 2, 3)))

    desk.composes(NOON)

    [digest] = desk.digests()
    assert [[match.paper for match in section.shown] for section in digest.sections] == [
        [paper(number).id for number in numbers] for numbers in shown
    ]
    assert not any(section.overflow or section.hidden for section in digest.sections)
