"""An address as an envelope carries it. What cannot be one is never mailed, so a reader's file with it is refused, too."""

import re
from dataclasses import dataclass

_LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_PATH = 64, 255, 256  # octets, RFC 5321 4.5.3.1
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"  # RFC 5322 3.2.3, RFC 6532 3.2
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z.:]+\]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address whose domain is in A-labels (RFC 5890)."""

    local: str
    domain: str

    @property
    def path(self) -> bytes:
        return f"<{self.local}@{self.domain}>".encode()


def mailbox(address: str) -> Mailbox:
    """Return the mailbox that *address* names, or raise ValueError with the reason. Quoted local parts are refused."""
    local, at, domain = address.rpartition("@")
    if not (at and _LOCAL.fullmatch(local) and local.isprintable()):
        raise ValueError(f"{address!r} is not an address like name@example.org")
    found = Mailbox(local, _ascii(domain))
    if len(local.encode()) > _LONGEST_LOCAL or len(found.domain) > _LONGEST_DOMAIN or len(found.path) > _LONGEST_PATH:
        raise ValueError(f"{address!r} is longer than mail allows (RFC 5321 4.5.3.1)")
    return found


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
