"""One connection to the relay, and the conversation of RFC 5321 on it.

aiosmtplib opens the line, up to the log-in. The conversation is spelt out here: aiosmtplib's does not tell a line that broke
before the message was handed over (try again) from one that broke after it (the server may have it), and it never says
several commands at once (RFC 2920).
"""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

import aiosmtplib
from aiosmtplib import SMTPResponse

from digestd.model.delivery import Deferred, Outcome, Rejected, Uncertain
from digestd.transports.envelope import Envelope, xtext
from digestd.transports.line import Line
from digestd.transports.relay import GOODBYE, Relay, is_loopback
from digestd.transports.replies import LOCKED_OUT, Step, outcome_of

Command = tuple[int, tuple[bytes, ...]]  # the first digit of the reply that lets us go on, and words

_LINE_TROUBLE = (aiosmtplib.SMTPException, OSError)
_CLOSING = 421
_STEPS: Mapping[bytes, Step] = {b"RSET": "sender", b"MAIL": "sender", b"RCPT": "recipient", b"DATA": "message"}
_LONGEST_REPLY = 500


class Unreachable(Exception):
    """No session could be opened: no connection, no TLS, no log-in. *outcome* is what that means for a message."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reply)
        self.outcome = outcome


class Stale(Exception):
    """A session that carried messages before is over, and nothing of this one was handed over: ask a new session."""


class Session:
    """A connection that is logged in and carries messages, one after the other."""

    def __init__(self, client: aiosmtplib.SMTP, line: Line, relay: Relay) -> None:
        self._client = client
        self._line = line
        self._relay = relay
        self._carried = 0
        self._between_messages = True
        self._is_answered = False  # what is said of a message
        self._half_said = False  # an envelope was refused, and stands until RSET

    @classmethod
    async def open(cls, relay: Relay, tls: ssl.SSLContext | None, name: str | None) -> Self:
        """Return a new session, in which we call ourselves *name*, or raise Unreachable."""
        client = _client(relay, tls, name)
        with contextlib.ExitStack() as undo:
            undo.callback(client.close)
            try:
                async with asyncio.timeout(relay.timeout.total_seconds()):
                    line = await _greeted(client, relay)
            except (*_LINE_TROUBLE, ValueError) as error:  # ValueError: what the server says cannot be read
                raise Unreachable(_closed_door(error)) from error
            undo.pop_all()
        return cls(client, line, relay)

    @property
    def reusable(self) -> bool:
        return self._between_messages and self._line.is_quiet and self._carried < self._relay.messages_per_connection

    @property
    def offers(self) -> Sequence[str]:
        """The extensions that the server offers, by their names."""
        return sorted(name.upper() for name in self._client.esmtp_extensions)

    @property
    def tls(self) -> tuple[str | None, datetime | None]:
        """The version of TLS, and until when the server's certificate holds; None where the line is in the clear."""
        cipher, certificate = (self._client.get_transport_info(what) for what in ("cipher", "peercert"))
        if not cipher:
            return None, None
        return str(cipher[1]), datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)

    async def deliver(self, envelope: Envelope) -> Outcome:
        """Hand *envelope* over once and return how that ended, or raise Stale."""
        self._carried += 1
        if not self._line.is_quiet:
            return self._broken("Connection lost")
        return self._obstacle(envelope) or await self._converse(envelope)

    async def close(self) -> None:
        """Say goodbye if the server is waiting for a command, and hang up."""
        if self._between_messages and self._line.is_quiet:
            with contextlib.suppress(*_LINE_TROUBLE):
                self._line.say([(b"QUIT",)])
                await self._line.reply(_within(GOODBYE))
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
        self._between_messages = self._is_answered = False
        try:
            return await self._introduce(envelope) or await self._hand_over(envelope.content)
        except aiosmtplib.SMTPTimeoutError as error:
            return self._broken(_reason(error), is_worn_out=not self._is_answered)
        except _LINE_TROUBLE as error:
            return self._broken(_reason(error))

    def _broken(self, reason: str, *, is_worn_out: bool = True) -> Deferred:
        if is_worn_out:
            self._give_way()
        return Deferred(f"the line broke before the message was handed over: {reason}")

    async def _introduce(self, envelope: Envelope) -> Outcome | None:
        """Say what comes and to whom, at once where we may; return how the server refused it, if it did."""
        commands, by = list(self._commands(envelope)), _within(self._relay.timeout)
        at_once = len(commands) if self._client.supports_extension("pipelining") else 1
        for start in range(0, len(commands), at_once):
            said = commands[start : start + at_once]
            self._line.say([words for _, words in said])
            if refusal := await self._heard(said, by):
                return refusal
        return None

    async def _heard(self, said: Sequence[Command], by: float) -> Outcome | None:
        """Read the replies to commands that were said at once; return the first refusal."""
        for place, (welcome, words) in enumerate(said, start=1):
            reply = await self._line.reply(by)
            self._is_answered = True
            if reply.code // 100 != welcome:
                if reply.code == _CLOSING or words[0] == b"RSET":
                    self._give_way()
                return await self._refused(_STEPS[words[0]], reply, len(said) - place, by)
        return None

    async def _refused(self, step: Step, reply: SMTPResponse, more: int, by: float) -> Outcome:
        """Return what a refusal means; after one that can be read, the next envelope may be said on this line."""
        if reply.code // 100 not in {4, 5}:
            return Deferred(f"not an answer to an envelope: {_one_line(reply)}", everyone=True)
        with contextlib.suppress(*_LINE_TROUBLE):
            self._between_messages = self._half_said = await self._are_refused_too(more, by)
        return outcome_of(step, _one_line(reply))

    async def _are_refused_too(self, more: int, by: float) -> bool:
        """Read the replies to what went along with a refused command; say whether the server waits for a command.

        RFC 2920 3.1 would end a message that it waits for with a dot: we hang up, for some reader might get an empty mail.
        """
        replies = [await self._line.reply(by) for _ in range(more)]
        return all(reply.code // 100 in {2, 4, 5} and reply.code != _CLOSING for reply in replies)

    def _commands(self, envelope: Envelope) -> Iterator[Command]:
        """Yield what is said before a message."""
        if self._half_said:
            yield 2, (b"RSET",)
        yield 2, (b"MAIL", b"FROM:" + envelope.sender.path, *self._parameters(envelope))
        yield 2, (b"RCPT", b"TO:" + envelope.recipient.path, *self._notices(envelope))
        yield 3, (b"DATA",)

    def _parameters(self, envelope: Envelope) -> Iterator[bytes]:
        if self._client.supports_extension("size"):
            yield b"SIZE=%d" % len(envelope.content)
        if not envelope.content.isascii():
            yield b"BODY=8BITMIME"
        if envelope.needs_smtputf8:
            yield b"SMTPUTF8"
        if self._client.supports_extension("dsn"):
            yield b"RET=HDRS"
            if envelope.envelope_id:
                yield b"ENVID=" + xtext(envelope.envelope_id)

    def _notices(self, envelope: Envelope) -> Iterator[bytes]:
        """Yield what is to be told of the recipient later (RFC 3461 4.1, 4.2)."""
        if self._client.supports_extension("dsn"):
            yield b"NOTIFY=FAILURE,DELAY"
            if not envelope.needs_smtputf8:
                yield b"ORCPT=rfc822;" + xtext(f"{envelope.recipient.local}@{envelope.recipient.domain}")

    def _give_way(self) -> None:
        """Leave the message to a new session if this one has carried others: it may just be worn out."""
        if self._carried > 1:
            raise Stale

    async def _hand_over(self, content: bytes) -> Outcome:
        if not self._line.is_quiet:  # what was said already would pass for the answer to the message
            return self._broken("Answered before it was asked")
        self._half_said = False
        self._line.hand_over(content)
        try:
            reply = await self._line.reply(_within(self._relay.data_timeout))
        except _LINE_TROUBLE as error:  # RFC 1047: the server may have it already
            return Uncertain(f"the line broke after the message was handed over: {_reason(error)}")
        self._between_messages = reply.code != _CLOSING
        return _verdict(reply)


def _client(relay: Relay, tls: ssl.SSLContext | None, name: str | None) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        local_hostname=name,
        timeout=relay.timeout.total_seconds(),
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",  # True insists, False never tries: no way leads to plaintext by chance
        tls_context=tls,
    )


async def _greeted(client: aiosmtplib.SMTP, relay: Relay) -> Line:
    """Open the line, and return it once the server knows us."""
    await client.connect()
    if relay.security == "none" and not is_loopback(client.get_transport_info("peername")[0]):
        raise aiosmtplib.SMTPException(f"{relay.host} is no longer this machine, and the line is in the clear")
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    if relay.username is not None and relay.password is not None:
        await _log_in(client, relay.username, relay.password)
    if client.protocol is None or not isinstance(client.protocol.transport, asyncio.Transport):
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    return Line(client.protocol.transport)


async def _log_in(client: aiosmtplib.SMTP, username: str, password: str) -> None:
    """Log in, in one way: aiosmtplib's own would try a wrong password in each, and servers count these."""
    ways = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
    known = [way for name, way in ways.items() if name in client.supported_auth_methods]
    try:
        await (known[0] if known else client.login)(username, password)
    except aiosmtplib.SMTPResponseException as error:
        said = _without(error.message, username, password)
        raise aiosmtplib.SMTPResponseException(error.code, said) from None


def _without(said: str, username: str, password: str) -> str:
    """Return what a server said without the password, plain or as it was sent: some repeat it."""
    sent = (f"\0{username}\0{password}", password, username)
    for secret in (password, *(base64.b64encode(one.encode()).decode() for one in sent)):
        said = said.replace(secret, "…")
    return said


def _within(time: timedelta) -> float:
    """Return when that time is over, by the loop."""
    return asyncio.get_running_loop().time() + time.total_seconds()


def _verdict(reply: SMTPResponse) -> Outcome:
    if reply.code // 100 in {2, 4, 5}:
        return outcome_of("message", _one_line(reply))
    return Uncertain(f"not an answer to a message: {_one_line(reply)}")


def _closed_door(error: Exception) -> Outcome:
    """Return what it means that no session could be opened."""
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
        return outcome_of("connection", _reason(error))
    return Deferred(_reason(error), everyone=True, wait=LOCKED_OUT if _lasts(error) else timedelta(0))


def _lasts(error: Exception) -> bool:
    """Say whether TLS was refused, or the server does not offer what we insist on."""
    refused_tls = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
    return refused_tls or type(error) in {aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported}


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
