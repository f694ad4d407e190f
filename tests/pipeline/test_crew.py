"""Several processes deliver side by side: as one would, but sooner."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest

from digestd.model.source import Cursor, Fetched
from digestd.model.traffic import Lane, Ledger, Quota, Share
from digestd.pipeline.pace import Pace
from digestd.storage import Database, OutboxStore, PaperStore, RecordStore, open_database
from tests.support.builders import NOON, digest, paper
from tests.support.outbox import claim_from
from tests.support.site import Site, make_site
from tests.support.smtp import SmtpServer

READERS = 240
SETTINGS = """\
[sender]
address = "digest@example.org"

[smtp]
host = "127.0.0.1"
port = {port}
connections = 4

[deliver]
processes = 2
"""


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer(delay=0.02) as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, server: SmtpServer) -> Site:
    site = make_site(tmp_path / "site", SETTINGS.format(port=server.port), readers={})
    with opened(site) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1),), Cursor()), NOON)
        OutboxStore(database).enqueue([digest(f"reader{number}", paper(1)) for number in range(READERS)], NOON)
    return site


def opened(site: Site) -> AbstractContextManager[Database]:
    return open_database(site.folder / "var" / "digestd.db", NOON)


def states(site: Site) -> dict[str, int]:
    with opened(site) as database:
        return dict(RecordStore(database).states())


def until(met: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def delivering(site: Site, server: SmtpServer) -> Iterator[tuple["Popen[str]", int]]:
    """Yield a delivery that is well under way, and the pid of its child."""
    command = site.command("--now", NOON.isoformat(), "deliver")
    with Popen(command, env=site.environment(), stdout=DEVNULL, stderr=PIPE, text=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        until(lambda: server.most_at_once == 4)
        yield process, int(children.read_text().split()[0])


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_each_digest_goes_out_once_over_no_more_connections_than_agreed(site: Site, server: SmtpServer) -> None:
    done = site.run("--now", NOON.isoformat(), "deliver")

    assert f"{READERS} accepted" in done.stdout
    assert (done.returncode, server.most_at_once) == (0, 4)
    assert len({kept.recipients for kept in server.kept}) == len(server.kept) == READERS


def test_a_few_digests_are_not_worth_a_second_process(site: Site, server: SmtpServer) -> None:
    with opened(site) as database:
        claim_from(OutboxStore(database), NOON, timedelta(hours=1), READERS - 100)

    done = site.run("--now", NOON.isoformat(), "deliver")

    assert "100 accepted" in done.stdout
    assert server.most_at_once <= 4


def test_what_a_child_had_claimed_when_it_died_goes_out_when_its_lease_is_over(site: Site, server: SmtpServer) -> None:
    with delivering(site, server) as (process, child):
        os.kill(child, signal.SIGKILL)
        _, log = process.communicate(timeout=60)
    left = states(site)
    site.run("--now", (NOON + timedelta(hours=1)).isoformat(), "deliver")

    assert "deliver.process_died" in log
    assert 1 <= left["sending"] <= 2
    assert states(site) == {"accepted": READERS}
    assert len(server.kept) <= READERS + 2


def test_a_child_whose_parent_died_ends_what_it_began_and_no_more(site: Site, server: SmtpServer) -> None:
    with delivering(site, server) as (process, child):
        process.kill()
        until(lambda: not is_there(child))

    assert 1 <= states(site)["sending"] <= 2
    assert states(site)["queued"] > 0


def test_all_processes_end_what_they_began_when_told_to_stop(site: Site, server: SmtpServer) -> None:
    with delivering(site, server) as (process, child):
        os.kill(child, signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert not is_there(child)
    assert states(site).get("queued", 0) > 0
    assert states(site)["accepted"] == len(server.kept)


# Shares


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
def test_all_shares_together_are_what_is_agreed(processes: int) -> None:
    domains = {"example.org": (3, Quota(2.0)), "elsewhere.org": (1, Quota(0.5, 10))}
    whole = Pace(10, timedelta(minutes=1), Quota(60.0, 1000), domains)

    shares = [whole.share(Share(place, processes)) for place in range(processes)]

    assert sum((Counter({track.lane: track.side_by_side for track in one.tracks}) for one in shares), Counter()) == {
        track.lane: track.side_by_side for track in whole.tracks
    }
    for lane in (Lane("example.org"), Lane("elsewhere.org"), Lane()):
        parts = [one.quotas(lane, Ledger(), NOON) for one in shares]
        for scope, quota in whole.quotas(lane, Ledger(), NOON).items():
            assert {part[scope] for part in parts} == {quota}
    assert max(one.side_by_side for one in shares) - min(one.side_by_side for one in shares) <= 1
