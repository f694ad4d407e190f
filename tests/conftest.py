"""What tests of several rooms stand on: a real database and a real web server, new for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from digestd.storage import Database, open_database
from tests.support.builders import NOON
from tests.support.web import Site, loopback


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "digestd.db", NOON) as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[Site]:
    with loopback() as site:
        yield site
