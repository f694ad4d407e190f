"""What a message is that came back: a pure function of its bytes. Its tokens are collected, and checked elsewhere.

RFC 3464 and 6533 (delivery status), RFC 3463 (status codes), RFC 5965 (complaints), RFC 3834 (automatic replies).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote

from digestd.inbound.mime import Fields, Part, field, groups, head, parse

_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED = {"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"}
_RECIPIENTS = ("delivered-to", "x-original-to", "envelope-to", "to")
_MOST_RECIPIENTS = 50
_MOST_TOKENS = 3
_LONGEST_WORDS = 300

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_SAID = re.compile(
    r"(?:^|(?<!\d)[45]\d\d[ -]|#)(5\.\d{1,3}\.\d{1,3})(?!\.?\d)"
)  # where servers put it: other words have versions
_DEAD = re.compile(r"5\.1\.(?:[0-6]|10)|5\.4\.4")  # others below 5.1 are of our limits (5.1.90) or of our address
_DIAGNOSIS = re.compile(r"(?<!\d)[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_TOKEN = re.compile(r"(?<![a-z0-9])([a-z2-7]{26})(?![a-z0-9])", re.IGNORECASE)
_ADDRESS_TOKEN = re.compile(r"\+([a-z2-7]{26})@", re.IGNORECASE)
_LEAVES = re.compile(r"(?:\s*(?:(?:re|fwd?|aw)\s*:|\[[^\]]{0,40}\]))*\s*unsubscribe\b", re.IGNORECASE)  # a gateway adds tags
_LEAVES_PLAINLY = re.compile(r"\s*unsubscribe\b", re.IGNORECASE)
_LEAVING_TOKEN = re.compile(r"(?<![\w-])unsubscribe\W{1,9}([a-z2-7]{26})(?![a-z0-9])", re.IGNORECASE)
_LEAVING_ADDRESS = re.compile(r"(?<![\w.+-])unsubscribe\+[a-z2-7]{26}@", re.IGNORECASE)
_ID = re.compile(r"(<[0-9a-f]{32}@[A-Za-z0-9.-]{1,253}>)")  # as only we make them: no stranger's address stands in the log
_RETURNED_ID = re.compile(rf"^message-id:\s*{_ID.pattern}", re.IGNORECASE | re.MULTILINE)
_ROBOT = re.compile(r"(?<![\w.+-])(?:mailer-daemon|postmaster)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told: a *status* code such as 5.1.1, where there is one, and the *words* around it, in one clean line."""

    status: str = ""
    words: str = ""


class HardBounce(_Told):
    """The address is dead."""


class SoftBounce(_Told):
    """This mail did not arrive; the next one may."""


class PolicyBounce(_Told):
    """They refuse us, not the reader: it is ours to mend."""


class Delayed(_Told):
    """They go on trying."""


class Relayed(_Told):
    """It went to a place from which nothing is told."""


class Delivered(_Told):
    """It arrived."""


class Complaint(_Told):
    """The reader called it spam."""


class Unsubscribe(_Told):
    """The reader leaves."""


class AutoReply(_Told):
    """A program answered: nobody is to be answered in turn."""


class Unknown(_Told):
    """Anything else: a person's reply, spam, or what nobody can read."""


What = HardBounce | SoftBounce | PolicyBounce | Delayed | Relayed | Delivered | Complaint | Unsubscribe | AutoReply | Unknown

# What a report may say (RFC 3464 2.3.3); why something failed says more.
_ACTIONS: Mapping[str, type[What]] = {
    "failed": SoftBounce,
    "delayed": Delayed,
    "relayed": Relayed,
    "delivered": Delivered,
    "expanded": Delivered,
}
# From the mildest: a reader whom one of several reports calls well is not dead.
_MILDEST: Sequence[type[What]] = (Delivered, Relayed, Delayed, PolicyBounce, SoftBounce, HardBounce)


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a message is, and the tokens by which it says whose it is, of each purpose, none of them checked.

    *digest* is the Message-ID of the digest that it returns or answers, where it names one.
    """

    what: What
    bounce: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    digest: str = ""


def read_message(content: bytes) -> Inbound:
    """Return what the message in *content* is, and whose it claims to be."""
    message = parse(content)
    leaves = list(message.leaves())
    return replace(_read(message, leaves), digest=_digest(message, leaves))


def _read(message: Part, leaves: Sequence[Part]) -> Inbound:
    if complaint := next((leaf for leaf in leaves if leaf.kind == "message/feedback-report"), None):
        return _complaint(message, complaint, leaves)
    if report := next((leaf for leaf in leaves if leaf.kind in _REPORTS), None):
        return _report(message, report)
    if not _is_automatic(message.fields) and _is_leaving(message.fields):
        told = _tokens(_LEAVING_TOKEN, _subject(message.fields))
        return Inbound(Unsubscribe(words=_clean(_subject(message.fields))), unsubscribe=told or _addressed(message.fields))
    return Inbound(_free_text(message, leaves) or _rest(message.fields), bounce=_addressed(message.fields))


def _digest(message: Part, leaves: Sequence[Part]) -> str:
    """Return the Message-ID of the digest that is returned, also as Exim and qmail return it, or that is answered."""
    returned = "\n".join(leaf.body.decode("utf-8", "replace") for leaf in leaves if leaf.kind in {*_RETURNED, "", "text/plain"})
    answered = f"{field(message.fields, 'in-reply-to')} {field(message.fields, 'references')}"
    found = _RETURNED_ID.search(returned) or _ID.search(answered)
    return found[1] if found else ""


def _complaint(message: Part, report: Part, leaves: Sequence[Part]) -> Inbound:
    """Return a complaint of RFC 5965, whose tokens stand in the mail that it returns."""
    said = head(report.body.lstrip(b"\r\n"))
    kind = field(said, "feedback-type").lower()
    returned = next((head(leaf.body.lstrip(b"\r\n")) for leaf in leaves if leaf.kind in _RETURNED), ())
    senders = f"{field(said, 'original-mail-from')} {field(returned, 'return-path')}"
    return Inbound(
        Complaint(words=_clean(kind)) if kind == "abuse" else Unknown(words=_clean(f"feedback {kind}")),
        bounce=_addressed(message.fields) or _tokens(_ADDRESS_TOKEN, senders),
        unsubscribe=_tokens(_TOKEN, unquote(field(returned, "list-unsubscribe"))),
    )


def _report(message: Part, report: Part) -> Inbound:
    """Return a report of RFC 3464: about the message first, then about each recipient."""
    about, *recipients = groups(report.body, _MOST_RECIPIENTS + 1) if report.body.strip() else [()]
    verdicts = [_verdict(action, one) for one in recipients if (action := field(one, "action").lower()) in _ACTIONS]
    mildest = min(verdicts, key=lambda one: _MILDEST.index(type(one)), default=Unknown(words="a report on nobody"))
    return Inbound(mildest, bounce=_addressed(message.fields) or _tokens(_TOKEN, field(about, "original-envelope-id")))


def _verdict(action: str, fields: Fields) -> What:
    told = field(fields, "diagnostic-code")
    words = _clean(told.partition(";")[2] if told.lower().startswith(("smtp", "x-")) else told)
    status = _CODE.match(field(fields, "status"))
    code = status[1] if status else ""
    return _failure(code, words) if action == "failed" else _ACTIONS[action](code, words)


def _failure(code: str, words: str) -> HardBounce | SoftBounce | PolicyBounce:
    """Return what a failure says of the reader; a code that says nothing gives way to the one in the server's words."""
    if ours := next((one for one in (code, *_CODE.findall(words)) if _is_ours(one)), None):
        return PolicyBounce(ours, words)
    code = next((one for one in (code, *_SAID.findall(words)) if one and not one.endswith(".0.0")), code)
    if code == "5.1.0" and "sender" in words.lower():
        return PolicyBounce(code, words)
    return HardBounce(code, words) if _DEAD.fullmatch(code) else SoftBounce(code, words)


def _is_ours(code: str) -> bool:
    """Say whether a code refuses the sender: policy, or an address of ours (RFC 3463 3.8 and 3.2)."""
    return code[1:4] == ".7." or code[1:] in {".1.7", ".1.8"}


def _free_text(message: Part, leaves: Sequence[Part]) -> SoftBounce | PolicyBounce | None:
    """Return the bounce that Exim and qmail write as prose: never hard, since prose can be anybody's."""
    text = leaves[0].body if leaves else b""
    is_exim = bool(field(message.fields, "x-failed-recipients"))
    is_qmail = text.lstrip().startswith(b"Hi. This is the") and _is_from_a_robot(message.fields)
    if not (is_exim or is_qmail):
        return None
    lines = text.decode("utf-8", "replace").splitlines()
    words = _clean(next((line for line in lines if _DIAGNOSIS.search(line)), "no reason given"))
    failure = _failure(next(iter(_CODE.findall(words)), ""), words)
    return failure if isinstance(failure, PolicyBounce) else SoftBounce(failure.status, words)


def _rest(fields: Fields) -> AutoReply | Unknown:
    subject = _clean(_subject(fields))
    return AutoReply(words=subject) if _is_automatic(fields) or _is_from_a_robot(fields) else Unknown(words=subject)


def _is_automatic(fields: Fields) -> bool:
    """Say whether a program marked its answer as such: it quotes a subject, and means nothing by it."""
    automatic = re.split(r"[;(\s]", field(fields, "auto-submitted").lower(), maxsplit=1)[0] not in {"", "no"}
    marked = field(fields, "x-autoreply") or field(fields, "x-autorespond")
    return automatic or bool(marked) or field(fields, "precedence").lower() in {"bulk", "junk", "list", "auto_reply"}


def _is_from_a_robot(fields: Fields) -> bool:
    return field(fields, "return-path") == "<>" or bool(_ROBOT.search(field(fields, "from")))


def _is_leaving(fields: Fields) -> bool:
    subject = _subject(fields)
    if _is_from_a_robot(fields):
        return _LEAVES_PLAINLY.match(subject) is not None  # else it quotes a reader's words
    addressed = any(_LEAVING_ADDRESS.search(value) for name, value in fields if name in _RECIPIENTS)
    return addressed or bool(_LEAVES.match(subject) or _LEAVING_TOKEN.search(subject))


def _subject(fields: Fields) -> str:
    written = field(fields, "subject")
    try:
        return str(make_header(decode_header(written)))
    except (ValueError, LookupError, HeaderParseError):
        return written


def _addressed(fields: Fields) -> tuple[str, ...]:
    """Return the tokens in the addresses to which the message came."""
    return _tokens(_ADDRESS_TOKEN, " ".join(_recipients(fields)))


def _recipients(fields: Fields) -> Iterator[str]:
    """Yield the addresses that our own mail server wrote down first, then those that the sender did."""
    for wanted in _RECIPIENTS:
        yield from (value for name, value in fields if name == wanted)


def _tokens(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.lower() for token in pattern.findall(text)))[:_MOST_TOKENS]


def _clean(text: str) -> str:
    """Return *text* as one line that steers no terminal and no header."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _LONGEST_WORDS])
    return " ".join(shown.split())[:_LONGEST_WORDS]
