"""Answers that come in several documents, each of which names the next: the shape of the services' interfaces for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from digestd.model.paper import Paper, PaperId
from digestd.model.source import Cursor, Failed, Fetched
from digestd.sources.document import Announcer, Body, answered
from digestd.sources.entries import united

MOST = 200  # documents in one answer; what is beyond is asked for at the next poll
REPEATED = Failed("the server repeats its pages")

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
    step, before = first, Page()
    for number in range(1, MOST + 1):
        page = await _page(source, step, before)
        if isinstance(page, Failed):
            return Walk(tuple(papers), tuple(complaints), _of_page(page, number))
        papers += page.papers
        complaints += page.complaints
        if page.then is None:
            return Walk(tuple(papers), tuple(complaints))
        step, before = page.then, page
    return Walk(tuple(papers), tuple(complaints), Failed(f"the answer goes on after {MOST} pages"))


def alone(page: Page | Failed, body: Body, *, day_list: bool = False) -> Fetched | Failed:
    """Return what a document says by itself, of which *page* is what was read."""
    if isinstance(page, Failed):
        return page
    return Fetched(united(page.papers), body.cursor, day_list, complaints=page.complaints, wait=body.wait)


async def _page(source: Announcer, step: Step, before: Page) -> Page | Failed:
    page = await answered(source.web, await source.get(step.address, Cursor()), step.read)
    return REPEATED if isinstance(page, Page) and _repeats(page, before) else page


def _repeats(page: Page, before: Page) -> bool:
    """Say whether a page brings the papers of the page *before* again. Part of a last one may be: its rows move."""
    here, there = _named(page), _named(before)
    return bool(here) and here <= there and (page.then is not None or here == there)


def _named(page: Page) -> set[tuple[PaperId, int | None]]:
    return {(paper.id, paper.version) for paper in page.papers}


def _of_page(failed: Failed, number: int) -> Failed:
    return replace(failed, reason=f"page {number}: {failed.reason}") if number > 1 else failed
