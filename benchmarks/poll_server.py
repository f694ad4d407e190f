"""The server of the polling benchmark: `python -m benchmarks.poll_server KIND FEEDS ENTRIES LATENCY`.

Each feed has an address of its own, 127.0.0.1 and on, as if each were a host. It prints its port, and ends with its input.
"""

import asyncio
import hashlib
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from benchmarks.poll_documents import KINDS


@contextmanager
def serving(kind: str, feeds: int, entries: int, latency: float = 0.0) -> Iterator[int]:
    """Serve so many feeds until the block ends, each answer *latency* seconds after it was asked for; yield the port."""
    command = [sys.executable, "-m", "benchmarks.poll_server", kind, str(feeds), str(entries), str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()


def host(feed: int) -> str:
    """Return where a feed is served."""
    return f"127.0.0.{feed + 1}"


def _answers(document: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a document's validator, and what is said to those who do not and to those who do know it."""
    tag = f'"{hashlib.sha256(document).hexdigest()[:16]}"'.encode()
    ends = b"ETag: " + tag + b"\r\nConnection: close\r\n"
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\nContent-Length: %d\r\n%b\r\n%b"
    return tag, whole % (len(document), ends, document), b"HTTP/1.1 304 Not Modified\r\n%b\r\n" % ends


async def _visit(
    told: tuple[bytes, bytes, bytes], latency: float, asked: asyncio.StreamReader, answer: asyncio.StreamWriter
) -> None:
    tag, whole, unchanged = told
    head = await asked.readuntil(b"\r\n\r\n")
    await asyncio.sleep(latency)
    answer.write(unchanged if tag in head else whole)
    await answer.drain()
    answer.close()


async def _serve(documents: Sequence[bytes], latency: float) -> None:
    port = 0
    for feed, document in enumerate(documents):
        line = socket.create_server((host(feed), port), backlog=100)
        port = line.getsockname()[1]
        await asyncio.start_server(partial(_visit, _answers(document), latency), sock=line)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    kind, feeds, entries, latency = sys.argv[1:]
    asyncio.run(_serve(KINDS[kind](int(feeds), int(entries)), float(latency)))
