"""The contract of Standing: who gets no mail, why, and for how long."""

from datetime import datetime, time, timedelta

import pytest

from digestd.model.delivery import Accepted, Rejected
from digestd.model.digest import DigestKey
from digestd.model.period import OwnSchedule, Rescheduled
from digestd.model.standing import HARD, SOFT, Reason
from digestd.model.subscriber import SubscriberId
from digestd.ports import Standing
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, StandingStore
from tests.support.builders import DAY, NOON, digest, paper
from tests.support.fakes import announces
from tests.support.outbox import claim_from, settle_in

ADA, BEN = SubscriberId("ada@example.org"), SubscriberId("ben@example.org")
LEASE = timedelta(minutes=10)


@pytest.fixture
def standing(database: Database) -> Standing:
    return StandingStore(database)


def mail(database: Database, at: datetime, name: str = "ada") -> None:
    """Send a digest that the mail server takes."""
    outbox = OutboxStore(database)
    outbox.enqueue([digest(name, day=f"{at:%Y-%m-%d}")], at)
    settle_in(outbox, [(claim, Accepted("250 ok")) for claim in claim_from(outbox, at, LEASE, 10)], at)


def reason(standing: Standing, now: datetime = NOON, who: SubscriberId = ADA) -> str | None:
    suppression = standing.suppressions(now).of(who)
    return suppression.reason if suppression else None


@pytest.mark.parametrize("why", ["complaint", "unsubscribe", "operator"])
def test_a_readers_own_word_holds_until_it_is_lifted(standing: Standing, why: Reason) -> None:
    standing.suppress(ADA, why, "the tide is out", NOON)

    assert reason(standing, NOON + 3650 * DAY) == why
    assert standing.lift(ADA)
    assert reason(standing) is None
    assert not standing.lift(ADA)


def test_a_dead_address_is_suppressed_at_once_and_for_half_a_year(database: Database, standing: Standing) -> None:
    mail(database, NOON)

    assert standing.bounced(ADA, HARD, "5.1.1 no such reader", NOON + DAY)
    assert reason(standing, NOON + DAY) == "bounce"
    assert reason(standing, NOON + 182 * DAY) is None
    assert reason(standing, who=BEN) is None


def test_soft_bounces_suppress_only_after_a_fortnight_of_them(database: Database, standing: Standing) -> None:
    told = []
    for day in range(15):
        at = NOON + day * DAY
        OutboxStore(database).enqueue([digest("ada", day=f"{at:%Y-%m-%d}")], at)
        claim_from(OutboxStore(database), at, 100 * DAY, 10)
        standing.bounced(ADA, SOFT, "5.2.2 full", at)
        told.append(reason(standing, at))

    assert told == [None] * 14 + ["bounce"]


def test_one_bounce_of_a_day_counts_and_it_is_the_heavier(database: Database, standing: Standing) -> None:
    mail(database, NOON)

    assert standing.bounced(ADA, SOFT, "full", NOON)
    assert not standing.bounced(ADA, SOFT, "full", NOON + timedelta(hours=1))
    assert reason(standing) is None
    assert standing.bounced(ADA, HARD, "gone", NOON + timedelta(hours=2))
    assert reason(standing, NOON + timedelta(hours=2)) == "bounce"


@pytest.mark.parametrize("points", [0, -1])
def test_a_bounce_without_points_does_not_count(database: Database, standing: Standing, points: int) -> None:
    mail(database, NOON)

    assert not standing.bounced(ADA, points, "5.7.1 ours", NOON)


def test_a_bounce_counts_only_for_who_was_mailed_lately(database: Database, standing: Standing) -> None:
    assert not standing.bounced(ADA, HARD, "never mailed", NOON)
    mail(database, NOON)

    assert not standing.bounced(ADA, HARD, "too late", NOON + 15 * DAY)
    assert reason(standing, NOON + 15 * DAY) is None


def test_each_accepted_digest_takes_a_point_away(database: Database, standing: Standing) -> None:
    mail(database, NOON)
    standing.bounced(ADA, SOFT, "full", NOON)

    mail(database, NOON + DAY)
    one = standing.kept(ADA).score
    mail(database, NOON + 2 * DAY)
    none = standing.kept(ADA).score

    assert (one.points if one else None, none) == (1, None)


def test_a_dead_address_in_the_servers_reply_suppresses_with_the_digest(database: Database, standing: Standing) -> None:
    outbox = OutboxStore(database)
    outbox.enqueue([digest("ada")], NOON)

    settle_in(
        outbox, [(claim, Rejected("550 5.1.1 no", fault="address")) for claim in claim_from(outbox, NOON, LEASE, 10)], NOON
    )

    assert reason(standing) == "bounce"


def test_bounces_of_half_a_year_ago_are_forgotten(database: Database, standing: Standing) -> None:
    mail(database, NOON)
    standing.bounced(ADA, SOFT, "full", NOON)
    later = NOON + 200 * DAY
    mail(database, later - DAY, "ben")
    OutboxStore(database).enqueue([digest("ada", day="2026-09-20")], later)
    claim_from(OutboxStore(database), later, LEASE, 10)

    standing.bounced(ADA, SOFT, "full again", later)

    score = standing.kept(ADA).score
    assert score is not None
    assert (score.points, score.first_at) == (SOFT, later)


def test_a_bounce_does_not_shorten_what_holds_for_ever(database: Database, standing: Standing) -> None:
    mail(database, NOON)
    standing.suppress(ADA, "complaint", "", NOON)

    assert not standing.bounced(ADA, HARD, "gone", NOON)
    assert reason(standing, NOON + 365 * DAY) == "complaint"


def test_a_complaint_takes_the_place_of_a_bounce(database: Database, standing: Standing) -> None:
    mail(database, NOON)
    standing.bounced(ADA, HARD, "gone", NOON)

    standing.suppress(ADA, "complaint", "", NOON)

    assert reason(standing, NOON + 365 * DAY) == "complaint"


def test_a_pause_ends_by_itself_or_by_command(standing: Standing) -> None:
    standing.pause(ADA, NOON + DAY, NOON)
    standing.pause(BEN, None, NOON)

    assert standing.paused(NOON) == {ADA: NOON + DAY, BEN: None}
    assert standing.paused(NOON + DAY) == {BEN: None}
    assert standing.resume(BEN)
    assert not standing.resume(BEN)
    assert standing.paused(NOON + DAY) == {}


def test_a_readers_own_pause_takes_the_place_of_another_but_not_of_the_operators(standing: Standing) -> None:
    standing.rest(ADA, NOON + 30 * DAY, NOON)
    standing.rest(ADA, NOON + DAY, NOON)
    standing.pause(BEN, None, NOON)
    standing.rest(BEN, NOON + DAY, NOON)

    assert standing.paused(NOON) == {ADA: NOON + DAY, BEN: None}


def test_coming_back_ends_a_readers_own_pause_and_leaving(standing: Standing) -> None:
    standing.suppress(ADA, "unsubscribe", "", NOON)
    standing.rest(ADA, NOON + DAY, NOON)

    standing.come_back(ADA, NOON)

    assert reason(standing) is None
    assert standing.paused(NOON) == {}


def test_coming_back_reaches_a_reader_who_was_forgotten_since(standing: Standing) -> None:
    standing.suppress(ADA, "unsubscribe", "", NOON)
    standing.forget(ADA, [], NOON)

    standing.come_back(ADA, NOON - DAY)

    assert reason(standing) is None


@pytest.mark.parametrize("why", ["bounce", "complaint", "operator"])
def test_coming_back_undoes_nothing_that_was_not_the_readers_choice(standing: Standing, why: Reason) -> None:
    standing.suppress(ADA, why, "", NOON)
    standing.suppress(BEN, "unsubscribe", "", NOON)
    standing.pause(ADA, None, NOON)

    for who in (ADA, BEN):
        standing.come_back(who, NOON + timedelta(seconds=1))

    assert (reason(standing), reason(standing, who=BEN)) == (why, "unsubscribe")
    assert standing.paused(NOON) == {ADA: None}


def test_who_left_after_a_bounce_does_not_come_back_by_a_page(standing: Standing) -> None:
    standing.suppress(ADA, "bounce", "550 5.1.1 no such user", NOON)
    standing.suppress(ADA, "unsubscribe", "by the link in a mail", NOON + DAY)

    standing.come_back(ADA, NOON)

    (held,) = standing.suppressions(NOON + 900 * DAY).by_reader.values()
    assert (held.reason, held.note) == ("bounce", "550 5.1.1 no such user; then by the link in a mail")
    assert standing.lift(ADA)
    assert reason(standing) is None


def test_a_schedule_is_what_a_reader_chose_of_it_one_after_the_other(standing: Standing) -> None:
    standing.reschedule(ADA, OwnSchedule("week", 4), NOON)
    standing.reschedule(ADA, OwnSchedule(at=time(0), timezone="Asia/Kolkata"), NOON + DAY)
    standing.reschedule(BEN, OwnSchedule("month", 31), NOON)
    standing.reschedule(BEN, OwnSchedule("day"), NOON)

    whole = OwnSchedule("week", 4, time(0), "Asia/Kolkata")
    assert standing.rescheduled() == {ADA: Rescheduled(NOON + DAY, whole), BEN: Rescheduled(NOON, OwnSchedule("day"))}
    assert standing.kept(ADA).rescheduled == Rescheduled(NOON + DAY, whole)


def test_the_same_schedule_again_is_no_change(standing: Standing) -> None:
    for day in range(3):
        standing.reschedule(ADA, OwnSchedule("week", 4), NOON + day * DAY)

    assert standing.rescheduled()[ADA].since == NOON


def test_a_schedule_as_planned_is_remembered_as_a_change(standing: Standing) -> None:
    standing.reschedule(ADA, OwnSchedule("month", 15, time(7), "UTC"), NOON)

    assert standing.replan(ADA, NOON + DAY)
    assert not standing.replan(ADA, NOON + 2 * DAY)
    assert not standing.replan(BEN, NOON)
    assert standing.rescheduled() == {ADA: Rescheduled(NOON + DAY)}


@pytest.mark.parametrize("how", ["suppressed", "paused"])
def test_mail_in_the_queue_is_kept_back_at_once(database: Database, standing: Standing, how: str) -> None:
    outbox = OutboxStore(database)
    outbox.enqueue([digest("ada"), digest("ben")], NOON)
    if how == "suppressed":
        standing.suppress(ADA, "unsubscribe", "", NOON)
    else:
        standing.pause(ADA, None, NOON)

    claims = claim_from(outbox, NOON, LEASE, 10)

    assert [claim.key.subscriber for claim in claims] == [BEN]
    assert {entry.digest.key.subscriber: entry.state for entry in RecordStore(database).queue()} == {
        ADA: "suppressed",
        BEN: "sending",
    }


def test_a_suppression_that_has_ended_keeps_nothing_back(database: Database, standing: Standing) -> None:
    mail(database, NOON)
    standing.bounced(ADA, HARD, "gone", NOON)
    later = NOON + 181 * DAY
    OutboxStore(database).enqueue([digest("ada", day="2026-09-02")], later)

    assert len(claim_from(OutboxStore(database), later, LEASE, 10)) == 1


def test_a_forgotten_reader_leaves_a_suppression_that_names_nobody(database: Database, standing: Standing) -> None:
    PaperStore(database).record("arxiv", announces(paper(1)), NOON)
    OutboxStore(database).enqueue([digest("ada", paper(1))], NOON)
    claim_from(OutboxStore(database), NOON, LEASE, 10)
    RecordStore(database).keep_subscriber_files({"ada.toml": "…", "ben.toml": "…"}, [])
    standing.suppress(ADA, "complaint", "<ada@example.org> said so", NOON)
    standing.pause(ADA, None, NOON)
    standing.reschedule(ADA, OwnSchedule("week"), NOON)

    removed = standing.forget(ADA, ["ada.toml"], NOON)

    assert {table for table, count in removed.items() if count} == {
        "outbox", "attempts", "told", "suppressions", "pauses", "schedules", "subscriber_files"
    }  # fmt: skip
    found = standing.suppressions(NOON + 365 * DAY)
    assert "ada@" not in repr(found)  # a hash may well have the letters
    assert found.of(ADA) is not None
    assert found.of(BEN) is None
    assert standing.mailed() == set()
    assert standing.kept(ADA).told == ()
    assert RecordStore(database).subscriber_files().keys() == {"ben.toml"}
    assert OutboxStore(database).missing([DigestKey(ADA, digest("ada").key.period)])


def test_lifting_reaches_a_forgotten_readers_suppression_too(standing: Standing) -> None:
    standing.suppress(ADA, "complaint", "", NOON)
    standing.forget(ADA, [], NOON)

    assert standing.lift(ADA)
    assert reason(standing) is None


def test_forgetting_a_reader_who_is_not_suppressed_leaves_nothing(database: Database, standing: Standing) -> None:
    mail(database, NOON)

    standing.forget(ADA, [], NOON)

    assert standing.suppressions(NOON).by_reader == {}
    assert RecordStore(database).queue() == []
