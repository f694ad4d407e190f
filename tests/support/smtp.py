"""A real SMTP server on loopback, and the few words in which a test says what goes wrong.

    with SmtpServer({"ada@example.org": mailbox_is_full}) as server: ...

As a program it outlives whoever sends to it, and writes a line to a log before it says that it has a message, and when a line
breaks without a goodbye. Told `hold STEP NUMBER`, it holds the conversations that come to a step after so many others, and says
`held STEP`; `go` ends that. The steps are MAIL, body (the middle of a message) and message (in the log, not yet answered).

    python -m tests.support.smtp --port 0 --log LOG [--store FOLDER] [--delay SECONDS] [--trouble ADDRESS=NAME]…
"""

import argparse
import asyncio
import base64
import hashlib
import json
import os
import ssl
import sys
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from digestd.transports.relay import Security


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens at a step of the conversation, after *pause* seconds. No *reply*: the line breaks.

    "body" is the middle of a message, "message" its end.
    """

    at: Literal["MAIL", "RCPT", "body", "message"]
    reply: str = ""
    pause: float = 0.0


server_is_busy = Trouble("RCPT", "421 4.3.2 Busy, come back later")
mailbox_is_full = Trouble("RCPT", "452 4.2.2 Mailbox full")
greylisted = Trouble("RCPT", "451 4.7.1 Greylisted, try again")
no_such_mailbox = Trouble("RCPT", "550 5.1.1 No such mailbox")
sender_is_refused = Trouble("MAIL", "550 5.7.1 This sender is not allowed")
mailbox_is_over_quota = Trouble("RCPT", "552 5.2.2 Over quota")
not_authenticated = Trouble("RCPT", "550 5.7.26 This mail is not authenticated")
over_the_rate = Trouble("RCPT", "450 4.7.28 An unusual rate of mail from your address")
nonsense_at_rcpt = Trouble("RCPT", "hello there")
nonsense_after_data = Trouble("message", "hello there")
another_code_after_data = Trouble("message", "399 What a message")
refused_at_data = Trouble("message", "554 5.6.0 We do not like this message")
deferred_at_data = Trouble("message", "451 4.3.0 Cannot store it now")
line_breaks_at_rcpt = Trouble("RCPT")
line_breaks_mid_data = Trouble("body")
line_breaks_after_data = Trouble("message")
silent_at_rcpt = Trouble("RCPT", pause=3600)
silent_after_data = Trouble("message", pause=3600)
slow = Trouble("message", "250 2.0.0 Ok, in the end", pause=0.3)

TROUBLES = {name: value for name, value in globals().items() if isinstance(value, Trouble)}


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that the server took, as it came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    over_tls: bool
    logged_in: bool
    parameters: tuple[str, ...]
    notices: tuple[str, ...] = ()

    @property
    def message_id(self) -> str:
        return str(BytesHeaderParser().parsebytes(self.content)["Message-ID"])


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate, and the file that says who vouches for it."""

    context: ssl.SSLContext
    ca_file: Path


def certificate(folder: Path, *names: str) -> Certificate:
    """Return a certificate for *names* from an authority of its own."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("localhost", "127.0.0.1"))).configure_cert(context)
    ca_file = folder / f"{uuid.uuid4().hex}.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Certificate(context, ca_file)


@dataclass
class SmtpServer:
    """A server on 127.0.0.1 in a thread of its own. *troubles* go by recipient, or by sender at MAIL; they may change.

    One that *goes_on* answers DATA with 354 though it knows no recipient, and counts in *poured* the lines that come then.
    """

    troubles: dict[str, Trouble] = field(default_factory=dict)
    greeting: str = ""
    security: Security = "none"
    certificate: Certificate | None = None
    login: tuple[str, str] | None = None
    smtputf8: bool = False
    dsn: bool = False
    pipelining: bool = False
    goes_on: bool = False
    resets: bool = True
    most_octets: int = 33_554_432
    tires_after: int | None = None
    delay: float = 0.0
    host: str = "127.0.0.1"
    port: int = 0
    kept: list[Kept] = field(default_factory=list)
    connections: int = 0
    poured: int = 0
    log_ins: int = 0
    repeats_log_ins: bool = False
    most_at_once: int = 0

    def __enter__(self) -> Self:
        started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve(started)), daemon=True)
        self._thread.start()
        started.result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(timeout=10)

    def hang_up(self) -> None:
        """Break every line that is open now."""
        self._loop.call_soon_threadsafe(self._abort)

    async def serve(self, started: "Future[None]") -> None:
        """Serve until the context ends; *started* is done when *port* is known."""
        self._loop, self._over, self.open = asyncio.get_running_loop(), asyncio.Event(), set[_Conversation]()
        context = self.context("tls")
        server = await self._loop.create_server(lambda: _Conversation(self), self.host, self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        started.set_result(None)
        await self._over.wait()
        server.close()
        self._abort()
        await asyncio.sleep(0.01)

    def keep(self, message: Kept) -> None:
        """Take *message*: the reply comes after this."""
        self.kept.append(message)

    def holds(self, step: str) -> bool:
        """Say whether the conversation that comes to *step* now is held there."""
        return False

    async def let_go(self) -> None:
        """Return when what is held may go on."""

    def lost(self) -> None:
        """Notice that a line broke without a goodbye."""

    def context(self, security: Security) -> ssl.SSLContext | None:
        return self.certificate.context if self.certificate and self.security == security else None

    def _abort(self) -> None:
        for conversation in set(self.open):
            conversation.hang_up()


class _Conversation(SMTP):
    """One connection to *server*."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server
        self.taken = 0
        self.said_goodbye = False
        super().__init__(
            _HOOKS,
            hostname="mx.example.org",
            data_size_limit=server.most_octets,
            enable_SMTPUTF8=server.smtputf8,
            tls_context=server.context("starttls"),
            auth_require_tls=False,  # it asks for a password over any line: not to send it is the client's task
            authenticator=self.authenticate,
            auth_exclude_mechanism=None if server.login else ("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )
        self.asked: list[str] = []
        self._smtp_methods |= {"DATA": self.data, "MAIL": self.mail, "RCPT": self.rcpt, "RSET": self.reset}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self not in self.server.open:  # STARTTLS makes the same connection twice
            self.server.connections += 1
            self.server.open.add(self)
            self.server.most_at_once = max(self.server.most_at_once, len(self.server.open))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self.server.open and not self.said_goodbye:
            self.server.lost()
        self.server.open.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def push(self, status: Any) -> None:
        """Say *status*, and hang up after a 421."""
        if self.server.greeting and str(status).startswith("220 mx."):
            status = self.server.greeting
        self.said_goodbye |= str(status).startswith(("221", "421"))
        await super().push(status)
        if str(status).startswith("421") and self.transport:
            self.transport.close()

    async def mail(self, arg: str) -> None:
        self.asked = []
        await self.smtp_MAIL(self.without_notices(arg))

    async def rcpt(self, arg: str) -> None:
        await self.smtp_RCPT(self.without_notices(arg))

    async def reset(self, arg: str) -> None:
        await (self.smtp_RSET(arg) if self.server.resets else self.push("502 5.5.1 Not here"))

    def without_notices(self, arg: str) -> str:
        """Return a command without the parameters of RFC 3461, which aiosmtpd does not know, and keep these."""
        words = (arg or "").split(" ")
        notices = [word for word in words if self.server.dsn and word.split("=")[0] in {"RET", "ENVID", "NOTIFY", "ORCPT"}]
        self.asked += notices
        return " ".join(word for word in words if word not in notices)

    async def data(self, arg: str) -> None:
        assert self.envelope is not None
        if any(self.trouble("body", recipient) for recipient in self.envelope.rcpt_tos):
            await self._break_off()
        if self.server.holds("body"):
            await self._break_off()
        if self.server.goes_on and not self.envelope.rcpt_tos:
            await self.push("354 Go on, to nobody")
            self.server.poured += (await self._reader.read(-1)).count(b"\n")
            return
        await self.smtp_DATA(arg)

    async def _break_off(self) -> None:
        await self.push("354 Go on, if you can")
        await self._reader.read(1)
        await self.server.let_go()
        await self.meet(line_breaks_mid_data)

    def trouble(self, at: str, address: str) -> Trouble | None:
        found = self.server.troubles.get(address)
        return found if found and found.at == at else None

    async def meet(self, trouble: Trouble) -> str:
        """Return the reply, in time, or hang up."""
        await asyncio.sleep(trouble.pause)
        if not trouble.reply:
            self.hang_up()
            await asyncio.Event().wait()  # until the lost connection cancels us
        return trouble.reply

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        self.server.log_ins += 1
        given = given if isinstance(given, LoginPassword) else LoginPassword(b"", b"")
        sent = base64.b64encode(b"\0" + given.login + b"\0" + given.password).decode()
        message = f"535 5.7.8 {given.password.decode()} is wrong in {sent}" if self.server.repeats_log_ins else None
        is_right = (given.login.decode(), given.password.decode()) == self.server.login
        return AuthResult(success=is_right, handled=False, message=None if is_right else message)


async def _ehlo(talk: _Conversation, session: Session, envelope: Envelope, name: str, offers: list[str]) -> list[str]:
    session.host_name = name
    more = ["250-DSN"] * talk.server.dsn + ["250-PIPELINING"] * talk.server.pipelining
    return [*offers[:-1], *more, *offers[-1:]]


async def _mail(talk: _Conversation, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
    if trouble := talk.trouble("MAIL", address):
        return await talk.meet(trouble)
    if talk.server.holds("MAIL"):
        await talk.server.let_go()
    if talk.server.tires_after is not None and talk.taken >= talk.server.tires_after:
        return "421 4.7.0 Too many messages on this line"
    if talk.server.login and not session.authenticated:
        return "530 5.7.0 Log in first"
    envelope.mail_from = address
    envelope.mail_options.extend(options)
    return "250 2.1.0 Ok"


async def _rcpt(talk: _Conversation, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
    if trouble := talk.trouble("RCPT", address):
        return await talk.meet(trouble)
    envelope.rcpt_tos.append(address)
    return "250 2.1.5 Ok"


async def _message(talk: _Conversation, session: Session, envelope: Envelope) -> str:
    trouble = talk.trouble("message", envelope.rcpt_tos[0])
    talk.taken += 1
    if trouble is None or trouble.reply.startswith("2") or not trouble.reply:
        talk.server.keep(_kept(talk, session, envelope))
    if talk.server.holds("message"):
        await talk.server.let_go()
    await asyncio.sleep(talk.server.delay)
    return await talk.meet(trouble) if trouble else f"250 2.0.0 Ok: queued as {talk.server.connections}-{talk.taken}"


_HOOKS = SimpleNamespace(handle_EHLO=_ehlo, handle_MAIL=_mail, handle_RCPT=_rcpt, handle_DATA=_message)


def _kept(talk: _Conversation, session: Session, envelope: Envelope) -> Kept:
    assert isinstance(envelope.original_content, bytes)
    over_tls = bool(talk.transport and talk.transport.get_extra_info("sslcontext"))
    return Kept(
        sender=str(envelope.mail_from),
        recipients=tuple(envelope.rcpt_tos),
        content=envelope.original_content,
        over_tls=over_tls,
        logged_in=bool(session.authenticated),
        parameters=tuple(envelope.mail_options),
        notices=tuple(talk.asked),
    )


@dataclass
class LoggingServer(SmtpServer):
    """A server whose memory is on the disk, and which stops where it is told to."""

    log: Path = Path("accepted.jsonl")
    store: Path = Path("accepted")
    step: str = ""
    before: int = 0
    going: asyncio.Event = field(default_factory=asyncio.Event)

    def keep(self, message: Kept) -> None:
        self.store.mkdir(parents=True, exist_ok=True)
        path = self.store / f"{uuid.uuid4().hex}.eml"
        _append(path, message.content)
        line = {
            "message_id": message.message_id,
            "recipient": message.recipients[0],
            "sender": message.sender,
            "sha256": hashlib.sha256(message.content).hexdigest(),
            "path": str(path),
        }
        _append(self.log, json.dumps(line).encode() + b"\n")

    def holds(self, step: str) -> bool:
        if step != self.step:
            return False
        self.before -= 1
        if self.before == -1:
            print(f"held {step}", flush=True)
        return self.before < 0

    async def let_go(self) -> None:
        await self.going.wait()

    def lost(self) -> None:
        _append(self.log, b'{"lost": true}\n')

    async def obey(self) -> None:
        """Do what is said on our input, until it ends."""
        while words := (await asyncio.to_thread(sys.stdin.readline)).split():
            if words[0] == "hold":
                self.step, self.before = words[1], int(words[2])
                self.going.clear()
            else:
                self.step = ""
                self.going.set()
            print("so be it", flush=True)


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


async def _run(server: LoggingServer) -> None:
    started: Future[None] = Future()
    started.add_done_callback(lambda _: print(server.port, flush=True))
    obeying = asyncio.create_task(server.obey())
    await server.serve(started)
    obeying.cancel()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.smtp", description="Print a port, and take mail on it.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, required=True, help="one JSON line for each message, on the disk before the 250")
    parser.add_argument("--store", type=Path, help="folder for the messages (default: beside the log)")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between the line in the log and the 250")
    parser.add_argument("--trouble", action="append", default=[], metavar="ADDRESS=NAME", help=f"one of {', '.join(TROUBLES)}")
    given = parser.parse_args(arguments)
    troubles = {address: TROUBLES[name] for address, _, name in (pair.rpartition("=") for pair in given.trouble)}
    store = given.store or given.log.with_suffix(".eml.d")
    asyncio.run(_run(LoggingServer(troubles, port=given.port, delay=given.delay, log=given.log, store=store)))


if __name__ == "__main__":
    main()
