"""What a mail server's reply means: one table, of which the first row that fits wins.

docs/replies.md is made of it. Enhanced status codes are RFC 3463's; what large providers send is in the samples.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal

from digestd.model.delivery import Accepted, Deferred, Outcome, Rejected

Step = Literal["connection", "sender", "recipient", "message"]
Meaning = Literal["accepted", "later", "closed", "locked", "dead", "refused", "ours"]

MEANINGS: Mapping[Meaning, str] = {
    "accepted": "accepted",
    "later": "not now",
    "closed": "not now for anybody",
    "locked": "not now for anybody, not soon",
    "dead": "the address is dead",
    "refused": "this message is refused",
    "ours": "our fault",
}
LOCKED_OUT = timedelta(minutes=15)  # nothing but the operator is likely to mend it, and servers count wrong passwords
_FROM_THE_SENDER_ON: tuple[Step, ...] = ("sender", "recipient", "message")
_FROM_THE_RECIPIENT_ON: tuple[Step, ...] = ("recipient", "message")

_TOO_MUCH = r"\brate\b|too (many|much|fast|quickly)|throttl|limit (reached|exceeded)|exceeded .*limit"
_FULL = r"(mail)?box.*(full|quota|space)|over ?quota|quota (exceeded|full)|exceeded (storage|.*quota)"
_TOO_LARGE = r"(message|mail) (file )?(size|is too|too)|too (large|big)"
_OUR_LIMIT = (
    r"(daily|hourly|sending|outgoing|outbound|submission|relay|recipients?|messages?) [^;:]{0,30}(limit|quota)|"
    r"(limit|quota) (on|for|of) (the )?(number|sending|messages|recipients)|per (hour|day)\b|"
    r"too many (messages|recipients|connections)"
)
_FOR_A_WHILE = r"tempor|try (again|later)|later\b|connection (frequency|rate)"
_OUR_DOING = (
    r"spam|policy|block|denied|prohibit|not (allowed|permitted|authori[sz]ed)|black ?list|banned|reputation|"
    r"authentica|\bspf\b|dkim|dmarc|helo|relay(ing)? (not|access|denied)|(not|un(able|willing) to|cannot|don.t) relay|"
    r"sender.*(reject|address|domain|verif|invalid|denied|refused)|invalid sender|reverse dns|\bptr\b|\brdns\b|"
    r"listed (at|by|in|on)|\bd?ns?bl\b|\brbl\b|client host"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: *steps* of the conversation, patterns for the reply, and what it then means.

    *enhanced* "" fits a reply without an enhanced code; None fits any. *samples* were said by real servers.
    """

    steps: tuple[Step, ...]
    code: str
    enhanced: str | None
    words: str | None
    means: Meaning
    samples: tuple[str, ...]

    def fits(self, step: Step, reply: str) -> bool:
        """Say whether this row is about *reply*, said at *step*."""
        return (
            step in self.steps
            and re.match(self.code, reply) is not None
            and (self.enhanced is None or re.fullmatch(self.enhanced, enhanced_code(reply)) is not None)
            and (self.words is None or re.search(self.words, reply, re.IGNORECASE) is not None)
        )


RULES = (
    Rule(("message",), "2", None, None, "accepted", ("250 2.0.0 Ok: queued as 4ZfXq1K0", "250 Message accepted for delivery")),
    Rule(
        ("connection", *_FROM_THE_SENDER_ON), "53[0458]", None, None, "locked",
        ("535 5.7.8 Username and Password not accepted", "530 5.7.0 Must issue a STARTTLS command first",
         "534 5.7.9 Application-specific password required", "538 5.7.11 Encryption required for requested mechanism"),
    ),
    Rule(
        ("connection", *_FROM_THE_SENDER_ON), "454", None, r"\btls\b", "locked",
        ("454 4.7.0 TLS not available due to local problem", "454 4.3.0 Try again later: TLS not available"),
    ),
    Rule(("connection",), "5", None, None, "locked", ("554 5.7.1 No SMTP service for you", "550 Access denied")),
    Rule(("connection",), "", None, None, "closed", ("421 4.3.2 Too many connections", "454 4.7.0 Temporary log-in failure")),
    Rule(
        _FROM_THE_SENDER_ON, "421", None, None, "closed",
        ("421 4.3.2 Service shutting down", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred",
         "421-4.7.28 Our system has detected an unusual rate of mail from your IP"),
    ),
    Rule(
        _FROM_THE_SENDER_ON, "5", r"5\.3\.4|5\.2\.3|5\.6\.7", None, "refused",
        ("552 5.3.4 Message size exceeds fixed limit", "550 5.2.3 Message too large for this mailbox",
         "553 5.6.7 SMTPUTF8 is required for this address"),
    ),
    Rule(_FROM_THE_SENDER_ON, "552", "", _TOO_LARGE, "refused", ("552 Message size exceeds maximum message size",)),
    Rule(("sender",), "5", None, None, "locked", ("550 5.7.1 Sender is not yours", "553 5.1.8 Sender domain not found")),
    Rule(("sender",), "", None, None, "closed", ("452 4.3.1 Insufficient system storage", "451 4.1.8 Sender domain not found")),
    Rule(
        _FROM_THE_RECIPIENT_ON, "4", r"4\.2\.\d+", None, "later",
        ("452 4.2.2 The account is over quota", "450 4.2.0 Greylisted, see https://postgrey.example.org/",
         "450-4.2.1 The user you are trying to contact is receiving mail too quickly"),
    ),
    Rule(_FROM_THE_RECIPIENT_ON, "45[02]", "", _FULL, "later", ("452 Mailbox full", "452 User is over quota")),
    Rule(
        _FROM_THE_RECIPIENT_ON, "4", r"4\.7\.(2[3-9]|3[0-2]|[5-7]\d\d)|4\.1\.[78]", None, "closed",
        ("450-4.7.28 Gmail has detected an unusual rate of unsolicited mail", "451 4.7.32 From: header is not aligned",
         "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation",
         "450 4.1.8 <bounce@example.org>: Sender address rejected: Domain not found"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "45[014]", None, _TOO_MUCH, "closed",
        ("451 4.7.1 Please slow down: too many messages", "450 4.7.1 Error: too much mail from 192.0.2.1",
         "454 4.7.0 Throttling failure: Maximum sending rate exceeded", "451 Rate limit exceeded, try later"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "45[24]", None, None, "closed",
        ("452 4.3.1 Insufficient system storage", "452 4.5.3 Too many recipients", "454 4.7.1 Relay access denied"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "4", None, None, "later",
        ("451 4.7.1 Greylisting in action, please come back in 00:05:00", "450 4.1.1 Recipient address unverified",
         "451 4.3.0 Temporary lookup failure"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", r"(?!5\.2\.[12]).*", _OUR_LIMIT, "locked",
        ("550 5.4.5 Daily SMTP relay sending limit exceeded", "550 You have exceeded your daily sending limit",
         "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
         "554 5.7.0 Too many messages from this account"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", r"5\.7\.\d+|5\.1\.[78]", None, "ours",
        ("550-5.7.26 Your email has been blocked because the sender is unauthenticated",
         "550 5.7.515 Access denied, sending domain EXAMPLE.ORG does not meet the required authentication level",
         "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
         "552-5.7.0 This message was blocked because its content presents a potential security issue",
         "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
         "550 5.1.8 <bounce@example.org>: Sender address rejected: Domain not found"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", r"5\.2\.1", r"\brate\b|too quickly", "later",
        ("550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", r"5\.2\.2", None, "later",
        ("552 5.2.2 Mailbox full", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "55[04]", r"|5\.[05]\.0", _FULL, "later",
        ("550 Mailbox quota exceeded", "554 5.0.0 User is over quota"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "552", None, None, "later",
        ("552 Requested mail action aborted: exceeded storage allocation", "552 5.0.0 This mailbox takes no more"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", r"5\.1\.([1236]|10)|5\.2\.1", None, "dead",
        ("550-5.1.1 The email account that you tried to reach does not exist", "553 5.1.3 The recipient address is not valid",
         "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "556 5.1.10 Recipient address has null MX",
         "550 5.1.2 Bad destination system address", "551 5.1.6 The mailbox has moved, no forwarding address",
         "550 5.2.1 The email account that you tried to reach is disabled",
         "550 sorry, no mailbox here by that name. (#5.1.1)"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", r"(?!5\.4\.1).*", _OUR_DOING, "ours",
        ("550 Message rejected as spam", "550 Access denied", "550 relay not permitted", "554 Message blocked by our policy",
         "550 authentication required", "550 Administrative prohibition", "550 we do not relay", "550 5.5.0 Invalid sender",
         "550 5.1.0 <digest@example.org> sender rejected", "550 Reverse DNS lookup failed for 192.0.2.1",
         "550 192.0.2.1 is listed at bl.example.net"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", None, _FOR_A_WHILE, "later",
        ("550 Temporary failure in looking the recipient up", "550 Connection frequency limited", "554 Please try again later"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", r"5\.3\.\d+|5\.6\.\d+|5\.4\.(6|7|14)", None, "refused",
        ("554 5.6.0 Invalid message content", "554 5.4.14 Hop count exceeded, possible mail loop",
         "550 5.3.0 Message rejected by the filter", "550 5.4.7 Delivery time expired"),
    ),
    Rule(_FROM_THE_RECIPIENT_ON, "5", None, r"service (not |un)available", "refused", ("550 Service unavailable",)),
    Rule(
        ("recipient",), "55[0136]", None, None, "dead",
        ("550 No such user here", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
         "550 5.5.0 Requested action not taken: mailbox unavailable", "551 User not local",
         "553 sorry, this recipient is unknown", "556 Domain does not accept mail"),
    ),
    Rule(
        _FROM_THE_RECIPIENT_ON, "5", None, None, "refused",
        ("554 Transaction failed", "554 delivery error: we cannot take this", "501 5.5.4 Syntax error in parameters"),
    ),
    Rule(("recipient",), "", None, None, "closed", ("299 What?",)),
)  # fmt: skip


def enhanced_code(reply: str) -> str:
    """Return the enhanced status code of *reply*, of the same class as its basic code; "" when it has none."""
    start = re.match(r"(\d)\d\d[ -](\1\.\d{1,3}\.\d{1,3})\b", reply)
    end = re.search(r"\(#(\d\.\d{1,3}\.\d{1,3})\)", reply)  # as qmail writes it
    return start[2] if start else end[1] if end and reply.startswith(end[1][0]) else ""


def rule_of(step: Step, reply: str) -> Rule:
    """Return the row that decides what *reply*, a refusal or the last word on a message, means at *step*."""
    return next(rule for rule in RULES if rule.fits(step, reply))


def outcome_of(step: Step, reply: str) -> Outcome:
    """Return how a try ends with *reply*, one line such as `250 2.0.0 Ok: queued as 4F2A`, said at *step*."""
    return _OUTCOMES[rule_of(step, reply).means](reply)


_OUTCOMES: Mapping[Meaning, Callable[[str], Outcome]] = {
    "accepted": Accepted,
    "later": Deferred,
    "closed": partial(Deferred, everyone=True),
    "locked": partial(Deferred, everyone=True, wait=LOCKED_OUT),
    "dead": partial(Rejected, fault="address"),
    "refused": Rejected,
    "ours": partial(Rejected, fault="ours"),
}
