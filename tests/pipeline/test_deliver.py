"""Deliver: each digest goes out once, and one that fails never touches the others."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from digestd.model.delivery import Accepted, Deferred, Outcome, Rejected, Uncertain
from digestd.model.digest import Digest, Message
from digestd.model.paper import Paper, PaperId
from digestd.model.source import Cursor, Fetched
from digestd.pipeline.deliver import Delivery, Pace, Round
from digestd.ports import Transport
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore
from tests.support.builders import NOON, digest, paper
from tests.support.fakes import FakeClock, FakeTransport

READERS = ("ada", "ben", "cleo")
LONGEST_TRY = timedelta(minutes=1)


def render(digest: Digest, papers: Mapping[PaperId, Paper], at: datetime) -> Message:
    """Return a message that is enough for a transport; a digest for Ben cannot be rendered when it shows paper 9."""
    titles = [papers[match.paper].title for match in digest.shown]
    if paper(9).title in titles:
        raise ValueError("digest.txt.j2:3 cannot show this")
    body = "\r\n".join([f"Message-ID: {digest.message_id}", f"Date: {at:%c}", "", *titles, ""])
    return Message(digest.key, digest.message_id, "digest@example.org", digest.email, body.encode())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def delivery(database: Database, clock: FakeClock) -> Delivery:
    seen, outbox = PaperStore(database), OutboxStore(database)
    seen.record("arxiv", Fetched((paper(1), paper(9)), Cursor()), NOON)
    outbox.enqueue([digest(name, paper(1)) for name in READERS], NOON)
    return Delivery(outbox, seen, render, clock, Pace(1, LONGEST_TRY))


async def run(delivery: Delivery, transport: Transport) -> Round:
    current = Round()
    await delivery.run(transport, current)
    return current


def states(database: Database) -> Mapping[str, int]:
    return RecordStore(database).states()


async def test_each_digest_goes_out_once(delivery: Delivery, database: Database) -> None:
    transport = FakeTransport()

    current = await run(delivery, transport)
    await run(delivery, transport)

    assert sorted(message.recipient for message in transport.sent) == [f"{name}@example.org" for name in READERS]
    assert current.tally == {"accepted": 3}
    assert states(database) == {"accepted": 3}


@pytest.mark.parametrize(
    ("outcome", "then"),
    [
        pytest.param(Rejected("550 5.1.1 no such mailbox"), {"accepted": 2, "failed": 1}, id="no_such_mailbox"),
        pytest.param(Deferred("452 4.2.2 mailbox full"), {"accepted": 2, "queued": 1}, id="mailbox_is_full"),
        pytest.param(Uncertain("the line broke"), {"accepted": 2, "queued": 1}, id="line_breaks_after_data"),
        pytest.param(Deferred("421 busy", everyone=True), {"queued": 3}, id="server_is_busy"),
        pytest.param(Accepted("250 ok"), {"accepted": 3}, id="all_is_well"),
    ],
)
async def test_one_refusal_never_touches_the_others(
    delivery: Delivery, database: Database, outcome: Outcome, then: dict[str, int]
) -> None:
    await run(delivery, FakeTransport(outcome))

    assert states(database) == then


async def test_a_server_that_takes_nothing_is_not_asked_for_every_reader(delivery: Delivery) -> None:
    transport = FakeTransport(Deferred("421 busy", everyone=True))

    current = await run(delivery, transport)

    assert len(transport.sent) == 1
    assert current.stopped == "421 busy"


async def test_a_try_again_is_the_same_message(delivery: Delivery, clock: FakeClock) -> None:
    transport = FakeTransport(Uncertain("the line broke"))
    await run(delivery, transport)

    clock.now += timedelta(hours=1)
    await run(delivery, transport)

    first, *_, again = transport.sent
    assert (again.recipient, again.message_id) == (first.recipient, first.message_id)
    assert again.content.splitlines()[2:] == first.content.splitlines()[2:]


async def test_a_digest_that_cannot_be_rendered_waits_alone(delivery: Delivery, database: Database) -> None:
    delivery.outbox.enqueue([digest("dora", paper(9))], NOON)

    current = await run(delivery, FakeTransport())

    assert current.tally == {"accepted": 3, "deferred": 1}
    replies = [attempt.reply for attempt in RecordStore(database).attempts() if attempt.outcome == "deferred"]
    assert replies == ["not rendered: digest.txt.j2:3 cannot show this"]


async def test_a_round_that_is_stopped_gives_its_claims_back(delivery: Delivery, clock: FakeClock, database: Database) -> None:
    current = Round()

    class StopsAfterOne(FakeTransport):
        async def send(self, message: Message) -> Outcome:
            current.stop("digestd is stopping")
            return await super().send(message)

    transport = StopsAfterOne()
    await delivery.run(transport, current)

    assert states(database) == {"accepted": 1, "queued": 2}
    clock.now += timedelta(minutes=5)
    await run(delivery, transport)
    assert states(database) == {"accepted": 3}
    assert len(transport.sent) == 3


async def test_a_claim_too_old_to_begin_is_left_to_its_lease(delivery: Delivery, clock: FakeClock, database: Database) -> None:
    class Slow(FakeTransport):
        async def send(self, message: Message) -> Outcome:
            clock.now += timedelta(hours=1)  # as if we had been suspended
            return await super().send(message)

    transport = Slow()
    await run(delivery, transport)

    sent = [message.recipient for message in transport.sent]
    assert len(sent) == len(set(sent)) == 3
    assert states(database) == {"accepted": 3}


async def test_the_log_names_no_reader(delivery: Delivery, capsys: pytest.CaptureFixture[str]) -> None:
    await run(delivery, FakeTransport(Rejected("550 5.1.1 <ada@example.org>: ada@example.org unknown")))

    logged = capsys.readouterr().out
    assert "550 5.1.1 <address>: <address> unknown" in logged
    assert "ada@example.org" not in logged
