"""The demo's own servers, on loopback: one that serves the sample's feeds, one that takes the mail and keeps it."""

import asyncio
import email
import email.policy
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session

from digestd.cli.files import Parts

_DATE = re.compile(r"\{\{(rfc822|iso) -(\d+) (\d\d:\d\d)\}\}")
_FILES = {
    "/rss/cs.LG": "arxiv/cs.LG.xml",
    "/rss/q-bio.BM": "arxiv/q-bio.BM.xml",
    "/api/daily_papers": "huggingface.json",
    "/journal.atom.xml": "journal.atom.xml",
}


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as the demo's server took it."""

    recipient: str
    message_id: str
    parts: Parts


@contextmanager
def sample_server(feeds: Path, now: datetime) -> Iterator[str]:
    """Serve the sample's feeds over HTTP, with the dates of today; yield the server's address."""
    bodies = {path: _dated((feeds / file).read_text(encoding="utf-8"), now).encode() for path, file in _FILES.items()}
    server = _FeedServer(bodies)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def mail_server(received: list[Received]) -> Iterator[int]:
    """Take mail over SMTP and append it to *received*; yield the server's port."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = loop.create_server(lambda: SMTP(_Keeper(received), loop=loop), "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(serving, loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _FeedServer(ThreadingHTTPServer):
    """Serves documents by path."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.bodies = bodies


class _Visit(BaseHTTPRequestHandler):
    """Answers conditional GETs as a well-kept service does."""

    def do_GET(self) -> None:
        assert isinstance(self.server, _FeedServer)
        body = self.server.bodies.get(self.path.partition("?")[0])
        if body is None:
            self.send_error(404)
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        fresh = self.headers.get("If-None-Match") == etag
        self.send_response(304 if fresh else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", "0" if fresh else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if fresh else body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the demo tells what was polled."""


class _Keeper:
    """Keeps each mail that comes."""

    def __init__(self, received: list[Received]) -> None:
        self._received = received

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = Parts(envelope.content, _part(mail, "html"), _part(mail, "plain"))
        self._received.append(Received(envelope.rcpt_tos[0], str(mail["Message-ID"]), parts))
        return "250 2.0.0 kept"


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return str(body.get_content()) if body else ""


def _dated(text: str, now: datetime) -> str:
    """Fill in the sample's dates, which are told as days before today."""
    return _DATE.sub(lambda found: _date(found[1], int(found[2]), found[3], now), text)


def _date(form: str, days: int, at: str, now: datetime) -> str:
    moment = datetime.combine(now.date() - timedelta(days=days), time.fromisoformat(at), now.tzinfo)
    return format_datetime(moment) if form == "rfc822" else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
