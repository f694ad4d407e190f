"""What goes after its time, what stays for ever, and that no reader can tell."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from digestd.matching.matcher import Matcher
from digestd.model.delivery import Accepted, Deferred, Outcome, Rejected
from digestd.model.digest import Digest
from digestd.model.operator import Which
from digestd.model.paper import PaperId
from digestd.model.period import Schedule
from digestd.model.retention import Ages, Pruned
from digestd.model.source import Cursor, Fetched
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import Rules, compose
from digestd.pipeline.prune import Prune
from digestd.storage import (
    Database,
    OperatorStore,
    OutboxStore,
    PaperStore,
    RecordStore,
    RetentionStore,
    open_database,
)
from digestd.storage.bulk import add
from digestd.storage.schema import rates
from tests.support.builders import DAY, NOON, paper, profile, subscriber
from tests.support.outbox import claim_from, settle_in

LOOK_BACK, LEASE = 3 * DAY, timedelta(minutes=10)
AGES = Ages(papers=40 * DAY, receipts=60 * DAY, lookups=50 * DAY)
ACCEPTED = Accepted("250 ok")
ADA, BEN = subscriber("ada"), subscriber("ben", schedule=Schedule("month", on=1))


class Scene:
    """An installation over months: what a test does with it, and all that can be seen of it."""

    def __init__(self, database: Database, *readers: Subscriber) -> None:
        self.readers: Sequence[Subscriber] = readers
        self.seen, self.outbox, self.records = PaperStore(database), OutboxStore(database), RecordStore(database)
        self.operator, self.retention = OperatorStore(database), RetentionStore(database)
        self.rules = Rules(LOOK_BACK, "example.org", matcher=Matcher())

    def announces(self, now: datetime, *numbers: int, by: str = "arxiv", old: bool = False) -> None:
        papers = tuple(paper(number, sources=(by,)) for number in numbers)
        back_catalogue = frozenset(one.id for one in papers if old)
        self.seen.record(by, Fetched(papers, Cursor(), back_catalogue=back_catalogue), now)

    def composes(self, now: datetime) -> None:
        compose(self.readers, self.seen, self.outbox, self.rules, now)

    def delivers(self, now: datetime, outcome: Outcome = ACCEPTED) -> None:
        settle_in(self.outbox, [(claim, outcome) for claim in claim_from(self.outbox, now, LEASE, 100)], now)

    def tells(self, now: datetime, *numbers: int) -> None:
        """Let a day pass on which these papers come and are told."""
        self.announces(now, *numbers)
        self.composes(now + DAY)
        self.delivers(now + DAY)

    def prunes(self, now: datetime) -> Pruned:
        stage = Prune(self.retention, self.outbox, self.rules, AGES)
        return sum(stage.steps(self.readers, now), Pruned())

    def abstract(self, number: int) -> str:
        return self.seen.papers([paper(number).id])[paper(number).id].abstract

    def news(self) -> list[PaperId]:
        return [sighting.paper.id for sighting in self.seen.window(NOON - DAY, NOON + 9999 * DAY)]

    def digests(self) -> list[Digest]:
        return [entry.digest for entry in reversed(self.records.queue())]

    def periods(self) -> list[str]:
        return [digest.key.period for digest in self.digests()]


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database, ADA)


def test_an_old_paper_is_shortened_and_never_news_again(scene: Scene) -> None:
    scene.tells(NOON, 1)
    scene.tells(NOON + 90 * DAY, 2)

    assert scene.prunes(NOON + 92 * DAY).papers == 1
    assert (scene.abstract(1), scene.abstract(2)) == ("", paper(2).abstract)
    assert scene.prunes(NOON + 92 * DAY) == Pruned()

    for source in ("arxiv", "another"):
        scene.announces(NOON + 93 * DAY, 1, 2, by=source)
    assert scene.news() == [paper(2).id]
    assert scene.abstract(1) == paper(1).abstract
    assert scene.records.first_seen(paper(1).id) is not None


def test_back_catalogue_is_shortened_once_and_may_be_news_yet(scene: Scene) -> None:
    scene.announces(NOON, 1, old=True)
    scene.tells(NOON + 90 * DAY, 2)

    assert scene.prunes(NOON + 92 * DAY).papers == 1
    assert scene.prunes(NOON + 92 * DAY).papers == 0
    scene.announces(NOON + 93 * DAY, 1, by="another")

    assert scene.news() == [paper(2).id, paper(1).id]


def test_what_readers_name_stays_whole(scene: Scene) -> None:
    scene.tells(NOON, 1, 3)
    scene.readers = [ADA, subscriber("cleo", profile(like=(paper(1).id,)), paused=True)]
    scene.tells(NOON + 90 * DAY, 2)

    scene.prunes(NOON + 92 * DAY)

    assert (scene.abstract(1), scene.abstract(3)) == (paper(1).abstract, "")


def test_what_a_held_digest_shows_stays_whole_until_it_is_settled(scene: Scene) -> None:
    scene.announces(NOON, 1, 3)
    scene.readers = [subscriber("ada", profile('"lantern number 1"'))]
    scene.composes(NOON + DAY)
    scene.operator.hold(Which(), NOON + DAY)
    scene.tells(NOON + 90 * DAY, 2)

    scene.prunes(NOON + 92 * DAY)
    assert (scene.abstract(1), scene.abstract(3)) == (paper(1).abstract, "")
    assert len(scene.periods()) == 2

    scene.operator.drop(Which(), NOON + 92 * DAY)
    assert scene.prunes(NOON + 92 * DAY) == Pruned(digests=1)


def test_old_digests_go_with_their_tries_and_the_newest_answer_stays(scene: Scene) -> None:
    scene.readers = [ADA, subscriber("cleo")]
    scene.tells(NOON, 1)
    scene.tells(NOON + DAY, 2)
    scene.readers = [ADA]  # the file of the other is gone
    scene.tells(NOON + 90 * DAY, 3)

    assert scene.prunes(NOON + 92 * DAY).digests == 3

    assert sorted(scene.periods()) == ["daily/2026-03-07", "daily/2026-06-04"]
    assert len(scene.records.attempts()) == 2
    assert scene.seen.told([ADA.id], NOON) == {ADA.id: {paper(3).id}}


@pytest.mark.parametrize(
    ("away", "kept"),
    [pytest.param(55, True, id="for_less_than_receipts_are_kept"), pytest.param(70, False, id="for_longer")],
)
def test_who_is_paused_is_told_on_return_of_what_came_meanwhile(scene: Scene, away: int, kept: bool) -> None:
    scene.tells(NOON, 1)
    scene.announces(NOON + 2 * DAY, 2)
    scene.readers = [replace(ADA, paused=True)]

    scene.prunes(NOON + away * DAY)

    assert bool(scene.abstract(2)) is kept


def test_a_reader_who_is_due_holds_all_that_came_since_the_last_answer(scene: Scene) -> None:
    scene.tells(NOON, 1)
    scene.announces(NOON + 2 * DAY, 2)

    scene.prunes(NOON + 400 * DAY)  # the machine was off
    assert scene.abstract(2) == paper(2).abstract
    scene.composes(NOON + 400 * DAY)

    assert [match.paper for match in scene.digests()[-1].shown] == [paper(2).id]


def test_a_paper_seen_by_a_clock_that_ran_ahead_is_not_told_again(scene: Scene) -> None:
    ahead = NOON + 3000 * DAY
    scene.announces(ahead, 1)
    scene.composes(NOON + DAY)
    scene.delivers(NOON + DAY)
    scene.tells(NOON + 90 * DAY, 2)

    scene.prunes(NOON + 92 * DAY)
    scene.composes(NOON + 93 * DAY)

    assert [match.paper for digest in scene.digests() for match in digest.shown] == [paper(1).id, paper(2).id]


def test_ids_that_nobody_knew_and_counts_of_past_days_go(scene: Scene, database: Database) -> None:
    scene.seen.remember([], [PaperId("arXiv:2601.00001")], NOON)
    with database.writing() as connection:
        add(connection, rates, [("", "2026-03-05", 3)])

    scene.prunes(NOON + 51 * DAY)

    assert scene.seen.unasked([PaperId("arXiv:2601.00001")], NOON) == {PaperId("arXiv:2601.00001")}
    with database.reading() as connection:
        assert connection.execute(select(rates)).all() == []


def test_it_is_known_from_when_on_all_is_kept(scene: Scene) -> None:
    assert (scene.retention.extent().papers, scene.retention.extent().digests) == (None, None)
    scene.tells(NOON, 1)
    scene.tells(NOON + 90 * DAY, 2)

    scene.prunes(NOON + 92 * DAY)

    assert scene.retention.extent().papers == NOON + 90 * DAY
    assert scene.retention.extent().digests == NOON + 91 * DAY


_PATIENCE = AGES.receipts - 32 * DAY
_WAITING = {"queued", "sending", "held"}

Day = tuple[int, int, str, bool]
DAYS = st.tuples(
    st.integers(1, 25),  # days that pass
    st.integers(1, 12),  # the paper that comes, new or again
    st.sampled_from(["accepted", "accepted", "failed", "deferred", "held", "released"]),
    st.booleans(),  # whether a reader is away
)


@settings(max_examples=12, deadline=None)
@given(history=st.lists(DAYS, min_size=4, max_size=12))
@example(  # what failed before a pause is older than receipts are kept, and the pause is not
    [
        (15, 10, "failed", False),
        (25, 1, "released", False),
        (11, 10, "failed", False),
        (6, 7, "accepted", True),
        (21, 1, "accepted", True),
        (1, 1, "accepted", False),
    ]
)
def test_nobody_can_tell_whether_it_was_pruned(history: Sequence[Day]) -> None:
    assert told(history, prunes=True) == told(history, prunes=False)


def told(history: Sequence[Day], *, prunes: bool) -> list[tuple[Digest, str]]:
    """Return every digest composed in the course of *history*, in its order."""
    found: dict[str, tuple[Digest, str]] = {}
    with TemporaryDirectory() as folder, open_database(Path(folder) / "digestd.db", NOON) as database:
        scene, now, away_since = Scene(database, ADA, BEN), NOON, NOON
        for passed, number, fate, away in history:
            now += passed * DAY
            away_since = away_since if away else now
            is_away = now - away_since <= _PATIENCE and away
            scene.readers = [replace(ADA, paused=is_away), BEN]
            scene.announces(now, number, number + 1, by="arxiv" if number % 3 else "another", old=not number % 4)
            scene.composes(now)
            for entry in scene.records.queue():
                found.setdefault(entry.digest.message_id, (entry.digest, "composed"))
            _pass(scene, fate, now)
            if any(now - entry.digest.until > _PATIENCE for entry in scene.records.queue() if entry.state in _WAITING):
                scene.operator.release(Which(), now)  # what waits for as long as receipts are kept gives nothing back
                scene.delivers(now)
            if prunes:
                scene.prunes(now)
    return list(found.values())


def _pass(scene: Scene, fate: str, now: datetime) -> None:
    match fate:
        case "held":
            scene.operator.hold(Which(), now)
        case "released":
            scene.operator.release(Which(), now)
        case "failed":
            scene.delivers(now, Rejected("550 no"))
        case "deferred":
            scene.delivers(now, Deferred("451 later"))
        case _:
            scene.delivers(now)
