"""What follows from a message that came back: for the right reader, for the right purpose, or for nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from digestd.inbound import Desk
from digestd.model.delivery import Accepted
from digestd.rendering.tokens import token
from digestd.storage import Database, OutboxStore, StandingStore
from tests.inbound.returned import ADA, BEN, KEY, complaint, mail, multipart, report, verp
from tests.support.builders import DAY, NOON, digest
from tests.support.outbox import claim_from, settle_in


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a desk on the day after Ada and Ben were mailed."""
    outbox = OutboxStore(database)
    outbox.enqueue([digest("ada"), digest("ben")], NOON)
    settle_in(outbox, [(claim, Accepted("250 ok")) for claim in claim_from(outbox, NOON, timedelta(minutes=10), 10)], NOON)
    return Desk(KEY, [ADA, BEN], StandingStore(database), NOON + DAY)


def suppressed(desk: Desk) -> dict[str, str]:
    return {who: one.reason for who, one in desk.standing.suppressions(desk.now).by_reader.items()}


BOUNCE, LEAVE = token(KEY, "bounce", ADA), token(KEY, "unsubscribe", ADA)
FORGED = "a" * 26
BY_HAND = "it names no reader that we know: if its sender is one, `digestd subscribers suppress EMAIL` does it by hand"
NOBODY_LEAVES = f"unsubscribe: refused ({BY_HAND})"
FAILED = "Reporting-MTA: dns; mx.example.org\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"


@pytest.mark.parametrize(
    ("content", "taken", "then"),
    [
        pytest.param(report(), "hardbounce: counted", {ADA: "bounce"}, id="a_dead_address"),
        pytest.param(report("5.2.2"), "softbounce: counted", {}, id="a_full_mailbox"),
        pytest.param(report("5.7.26"), "policybounce: ours to mend", {}, id="a_policy"),
        pytest.param(report("4.4.1", "delayed"), "delayed: nothing to do", {}, id="a_delay"),
        pytest.param(report(to="x@y.example", envelope_id=BOUNCE), "hardbounce: counted", {ADA: "bounce"}, id="by_envelope"),
        pytest.param(report(to=verp(purpose="unsubscribe")), "hardbounce: refused", {}, id="a_token_to_leave_does_not_bounce"),
        pytest.param(report(to=f"bounce+{FORGED}@x.example"), "hardbounce: refused", {}, id="a_forged_bounce"),
        pytest.param(report(to="ada@example.org"), "hardbounce: refused", {}, id="a_bounce_that_names_the_reader"),
        pytest.param(complaint(leaves=LEAVE), "complaint: suppressed", {ADA: "complaint"}, id="a_complaint_by_link"),
        pytest.param(complaint(returned_to=verp()), "complaint: suppressed", {ADA: "complaint"}, id="a_complaint_by_sender"),
        pytest.param(complaint(to=verp()), "complaint: suppressed", {ADA: "complaint"}, id="a_complaint_by_address"),
        pytest.param(complaint(leaves=BOUNCE), "complaint: refused", {}, id="a_complaint_with_the_wrong_token"),
        pytest.param(complaint("not-spam", leaves=LEAVE), "unknown: nothing to do", {}, id="praise"),
        pytest.param(
            mail(f"Subject: unsubscribe {LEAVE}"), "unsubscribe: suppressed", {ADA: "unsubscribe"}, id="a_reader_leaves"
        ),
        pytest.param(mail(f"Subject: unsubscribe {BOUNCE}"), NOBODY_LEAVES, {}, id="a_bounce_token_does_not_leave"),
        pytest.param(mail(f"To: {verp()}", "Subject: unsubscribe"), NOBODY_LEAVES, {}, id="nor_does_its_address"),
        pytest.param(mail("From: ada@example.org", "Subject: unsubscribe"), NOBODY_LEAVES, {}, id="leaves_with_no_token"),
        pytest.param(mail("Auto-Submitted: auto-replied", f"To: {verp()}"), "autoreply: nothing to do", {}, id="away"),
        pytest.param(mail(f"To: {verp()}"), "unknown: nothing to do", {}, id="a_reply"),
    ],
)
def test_a_message_does_what_its_token_is_for(desk: Desk, content: bytes, taken: str, then: dict[str, str]) -> None:
    assert str(desk.take(content)) == taken
    assert suppressed(desk) == then


def test_a_report_that_comes_twice_counts_once(desk: Desk) -> None:
    assert [str(desk.take(report("5.2.2"))) for _ in range(2)] == ["softbounce: counted", "softbounce: not counted"]


def test_a_bounce_of_long_ago_has_no_effect(desk: Desk) -> None:
    late = replace(desk, now=NOON + 20 * DAY)

    assert str(late.take(report())) == "hardbounce: not counted"
    assert suppressed(late) == {}


def test_the_log_names_no_address(desk: Desk) -> None:
    with structlog.testing.capture_logs() as events:
        desk.take(report(diagnosis="smtp; 550 5.1.1 <ada@example.org> unknown"))

    assert "ada@" not in repr(events)
    assert (events[0]["what"], events[0]["effect"], events[0]["status"]) == ("hardbounce", "counted", "5.1.1")


def test_who_asks_to_leave_and_is_nobody_we_know_is_the_operators_to_help(desk: Desk) -> None:
    with structlog.testing.capture_logs() as events:
        desk.take(mail("From: ada@example.org", f"In-Reply-To: {ID}", "Subject: unsubscribe, says ada@example.org"))
        desk.take(mail(f"Subject: unsubscribe {LEAVE}"))

    assert [event.get("why", "") for event in events] == [BY_HAND, ""]
    assert (events[0]["log_level"], events[0]["what"], events[0]["digest"]) == ("warning", "unsubscribe", ID)
    assert "ada@" not in repr(events)


ID = f"<{'0a' * 16}@example.org>"
DIGEST = f"Message-ID: {ID}\r\nSubject: Two lanterns\r\n\r\nbody"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(
            multipart(
                "delivery-status", [("message/delivery-status", FAILED), ("text/rfc822-headers", DIGEST)], f"To: {verp()}"
            ),
            ID,
            id="a_report_with_the_headers",
        ),
        pytest.param(mail("X-Failed-Recipients: x", f"To: {verp()}", body=f"550 no\r\n\r\n{DIGEST}"), ID, id="prose"),
        pytest.param(mail(f"In-Reply-To: {ID}", f"Subject: unsubscribe {LEAVE}"), ID, id="an_answer"),
        pytest.param(mail("In-Reply-To: <ada@example.org>", f"Subject: unsubscribe {LEAVE}"), "", id="no_id_of_ours"),
        pytest.param(report(), "", id="nothing_returned"),
    ],
)
def test_the_log_names_the_digest_where_the_message_does(desk: Desk, content: bytes, named: str) -> None:
    with structlog.testing.capture_logs() as events:
        taken = desk.take(content)

    assert (taken.digest, events[0].get("digest", "")) == (named, named)


def test_no_token_stands_in_the_log_or_the_note(desk: Desk) -> None:
    with structlog.testing.capture_logs() as events:
        desk.take(mail(f"Subject: unsubscribe {LEAVE}"))
        desk.take(report(diagnosis=f"smtp; 550 5.1.1 unknown, {BOUNCE.upper()}", to=verp(BEN)))

    notes = {who: one.note for who, one in desk.standing.suppressions(desk.now).by_reader.items()}
    assert [event["words"] for event in events] == ["unsubscribe <token>", "550 5.1.1 unknown, <token>"]
    assert notes == {ADA: "unsubscribe <token>", BEN: "5.1.1 550 5.1.1 unknown, <token>"}


def test_a_message_that_breaks_the_reading_is_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(content: bytes) -> None:
        raise RecursionError

    read: Callable[[bytes], None] = breaks
    monkeypatch.setattr("digestd.inbound.desk.read_message", read)

    assert str(desk.take(b"strange")) == "unreadable: nothing to do"
