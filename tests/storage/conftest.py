"""What the tests of several stores stand on."""

import pytest

from digestd.model.source import Cursor, Fetched
from digestd.ports import Outbox, SeenPapers
from digestd.storage import Database, OutboxStore, PaperStore
from tests.support.builders import NOON, paper


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return OutboxStore(database)


@pytest.fixture
def seen(database: Database) -> SeenPapers:
    """Return a store that has seen four papers."""
    store = PaperStore(database)
    store.record("arxiv", Fetched(tuple(paper(number) for number in range(1, 5)), Cursor()), NOON)
    return store
