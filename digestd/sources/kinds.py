"""The kinds of sources. A new kind is one file, and one line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from digestd.model.source import Failed, Fetched
from digestd.ports import Source
from digestd.sources import arxiv, feed, huggingface
from digestd.sources.document import Body, Client, SourceSettings


class ReadAs(Protocol):
    """Reads a document of some kind in the name of a source."""

    def __call__(self, body: Body, name: str) -> Fetched | Failed: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How the sources of a kind are built of their settings, and how one of its documents is read."""

    sources: Callable[[SourceSettings, Client], Sequence[Source]]
    read: ReadAs


KINDS: Mapping[str, Kind] = {
    "arxiv": Kind(arxiv.sources, arxiv.read),
    "huggingface": Kind(huggingface.sources, huggingface.read),
    "feed": Kind(feed.sources, feed.read),
}
