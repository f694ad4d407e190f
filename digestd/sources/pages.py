"""Answers that come in several documents, each of which names the next: the shape of the services' interfaces for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from digestd.model.paper import Paper
from digestd.model.source import Cursor, Failed
from digestd.sources.document import Announcer, Body

MOST = 200  # documents in one answer; what is beyond is asked for at the next poll

ReadPage = Callable[[Body], "Page | Failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """A document to ask for, and the function, which pickle finds by its name, that reads it."""

    address: str
    read: ReadPage


@dataclass(frozen=True, slots=True)
class Page:
    """What one document of several says, and the next of them: None after the last."""

    papers: tuple[Paper, ...] = ()
    complaints: tuple[str, ...] = ()
    then: Step | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk through the pages brought. *stopped* is why it ended before the last; then *papers* are not all."""

    papers: tuple[Paper, ...]
    complaints: tuple[str, ...] = ()
    stopped: Failed | None = None


async def walk(source: Announcer, first: Step) -> Walk:
    """Return the papers of *first* and of all pages after it, in their order."""
    papers: list[Paper] = []
    complaints: list[str] = []
    step = first
    for number in range(1, MOST + 1):
        page = await _page(source, step)
        if isinstance(page, Failed):
            return Walk(tuple(papers), tuple(complaints), _of_page(page, number))
        papers += page.papers
        complaints += page.complaints
        if page.then is None:
            return Walk(tuple(papers), tuple(complaints))
        step = page.then
    return Walk(tuple(papers), tuple(complaints), Failed(f"the answer goes on after {MOST} pages"))


async def _page(source: Announcer, step: Step) -> Page | Failed:
    body = await source.get(step.address, Cursor())
    if not isinstance(body, Body):
        return body if isinstance(body, Failed) else Failed("the server sent no document")
    return await source.web.read(step.read, body)


def _of_page(failed: Failed, number: int) -> Failed:
    return replace(failed, reason=f"page {number}: {failed.reason}") if number > 1 else failed
