"""One connection to the relay, and the conversation of RFC 5321 on it.

The conversation is spelt out command by command: aiosmtplib's `data` does not tell a line that broke before the
message was handed over (try again) from one that broke after it (the server may have it).
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from typing import Self

import aiosmtplib
from aiosmtplib import SMTPResponse

from digestd.model.delivery import Accepted, Deferred, Outcome, Rejected, Uncertain
from digestd.transports.envelope import Envelope
from digestd.transports.relay import GOODBYE, Relay, is_loopback

_LINE_TROUBLE = (aiosmtplib.SMTPException, OSError)
_CLOSING = 421
_SERVERS_OWN = {_CLOSING, 454, 530, 535, 538}  # no TLS or log-in just now, log in first: no recipient's fault
_LONGEST_REPLY = 500


class Unreachable(Exception):
    """No session could be opened: no connection, no TLS, no log-in."""


class Stale(Exception):
    """A session that carried messages before is over, and nothing of this one was handed over: ask a new session."""


class Session:
    """A connection that is logged in and carries messages, one after the other."""

    def __init__(self, client: aiosmtplib.SMTP, relay: Relay) -> None:
        self._client = client
        self._relay = relay
        self._carried = 0
        self._between_messages = True
        self._half_said = False  # an envelope was refused, and stands until RSET

    @classmethod
    async def open(cls, relay: Relay, tls: ssl.SSLContext | None, name: str | None) -> Self:
        """Return a new session, in which we call ourselves *name*, or raise Unreachable."""
        client = _client(relay, tls, name)
        with contextlib.ExitStack() as undo:
            undo.callback(client.close)
            try:
                async with asyncio.timeout(relay.timeout.total_seconds()):
                    await _greet(client, relay)
            except (*_LINE_TROUBLE, ValueError) as error:  # ValueError: what the server says cannot be read
                raise Unreachable(_reason(error)) from error
            undo.pop_all()
        return cls(client, relay)

    @property
    def reusable(self) -> bool:
        return self._between_messages and self._client.is_connected and self._carried < self._relay.messages_per_connection

    async def deliver(self, envelope: Envelope) -> Outcome:
        """Hand *envelope* over once and return how that ended, or raise Stale."""
        self._carried += 1
        if not self._client.is_connected:
            return self._broken("Connection lost")
        return self._obstacle(envelope) or await self._converse(envelope)

    async def close(self) -> None:
        """Say goodbye if the server is waiting for a command, and hang up."""
        if self._between_messages and self._client.is_connected:
            with contextlib.suppress(*_LINE_TROUBLE):
                await self._client.quit(timeout=GOODBYE.total_seconds())
        self._client.close()

    def _obstacle(self, envelope: Envelope) -> Outcome | None:
        """Return why this server can never take *envelope*, before a word is said."""
        size, most = len(envelope.content), self._client.esmtp_extensions.get("size", "")
        if envelope.needs_smtputf8 and not self._client.supports_extension("smtputf8"):
            return Rejected("letters beyond ASCII before the @ need SMTPUTF8, which the server does not offer")
        if not envelope.content.isascii() and not self._client.supports_extension("8bitmime"):
            return Rejected("8-bit text needs 8BITMIME, which the server does not offer")
        if most.isdecimal() and 0 < int(most) < size:
            return Rejected(f"the message has {size} octets and the server takes {most}")
        return None

    async def _converse(self, envelope: Envelope) -> Outcome:
        self._between_messages = False
        try:
            async with asyncio.timeout(self._relay.timeout.total_seconds()):
                refusal = await self._introduce(envelope)
            return refusal or await self._hand_over(envelope.content)
        except _LINE_TROUBLE as error:
            return self._broken(_reason(error))

    def _broken(self, reason: str) -> Deferred:
        self._give_way()
        return Deferred(f"the line broke before the message was handed over: {reason}")

    async def _introduce(self, envelope: Envelope) -> Outcome | None:
        """Say what comes and to whom; return how the server refused it, if it did."""
        for welcome, words in self._commands(envelope):
            reply = await self._client.execute_command(*words)
            if reply.code == _CLOSING:
                self._give_way()
            if reply.code // 100 != welcome:
                self._between_messages = self._half_said = True
                return _refusal(reply, blameless=words[0] in {b"RSET", b"MAIL"})
        return None

    def _commands(self, envelope: Envelope) -> Iterator[tuple[int, tuple[bytes, ...]]]:
        """Yield each command, after the first digit of the reply that lets us go on."""
        if self._half_said:
            yield 2, (b"RSET",)
            self._half_said = False
        yield 2, (b"MAIL", b"FROM:" + envelope.sender.path, *self._parameters(envelope))
        yield 2, (b"RCPT", b"TO:" + envelope.recipient.path)
        yield 3, (b"DATA",)

    def _parameters(self, envelope: Envelope) -> Iterator[bytes]:
        if self._client.supports_extension("size"):
            yield b"SIZE=%d" % len(envelope.content)
        if not envelope.content.isascii():
            yield b"BODY=8BITMIME"
        if envelope.needs_smtputf8:
            yield b"SMTPUTF8"

    def _give_way(self) -> None:
        """Leave the message to a new session if this one has carried others: it may just be worn out."""
        if self._carried > 1:
            raise Stale

    async def _hand_over(self, content: bytes) -> Outcome:
        line = self._client.protocol
        if line is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        line.write(_stuffed(content) + b".\r\n")
        try:
            reply = await line.read_response(timeout=self._relay.data_timeout.total_seconds())
        except _LINE_TROUBLE as error:  # RFC 1047: the server may have it already
            return Uncertain(f"the line broke after the message was handed over: {_reason(error)}")
        self._between_messages = reply.code != _CLOSING
        return _verdict(reply)


def _client(relay: Relay, tls: ssl.SSLContext | None, name: str | None) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        username=relay.username,
        password=relay.password,
        local_hostname=name,
        timeout=relay.timeout.total_seconds(),
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",  # True insists, False never tries: no way leads to plaintext by chance
        tls_context=tls,
    )


async def _greet(client: aiosmtplib.SMTP, relay: Relay) -> None:
    await client.connect()
    if relay.security == "none" and not is_loopback(client.get_transport_info("peername")[0]):
        raise aiosmtplib.SMTPException(f"{relay.host} is no longer this machine, and the line is in the clear")
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()


def _stuffed(content: bytes) -> bytes:
    """Return *content* with a dot before each line that starts with one (RFC 5321 4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _verdict(reply: SMTPResponse) -> Outcome:
    if reply.code // 100 == 2:
        return Accepted(_one_line(reply))
    if reply.code // 100 in {4, 5}:
        return _refusal(reply)
    return Uncertain(f"not an answer to a message: {_one_line(reply)}")


def _refusal(reply: SMTPResponse, *, blameless: bool = False) -> Deferred | Rejected:
    """Return what a refusal means. To a *blameless* recipient, who was not named yet, it can only mean later."""
    servers_own = reply.code in _SERVERS_OWN
    if reply.code // 100 == 4:
        return Deferred(_one_line(reply), everyone=servers_own)
    if blameless or servers_own or reply.code // 100 != 5:
        return Deferred(_one_line(reply), everyone=True)
    return Rejected(_one_line(reply))


def _reason(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _one_line(SMTPResponse(error.code, error.message))
    return _printable(str(error) or "no answer in time")


def _one_line(reply: SMTPResponse) -> str:
    """Return a reply as `250 2.0.0 Ok: queued as 4F2A`, whatever the server put into it."""
    code = f"{reply.code} " if reply.code > 0 else ""
    return _printable(code + reply.message)


def _printable(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:_LONGEST_REPLY]
