"""Whose mail a digest is, and the links by which a reader leaves."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose mail it is. *list_id* is a name under the sender's domain, the same for ever (RFC 2919)."""

    name: str
    address: str
    list_id: str
    contact: str
    base_url: str | None = None
    reply_to: str | None = None
    postal_address: str | None = None
    bounce_address: str | None = None

    @property
    def owner(self) -> str:
        return self.contact or self.address

    def envelope_sender(self, token: str) -> str:
        """Return where reports on the mail to the reader of that token go: an address that tells which reader it was."""
        local, _, domain = (self.bounce_address or "").rpartition("@")
        return f"{local}+{token}@{domain}" if domain else self.address

    def unsubscribe_page(self, token: str) -> str | None:
        """Return the page of RFC 8058 for the reader of that token, where there are pages."""
        return f"{self.base_url.rstrip('/')}/u/{token}" if self.base_url else None

    def settings_page(self, token: str) -> str | None:
        """Return the page on which the reader of that token chooses, where there are pages."""
        return f"{self.unsubscribe_page(token)}?settings" if self.base_url else None

    def unsubscribe_mail(self, token: str) -> str:
        return f"{mailto(self.owner)}?subject=unsubscribe%20{token}"


@lru_cache(64)
def mailto(address: str) -> str:
    return f"mailto:{quote(address, safe='@+')}"
