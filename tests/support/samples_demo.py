"""The made-up papers of `digestd demo`, as its sources read them on the day of the tests."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from digestd.cli.demo_servers import _dated
from digestd.model.paper import Paper
from digestd.model.source import Fetched
from digestd.sources import arxiv, feed, huggingface
from digestd.sources.document import Body
from digestd.sources.entries import united
from tests.support.builders import NOON

_FEEDS = Path(__file__).parents[2] / "config" / "demo" / "feeds"
_SOURCES = (
    ("arxiv/cs.LG.xml", "arxiv", arxiv.read),
    ("arxiv/q-bio.BM.xml", "arxiv", arxiv.read),
    ("huggingface.json", "huggingface", huggingface.read),
    ("journal.atom.xml", "quiet instruments", feed.read),
)


def demo_papers() -> Sequence[Paper]:
    return united(_papers())


def _papers() -> Iterator[Paper]:
    for file, name, read in _SOURCES:
        text = _dated((_FEEDS / file).read_text(encoding="utf-8"), NOON)
        told = read(Body(text.encode()), name)
        assert isinstance(told, Fetched)
        yield from told.papers
