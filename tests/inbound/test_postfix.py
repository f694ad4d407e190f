"""The whole round with a real mail server: a digest to a dead address comes back as a report, and stops the next one."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.documents import daily_paper
from tests.support.postfix import Postfix, postfix
from tests.support.site import ADA, Site, make_site
from tests.support.web import Site as Web

SETTINGS = """\
contact = "admin@example.org"

[sender]
address = "digest@example.org"
bounce_address = "bounce@bounces.example.org"

[smtp]
host = "127.0.0.1"
port = {port}

[inbound]
kind = "maildir"
path = "{bounces}"
every = 0

[poll]
every = 0
per_host_gap = 0
allow_private = true

[[sources]]
kind = "huggingface"
url = "{web}"
"""
THURSDAY = "2026-03-05T12:00:00Z"
FRIDAY = "2026-03-06T12:00:00Z"


@pytest.fixture
def server() -> Iterator[Postfix]:
    with postfix() as started:
        yield started


def two_readers(folder: Path, server: Postfix, web: Web) -> Site:
    web.serve("/api/daily_papers", json.dumps([daily_paper("2603.00001")]))
    settings = SETTINGS.format(port=server.port, bounces=server.bounces, web=web.url())
    readers = {f"{name}.toml": ADA.replace("ada@", f"{name}@") for name in ("reader", "dead")}
    return make_site(folder, settings, readers)


def states(site: Site, now: str) -> dict[str, str]:
    listed = json.loads(site.run("--now", now, "subscribers", "--json").stdout)
    return {reader["email"]: f"{reader['state']} {reader['why']}".strip() for reader in listed}


def wait_for(folder: Path) -> Path:
    """Return the first message that comes into a Maildir."""
    for _ in range(200):
        if (folder / "new").is_dir() and (found := next((folder / "new").iterdir(), None)):
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing came into {folder}")


def test_a_dead_address_is_learned_from_a_real_report(server: Postfix, tmp_path: Path, web: Web) -> None:
    site = two_readers(tmp_path / "site", server, web)
    site.run("--now", THURSDAY, "tick")
    report = wait_for(server.bounces).read_bytes()

    done = site.run("--now", THURSDAY, "tick")

    assert b"Original-Envelope-Id: " in report
    assert done.stdout.splitlines()[1] == "inbound  1 hardbounce: counted"
    found = states(site, THURSDAY)
    assert found["reader@example.org"] == "in force"
    assert found["dead@example.org"].startswith("suppressed bounce 5.1.1")
    web.serve("/api/daily_papers", json.dumps([daily_paper("2603.00002")]))
    assert "compose  1 reader due" in site.run("--now", FRIDAY, "tick").stdout


def test_a_dead_address_is_learned_from_the_servers_reply(tmp_path: Path, web: Web) -> None:
    with postfix(refuses_strangers=True) as server:
        site = two_readers(tmp_path / "site", server, web)

        site.run("--now", THURSDAY, "tick")

        assert states(site, THURSDAY)["dead@example.org"].startswith("suppressed bounce 550 5.1.1")
