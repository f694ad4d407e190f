import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digestd.model.delivery import Accepted, Outcome, Rejected
from digestd.transports import Relay, SmtpTransport
from tests.support.messages import message

PROJECT = Path(__file__).parents[2]


def test_the_servers_log_outlives_it(tmp_path: Path) -> None:
    log = tmp_path / "accepted.jsonl"
    with _server("--log", str(log), "--trouble", "bob@example.org=no_such_mailbox") as port:
        outcomes = asyncio.run(_send(port, "ada", "bob", "cy"))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    taken = [message(name) for name in ("ada", "cy")]

    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted]
    assert [line["message_id"] for line in lines] == [each.message_id for each in taken]
    assert [line["recipient"] for line in lines] == [each.recipient for each in taken]
    assert [line["sha256"] for line in lines] == [hashlib.sha256(each.content).hexdigest() for each in taken]
    assert [Path(line["path"]).read_bytes() for line in lines] == [each.content for each in taken]


async def _send(port: int, *names: str) -> list[Outcome]:
    async with SmtpTransport(Relay("127.0.0.1", port, security="none")) as way:
        return [await way.send(message(name)) for name in names]


@contextmanager
def _server(*arguments: str) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.support.smtp", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()
