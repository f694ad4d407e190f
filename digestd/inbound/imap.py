"""A folder on an IMAP server (RFC 3501), where what comes back is put. The standard library's client, in a thread."""

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

from digestd.inbound.mailbox import AT_ONCE, MailboxTrouble
from digestd.inbound.mime import MOST

_TIMEOUT = 30  # seconds for each answer
_TROUBLE = (imaplib.IMAP4.error, OSError, ValueError)  # ValueError: letters that cannot be said


@dataclass(frozen=True, slots=True)
class Account:
    """Where the folder is, and the way in."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"


class ImapFolder:
    """The mailbox of an account: a message is marked as seen when it was taken."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def hand_over(self, take: Callable[[bytes], object]) -> None:
        try:
            with _session(self._account) as session:
                for number in _unseen(session)[:AT_ONCE]:
                    _hand_over(session, number, take)
        except _TROUBLE as trouble:
            raise MailboxTrouble(f"{self._account.host}:{self._account.port}: {_reason(trouble)}") from trouble


def _hand_over(session: imaplib.IMAP4, number: str, take: Callable[[bytes], object]) -> None:
    content = _fetch(session, number)
    if content is not None:
        take(content)
        _ask(session, "STORE", number, "+FLAGS.SILENT", r"(\Seen)")


@contextmanager
def _session(account: Account) -> Iterator[imaplib.IMAP4]:
    """Open the folder for reading and marking; it is closed without removing anything."""
    session = _connect(account)
    try:
        if "AUTH=PLAIN" in session.capabilities:
            session.authenticate("PLAIN", lambda _: f"\0{account.username}\0{account.password}".encode())
        else:
            session.login(account.username, account.password)
        quoted = account.folder.replace("\\", "\\\\").replace('"', '\\"')
        done, said = session.select(f'"{quoted}"')
        if done != "OK":
            raise imaplib.IMAP4.error(f"the folder {account.folder!r} cannot be opened: {_reason(said[0])}")
        yield session
    finally:
        with suppress(*_TROUBLE):
            session.logout()


def _connect(account: Account) -> imaplib.IMAP4:
    """Return a connection on which a password may be said: over TLS, or to this machine."""
    tls = ssl.create_default_context()
    if account.security == "tls":
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=tls, timeout=_TIMEOUT)
    session = imaplib.IMAP4(account.host, account.port, timeout=_TIMEOUT)
    try:
        if account.security == "starttls":
            session.starttls(ssl_context=tls)
        elif not ip_address(session.socket().getpeername()[0]).is_loopback:
            raise imaplib.IMAP4.error('security = "none" is for a server on this machine alone: the password would be readable')
    except _TROUBLE:
        session.shutdown()
        raise
    return session


def _unseen(session: imaplib.IMAP4) -> list[str]:
    (found,) = _ask(session, "SEARCH", "UNSEEN")[:1] or [None]
    return found.decode("ascii").split() if isinstance(found, bytes) else []


def _fetch(session: imaplib.IMAP4, number: str) -> bytes | None:
    """Return as much of a message as we look at, without marking it; None where it is gone."""
    said = _ask(session, "FETCH", number, f"(BODY.PEEK[]<0.{MOST}>)")
    return next((part[1] for part in said if isinstance(part, tuple)), None)


def _ask(session: imaplib.IMAP4, *words: str) -> list[bytes | tuple[bytes, bytes] | None]:
    done, said = session.uid(*words)
    if done != "OK":
        raise imaplib.IMAP4.error(f"{words[0]} was refused: {_reason(said[0])}")
    return said


def _reason(said: object) -> str:
    """Return what a server or an error said, as one clean line."""
    args = said.args if isinstance(said, imaplib.IMAP4.error) else (said,)
    text = " ".join(part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in args)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:300]
