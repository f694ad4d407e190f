from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from digestd.sources.http import Manners, Web
from tests.support.web import Site, loopback


@pytest.fixture
def site() -> Iterator[Site]:
    with loopback() as site:
        yield site


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    manners = Manners(
        user_agent="digestd-test (tester@example.org)",
        timeout=timedelta(seconds=2),
        max_bytes=200_000,
        per_host_gap=timedelta(),
    )
    async with Web(manners) as web:
        yield web
