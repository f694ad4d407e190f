"""The contract of Outbox: composed once, told once, claimed by one, settled by whoever holds the claim."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Literal

import pytest

from digestd.model.delivery import GIVE_UP_AFTER, Accepted, Deferred, Outcome, Patience, Rejected, Uncertain
from digestd.model.digest import Digest
from digestd.model.subscriber import SubscriberId
from digestd.ports import Outbox, SeenPapers
from digestd.storage import Database, OutboxStore, RecordStore
from tests.support.builders import DAY, NOON, digest, paper
from tests.support.outbox import claim_from, settle_in

LEASE = timedelta(minutes=10)
ADA = SubscriberId("ada@example.org")


def state(database: Database) -> list[str]:
    return [entry.state for entry in RecordStore(database).queue()]


def test_a_period_is_composed_once(outbox: Outbox) -> None:
    first, second = digest("ada", paper(1)), digest("ada", paper(2))

    assert outbox.enqueue([first, second], NOON) == 1
    assert outbox.enqueue([first], NOON) == 0
    assert [claim.digest for claim in claim_from(outbox, NOON, LEASE, 10)] == [first]


def test_a_digest_comes_back_as_it_was_composed(outbox: Outbox) -> None:
    whole = digest("ada", paper(1), paper(2), failing=("arxiv",), looked_at=7)

    outbox.enqueue([whole], NOON)

    assert claim_from(outbox, NOON, LEASE, 1)[0].digest == whole


def test_keys_without_a_digest_are_missing(outbox: Outbox) -> None:
    outbox.enqueue([digest("ada"), digest("ben", silent=True)], NOON)
    keys = [digest(name).key for name in ("ada", "ben", "cleo")]

    assert outbox.missing(keys) == {digest("cleo").key}


def test_a_digest_that_tells_a_paper_again_is_rolled_back_alone(outbox: Outbox, seen: SeenPapers) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    again = digest("ada", paper(2), paper(1), day="2026-03-06")

    assert outbox.enqueue([again, digest("ben", paper(1))], NOON) == 1
    assert outbox.missing([again.key]) == {again.key}
    assert seen.told([ADA], NOON) == {ADA: {paper(1).id}}


def test_a_silent_digest_answers_and_is_not_sent(outbox: Outbox, database: Database) -> None:
    outbox.enqueue([digest("ada", silent=True)], NOON)

    assert state(database) == ["empty"]
    assert claim_from(outbox, NOON, LEASE, 10) == []


def test_a_digest_on_whose_try_we_died_is_held_where_doubt_is(database: Database) -> None:
    outbox = OutboxStore(database, Patience(on_uncertain="hold"))
    outbox.enqueue([digest("ada", paper(1))], NOON)
    claim_from(outbox, NOON, LEASE, 10)

    assert claim_from(outbox, NOON + LEASE - timedelta(seconds=1), LEASE, 10) == []
    assert state(database) == ["sending"]
    assert claim_from(outbox, NOON + LEASE, LEASE, 10) == []
    assert state(database) == ["held"]


def test_a_claim_is_held_by_one_until_its_lease_ends(outbox: Outbox) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)

    first = claim_from(outbox, NOON, LEASE, 10)
    nothing = claim_from(outbox, NOON + LEASE - timedelta(seconds=1), LEASE, 10)
    second = claim_from(outbox, NOON + LEASE, LEASE, 10)

    assert [claim.attempt for claim in first] == [1]
    assert nothing == []
    assert [claim.attempt for claim in second] == [2]


def test_a_claim_that_lapsed_settles_nothing(outbox: Outbox, database: Database) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    late = claim_from(outbox, NOON, LEASE, 1)[0]
    current = claim_from(outbox, NOON + LEASE, LEASE, 1)[0]

    assert settle_in(outbox, [(late, Rejected("550 late"))], NOON + LEASE) == 0
    assert state(database) == ["sending"]
    assert settle_in(outbox, [(current, Accepted("250 ok"))], NOON + LEASE) == 1
    assert state(database) == ["accepted"]


def test_claims_come_in_batches_and_to_one_claimant_each(outbox: Outbox) -> None:
    outbox.enqueue([digest(f"reader{number}") for number in range(100)], NOON)

    with ThreadPoolExecutor(4) as pool:
        batches = pool.map(lambda _: claim_from(outbox, NOON, LEASE, 10), range(12))
    claimed = [claim.key for batch in batches for claim in batch]

    assert len(claimed) == len(set(claimed)) == 100


@pytest.mark.parametrize(
    ("outcome", "then"),
    [
        pytest.param(Accepted("250 ok"), "accepted", id="accepted"),
        pytest.param(Rejected("550 no such user"), "failed", id="mailbox_is_gone"),
        pytest.param(Deferred("451 later"), "queued", id="server_is_busy"),
        pytest.param(Uncertain("line broke"), "queued", id="line_breaks_after_data"),
    ],
)
def test_each_outcome_has_its_state(outbox: Outbox, database: Database, outcome: Outcome, then: str) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    claim = claim_from(outbox, NOON, LEASE, 1)[0]

    settle_in(outbox, [(claim, outcome)], NOON)

    assert state(database) == [then]
    assert RecordStore(database).attempts(ADA)[0].reply == outcome.reply


def test_a_deferred_digest_is_tried_again_when_its_pause_ends(outbox: Outbox) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    claim = claim_from(outbox, NOON, LEASE, 1)[0]
    settle_in(outbox, [(claim, Deferred("451 later"))], NOON)

    assert claim_from(outbox, NOON + timedelta(minutes=29), LEASE, 1) == []
    again = claim_from(outbox, NOON + timedelta(minutes=40), LEASE, 1)
    assert [(one.attempt, one.digest) for one in again] == [(2, claim.digest)]


def test_an_old_digest_is_given_up_and_its_papers_are_free(outbox: Outbox, seen: SeenPapers, database: Database) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    late = NOON + GIVE_UP_AFTER
    claim = claim_from(outbox, late, LEASE, 1)[0]
    settle_in(outbox, [(claim, Deferred("451 later"))], late)

    assert state(database) == ["failed"]
    assert seen.told([ADA], NOON) == {}


def test_a_digest_waits_for_a_reader_who_is_away(outbox: Outbox, seen: SeenPapers, database: Database) -> None:
    outbox.enqueue([digest("ada", paper(1)), digest("ben", paper(1))], NOON)

    assert outbox.put_off({SubscriberId("ben@example.org")}, NOON) == 1
    assert [claim.key.subscriber for claim in claim_from(outbox, NOON, LEASE, 5)] == ["ben@example.org"]
    assert outbox.put_off({ADA, SubscriberId("ben@example.org")}, NOON + DAY) == 0
    assert ADA in [claim.key.subscriber for claim in claim_from(outbox, NOON + DAY, LEASE, 5)]


@pytest.mark.parametrize(("policy", "count", "then"), [("resend", 1, "queued"), ("hold", 0, "sending")])
def test_a_digest_on_which_somebody_died_waits_for_a_reader_who_is_away(
    database: Database, seen: SeenPapers, policy: Literal["resend", "hold"], count: int, then: str
) -> None:
    outbox = OutboxStore(database, Patience(on_uncertain=policy))
    outbox.enqueue([digest("ada", paper(1))], NOON)
    [claim] = claim_from(outbox, NOON, LEASE, 1)

    assert outbox.put_off(set(), NOON) == 0
    assert outbox.put_off(set(), NOON + LEASE) == count
    assert state(database) == [then]
    assert claim_from(outbox, NOON + LEASE, LEASE, 1) == []
    assert settle_in(outbox, [(claim, Accepted("250 ok"))], NOON + LEASE) == 1
    assert state(database) == ["accepted"]


def test_how_a_try_ended_that_was_long_given_up_moves_nothing_but_an_acceptance(database: Database, seen: SeenPapers) -> None:
    outbox = OutboxStore(database, Patience(on_uncertain="hold"))
    outbox.enqueue([digest("ada", paper(1))], NOON)
    [claim] = claim_from(outbox, NOON, LEASE, 1)
    assert claim_from(outbox, NOON + LEASE, LEASE, 1) == []

    for outcome in (Deferred("451 later"), Rejected("550 5.1.1 no", "address")):
        assert settle_in(outbox, [(claim, outcome)], NOON + LEASE) == 0
        assert state(database) == ["held"]
    assert settle_in(outbox, [(claim, Accepted("250 ok"))], NOON + LEASE) == 1
    assert state(database) == ["accepted"]


def test_a_reader_who_stays_away_is_told_of_the_papers_with_the_next_digest(
    outbox: Outbox, seen: SeenPapers, database: Database
) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)

    assert outbox.put_off(set(), NOON + GIVE_UP_AFTER) == 1
    assert state(database) == ["failed"]
    assert seen.told([ADA], NOON) == {}


def test_a_rejected_digest_gives_its_papers_back(outbox: Outbox, seen: SeenPapers) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    settle_in(outbox, [(claim_from(outbox, NOON, LEASE, 1)[0], Rejected("550"))], NOON)

    assert seen.told([ADA], NOON) == {}
    assert outbox.enqueue([digest("ada", paper(1), day="2026-03-06")], NOON) == 1


@pytest.mark.parametrize("doubt", ["uncertain", "died"])
def test_papers_that_may_have_arrived_are_not_told_again(outbox: Outbox, seen: SeenPapers, doubt: str) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    first = claim_from(outbox, NOON, LEASE, 1)[0]
    if doubt == "uncertain":
        settle_in(outbox, [(first, Uncertain("line broke"))], NOON)
    second = claim_from(outbox, NOON + DAY, LEASE, 1)[0]
    settle_in(outbox, [(second, Rejected("550"))], NOON + DAY)

    assert seen.told([ADA], NOON) == {ADA: {paper(1).id}}


def test_papers_are_given_back_when_a_late_word_says_that_they_did_not_arrive(
    outbox: Outbox, seen: SeenPapers, database: Database
) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    [first] = claim_from(outbox, NOON, LEASE, 1)
    [second] = claim_from(outbox, NOON + LEASE, LEASE, 1)
    assert settle_in(outbox, [(second, Rejected("550"))], NOON + LEASE) == 1
    assert seen.told([ADA], NOON) == {ADA: {paper(1).id}}

    assert settle_in(outbox, [(first, Deferred("421 busy"))], NOON + DAY) == 0
    assert state(database) == ["failed"]
    assert seen.told([ADA], NOON) == {}


def test_papers_are_told_when_a_late_word_says_that_they_arrived(outbox: Outbox, seen: SeenPapers, database: Database) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    [first] = claim_from(outbox, NOON, LEASE, 1)
    [second] = claim_from(outbox, NOON + LEASE, LEASE, 1)
    [third] = claim_from(outbox, NOON + 2 * LEASE, LEASE, 1)
    assert settle_in(outbox, [(third, Rejected("550"))], NOON + 2 * LEASE) == 1

    assert settle_in(outbox, [(first, Accepted("250 ok"))], NOON + DAY) == 1
    assert settle_in(outbox, [(second, Rejected("550"))], NOON + DAY) == 0
    assert state(database) == ["accepted"]
    assert seen.told([ADA], NOON) == {ADA: {paper(1).id}}


def test_a_try_that_arrived_is_not_told_again_when_a_later_one_fails(outbox: Outbox, seen: SeenPapers) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    [first] = claim_from(outbox, NOON, LEASE, 1)
    [second] = claim_from(outbox, NOON + LEASE, LEASE, 1)

    assert settle_in(outbox, [(first, Accepted("250 ok"))], NOON + LEASE) == 0
    assert settle_in(outbox, [(second, Rejected("550"))], NOON + LEASE) == 1
    assert seen.told([ADA], NOON) == {ADA: {paper(1).id}}


def test_readers_are_answered_up_to_the_newest_window(outbox: Outbox) -> None:
    outbox.enqueue([digest("ada"), digest("ada", day="2026-03-06", until=NOON + DAY, silent=True)], NOON)

    assert outbox.answered_until([ADA, SubscriberId("ben@example.org")], NOON) == {ADA: NOON + DAY}


def test_what_a_clock_composed_that_ran_ahead_answers_nothing(outbox: Outbox) -> None:
    outbox.enqueue([digest("ada"), digest("ada", day="2026-05-06", until=NOON + 60 * DAY)], NOON)

    assert outbox.answered_until([ADA], NOON + DAY) == {ADA: NOON}


def test_a_failed_digest_answers_only_up_to_where_it_began(outbox: Outbox) -> None:
    failed: Digest = digest("ada", paper(1))
    outbox.enqueue([failed], NOON)
    settle_in(outbox, [(claim_from(outbox, NOON, LEASE, 1)[0], Rejected("550"))], NOON)

    assert outbox.answered_until([ADA], NOON) == {ADA: failed.since}


def test_a_newer_answer_does_not_hide_a_digest_that_failed_after_it(outbox: Outbox) -> None:
    failed, newer = digest("ada", paper(1)), digest("ada", day="2026-03-06", since=NOON, until=NOON + DAY, silent=True)
    outbox.enqueue([failed, newer], NOON)
    settle_in(outbox, [(claim_from(outbox, NOON, LEASE, 1)[0], Rejected("550"))], NOON + 2 * DAY)

    assert outbox.answered_until([ADA], NOON) == {ADA: failed.since}


def test_a_digest_whose_try_ended_days_later_is_not_hidden_by_a_newer_answer(outbox: Outbox, seen: SeenPapers) -> None:
    failed, newer = digest("ada", paper(1)), digest("ada", day="2026-03-10", since=NOON, until=NOON + 5 * DAY, silent=True)
    outbox.enqueue([failed], NOON)
    [claim] = claim_from(outbox, NOON, LEASE, 1)
    outbox.enqueue([newer], NOON + 5 * DAY)
    settle_in(outbox, [(claim, Deferred("421 the machine slept"))], NOON + 5 * DAY + LEASE)

    assert seen.told([ADA], NOON) == {}
    assert outbox.answered_until([ADA], NOON + 6 * DAY) == {ADA: failed.since}


def test_a_digest_that_failed_long_before_the_newest_is_answered_by_it(outbox: Outbox) -> None:
    failed, newer = digest("ada", paper(1)), digest("ada", day="2026-03-10", since=NOON, until=NOON + 5 * DAY, silent=True)
    outbox.enqueue([failed], NOON)
    settle_in(outbox, [(claim_from(outbox, NOON, LEASE, 1)[0], Rejected("550"))], NOON)
    outbox.enqueue([newer], NOON + 5 * DAY)

    assert outbox.answered_until([ADA], NOON + 5 * DAY) == {ADA: newer.until}


def test_a_clock_that_steps_back_loses_nothing(outbox: Outbox) -> None:
    outbox.enqueue([digest("ada", paper(1))], NOON)
    claim_from(outbox, NOON, LEASE, 1)

    assert claim_from(outbox, NOON - DAY, LEASE, 1) == []
    assert len(claim_from(outbox, NOON + LEASE, LEASE, 1)) == 1
