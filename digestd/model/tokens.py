"""Tokens that stand for a reader in links and addresses: the same for ever, and nobody without the key can make one."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Literal

from digestd.model.subscriber import SubscriberId

Purpose = Literal["unsubscribe", "bounce"]


def token(key: bytes, purpose: Purpose, who: SubscriberId) -> str:
    """Return the token of 128 bits, 26 letters of base 32, that stands for *who* where it serves *purpose*."""
    code = hmac.digest(key, purpose.encode() + b"\0" + who.encode(), hashlib.sha256)[:16]
    return base64.b32encode(code).decode().rstrip("=").lower()


def holder(key: bytes, purpose: Purpose, shown: str, readers: Iterable[SubscriberId]) -> SubscriberId | None:
    """Return which of *readers* the token *shown* stands for. The time it takes tells nothing of whose it is."""
    found, given = None, shown.lower().encode()
    for who in readers:
        if hmac.compare_digest(token(key, purpose, who).encode(), given):
            found = who
    return found
