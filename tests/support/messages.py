"""Made-up messages, as short as a test can say them."""

from typing import Any

from digestd.model.digest import DigestKey, Message
from digestd.model.period import PeriodKey
from digestd.model.subscriber import SubscriberId


def message(name: str = "ada", **fields: Any) -> Message:
    """Return a small message to the reader of that name."""
    recipient = f"{name}@example.org"
    plain: dict[str, Any] = {
        "key": DigestKey(SubscriberId(recipient), PeriodKey("daily/2026-03-05")),
        "message_id": f"<{name}.20260305@digest.example.org>",
        "sender": f"bounce+{name.encode().hex()}@bounces.example.org",
        "recipient": recipient,
    }
    made = plain | fields
    return Message(**({"content": content(made["message_id"], recipient)} | made))


def content(message_id: str, recipient: str, *lines: str) -> bytes:
    """Return the octets of a message with these lines in its body."""
    head = (f"Message-ID: {message_id}", f"To: {recipient}", "From: Digest <digest@example.org>", "Subject: Two lanterns")
    return "\r\n".join((*head, "", *(lines or ("The tide is low.",)), "")).encode()
