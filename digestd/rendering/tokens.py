"""Tokens that stand for a reader in links and addresses: the same for ever, and nobody without the key can make one."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Literal

from itsdangerous import Signer

from digestd.model.subscriber import SubscriberId

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base 32 (RFC 4648 6), which the standard library is slow to write
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]
_FILL, _PLACES = 2, range(120, -1, -10)  # bits that 26 letters have more, and where the bits of each pair begin

Purpose = Literal["unsubscribe", "bounce"]


def token(key: bytes, purpose: Purpose, who: SubscriberId) -> str:
    """Return the token of 128 bits, 26 letters of base 32, that stands for *who* where it serves *purpose*."""
    code = int.from_bytes(_signature(key, purpose)(who.encode())[:16]) << _FILL
    return "".join([_PAIRS[code >> at & 1023] for at in _PLACES])


def holder(key: bytes, purpose: Purpose, shown: str, readers: Iterable[SubscriberId]) -> SubscriberId | None:
    """Return which of *readers* the token *shown* stands for. The time it takes tells nothing of whose it is."""
    found, given = None, shown.lower().encode()
    for who in readers:
        if hmac.compare_digest(token(key, purpose, who).encode(), given):
            found = who
    return found


@lru_cache(maxsize=2)  # an installation has one key, which serves both purposes
def _signature(key: bytes, purpose: Purpose) -> Callable[[bytes], bytes]:
    """Return what signs by a key that is derived for *purpose* once; the letters of itsdangerous would not survive a mail."""
    signer = Signer(key, salt=f"digestd.{purpose}", key_derivation="hmac", digest_method=hashlib.sha256)
    return partial(signer.algorithm.get_signature, signer.derive_key())
