"""What a message is that came back: reports, prose, complaints, readers who leave, programs that answer, and malice."""

import base64
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digestd.inbound.message import (
    AutoReply,
    Complaint,
    Delayed,
    Delivered,
    HardBounce,
    Inbound,
    PolicyBounce,
    Relayed,
    SoftBounce,
    Unknown,
    Unsubscribe,
    What,
    read_message,
)
from digestd.rendering.tokens import token
from tests.inbound.returned import ADA, BEN, KEY, complaint, mail, multipart, report, verp
from tests.support.shared import shared

SAMPLES: dict[str, tuple[type[What], str]] = {
    "arf_complaint": (Complaint, ""),
    "autoreply": (AutoReply, ""),
    "exchange_550": (PolicyBounce, "5.7.515"),
    "exchange_relayed": (Relayed, "2.0.0"),
    "exim": (SoftBounce, "5.1.1"),
    "gmail_policy": (PolicyBounce, "5.7.26"),
    "mailbox_full": (SoftBounce, "5.2.2"),
    "postfix_delay": (Delayed, "4.4.1"),
    "postfix_hard": (HardBounce, "5.1.1"),
    "qmail": (SoftBounce, "5.1.1"),
    "real_postfix_3.7.11": (HardBounce, "5.1.1"),
    "real_reply": (Unknown, ""),
    "success": (Delivered, "2.0.0"),
    "utf8_global": (HardBounce, "5.1.1"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_what_it_is(name: str) -> None:
    kind, status = SAMPLES[name]
    content: Path = shared("mailcheck", "samples", "dsn", f"{name}.eml")

    what = read_message(content.read_bytes()).what

    assert (type(what), what.status) == (kind, status)


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind", "code"),
    [
        pytest.param("5.1.1", "smtp; 550 5.1.1 no such user", HardBounce, "5.1.1", id="no_such_mailbox"),
        pytest.param("5.1.10", "smtp; 550 null MX", HardBounce, "5.1.10", id="null_mx"),
        pytest.param("5.4.4", "X-Postfix; host not found", HardBounce, "5.4.4", id="no_such_host"),
        pytest.param("5.0.0", "smtp; 550-5.1.1 no such user", HardBounce, "5.1.1", id="the_code_is_in_the_words"),
        pytest.param("5.1.1 (unknown)", "", HardBounce, "5.1.1", id="a_comment_behind_the_code"),
        pytest.param("5.0.0", "smtp; 550 no such user", SoftBounce, "5.0.0", id="no_code_says_why"),
        pytest.param("", "", SoftBounce, "", id="nothing_said"),
        pytest.param("5.2.2", "smtp; 552 5.2.2 full", SoftBounce, "5.2.2", id="mailbox_is_full"),
        pytest.param("4.4.7", "smtp; 451 expired", SoftBounce, "4.4.7", id="gave_up_after_days"),
        pytest.param("5.7.26", "smtp; 550 unauthenticated", PolicyBounce, "5.7.26", id="policy"),
        pytest.param("4.7.0", "smtp; 421 too many", PolicyBounce, "4.7.0", id="policy_for_now"),
        pytest.param("5.1.1", "smtp; 550 5.7.1 listed", PolicyBounce, "5.7.1", id="policy_in_the_words"),
        pytest.param("5.1.8", "smtp; 553 bad sender", PolicyBounce, "5.1.8", id="our_address_is_bad"),
        pytest.param("5.1.90", "smtp; 550 5.1.90 daily limit reached", SoftBounce, "5.1.90", id="our_limit"),
        pytest.param("5.1.0", "smtp; 550 5.1.0 sender rejected", PolicyBounce, "5.1.0", id="our_sender"),
        pytest.param("5.0.0", "smtp; 550 refused by filter version 5.1.3", SoftBounce, "5.0.0", id="a_version_is_no_code"),
        pytest.param("5.0.0", "smtp; 550 10.5.1.1 refused", SoftBounce, "5.0.0", id="an_address_of_the_net_is_no_code"),
    ],
)
def test_a_failure_is_the_readers_only_when_the_address_is_dead(
    status: str, diagnosis: str, kind: type[What], code: str
) -> None:
    what = read_message(report(status, "failed", diagnosis)).what

    assert (type(what), what.status) == (kind, code)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("delayed", Delayed),
        ("relayed", Relayed),
        ("delivered", Delivered),
        ("Expanded", Delivered),
        ("FAILED", HardBounce),
        ("fallen", Unknown),
    ],
)
def test_what_did_not_fail_is_no_bounce(action: str, kind: type[What]) -> None:
    assert type(read_message(report("5.1.1", action)).what) is kind


def test_a_reader_whom_one_report_calls_well_is_not_dead() -> None:
    groups = "Reporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nAction: relayed\r\nStatus: 2.0.0\r\n"

    assert type(read_message(multipart("delivery-status", [("message/delivery-status", groups)])).what) is Relayed


def test_a_report_in_base64_is_read() -> None:
    encoded = base64.encodebytes(b"Reporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\n").decode()
    part = "message/global-delivery-status\r\nContent-Transfer-Encoding: base64"

    assert type(read_message(multipart("delivery-status", [(part, encoded)])).what) is HardBounce


def test_a_report_within_a_forwarded_message_is_nobodys() -> None:
    inner = report().decode().replace("tide", "ebb")

    assert type(read_message(multipart("x", [("text/plain", "Look:"), ("message/rfc822", inner)])).what) is Unknown


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(
            mail("X-Failed-Recipients: a@b.example", "Auto-Submitted: auto-replied", body="host mx: 550 5.1.1 unknown"),
            SoftBounce,
            id="exim",
        ),
        pytest.param(
            mail("X-Failed-Recipients: a@b.example", body="host mx: 550 5.7.1 refused"), PolicyBounce, id="exim_policy"
        ),
        pytest.param(
            mail("From: MAILER-DAEMON@b.example", body="Hi. This is the qmail-send program.\n550 unknown"),
            SoftBounce,
            id="qmail",
        ),
        pytest.param(mail("From: Zoe <zoe@b.example>", body="Hi. This is the 550 5.1.1 joke."), Unknown, id="a_person_says_so"),
        pytest.param(mail("From: zoe@b.example", "Subject: Re: 6 papers", body="User unknown 550"), Unknown, id="a_person"),
        pytest.param(mail("Auto-Submitted: auto-replied (vacation)"), AutoReply, id="auto_submitted"),
        pytest.param(mail("Auto-Submitted: no"), Unknown, id="not_auto_submitted"),
        pytest.param(mail("X-Autoreply: yes"), AutoReply, id="x_autoreply"),
        pytest.param(mail("Precedence: bulk"), AutoReply, id="precedence"),
        pytest.param(mail("Return-Path: <>"), AutoReply, id="null_sender"),
        pytest.param(mail("Subject: unsubscribe me, please"), Unsubscribe, id="leaves_without_a_token"),
        pytest.param(mail("Subject: =?utf-8?q?Re=3A_Unsubscribe?="), Unsubscribe, id="leaves_in_an_encoded_subject"),
        pytest.param(mail("Subject: How do I unsubscribe?"), Unknown, id="asks_how_to_leave"),
        pytest.param(
            mail("From: postmaster@b.example", "Subject: Undeliverable: unsubscribe me"),
            AutoReply,
            id="a_server_quotes_who_leaves",
        ),
        pytest.param(mail("Return-Path: <>", "Subject: [x] Fwd: unsubscribe me"), AutoReply, id="a_gateway_quotes_who_leaves"),
        pytest.param(complaint("abuse"), Complaint, id="abuse"),
        pytest.param(complaint("not-spam"), Unknown, id="not_spam"),
        pytest.param(b"", Unknown, id="nothing"),
        pytest.param(b"\x00\xff\n\n\xfe" * 100, Unknown, id="noise"),
    ],
)
def test_prose_is_never_a_hard_bounce(content: bytes, kind: type[What]) -> None:
    assert type(read_message(content).what) is kind


def tokens(message: Inbound) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return message.bounce, message.unsubscribe


def test_a_bounce_says_whose_it_is_by_its_address_or_envelope() -> None:
    ada, ben = token(KEY, "bounce", ADA), token(KEY, "bounce", BEN)

    assert tokens(read_message(report())) == ((ada,), ())
    assert tokens(read_message(report(to="bounce@x.example", envelope_id=ben))) == ((ben,), ())
    assert tokens(read_message(b"X-Original-To: " + verp(BEN).upper().encode() + b"\n" + report())) == ((ben, ada), ())


def test_the_original_recipient_is_not_believed() -> None:
    sly = report(diagnosis=f"smtp; 550 <{verp(BEN)}>", to="bounce@x.example").replace(
        b"Final-Recipient:", f"Original-Recipient: rfc822;{verp(BEN)}\r\nFinal-Recipient:".encode()
    )

    assert tokens(read_message(sly)) == ((), ())


def test_a_reader_leaves_by_a_token_in_the_subject_or_the_address() -> None:
    ada = token(KEY, "unsubscribe", ADA)

    assert tokens(read_message(mail(f"Subject: unsubscribe {ada.upper()}"))) == ((), (ada,))
    assert tokens(read_message(mail(f"To: unsubscribe+{ada}@example.org", "Subject: "))) == ((), (ada,))
    assert tokens(read_message(mail(f"Subject: I read of {ada}", "To: admin@example.org"))) == ((), ())


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param("[EXTERNAL] unsubscribe {}", id="a_gateway_tags_it"),
        pytest.param("Re: Re: unsubscribe {}", id="answered_twice"),
        pytest.param("AW: [ext] Fwd: Unsubscribe {}", id="all_of_these"),
        pytest.param("please unsubscribe: <{}> now", id="in_a_sentence"),
    ],
)
def test_the_token_counts_directly_after_the_word(subject: str) -> None:
    ada = token(KEY, "unsubscribe", ADA)
    message = read_message(mail(f"Subject: {subject.format(ada)}"))

    assert type(message.what) is Unsubscribe
    assert message.unsubscribe == (ada,)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("Auto-Submitted: auto-replied", id="auto_submitted"),
        pytest.param("X-Autoreply: yes", id="x_autoreply"),
        *(pytest.param(f"Precedence: {kind}", id=kind) for kind in ("auto_reply", "bulk", "junk", "list")),
    ],
)
@pytest.mark.parametrize("at", ["subject", "address"])
def test_a_program_never_leaves_for_a_reader(field: str, at: str) -> None:
    ada = token(KEY, "unsubscribe", ADA)
    leaving = {"subject": f"Subject: Away: unsubscribe {ada}", "address": f"To: unsubscribe+{ada}@example.org"}

    assert type(read_message(mail(leaving[at])).what) is Unsubscribe
    assert type(read_message(mail(leaving[at], field)).what) is AutoReply


def test_a_mail_client_that_says_it_is_no_program_leaves() -> None:
    ada = token(KEY, "unsubscribe", ADA)

    assert type(read_message(mail(f"Subject: unsubscribe {ada}", "Auto-Submitted: no (by hand)")).what) is Unsubscribe


def test_a_complaint_says_whose_it_is_by_the_mail_that_it_returns() -> None:
    ada = token(KEY, "unsubscribe", ADA)

    assert tokens(read_message(complaint(leaves=ada))) == ((), (ada,))
    assert tokens(read_message(complaint(returned_to=verp()))) == ((token(KEY, "bounce", ADA),), ())


def test_words_are_one_clean_line() -> None:
    words = read_message(report(diagnosis="smtp; 550\x1b[31m bad\r\n\tBcc: \u202eevil" + "x" * 5000)).what.words

    assert words.startswith("550 [31m bad Bcc: evil")
    assert words.isprintable()
    assert len(words) <= 300


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"A: b\n" * 400_000, id="endless_fields"),
        pytest.param(b"A: " + b"b\n c" * 400_000, id="an_endless_field"),
        pytest.param(
            report().replace(b"Action", b"\r\n\r\nAction: failed\r\n\r\n" * 100_000 + b"Action"), id="many_recipients"
        ),
        pytest.param(b'Content-Type: multipart/mixed; boundary="a"\n\n' + b"--a\n\n" * 400_000, id="many_parts"),
        pytest.param(
            b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(20_000)), id="nested"
        ),
        pytest.param(b"Subject: " + b"=?utf-8?q?=ff?= " * 60_000 + b"\n\n", id="an_endless_encoded_subject"),
        pytest.param(b"To: " + b"+" + b"a" * 1_000_000 + b"\n\n", id="an_endless_address"),
        pytest.param(b"\n \n" * 500_000, id="blanks"),
        pytest.param(b"Subject: " + b"[a] re: unsubscribe " * 60_000 + b"\n\n", id="an_endless_row_of_tags"),
    ],
)
def test_a_hostile_message_costs_little(content: bytes) -> None:
    begin = time.process_time()
    read_message(content)

    assert time.process_time() - begin < 1


FRAGMENTS = st.sampled_from(
    [
        report(),
        complaint(leaves="a" * 26),
        mail("Subject: unsubscribe x"),
        b"--tide",
        b"\n\n",
        b"\r\n",
        b": ",
        b"=?utf-8?b?",
        b"\xff",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS | st.binary(max_size=30), max_size=8).map(b"".join), st.integers(0, 400), st.binary(max_size=4))
def test_whatever_comes_is_something(content: bytes, place: int, noise: bytes) -> None:
    message = read_message(content[:place] + noise + content[place:])

    assert message.what.words.isprintable()
    assert len(message.bounce) <= 3
    assert len(message.unsubscribe) <= 3
