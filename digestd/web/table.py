"""Whom a token stands for, and in which language they read: a table in memory, as long as there are readers."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping

from digestd.model.subscriber import SubscriberId
from digestd.rendering import Language
from digestd.rendering.tokens import token

_TOKEN = re.compile(r"[a-z2-7]{26}", re.IGNORECASE)


class Table:
    """Which of the readers *known*, by their languages, a token stands for that was made with *key*.

    Tokens are looked up by hashes under a key that nobody has: how long that takes tells nothing of how near a guess came.
    """

    def __init__(self, key: bytes, known: Callable[[], Mapping[SubscriberId, Language]]) -> None:
        self._key, self._known = key, known
        self._salt = secrets.token_bytes(32)
        self._holders: Mapping[bytes, SubscriberId] = {}
        self._languages: Mapping[SubscriberId, Language] = {}

    def renew(self) -> None:
        """Learn which readers there are now."""
        known = self._known()
        kept = {mark: who for mark, who in self._holders.items() if who in known}
        new = set(known).difference(kept.values())
        self._holders = kept | {self._mark(token(self._key, "unsubscribe", who)): who for who in new}
        self._languages = known

    def holder(self, shown: str) -> SubscriberId | None:
        return self._holders.get(self._mark(shown.lower()))

    def language(self, shown: str) -> Language | None:
        """Return the language of the holder; None where there is no holder."""
        who = self.holder(shown)
        return None if who is None else self._languages.get(who)

    def _mark(self, shown: str) -> bytes:
        return hashlib.blake2b(shown.encode(), key=self._salt, digest_size=16).digest()


def is_token(shown: str) -> bool:
    """Say whether that has the shape of a token."""
    return _TOKEN.fullmatch(shown) is not None
