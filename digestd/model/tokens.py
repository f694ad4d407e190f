"""Tokens that stand for a reader in links and addresses: the same for ever, and nobody without the key can make one."""

import hmac
from collections.abc import Iterable
from typing import Literal

from digestd.model.subscriber import SubscriberId

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base 32 (RFC 4648 6), which the standard library is slow to write
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]
_FILL, _PLACES = 2, range(120, -1, -10)  # bits that 26 letters have more, and where the bits of each pair begin

Purpose = Literal["unsubscribe", "bounce"]


def token(key: bytes, purpose: Purpose, who: SubscriberId) -> str:
    """Return the token of 128 bits, 26 letters of base 32, that stands for *who* where it serves *purpose*."""
    code = int.from_bytes(hmac.digest(key, f"{purpose}\0{who}".encode(), "sha256")[:16]) << _FILL
    return "".join([_PAIRS[code >> at & 1023] for at in _PLACES])


def holder(key: bytes, purpose: Purpose, shown: str, readers: Iterable[SubscriberId]) -> SubscriberId | None:
    """Return which of *readers* the token *shown* stands for. The time it takes tells nothing of whose it is."""
    found, given = None, shown.lower().encode()
    for who in readers:
        if hmac.compare_digest(token(key, purpose, who).encode(), given):
            found = who
    return found
