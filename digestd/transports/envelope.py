"""What goes over the line for one message: two mailboxes and the octets, all checked before a word is said."""

import re
from dataclasses import dataclass

from digestd.model.digest import Message

_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_PATH = 64, 255, 256  # octets, RFC 5321 4.5.3.1
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"  # RFC 5322 3.2.3, RFC 6532 3.2
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z.:]+\]")


class BadSender(ValueError):
    """The address that the mail is from cannot stand in an envelope: the operator's trouble."""


class BadMessage(ValueError):
    """This message can never be sent, to its recipient or at all."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address whose domain is in A-labels (RFC 5890)."""

    local: str
    domain: str

    @property
    def path(self) -> bytes:
        return f"<{self.local}@{self.domain}>".encode()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message that can go over the line as it is."""

    sender: Mailbox
    recipient: Mailbox
    content: bytes
    envelope_id: str | None = None

    @property
    def needs_smtputf8(self) -> bool:
        return not self.recipient.local.isascii()


def envelope(message: Message) -> Envelope:
    """Return the envelope of *message*, or raise BadSender or BadMessage with the reason."""
    try:
        sender = mailbox(message.sender)
    except ValueError as why:
        raise BadSender(f"the sender: {why}") from why
    if not sender.local.isascii():
        raise BadSender(f"the sender: {message.sender!r} has letters beyond ASCII before the @")
    try:
        return Envelope(sender, mailbox(message.recipient), _lines(message.content), message.envelope_id)
    except ValueError as why:
        raise BadMessage(str(why)) from why


def mailbox(address: str) -> Mailbox:
    """Return the mailbox that *address* names, or raise ValueError with the reason. Quoted local parts are refused."""
    local, at, domain = address.rpartition("@")
    if not (at and _LOCAL.fullmatch(local) and local.isprintable()):
        raise ValueError(f"{address!r} is not an address like name@example.org")
    found = Mailbox(local, _ascii(domain))
    if len(local.encode()) > _LONGEST_LOCAL or len(found.domain) > _LONGEST_DOMAIN or len(found.path) > _LONGEST_PATH:
        raise ValueError(f"{address!r} is longer than mail allows (RFC 5321 4.5.3.1)")
    return found


def xtext(value: str) -> bytes:
    """Return *value*, which is ASCII, as a parameter may carry it (RFC 3461 4)."""
    return re.sub(r"[^!-*,-<>-~]", lambda found: f"+{ord(found[0]):02X}", value).encode()


def _ascii(domain: str) -> str:
    """Return *domain* in A-labels, or raise ValueError.

    Python knows IDNA 2003, which folds what IDNA 2008 keeps apart (ß, ς, joiners): a domain that does not come back
    the same would be somebody else's.
    """
    try:
        found = domain if domain.isascii() else domain.lower().encode("idna").decode()
        same = domain.isascii() or found.encode().decode("idna") == domain.lower()
    except UnicodeError:
        same, found = False, ""
    if not same:
        raise ValueError(f"the domain {domain!r} has no certain A-label: write it in its xn-- form")
    if not _DOMAIN.fullmatch(found):
        raise ValueError(f"{domain!r} is not a domain")
    return found


def _lines(content: bytes) -> bytes:
    """Return *content* if each of its lines ends in CRLF, the last one too (RFC 5321 2.3.8 and 4.1.1.4)."""
    ends = content.count(b"\r\n")
    if not (ends == content.count(b"\r") == content.count(b"\n") and content.endswith(b"\r\n")):
        raise ValueError("the message has a line that does not end in CRLF")
    return content
