"""Settings of a source, as an operator's file would give them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Wanted:
    kind: str
    url: str | None = None
    name: str = "tides"
    every: timedelta = timedelta(hours=1)
    allow_private: bool = True
    categories: tuple[str, ...] = ("cs.LG",)
    query: str | None = "lanterns"
    date_field: str | None = None
    issn: tuple[str, ...] = ()
    venue: str | None = "Example.org/2026/Conference"
    api_key: str | None = None
    revisions: bool = False
    cross_lists: bool = True
    look_back: timedelta = timedelta(days=3)
    contact: str | None = "tester@example.org"
