"""Deliver: each digest goes out once, and one that fails never touches the others."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from digestd.model.delivery import Accepted, Claim, Deferred, Ended, Exchange, Outcome, Patience, Rejected, Uncertain
from digestd.model.digest import Digest, Message
from digestd.model.paper import Paper, PaperId
from digestd.model.source import Cursor, Fetched
from digestd.model.subscriber import SubscriberId
from digestd.model.traffic import EVERYBODY, Pause, Quota, Wish
from digestd.pipeline.deliver import Delivery, Pace, Round
from digestd.ports import DatabaseTrouble, Transport
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, TrafficStore
from tests.support.builders import DAY, NOON, digest, paper
from tests.support.fakes import FakeClock, FakeTransport
from tests.support.outbox import claim_from

READERS = ("ada", "ben", "cleo")
LONGEST_TRY = timedelta(minutes=1)


def render(digest: Digest, papers: Mapping[PaperId, Paper], at: datetime) -> Message:
    """Return a message that is enough for a transport; a digest for Ben cannot be rendered when it shows paper 9."""
    titles = [papers[match.paper].title for match in digest.shown]
    if paper(9).title in titles:
        raise ValueError("digest.txt.j2:3 cannot show this")
    body = "\r\n".join([f"Message-ID: {digest.message_id}", f"Date: {at:%c}", "", *titles, ""])
    return Message(digest.key, digest.message_id, "digest@example.org", digest.email, body.encode())


def forgiving(digest: Digest, papers: Mapping[PaperId, Paper], at: datetime) -> Message:
    """Return a message whatever the digest shows."""
    return render(digest, {one: replace(papers[one], title="forgiven") for one in papers}, at)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def delivery(database: Database, clock: FakeClock) -> Delivery:
    seen, outbox = PaperStore(database), OutboxStore(database)
    seen.record("arxiv", Fetched((paper(1), paper(9)), Cursor()), NOON)
    outbox.enqueue([digest(name, paper(1)) for name in READERS], NOON)
    return Delivery(outbox, seen, TrafficStore(database), render, clock, Pace(1, LONGEST_TRY))


async def run(delivery: Delivery, transport: Transport) -> Round:
    current = Round()
    await delivery.run(transport, current)
    return current


def recipients(transport: FakeTransport) -> list[str]:
    return [message.recipient.partition("@")[0] for message in transport.sent]


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


@pytest.mark.parametrize(
    ("changed_at", "sent"),
    [
        pytest.param(timedelta(minutes=-1), [], id="changed_before_the_try"),
        pytest.param(timedelta(minutes=1), ["dora"], id="changed_since"),
        pytest.param(timedelta(minutes=3), [], id="changed_by_another_clock"),
    ],
)
async def test_a_digest_that_could_not_be_rendered_is_tried_when_templates_were_changed(
    delivery: Delivery, clock: FakeClock, changed_at: timedelta, sent: list[str]
) -> None:
    delivery.outbox.enqueue([digest("dora", paper(9))], NOON)
    await run(delivery, FakeTransport())
    transport = FakeTransport()

    clock.now += timedelta(minutes=2)
    await run(replace(delivery, render=forgiving, changed_at=NOON + changed_at), transport)

    assert recipients(transport) == sent


async def test_what_was_refused_is_not_tried_early_for_a_change_of_templates(delivery: Delivery, clock: FakeClock) -> None:
    await run(delivery, FakeTransport(Deferred("452 4.2.2 mailbox full")))
    transport = FakeTransport()

    clock.now += timedelta(minutes=2)
    await run(replace(delivery, changed_at=NOON + timedelta(minutes=1)), transport)

    assert transport.sent == []


async def test_a_round_that_is_stopped_gives_its_claims_back(delivery: Delivery, clock: FakeClock, database: Database) -> None:
    current = Round()

    class StopsAfterOne(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            current.stop("digestd is stopping")
            return await super().send(message, line)

    transport = StopsAfterOne()
    await delivery.run(transport, current)

    assert states(database) == {"accepted": 1, "queued": 2}
    clock.now += timedelta(minutes=5)
    await run(delivery, transport)
    assert states(database) == {"accepted": 3}
    assert len(transport.sent) == 3


async def test_a_claim_too_old_to_begin_is_left_to_its_lease(delivery: Delivery, clock: FakeClock, database: Database) -> None:
    class Slow(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            clock.now += timedelta(hours=1)  # as if we had been suspended
            return await super().send(message, line)

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


# When the server takes nothing from anybody


async def test_nothing_is_claimed_while_the_way_out_is_paused(delivery: Delivery, database: Database) -> None:
    transport = FakeTransport(Deferred("421 busy", everyone=True))
    await run(delivery, transport)

    current = await run(delivery, transport)

    assert current.stopped == "paused until 2026-03-05 12:02 UTC: 421 busy"
    assert recipients(transport) == ["ada"]
    assert sum(entry.attempts for entry in RecordStore(database).queue()) == 1


async def test_a_pause_that_another_process_began_holds_at_once(delivery: Delivery, database: Database) -> None:
    class Elsewhere(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            delivery.traffic.pause(Pause(NOON, NOON + timedelta(minutes=2), 1, "421 busy"))
            return await super().send(message, line)

    await run(delivery, Elsewhere())

    assert states(database) == {"accepted": 1, "queued": 2}


async def test_a_pause_grows_while_the_server_stays_away(delivery: Delivery, clock: FakeClock) -> None:
    transport = FakeTransport(*[Deferred("421 busy", everyone=True)] * 100)
    for _ in range(60):
        await run(delivery, transport)
        clock.now += timedelta(minutes=1)

    assert len(transport.sent) == 5  # after 0, 2, 6, 14 and 30 minutes


async def test_a_wrong_password_is_shown_four_times_an_hour_at_most(delivery: Delivery, clock: FakeClock) -> None:
    locked = Deferred("535 5.7.8 no", everyone=True, wait=timedelta(minutes=15))
    transport = FakeTransport(*[locked] * 100)
    for _ in range(60):
        await run(delivery, transport)
        clock.now += timedelta(minutes=1)

    assert len(transport.sent) == 4


async def test_one_digest_goes_ahead_after_a_pause(delivery: Delivery, clock: FakeClock, database: Database) -> None:
    four = replace(delivery, pace=Pace(4, LONGEST_TRY))
    busy = Deferred("421 busy", everyone=True)
    await run(four, FakeTransport(*[busy] * 3))  # all three at once, and the server takes none
    transport = FakeTransport(busy)

    clock.now += timedelta(minutes=2)
    await run(four, transport)
    assert len(transport.sent) == 1
    clock.now += timedelta(minutes=4)
    await run(four, transport)

    assert states(database) == {"accepted": 3}
    assert delivery.traffic.ledger(clock.now).pause is None


async def test_a_message_that_was_on_its_way_does_not_end_the_pause_that_began_meanwhile(
    delivery: Delivery, clock: FakeClock, database: Database
) -> None:
    class Tired(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            outcome = await super().send(message, line)
            await asyncio.sleep(0.4 if isinstance(outcome, Accepted) else 0.2)  # all three are on their way by then
            return outcome

    await run(replace(delivery, pace=Pace(3, LONGEST_TRY)), Tired(Deferred("421 busy", everyone=True)))

    assert states(database) == {"accepted": 2, "queued": 1}
    assert delivery.traffic.ledger(clock.now).pause is not None


async def test_a_pause_is_told_once_and_when_it_is_over(
    delivery: Delivery, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    transport = FakeTransport(*[Deferred("421 busy", everyone=True)] * 3)
    for _ in range(40):
        await run(delivery, transport)
        clock.now += timedelta(minutes=1)

    logged = capsys.readouterr().out
    assert [line for line in logged.splitlines() if "[error" in line and "deliver.paused" in line and "421 busy" in line]
    assert sum("[error" in line for line in logged.splitlines()) == 1
    assert logged.count("deliver.resumed") == 1


@pytest.mark.parametrize("outcome", [Accepted("250 ok"), Rejected("550 5.1.1 gone", "address"), Deferred("450 later")])
async def test_any_word_about_a_reader_ends_a_pause(delivery: Delivery, clock: FakeClock, outcome: Outcome) -> None:
    await run(delivery, FakeTransport(Deferred("421 busy", everyone=True)))

    clock.now += timedelta(minutes=2)
    await run(delivery, FakeTransport(outcome))

    assert delivery.traffic.ledger(clock.now).pause is None


@pytest.mark.parametrize(
    ("outcome", "many", "told"),
    [
        pytest.param(
            Rejected("550 5.1.1 <x@example.org> gone", "address"), 10, "10 addresses in a row were called dead", id="dead"
        ),
        pytest.param(Uncertain("the line broke"), 5, "5 mails in a row may have arrived or not", id="uncertain"),
    ],
)
async def test_what_befalls_everybody_pauses_the_way_out(delivery: Delivery, outcome: Outcome, many: int, told: str) -> None:
    delivery.outbox.enqueue([digest(f"dora{number}") for number in range(20)], NOON)
    transport = FakeTransport(*[outcome] * 30)

    current = await run(delivery, transport)

    assert len(transport.sent) == many
    assert current.stopped
    assert current.stopped.startswith(told)
    assert "x@example.org" not in current.stopped
    pause = delivery.traffic.ledger(NOON).pause
    assert pause
    assert pause.reply == current.stopped


@pytest.mark.parametrize("outcome", [Rejected("550 5.1.1 gone", "address"), Uncertain("the line broke")])
async def test_what_may_be_the_servers_fault_does_not_end_a_pause(
    delivery: Delivery, clock: FakeClock, outcome: Outcome
) -> None:
    await run(delivery, FakeTransport(Deferred("421 busy", everyone=True)))

    clock.now += timedelta(minutes=2)
    transport = FakeTransport(*[outcome] * 3)
    await run(delivery, transport)

    assert len(transport.sent) == 3
    assert delivery.traffic.ledger(clock.now).pause is not None


async def test_a_digest_that_cannot_be_rendered_does_not_end_a_pause(delivery: Delivery, clock: FakeClock) -> None:
    await run(delivery, FakeTransport(Deferred("421 busy", everyone=True)))
    broken = replace(delivery, render=lambda *_: render(digest("ben", paper(9)), {paper(9).id: paper(9)}, NOON))

    clock.now += timedelta(minutes=2)
    await run(broken, FakeTransport())

    assert delivery.traffic.ledger(clock.now).pause is not None


# How much goes out


def limited(delivery: Delivery, quota: Quota, side_by_side: int = 1) -> Delivery:
    """Return *delivery* with a limit on all mail."""
    return replace(delivery, pace=Pace(side_by_side, LONGEST_TRY, quota))


async def test_what_is_over_the_days_limit_waits_for_the_next_day_in_order_of_age(
    delivery: Delivery, clock: FakeClock, database: Database
) -> None:
    transport = FakeTransport()
    two_a_day = limited(delivery, Quota(per_day=2))

    for _ in range(3):
        await run(two_a_day, transport)
    assert recipients(transport) == ["ada", "ben"]
    assert [entry.attempts for entry in RecordStore(database).queue() if entry.state == "queued"] == [0]
    delivery.outbox.enqueue([digest("aaron")], NOON + timedelta(hours=1))
    clock.now += timedelta(hours=12)
    await run(two_a_day, transport)

    assert recipients(transport) == ["ada", "ben", "cleo", "aaron"]


async def test_the_days_limit_holds_over_a_restart_and_for_tries_that_fail(delivery: Delivery) -> None:
    transport = FakeTransport(Rejected("550 no"), Deferred("450 no"))

    await run(limited(delivery, Quota(per_day=1)), transport)
    await run(limited(delivery, Quota(per_day=2)), transport)

    assert len(transport.sent) == 2


async def test_a_new_sender_warms_up(delivery: Delivery, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.model.traffic._RAMP", (1, 3))
    delivery.outbox.enqueue([digest(f"reader{number}") for number in range(6)], NOON)
    warming = replace(delivery, pace=Pace(4, LONGEST_TRY, warm_up=True))

    sent = []
    for _ in range(3):
        transport = FakeTransport()
        await run(warming, transport)
        sent.append(len(transport.sent))
        clock.now += DAY

    assert sent == [1, 3, 5]


async def test_the_pace_holds_side_by_side_and_over_a_restart(delivery: Delivery) -> None:
    paced = limited(delivery, Quota(per_second=20), 4)
    transport, began = FakeTransport(), time.monotonic()

    await run(paced, transport)
    delivery.outbox.enqueue([digest("dora")], NOON)
    await run(paced, transport)

    assert len(transport.sent) == 4
    assert time.monotonic() - began >= 3 / 20


async def test_runs_beside_each_other_keep_to_one_pace(delivery: Delivery) -> None:
    delivery.outbox.enqueue([digest(f"dora{number}") for number in range(5)], NOON)
    paced, transport, began = limited(delivery, Quota(per_second=20), 2), FakeTransport(), time.monotonic()

    await asyncio.gather(run(paced, transport), run(paced, transport))

    assert len(transport.sent) == 8
    assert time.monotonic() - began >= 7 / 20


async def test_a_domain_has_limits_of_its_own(delivery: Delivery, database: Database) -> None:
    delivery.outbox.enqueue([away("dora"), away("eve")], NOON)
    transport = FakeTransport()

    await run(replace(delivery, pace=Pace(2, LONGEST_TRY, domains={"example.org": (1, Quota(per_day=1))})), transport)

    assert sorted(recipients(transport)) == ["ada", "dora", "eve"]
    assert delivery.traffic.ledger(NOON).tries == {EVERYBODY: 3, "example.org": 1}


async def test_a_line_carries_nothing_before_the_last_end_is_stored(delivery: Delivery, database: Database) -> None:
    """A crash leaves no more digests in doubt than lines were open."""
    delivery.outbox.enqueue([digest(f"dora{number}") for number in range(9)], NOON)
    last: dict[int, str] = {}

    class Watched(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            await asyncio.sleep(0.01 * (line + 1))
            if line in last:
                (entry,) = [entry for entry in RecordStore(database).queue() if entry.digest.email == last[line]]
                assert entry.state == "accepted"
            last[line] = message.recipient
            return await super().send(message, line)

    transport = Watched()
    await run(replace(delivery, pace=Pace(3, LONGEST_TRY)), transport)

    assert len(transport.sent) == 12
    assert set(last) == {0, 1, 2}


async def test_a_slow_domain_never_holds_up_the_others(delivery: Delivery) -> None:
    others = [f"dora{number}" for number in range(6)]
    delivery.outbox.enqueue([away(name) for name in others], NOON)

    class Slow(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            outcome = await super().send(message, line)
            await asyncio.sleep(1 if message.recipient == "ada@example.org" else 0)
            return outcome

    transport = Slow()
    await run(replace(delivery, pace=Pace(2, LONGEST_TRY, domains={"example.org": (1, Quota())})), transport)

    assert sorted(recipients(transport)[:7]) == ["ada", *others]
    assert recipients(transport)[7:] == ["ben", "cleo"]


async def test_what_becomes_due_does_not_wait_for_a_slow_try(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.pipeline.deliver.LOOK_AGAIN", 0.05)

    dora_has_mail = asyncio.Event()

    class Slow(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            outcome = await super().send(message, line)
            if message.recipient == "ada@example.org":
                await asyncio.to_thread(delivery.outbox.enqueue, [digest("dora", paper(1))], NOON)
                await asyncio.wait_for(dora_has_mail.wait(), 10)
            elif message.recipient == "dora@example.org":
                dora_has_mail.set()
            return outcome

    transport = Slow()
    current = await run(replace(delivery, pace=Pace(2, LONGEST_TRY)), transport)

    assert recipients(transport) == ["ada", "ben", "cleo", "dora"]
    assert current.tally == {"accepted": 4}


def away(name: str) -> Digest:
    """Return a digest for a reader at another domain than most."""
    plain = digest(f"{name}.away")
    key = plain.key._replace(subscriber=SubscriberId(f"{name}@elsewhere.org"))
    return replace(plain, key=key, email=f"{name}@elsewhere.org")


# What was claimed and outlived


async def test_a_claim_that_grew_too_old_before_its_try_is_not_sent(delivery: Delivery, clock: FakeClock) -> None:
    others: list[Claim] = []

    def suspended(digest: Digest, papers: Mapping[PaperId, Paper], at: datetime) -> Message:
        if digest.name == "Ben":
            clock.now += timedelta(hours=1)  # as if we had been suspended, and another had claimed all meanwhile
            others.extend(claim_from(delivery.outbox, clock.now, LONGEST_TRY, 3))
        return render(digest, papers, at)

    transport = FakeTransport()
    await run(replace(delivery, render=suspended), transport)

    assert {claim.digest.name: claim.attempt for claim in others} == {"Ben": 2, "Cleo": 1}
    assert recipients(transport) == ["ada"]


# When the outcome cannot be stored


class Locked(OutboxStore):
    """An outbox that cannot be settled the first *times* times; notes what is asked of it."""

    def __init__(self, database: Database, times: int, *, temporary: bool = True) -> None:
        super().__init__(database)
        self.times, self.temporary = times, temporary
        self.asked: list[str] = []

    def exchange(self, ended: Sequence[Ended], wishes: Sequence[Wish], lease: timedelta, now: datetime) -> Exchange:
        self.asked.append("settle" if ended else "claim")
        if ended and self.asked.count("settle") <= self.times:
            raise DatabaseTrouble("database is locked", temporary=self.temporary)
        return super().exchange(ended, wishes, lease, now)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the waits between two tries to store an outcome be short."""
    monkeypatch.setattr("digestd.pipeline.clerk._LONGEST_WAIT", 0.01)


@pytest.mark.usefixtures("at_once")
async def test_an_outcome_that_cannot_be_stored_is_kept_until_it_can_be(delivery: Delivery, database: Database) -> None:
    locked, transport = Locked(database, 7), FakeTransport()

    await run(replace(delivery, outbox=locked), transport)

    assert locked.asked[:9] == ["claim", *["settle"] * 8]
    assert recipients(transport) == ["ada", "ben", "cleo"]
    assert states(database) == {"accepted": 3}


@pytest.mark.usefixtures("at_once")
async def test_an_outcome_that_cannot_be_stored_is_kept_while_the_daemon_drains(delivery: Delivery, database: Database) -> None:
    current = Round()

    class Stops(FakeTransport):
        async def send(self, message: Message, line: int = 0) -> Outcome:
            current.stop("digestd is stopping")
            return await super().send(message, line)

    await replace(delivery, outbox=Locked(database, 7)).run(Stops(), current)

    assert states(database) == {"accepted": 1, "queued": 2}


@pytest.mark.usefixtures("at_once")
async def test_an_outcome_that_can_never_be_stored_is_in_the_log(
    delivery: Delivery, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DatabaseTrouble):
        await run(replace(delivery, outbox=Locked(database, 99, temporary=False)), FakeTransport())

    assert "deliver.unsettled" in capsys.readouterr().out
    assert states(database) == {"sending": 1, "queued": 2}


async def test_a_digest_in_doubt_is_held_where_the_operator_wants_to_decide(delivery: Delivery, database: Database) -> None:
    holding = replace(delivery, outbox=OutboxStore(database, Patience(on_uncertain="hold")))

    await run(holding, FakeTransport(Uncertain("the line broke")))

    assert states(database) == {"accepted": 2, "held": 1}


async def test_a_digest_that_is_held_because_we_died_on_it_is_told_as_any_in_doubt(
    delivery: Delivery, database: Database, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    holding = replace(delivery, outbox=OutboxStore(database, Patience(on_uncertain="hold")))
    (claim,) = claim_from(holding.outbox, NOON, timedelta(minutes=10), 1)

    clock.now += timedelta(minutes=10)
    current = await run(holding, FakeTransport())

    (line,) = [line for line in capsys.readouterr().out.splitlines() if "deliver.uncertain" in line]
    assert "[warning" in line
    assert f"digest={claim.digest.message_id}" in line
    assert "attempt=1 " in line
    assert "digestd died on this try" in line
    assert current.tally == {"accepted": 2, "uncertain": 1}


async def test_a_refusal_that_is_our_fault_is_logged_as_an_error(
    delivery: Delivery, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(delivery, FakeTransport(Rejected("550 5.7.26 not authenticated", "ours")))

    (line,) = [line for line in capsys.readouterr().out.splitlines() if "[error" in line]
    assert "fault=ours" in line
    assert "5.7.26" in line
