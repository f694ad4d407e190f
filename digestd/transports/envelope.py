"""What goes over the line for one message: two mailboxes and the octets, all checked before a word is said."""

import re
from dataclasses import dataclass

from digestd.model.digest import Message
from digestd.model.mailbox import Mailbox, mailbox


class BadSender(ValueError):
    """The address that the mail is from cannot stand in an envelope: the operator's trouble."""


class BadMessage(ValueError):
    """This message can never be sent, to its recipient or at all."""


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


def xtext(value: str) -> bytes:
    """Return *value*, which is ASCII, as a parameter may carry it (RFC 3461 4)."""
    return re.sub(r"[^!-*,-<>-~]", lambda found: f"+{ord(found[0]):02X}", value).encode()


def _lines(content: bytes) -> bytes:
    """Return *content* if each of its lines ends in CRLF, the last one too (RFC 5321 2.3.8 and 4.1.1.4)."""
    ends = content.count(b"\r\n")
    if not (ends == content.count(b"\r") == content.count(b"\n") and content.endswith(b"\r\n")):
        raise ValueError("the message has a line that does not end in CRLF")
    return content
