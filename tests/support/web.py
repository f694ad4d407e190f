"""A real web server on loopback that tells what a test wants told, and remembers what it was asked."""

import gzip as gzip_format
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says. *cut* sends only so many bytes, *broken* promises more than come, *slow* rests after each byte.

    *raw* is all that it says, head and body, before it closes the connection; *after* is how long it thinks first.
    """

    body: bytes = b""
    status: int = 200
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    gzip: bool = False
    cut: int | None = None
    broken: bool = False
    slow: float = 0.0
    raw: bytes | None = None
    after: float = 0.0

    def is_known_to(self, asked: Mapping[str, str]) -> bool:
        """Return whether the asker has this answer already (RFC 9110 13.2.2)."""
        if "if-none-match" in asked:
            return self.etag == asked["if-none-match"]
        return self.last_modified is not None and self.last_modified == asked.get("if-modified-since")

    def wire(self) -> bytes:
        return (gzip_format.compress(self.body, mtime=0) if self.gzip else self.body)[: self.cut]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, when on a monotonic clock, and how many were asking then; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    at: float
    at_once: int


class Site(ThreadingHTTPServer):
    """A server whose answers a test may change between two polls."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.requests: list[Request] = []
        self._answers: dict[str, Answer | Callable[[str], Answer]] = {}
        self._asking, self._lock = 0, Lock()

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def serve(self, path: str, body: bytes | str = b"", **told: Any) -> None:
        """Answer *path*, with the query that it names or with any, from now on."""
        self._answers[path] = Answer(body.encode() if isinstance(body, str) else body, **told)

    def serve_by(self, path: str, answer: Callable[[str], Answer]) -> None:
        """Answer *path*, whatever its query, with what *answer* makes of the two."""
        self._answers[path] = answer

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.serve(path, status=status, headers={"Location": to})

    @contextmanager
    def asked(self, path: str, headers: Mapping[str, str]) -> Iterator[Answer]:
        """Remember a request, and yield the answer to it."""
        with self._lock:
            self._asking += 1
            self.requests.append(Request(path, headers, time.monotonic(), self._asking))
        try:
            answer = self._answers.get(path) or self._answers.get(path.partition("?")[0]) or Answer(b"nothing here", 404)
            yield answer if isinstance(answer, Answer) else answer(path)
        finally:
            with self._lock:
                self._asking -= 1


@contextmanager
def loopback() -> Iterator[Site]:
    """Yield a site that a thread serves until the block ends: for tests with an event loop, and for those without."""
    with Site() as site:
        thread = Thread(target=site.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()


class _Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Site)
        headers = {name.lower(): value for name, value in self.headers.items()}
        with suppress(OSError), self.server.asked(self.path, headers) as answer:  # an asker may have had enough
            self._tell(answer, headers)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the site remembers."""

    def _tell(self, answer: Answer, asked: Mapping[str, str]) -> None:
        time.sleep(answer.after)
        if answer.raw is not None:
            self.wfile.write(answer.raw)
            self.close_connection = True
            return
        known = answer.is_known_to(asked)
        body = b"" if known else answer.wire()
        self.send_response(304 if known else answer.status)
        for name, value in _headers(answer, len(body) + 10 * answer.broken):
            self.send_header(name, value)
        self.end_headers()
        for piece in (bytes([byte]) for byte in body) if answer.slow else (body,):
            self.wfile.write(piece)
            time.sleep(answer.slow)


def _headers(answer: Answer, length: int) -> Iterator[tuple[str, str]]:
    yield "Content-Length", str(length)
    yield "Connection", "close"
    if answer.gzip:
        yield "Content-Encoding", "gzip"
    if answer.etag:
        yield "ETag", answer.etag
    if answer.last_modified:
        yield "Last-Modified", answer.last_modified
    yield from answer.headers.items()
