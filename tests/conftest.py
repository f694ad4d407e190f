"""What tests of several rooms stand on: a real database and a real web server, new for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from digestd.storage import Address, Database, open_database
from tests.support.builders import NOON
from tests.support.postgres import Postgres, programs, running
from tests.support.web import Site, loopback


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    with running(found) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """Return where a database is, each of both kinds in turn: new, and with tables where that is quicker."""
    if request.param == "sqlite":
        return tmp_path / "digestd.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.make(like="template")


@pytest.fixture
def database(address: Address) -> Iterator[Database]:
    with open_database(address, NOON) as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[Site]:
    with loopback() as site:
        yield site
