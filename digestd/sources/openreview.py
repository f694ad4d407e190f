"""OpenReview, https://docs.openreview.net/reference/api-v2: the papers of a venue, all of them each time.

A venue's own name, `VENUE`, stands for the papers that it accepted, and `VENUE/Submission` for those under review.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from digestd.model.paper import Identifiers, Links, Paper, identity
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.sources.clean import ABSTRACT, NAME, TITLE, address, fields, names, plain, text, values
from digestd.sources.document import Announcer, Body, Client, SourceSettings
from digestd.sources.entries import united
from digestd.sources.pages import Page, Step, alone, walk

SERVICE, SITE = "https://api2.openreview.net", "https://openreview.net"
_ROWS = 1_000
_FORUM = re.compile(r"[\w-]{5,40}", re.ASCII)
_HTML = re.compile(rb"\s*<")
_DATES = ("pdate", "odate", "cdate", "tcdate")  # published, made public, created, entered
_CHALLENGE = "OpenReview may want a challenge solved in a browser: it goes by itself, or ask from another network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue(Announcer):
    """The submissions of a venue. They are compared as a whole: the service has no validators, and old notes change."""

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        walked = await walk(self, _step(_Asked(self.asked, self.label)))
        if walked.stopped:
            stopped = _explained(walked.stopped)
            if stopped.gone or not walked.papers:
                return stopped
            return Fetched(united(walked.papers), cursor, complaints=walked.complaints, wait=stopped.wait, gap=stopped.reason)
        after = replace(cursor, body_hash=_digest(walked.papers))
        if after == cursor:
            return NotModified(after)
        return Fetched(united(walked.papers), after, complaints=walked.complaints)


def sources(settings: SourceSettings, web: Client) -> tuple[Venue, ...]:
    """Return the venue that *settings* give."""
    service, venue = (settings.url or SERVICE).rstrip("/"), quote(settings.venue or "")
    asked = f"{service}/notes?content.venueid={venue}&limit={_ROWS}&sort=cdate:asc"  # so that new notes shift no page
    return (Venue(settings=settings, web=web, asked=asked),)


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of one answer, or the one of a single note."""
    return alone(_page(body, _Asked("", name)), body)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page of notes for a source of that *name*, of which *got* came before."""

    address: str
    name: str
    got: int = 0


def _step(asked: _Asked) -> Step:
    return Step(f"{asked.address}&offset={asked.got}", partial(_page, asked=asked))


def _page(body: Body, asked: _Asked) -> Page | Failed:
    answer = _notes(body)
    if isinstance(answer, Failed):
        return answer
    notes, count = answer
    got = asked.got + len(notes)
    ends = got >= count if count is not None else len(notes) < _ROWS
    if not notes and not ends:
        return Failed(f"only {got} of {count} notes came")
    told = [(at, _paper(note, asked.name)) for at, note in enumerate(notes, asked.got + 1) if _is_submission(note)]
    papers = tuple(paper for _, paper in told if paper)
    if told and not papers:
        return Failed(f"none of the page's {len(told)} submissions has an id and a title")
    return Page(
        papers=papers,
        complaints=tuple(f"submission {at} has no id or no title" for at, paper in told if not paper),
        then=None if ends else _step(replace(asked, got=got)),
    )


def _notes(body: Body) -> tuple[Sequence[Any], int | None] | Failed:
    """Return the notes of an answer, and how many there are in all where it says so."""
    match body.json():
        case {"id": str(), "content": {}} as note:  # one alone, perhaps with the notes that answer it
            return [note], 1
        case {"notes": [*notes], **rest}:
            count = rest.get("count")
            return notes, count if type(count) is int and count >= 0 else None
        case {"message": str(why), "name": str()}:
            return Failed(f'OpenReview answered "{plain(why, 100)}"')
        case _ if _HTML.match(body.content):
            return Failed(f"a challenge page came, or another page for people, and no notes: {_CHALLENGE}")
        case _:
            return Failed("what came is not a list of notes")


def _is_submission(note: Any) -> bool:
    """Say whether *note* is, or may be, what its forum is about: no review, comment or decision, and not deleted."""
    told = fields(note)
    found = text(told.get("id"))
    return not found or ((text(told.get("forum")) or found) == found and not told.get("ddate"))


def _paper(told: Any, name: str) -> Paper | None:
    note = fields(told)
    forum, content = text(note.get("id")), fields(note.get("content"))
    title = plain(text(_value(content, "title")), TITLE)
    if not _FORUM.fullmatch(forum) or not title:
        return None
    ids = Identifiers(openreview=forum)
    return Paper(
        id=identity(ids, weak=""),
        title=title,
        abstract=plain(text(_value(content, "abstract")), ABSTRACT),
        authors=_authors(_value(content, "authors")),
        published=next((at for at in (_moment(note.get(date)) for date in _DATES) if at), None),
        sources=(name,),
        links=Links(f"{SITE}/forum?id={forum}", address(text(_value(content, "pdf")), SITE) or None),
        ids=ids,
        journal=plain(text(_value(content, "venue")), NAME) or None,
        comment=plain(text(_value(content, "TLDR") or _value(content, "TL;DR")), TITLE) or None,
    )


def _value(content: dict[str, Any], key: str) -> object:
    """Return what a note says under *key*: in the second form of the interface, inside another object."""
    told = content.get(key)
    return told.get("value") if isinstance(told, dict) else told


def _authors(told: object) -> tuple[str, ...]:
    """Return the names of authors, who are strings, or profiles with a full name."""
    return names(text(one) or text(fields(one).get("fullname")) or text(fields(one).get("name")) for one in values(told))


def _moment(milliseconds: object) -> datetime | None:
    if type(milliseconds) is not int or not 0 < milliseconds < 10**14:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _explained(stopped: Failed) -> Failed:
    """Return *stopped* with what a refusal means here: nobody is told more than 403."""
    return replace(stopped, reason=f"{stopped.reason}. {_CHALLENGE}") if stopped.status == 403 else stopped


def _digest(papers: Sequence[Paper]) -> str:
    told = hashlib.sha256()
    for paper in papers:
        told.update(repr(paper).encode(errors="replace"))
    return told.hexdigest()
