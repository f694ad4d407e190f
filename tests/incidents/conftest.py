import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from digestd.sources.http import Manners
from digestd.sources.http import Web as Client
from digestd.storage import open_database
from tests.incidents.scene import Scene, at
from tests.support.web import Site as Web


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def client() -> AsyncIterator[Client]:
    """Yield our way to the net, one for all: its readers take longer to begin than most tests to end."""
    manners = Manners("digestd-test (tester@example.org)", timeout=timedelta(seconds=1.5), per_host_gap=timedelta())
    async with Client(manners) as opened:
        yield opened


@pytest.fixture(scope="package")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that holds nothing."""
    path = tmp_path_factory.mktemp("empty") / "digestd.db"
    with open_database(path, at("2026-01-01")):
        pass
    return path


@pytest.fixture
def scene(tmp_path: Path, web: Web, client: Client, empty: Path) -> Iterator[Scene]:
    """Yield an installation that asks for nothing yet."""
    shutil.copy(empty, tmp_path)
    scene = Scene(tmp_path, web, client)
    yield scene
    scene.close()
