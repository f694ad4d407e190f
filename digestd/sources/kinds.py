"""The kinds of sources. A new kind is one file, and one line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from digestd.model.source import Failed, Fetched
from digestd.ports import Source
from digestd.sources import arxiv, arxiv_api, crossref, feed, huggingface, openreview, pubmed, rxiv
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
    "arxiv_api": Kind(arxiv_api.sources, arxiv_api.read),
    "huggingface": Kind(huggingface.sources, huggingface.read),
    "biorxiv": Kind(rxiv.sources, rxiv.read),
    "medrxiv": Kind(rxiv.sources, partial(rxiv.read, server="medrxiv")),
    "pubmed": Kind(pubmed.sources, pubmed.read),
    "crossref": Kind(crossref.sources, crossref.read),
    "openreview": Kind(openreview.sources, openreview.read),
    "feed": Kind(feed.sources, feed.read),
}
