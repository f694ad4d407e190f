"""Whom a token stands for: a table in memory, as long as there are readers."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping

from digestd.model.subscriber import SubscriberId
from digestd.model.tokens import token


class Table:
    """Which of the readers *known* a token stands for that was made with *key*.

    Tokens are looked up by hashes under a key that nobody has: how long that takes tells nothing of how near a guess came.
    """

    def __init__(self, key: bytes, known: Callable[[], Collection[SubscriberId]]) -> None:
        self._key, self._known = key, known
        self._salt = secrets.token_bytes(32)
        self._holders: Mapping[bytes, SubscriberId] = {}

    def renew(self) -> None:
        """Learn which readers there are now."""
        known = set(self._known())
        kept = {mark: who for mark, who in self._holders.items() if who in known}
        new = known.difference(kept.values())
        self._holders = kept | {self._mark(token(self._key, "unsubscribe", who)): who for who in new}

    def holder(self, shown: str) -> SubscriberId | None:
        return self._holders.get(self._mark(shown.lower()))

    def _mark(self, shown: str) -> bytes:
        return hashlib.blake2b(shown.encode(), key=self._salt, digest_size=16).digest()
