"""Made-up messages that come back, as short as a test can say them."""

from email.message import Message
from email.mime.multipart import MIMEMultipart

from digestd.model.subscriber import SubscriberId
from digestd.rendering.tokens import Purpose, token

KEY = b"a made-up key of enough bytes"
ADA, BEN = SubscriberId("ada@example.org"), SubscriberId("ben@example.org")


def verp(who: SubscriberId = ADA, purpose: Purpose = "bounce") -> str:
    return f"bounce+{token(KEY, purpose, who)}@bounces.example.org"


def mail(*fields: str, body: str = "The tide is low.") -> bytes:
    """Return a message of these header lines."""
    return "\r\n".join([*fields, "", body, ""]).encode()


def report(
    status: str = "5.1.1",
    action: str = "failed",
    diagnosis: str = "smtp; 550 no such reader",
    *fields: str,
    to: str | None = None,
    envelope_id: str = "",
    kind: str = "message/delivery-status",
) -> bytes:
    """Return a delivery report of RFC 3464 on one recipient."""
    recipient = [
        "Final-Recipient: rfc822; ada@example.org",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: {diagnosis}",
    ]
    about = ["Reporting-MTA: dns; mx.example.org", *([f"Original-Envelope-Id: {envelope_id}"] if envelope_id else [])]
    parts = [("text/plain", "It did not arrive."), (kind, "\r\n".join([*about, "", *recipient, ""]))]
    top = ["Return-Path: <>", "From: MAILER-DAEMON@mx.example.org", f"To: {to or verp()}", "Subject: Undelivered", *fields]
    return multipart("delivery-status", parts, *top)


def complaint(
    kind: str = "abuse", *, leaves: str | None = None, returned_to: str | None = None, to: str = "fbl@example.org"
) -> bytes:
    """Return a complaint of RFC 5965, whose returned mail has a link to leave, or a VERP sender."""
    fields = [f"List-Unsubscribe: <mailto:admin@example.org?subject=unsubscribe%20{leaves}>"] if leaves else []
    fields += [f"Return-Path: <{returned_to}>"] if returned_to else []
    parts = [
        ("text/plain", "This is a complaint."),
        ("message/feedback-report", f"Feedback-Type: {kind}\r\nVersion: 1\r\n"),
        ("message/rfc822", "\r\n".join([*fields, "Subject: Two lanterns", "", "body"])),
    ]
    return multipart("feedback-report", parts, f"To: {to}", "From: feedback@isp.example", "Subject: complaint")


def multipart(kind: str, parts: list[tuple[str, str]], *fields: str) -> bytes:
    whole = [*fields, "MIME-Version: 1.0", f'Content-Type: multipart/report; report-type={kind}; boundary="tide"', ""]
    for part, text in parts:
        whole += ["--tide", f"Content-Type: {part}", "", text]
    return "\r\n".join([*whole, "--tide--", ""]).encode()


def nested(depth: int) -> bytes:
    """Return a message whose parts hold parts, that deep."""
    whole: Message = MIMEMultipart()
    for _ in range(depth):
        around = MIMEMultipart()
        around.attach(whole)
        whole = around
    return whole.as_bytes()
