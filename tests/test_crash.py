"""Crash: a delivering process is killed with SIGKILL at random instants, and the mail server's own log is the judge."""

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

from digestd.model.source import Cursor, Fetched
from digestd.pipeline.compose import Rules, compose
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, open_database
from tests.support.builders import DAY, NOON, paper, subscriber
from tests.support.site import Site, make_site

READERS, CONNECTIONS, KILLS = 160, 4, 8
LEASE_AND_MORE = timedelta(minutes=30)

SETTINGS = """\
[sender]
address = "digest@example.org"

[smtp]
host = "127.0.0.1"
port = {port}
connections = {connections}
"""


def test_a_killed_delivery_loses_nothing_and_doubts_one_digest_a_connection(tmp_path: Path) -> None:
    chance, log = Random(1), tmp_path / "mail.log"
    with logging_server(log) as port:
        site = make_site(tmp_path / "site", SETTINGS.format(port=port, connections=CONNECTIONS), readers={})
        with open_database(site.folder / "var" / "digestd.db", NOON) as database:
            compose_for_all(database)
            for number in range(KILLS):
                now = (NOON + number * LEASE_AND_MORE).isoformat()
                killed_delivery(site, now, log, count_lines(log) + chance.randrange(4, 16), chance.uniform(0, 0.02))
            assert states(database)["sending"] > 0
            delivered = site.run("--now", (NOON + KILLS * LEASE_AND_MORE).isoformat(), "deliver")

            assert delivered.returncode == 0, delivered.stderr
            assert states(database) == {"accepted": READERS}
    judge(log.read_text(encoding="utf-8"))


def compose_for_all(database: Database) -> None:
    readers = [subscriber(f"reader{number}") for number in range(READERS)]
    PaperStore(database).record("arxiv", Fetched((paper(1), paper(2)), Cursor()), NOON)
    composed = compose(readers, PaperStore(database), OutboxStore(database), Rules(DAY, "example.org"), NOON)
    assert composed.stored == READERS


def states(database: Database) -> dict[str, int]:
    return dict(RecordStore(database).states())


def killed_delivery(site: Site, now: str, log: Path, enough: int, moment: float) -> None:
    """Deliver until the server has logged *enough* mails and a *moment* has passed, then kill the process."""
    with subprocess.Popen(
        site.command("--now", now, "-q", "deliver"), env=site.environment(), stdout=subprocess.DEVNULL
    ) as process:
        while count_lines(log) < enough:
            assert process.poll() is None, "it delivered everything before it could be killed"
            time.sleep(0.002)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def count_lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def judge(log: str) -> None:
    """Assert from the server's log: everybody got the digest; what came twice was the same mail, and rare."""
    bodies: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    for line in map(json.loads, log.splitlines()):
        counts[line["recipient"]] += 1
        bodies[line["recipient"]].add(without_date(Path(line["path"]).read_bytes()))

    assert len(counts) == READERS
    assert all(len(same) == 1 for same in bodies.values())
    assert sum(counts.values()) - READERS <= KILLS * CONNECTIONS
    assert max(counts.values()) <= 1 + KILLS


def without_date(content: bytes) -> str:
    return re.sub(r"(?m)^Date: .*$", "", content.decode())


@contextmanager
def logging_server(log: Path) -> Iterator[int]:
    """Run a mail server that outlives its clients; yield its port."""
    command = [sys.executable, "-m", "tests.support.smtp", "--port", "0", "--log", str(log)]
    command += ["--store", str(log.parent / "mails"), "--delay", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()
