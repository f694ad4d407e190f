"""What `digestd check` says of templates: they are rendered for made-up digests, and must not lose what a mail has to have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from html import unescape

from digestd.config import Complaint, ConfigTrouble, Places, bundled
from digestd.model.digest import Digest, DigestKey, Evidence, Match, Section
from digestd.model.paper import Identifiers, Links, Paper, PaperId
from digestd.model.period import PeriodKey, Schedule
from digestd.model.subscriber import SubscriberId
from digestd.rendering import Page, TemplateError
from digestd.rendering.tokens import token
from digestd.wiring.post import build_letterhead, build_renderer, faults_of

_NO_KEY = bytes(32)  # what is rendered here is thrown away


def faults_in_templates(places: Places) -> Sequence[Complaint]:
    """Return what is wrong with the templates, or with the keys that sign: template, line, and what to do."""
    try:
        renderer = build_renderer(places, _NO_KEY)
        faults: dict[str, None] = {}
        for digest in _samples(places).values():
            try:
                renderer.page(digest, _PAPERS)
            except TemplateError as error:
                faults |= dict.fromkeys(error.args)
        if faults:
            raise faults_of(places, TemplateError(*faults))
    except ConfigTrouble as trouble:
        return trouble.complaints
    return ()


def remarks_on_templates(places: Places) -> Iterator[str]:
    """Yield what looks odd in the operator's own templates, which are without faults."""
    if places.own_templates is None:
        return
    yield from _strangers(places)
    renderer = build_renderer(places, _NO_KEY)
    pages = {kind: renderer.page(digest, _PAPERS) for kind, digest in _samples(places).items()}
    yield from _untitled(pages)
    yield from _lost(pages, places)
    yield from _too_large(pages, places.settings.digest.max_bytes)


def _samples(places: Places) -> Mapping[str, Digest]:
    """Return made-up digests, by what is in them, in the language that most readers have."""
    return {kind: replace(digest, language=places.settings.digest.language) for kind, digest in _SAMPLES.items()}


def _strangers(places: Places) -> Iterator[str]:
    known = [path.name for path in bundled("templates").glob("*.j2")]
    for stranger in sorted(places.templates().keys() - set(known)):
        if close := get_close_matches(stranger, known, n=1, cutoff=0.8):
            yield f"the template {stranger} is not used by digestd; did you mean {close[0]}?"


def _untitled(pages: Mapping[str, Page]) -> Iterator[str]:
    if without := [kind for kind, page in pages.items() if not page.subject]:
        yield f"subject.txt.j2 gives no subject to a digest of {without[0]}: mail without one looks like spam"


def _lost(pages: Mapping[str, Page], places: Places) -> Iterator[str]:
    """Yield what a mail must have, and these pages do not."""
    for name, (told, why) in _musts(places).items():
        for part, template in (("html", "digest.html.j2"), ("text", "digest.txt.j2")):
            concerned = {_TROUBLED: pages[_TROUBLED]} if name == "troubles" else pages
            shown = re.compile(rf"{re.escape(told)}(?![?\w])")  # a link to the settings only begins as that to leave
            without = [kind for kind, page in concerned.items() if not shown.search(_seen(getattr(page, part)))]
            if without:
                yield f"{template} does not show {{{{ {name} }}}} in a digest of {without[0]}: {why}"


def _musts(places: Places) -> Mapping[str, tuple[str, str]]:
    """Return what must be seen, by the name of its variable, and why."""
    letterhead = build_letterhead(places.settings)
    leaving = token(_NO_KEY, "unsubscribe", _READER)
    link = letterhead.unsubscribe_page(leaving) or letterhead.unsubscribe_mail(leaving)
    must = {
        "unsubscribe": (link, "a reader cannot leave from there; mail providers ask for that link, and so does the law"),
        "sender": (letterhead.address, "a reader must see whose mail it is"),
        "troubles": (_SILENT, "a source that could not be read would look like a quiet day"),
    }
    if letterhead.postal_address:
        must["postal_address"] = (_seen(letterhead.postal_address), "the law asks for it where it is set")
    return must


def _seen(text: str) -> str:
    return " ".join(unescape(text).split())


def _too_large(pages: Mapping[str, Page], most: int) -> Iterator[str]:
    for kind, page in pages.items():
        if (size := len(page.html.encode())) > most:
            yield (
                f"digest.html.j2 makes {size:,} bytes of a digest of {kind}, without cards, and digest.max_bytes is {most:,}:"
                " mail programs cut it off"
            )


_READER = SubscriberId("ada@example.org")
_SILENT = "Sample Journal"
_TROUBLED = "sources in trouble"
_NOW = datetime(2026, 3, 5, tzinfo=UTC)


_MORE = "https://example.org/text.html", "https://example.org/code"


def _paper(number: int) -> Paper:
    """Return a made-up paper: each third has all that a paper may have, each third no more than a title."""
    title = f"Sample paper {number} on tides & lanterns"
    if number % 3 == 2:
        return Paper(PaperId(f"id:{number}"), title)
    plain = Paper(
        PaperId(f"arXiv:2603.{number:05}"),
        title,
        abstract="We light a lantern and measure $x^2$ < 3 at low tide. " * 12,
        authors=tuple(f"Ada {letter}. Quill" for letter in "ABCDEFGH"),
        categories=("cs.LG", "stat.ML"),
        published=_NOW - timedelta(days=number % 2),
        sources=("sample",),
        links=Links(f"https://example.org/{number}"),
    )
    if number % 3 == 0:
        return plain
    return Paper(
        **{name: getattr(plain, name) for name in ("id", "title", "abstract", "authors", "categories", "published", "sources")},
        links=Links(plain.links.abstract, f"https://example.org/{number}.pdf", *_MORE),
        ids=Identifiers(arxiv=f"2603.{number:05}", doi=f"10.5555/{number}"),
        version=2,
        votes=1_203,
        comments=4,
        organization="Samples United",
        journal="Journal of Samples",
        comment="12 pages",
    )


_PAPERS = {one.id: one for one in map(_paper, range(1, 121))}
_FOUND = (
    Evidence("sample", "title", 0, 6, 1.0, "Sample"),
    Evidence("lantern", "abstract", 11, 18, 1.0, "lantern"),
    Evidence("author:quill", "author", 0, 12, 1.0, "Ada A. Quill"),
)


def _digest(*sections: Section, failing: Sequence[str] = (), stale: Sequence[str] = ()) -> Digest:
    return Digest(
        key=DigestKey(_READER, PeriodKey("daily/2026-03-05")),
        message_id="<sample@example.org>",
        since=_NOW,
        until=_NOW,
        email=_READER,
        name="Ada",
        schedule=Schedule(),
        sections=sections,
        looked_at=2_431,
        failing=tuple(failing),
        stale=tuple(stale),
    )


def _section(papers: Sequence[PaperId], overflow: Sequence[PaperId] = (), hidden: Sequence[PaperId] = ()) -> Section:
    matches = tuple(Match(one, "Samples", 1.0, _FOUND) for one in papers)
    return Section("Samples & co", matches, tuple(overflow), tuple(hidden))


_IDS = tuple(_PAPERS)
_SAMPLES = {
    "no papers": _digest(Section("Samples")),
    "one paper": _digest(_section(_IDS[:1])),
    "papers in short alone": _digest(_section((), _IDS[:20], _IDS[20:22])),
    "100 papers": _digest(_section(_IDS[:90], _IDS[100:120], _IDS[:2]), _section(_IDS[90:100])),
    "papers of a week": replace(_digest(_section(_IDS[:8])), schedule=Schedule("week")),
    _TROUBLED: _digest(_section(_IDS[:3]), failing=(_SILENT,), stale=("Still Journal",)),
}
