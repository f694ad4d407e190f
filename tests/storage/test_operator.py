"""The contract of Operator: decisions are carried out whole, and never on a digest that is being sent."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from digestd.model.delivery import Accepted, Claim, Deferred, Outcome, Patience, Rejected, Uncertain
from digestd.model.digest import Digest
from digestd.model.operator import Decided, Waiting, Which
from digestd.model.records import Mark, QueueEntry
from digestd.model.subscriber import SubscriberId
from digestd.ports import Operator, Outbox, SeenPapers
from digestd.storage import RESTORED, Database, MarkStore, OperatorStore, OutboxStore, RecordStore, StandingStore
from tests.support.builders import DAY, NOON, digest, paper
from tests.support.outbox import claim_from, settle_in

LEASE = timedelta(minutes=10)
LATER = NOON + timedelta(minutes=1)
ADA, BEN = SubscriberId("ada@example.org"), SubscriberId("ben@example.org")
EVERYBODY = Which()


@pytest.fixture
def operator(database: Database) -> Operator:
    return OperatorStore(database)


def queues(outbox: Outbox, *digests: Digest) -> None:
    for one in digests:
        assert outbox.enqueue([one], NOON) == 1


def tries(outbox: Outbox, outcome: Outcome) -> Claim:
    """Let the digest that is due be tried once."""
    (claim,) = claim_from(outbox, NOON, LEASE, 1)
    settle_in(outbox, [(claim, outcome)], NOON)
    return claim


def told(decided: Sequence[Decided]) -> list[tuple[str, str, str | None]]:
    return [(one.entry.digest.key.subscriber, one.entry.state, one.refusal) for one in decided]


def states(operator: Operator) -> dict[str, str]:
    return {entry.digest.key.period: entry.state for entry in everything(operator)}


def everything(operator: Operator) -> list[QueueEntry]:
    return list(operator.digests(EVERYBODY)[0])


def test_what_could_not_be_rendered_is_counted_by_its_reason(operator: Operator, outbox: Outbox) -> None:
    for name, outcome in (
        ("ada", Deferred("not rendered: a.txt.j2:1: no")),
        ("ben", Deferred("not rendered: b%.txt.j2:2: no")),
        ("cy", Deferred("not rendered: b%.txt.j2:2: no")),
        ("dora", Deferred("452 4.2.2 not rendered: mailbox full")),
        ("eve", Rejected("not rendered: but failed")),
    ):
        queues(outbox, digest(name))
        tries(outbox, outcome)

    assert operator.unrendered() == [("b%.txt.j2:2: no", 2), ("a.txt.j2:1: no", 1)]


def test_a_held_digest_waits_until_it_is_released(operator: Operator, outbox: Outbox) -> None:
    queues(outbox, digest("ada", paper(1)))

    assert told(operator.hold(Which((ADA,)), NOON)) == [(ADA, "held", None)]
    assert claim_from(outbox, NOON + DAY, LEASE, 10) == []
    assert told(operator.release(Which((ADA,)), LATER)) == [(ADA, "queued", None)]
    assert len(claim_from(outbox, LATER, LEASE, 10)) == 1


def test_what_is_being_sent_is_not_held_and_that_is_said(operator: Operator, outbox: Outbox) -> None:
    queues(outbox, digest("ada", paper(1)), digest("ben", paper(1)))
    (claim,) = claim_from(outbox, NOON, LEASE, 1)

    decided = operator.hold(EVERYBODY, LATER)

    assert told(decided) == [(ADA, "sending", "is being sent"), (BEN, "held", None)]
    assert settle_in(outbox, [(claim, Accepted("250 ok"))], LATER) == 1


def test_what_somebody_died_over_can_be_held(operator: Operator, outbox: Outbox) -> None:
    queues(outbox, digest("ada", paper(1)))
    (claim,) = claim_from(outbox, NOON, LEASE, 1)

    assert told(operator.hold(EVERYBODY, NOON + LEASE)) == [(ADA, "held", None)]
    assert settle_in(outbox, [(claim, Deferred("451 later"))], NOON + LEASE) == 0
    assert told(operator.hold(EVERYBODY, NOON + LEASE)) == []


def test_what_somebody_died_over_is_not_retried_by_hand(operator: Operator, outbox: Outbox) -> None:
    queues(outbox, digest("ada", paper(1)))
    claim_from(outbox, NOON, LEASE, 1)

    assert told(operator.retry(EVERYBODY, NOON + LEASE)) == [
        (ADA, "sending", "may have arrived; the next delivery sends or holds it")
    ]


def test_only_those_that_are_meant_are_touched(operator: Operator, outbox: Outbox) -> None:
    queues(outbox, digest("ada", paper(1)), digest("ben", paper(1)))

    assert told(operator.hold(Which((BEN,)), NOON)) == [(BEN, "held", None)]
    assert told(operator.drop(Which(state="queued"), NOON)) == [(ADA, "dropped", None)]
    assert operator.release(Which((ADA,)), NOON) == []


def test_a_deferred_digest_is_due_now_when_it_is_retried(operator: Operator, outbox: Outbox) -> None:
    queues(outbox, digest("ada", paper(1)))
    tries(outbox, Deferred("451 later"))
    assert claim_from(outbox, LATER, LEASE, 10) == []

    assert told(operator.retry(EVERYBODY, LATER)) == [(ADA, "queued", None)]
    assert told(operator.retry(EVERYBODY, LATER)) == [(ADA, "queued", "is due already")]
    assert len(claim_from(outbox, LATER, LEASE, 10)) == 1


@pytest.mark.parametrize("outcome", [Rejected("550 full"), Uncertain("line broke")], ids=["refused", "in_doubt"])
def test_a_failed_digest_takes_its_papers_back_when_it_is_retried(
    operator: Operator, outbox: Outbox, seen: SeenPapers, outcome: Outcome
) -> None:
    queues(outbox, digest("ada", paper(1)))
    claim = tries(outbox, outcome)
    late = NOON if isinstance(outcome, Rejected) else NOON + 2 * DAY
    if late > NOON:
        (claim,) = claim_from(outbox, late, LEASE, 1)
        settle_in(outbox, [(claim, Deferred("451 later"))], late)
    assert states(operator) == {"daily/2026-03-05": "failed"}

    assert told(operator.retry(EVERYBODY, late)) == [(ADA, "queued", None)]

    assert seen.told([ADA], NOON) == {ADA: {paper(1).id}}
    assert outbox.enqueue([digest("ada", paper(1), day="2026-03-06")], late) == 0
    assert claim_from(outbox, late, LEASE, 1)[0].digest == claim.digest


def test_a_failed_digest_whose_papers_another_told_stays_failed(operator: Operator, outbox: Outbox, seen: SeenPapers) -> None:
    queues(outbox, digest("ada", paper(1), paper(2)))
    tries(outbox, Rejected("550 full"))
    queues(outbox, digest("ada", paper(2), day="2026-03-06"))

    decided = operator.retry(Which((ADA,), "failed"), NOON)

    assert told(decided) == [(ADA, "failed", "gave its papers to daily/2026-03-06")]
    assert seen.told([ADA], NOON) == {ADA: {paper(2).id}}


def test_of_failed_digests_that_share_a_paper_the_newest_is_retried(
    operator: Operator, outbox: Outbox, seen: SeenPapers
) -> None:
    for number, day in enumerate(("2026-03-05", "2026-03-06")):
        assert outbox.enqueue([digest("ada", paper(1), day=day)], NOON + number * LEASE) == 1
        (claim,) = claim_from(outbox, NOON + number * LEASE, LEASE, 1)
        settle_in(outbox, [(claim, Rejected("550 full"))], NOON)

    operator.retry(EVERYBODY, NOON + LEASE)

    assert states(operator) == {"daily/2026-03-05": "failed", "daily/2026-03-06": "queued"}


def test_an_old_failure_is_not_sent_again(operator: Operator, outbox: Outbox, seen: SeenPapers) -> None:
    queues(outbox, digest("ada", paper(1)))
    tries(outbox, Rejected("550 full"))

    assert told(operator.retry(EVERYBODY, NOON + 40 * DAY)) == [(ADA, "failed", "is too old to be news")]
    assert seen.told([ADA], NOON) == {}


def test_what_is_dropped_is_never_sent_and_counts_as_told(operator: Operator, outbox: Outbox, seen: SeenPapers) -> None:
    queues(outbox, digest("ada", paper(1)))

    assert told(operator.drop(EVERYBODY, NOON)) == [(ADA, "dropped", None)]

    assert claim_from(outbox, NOON + DAY, LEASE, 10) == []
    assert seen.told([ADA], NOON) == {ADA: {paper(1).id}}
    assert operator.release(EVERYBODY, NOON) == operator.retry(EVERYBODY, NOON) == []


@pytest.mark.parametrize("decide", ["release", "drop"])
def test_deciding_about_all_ends_what_a_restore_began(operator: Operator, database: Database, decide: str) -> None:
    marks = MarkStore(database)
    marks.set(Mark(RESTORED, NOON))

    operator.hold(EVERYBODY, NOON)
    getattr(operator, decide)(Which((ADA,)), NOON)
    assert marks.get(RESTORED)
    getattr(operator, decide)(EVERYBODY, NOON)

    assert marks.get(RESTORED) is None


def test_digests_are_listed_newest_first_and_the_rest_is_counted(operator: Operator, outbox: Outbox) -> None:
    for number, day in enumerate(("2026-03-05", "2026-03-06", "2026-03-07")):
        outbox.enqueue([digest("ada", day=day)], NOON + number * DAY)

    newest, more = operator.digests(EVERYBODY, 2)

    assert ([entry.digest.key.period for entry in newest], more) == (["daily/2026-03-07", "daily/2026-03-06"], 1)
    assert operator.digests(Which((BEN,))) == ([], 0)
    assert len(operator.digests(Which(state="queued"))[0]) == 3
    assert operator.waiting() == Waiting(3, NOON)
    assert (operator.states()["queued"].digests, operator.states()["queued"].oldest) == (3, NOON)


def test_a_receipt_has_titles_and_every_try_with_the_servers_words(
    operator: Operator, outbox: Outbox, seen: SeenPapers
) -> None:
    queues(outbox, digest("ada", paper(1)), digest("ben", paper(1)))
    tries(outbox, Deferred("451 later"))
    (claim,) = claim_from(outbox, NOON + DAY, LEASE, 1)
    settle_in(outbox, [(claim, Accepted("250 ok"))], NOON + DAY)

    (receipt,) = operator.receipts(claim.key.subscriber)

    assert list(receipt.papers) == [(paper(1).id, paper(1).title)]
    assert {attempt.reply for attempt in receipt.attempts} <= {"451 later", "250 ok"}
    assert [attempt.reply for attempt in operator.attempts(NOON + DAY)] == ["250 ok"]
    assert [attempt.reply for attempt in operator.attempts(limit=1)] == ["250 ok"]
    assert operator.receipts(claim.key.subscriber, NOON + DAY) == []


def test_a_digest_is_sent_or_held_and_never_both(operator: Operator, outbox: Outbox) -> None:
    outbox.enqueue([digest(f"reader{number}") for number in range(200)], NOON)

    with ThreadPoolExecutor(4) as pool:
        claims = [pool.submit(claim_from, outbox, NOON, LEASE, 9) for _ in range(10)]
        holds = [pool.submit(operator.hold, Which((SubscriberId(f"reader{n}@example.org"),)), NOON) for n in range(200)]
    sent = {claim.key for done in claims for claim in done.result()}
    held = {one.entry.digest.key for done in holds for one in done.result() if one.refusal is None}

    assert sent.isdisjoint(held)
    assert {entry.digest.key for entry in everything(operator) if entry.state == "sending"} == sent
    assert len(sent | held) == 200


def test_a_try_that_nobody_ended_is_under_way_until_its_lease_is_over(
    operator: Operator, outbox: Outbox, database: Database
) -> None:
    queues(outbox, digest("ada"))
    claim_from(outbox, NOON, LEASE, 1)
    (attempt,) = operator.attempts()

    assert [attempt.ending(at) for at in (LATER, NOON + LEASE)] == [None, "died"]
    assert [attempt] == list(RecordStore(database).attempts(ADA)) == list(operator.receipts(ADA)[0].attempts)


def test_a_try_that_died_has_died_beneath_later_ones(operator: Operator, outbox: Outbox) -> None:
    queues(outbox, digest("ada"))
    claim_from(outbox, NOON, LEASE, 1)
    (claim,) = claim_from(outbox, NOON + LEASE, LEASE, 1)
    meanwhile = [attempt.ending(NOON + LEASE) for attempt in operator.attempts()]
    settle_in(outbox, [(claim, Accepted("250 ok"))], NOON + LEASE)

    assert meanwhile == ["died", None]
    assert [attempt.ending(NOON + LEASE) for attempt in operator.attempts()] == ["died", "accepted"]


def test_of_what_is_held_is_known_whether_it_may_have_arrived(operator: Operator, database: Database) -> None:
    outbox = OutboxStore(database, Patience(on_uncertain="hold"))
    for name, outcome in (("ada", Uncertain("the line broke")), ("ben", Deferred("451 later")), ("cy", Accepted("250 ok"))):
        queues(outbox, digest(name))
        tries(outbox, outcome)
    queues(outbox, digest("dora"))
    claim_from(outbox, NOON, LEASE, 1)
    outbox.exchange([], [], LEASE, NOON + LEASE)
    operator.hold(EVERYBODY, NOON + LEASE)

    found = {entry.digest.key.subscriber: entry.state for entry in everything(operator) if entry.may_have_arrived}
    assert found == {ADA: "held", "dora@example.org": "held"}
    assert operator.in_doubt() == 2


@pytest.mark.parametrize("outcome", [Deferred("451 later"), Rejected("550 no")], ids=["deferred", "failed"])
@pytest.mark.parametrize("how", ["suppressed", "paused"])
def test_nothing_is_tried_again_for_a_reader_who_gets_no_mail(
    operator: Operator, outbox: Outbox, database: Database, outcome: Outcome, how: str
) -> None:
    queues(outbox, digest("ada"))
    tries(outbox, outcome)
    standing = StandingStore(database)
    if how == "suppressed":
        standing.suppress(ADA, "operator", "", NOON)
    else:
        standing.pause(ADA, None, NOON)

    (decided,) = operator.retry(EVERYBODY, LATER)

    verb = "restore" if how == "suppressed" else "resume"
    assert decided.refusal == f"is for a reader who is {how} (`digestd subscribers {verb}` first)"
    assert decided.entry.state == ("queued" if isinstance(outcome, Deferred) else "failed")
