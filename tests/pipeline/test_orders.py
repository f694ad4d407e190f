"""In whatever order polls, composing, tries, their ends and the operator's words come, no paper is lost or told twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.model.delivery import Accepted, Claim, Deferred, Outcome, Patience, Rejected, Uncertain
from digestd.model.operator import Which
from digestd.model.paper import PaperId
from digestd.storage import Database, OutboxStore, open_database
from digestd.storage.operator import OperatorStore
from tests.pipeline.test_compose import HOUR, Desk
from tests.support.builders import DAY, NOON, paper
from tests.support.outbox import claim_from, settle_in

LEASE = timedelta(minutes=10)
WORDS = ("hold", "release", "retry", "drop")
DEEDS = (*2 * ("poll", "compose", "claim", "wait", *WORDS[:3]), *3 * ("end",), "die", "drop", "day")
ENDS: tuple[Outcome, ...] = (
    Accepted("250 ok"),
    Accepted("250 ok"),
    Rejected("550 no"),
    Deferred("450 later"),
    Deferred("421 closing", everyone=True),
    Uncertain("the line broke"),
)
KNOWN = {"accepted", "rejected", "deferred"}


class Office:
    """Ada's desk, the deliveries under way, which may end when their lease is long over, and the operator."""

    def __init__(self, database: Database, policy: Literal["resend", "hold"], chance: Random) -> None:
        self.desk, self.operator, self.chance = Desk(database), OperatorStore(database), chance
        self.desk.outbox = OutboxStore(database, Patience(on_uncertain=policy))
        self.now, self.count = NOON, 0
        self.under_way: list[Claim] = []
        self.dropped: set[PaperId] = set()

    def does(self, deed: str) -> None:
        if deed in WORDS:
            self.decides(deed)
        else:
            getattr(self, deed)()

    def poll(self) -> None:
        first, self.count = self.count + 1, self.count + self.chance.choice([1, 2])
        late = self.chance.choice([0, 0, 1, 30]) * HOUR
        self.desk.sees(*(paper(number) for number in range(first, self.count + 1)), at=self.now - late)

    def compose(self) -> None:
        self.desk.composes(self.now)

    def claim(self) -> None:
        self.under_way += claim_from(self.desk.outbox, self.now, LEASE, 1)

    def end(self) -> None:
        if self.under_way:
            claim = self.under_way.pop(self.chance.randrange(len(self.under_way)))
            settle_in(self.desk.outbox, [(claim, self.chance.choice(ENDS))], self.now)

    def die(self) -> None:
        del self.under_way[-1:]

    def wait(self) -> None:
        self.now += timedelta(minutes=self.chance.choice([5, 15, 60, 300]))

    def day(self) -> None:
        self.now += DAY

    def decides(self, word: str) -> None:
        for one in getattr(self.operator, word)(Which(None), self.now):
            if word == "drop" and one.refusal is None:
                self.dropped |= one.entry.digest.tells

    def catches_up(self) -> None:
        """Let all that is under way come to a good end, for days."""
        for _ in range(8):
            self.now += DAY
            self.decides("release")
            self.desk.composes(self.now)
            while claims := claim_from(self.desk.outbox, self.now, LEASE, 5):
                settle_in(self.desk.outbox, [(claim, Accepted("250 ok")) for claim in claims], self.now)

    def told(self) -> Iterator[tuple[PaperId, bool]]:
        """Yield each paper for each digest that tells it and of which a try arrived or, which is said, may have arrived."""
        tries = self.desk.records.attempts()
        for entry in self.desk.records.queue():
            ends = {one.outcome for one in tries if one.key == entry.digest.key}
            if "accepted" in ends or ends - KNOWN:
                yield from ((name, "accepted" in ends) for name in entry.digest.tells)


@pytest.mark.parametrize("policy", ["resend", "hold"])
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_each_paper_is_in_one_digest_that_arrived(policy: Literal["resend", "hold"], seed: int) -> None:
    chance = Random(seed)
    with TemporaryDirectory() as folder, open_database(Path(folder) / "digestd.db", NOON) as database:
        office = Office(database, policy, chance)
        for deed in ("poll", "compose", *chance.choices(DEEDS, k=chance.randint(10, 30))):
            office.does(deed)
        office.catches_up()

        told = list(office.told())
        wanted = {paper(number).id for number in range(1, office.count + 1)}
        assert wanted - office.dropped <= {name for name, _ in told}
        assert max(Counter(name for name, arrived in told if arrived).values(), default=0) <= 1
