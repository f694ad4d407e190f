"""A paper as it is shown. What many digests share of it is made once: all but its number and its reason."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from digestd.model.digest import Evidence
from digestd.model.paper import PREPRINTS, Paper
from digestd.rendering import words
from digestd.rendering.blank import Blank, Later, Uses
from digestd.rendering.clean import line, web_link
from digestd.rendering.language import Language
from digestd.rendering.links import code_of, landing, name_of
from digestd.rendering.marks import Piece, Pieces, joined, marked, plain, shortened, unmarked
from digestd.rendering.tex import convert

_AUTHORS, _CATEGORIES, _SOURCES = 6, 3, 3
_PAPERS, _KEPT = 8_192, 32_768  # papers in a language, and papers as they were found
LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is shown of a paper to all who read a language. Each is itself alone: that makes it a quick key."""

    paper: Paper
    language: Language
    url: str
    name: str
    pdf: str
    html: str
    code: str
    authors: Pieces
    sources: tuple[str, ...]
    badges: tuple[str, ...]
    heading: str


class Shape(NamedTuple):
    """What the cards of a paper have in common that differ in marks and reasons alone."""

    facts: Facts
    room: int
    authors: Pieces
    has_why: bool


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A paper with what *evidence* names marked, and at most about *room* characters of its abstract; a key as well."""

    facts: Facts
    evidence: tuple[Evidence, ...]
    room: int
    authors: Pieces
    why: str

    @property
    def shape(self) -> Shape:
        return Shape(self.facts, self.room, self.authors, bool(self.why))

    @property
    def title(self) -> Pieces:
        return shortened(marked(self.facts.paper.title, self.evidence, "title"), LONGEST_TITLE)

    @property
    def abstract(self) -> Pieces:
        return shortened(marked(self.facts.paper.abstract, self.evidence, "abstract"), self.room)


@dataclass(frozen=True, slots=True, eq=False)
class Unfound:
    """A paper as all cards of it have it: what depends on how it was found comes later."""

    facts: Facts
    authors: Pieces
    title: Later
    abstract: Later
    why: Later


_Number = TypeVar("_Number", int, Blank)
_Known = TypeVar("_Known", bound=Shown | Unfound)


@dataclass(frozen=True, slots=True)
class Card(Generic[_Number, _Known]):
    """A paper at its place in a digest: what a template for papers is given."""

    number: _Number
    shown: _Known

    @property
    def title(self) -> Pieces | Later:
        return self.shown.title

    @property
    def url(self) -> str:
        return self.shown.facts.url

    @property
    def name(self) -> str:
        return self.shown.facts.name or self._own_name

    @property
    def _own_name(self) -> str:
        return self.shown.facts.language.gettext("Abstract of paper %(number)s", number=str(self.number))

    @property
    def pdf(self) -> str:
        return self.shown.facts.pdf

    @property
    def html(self) -> str:
        return self.shown.facts.html

    @property
    def code(self) -> str:
        return self.shown.facts.code

    @property
    def authors(self) -> Pieces:
        return self.shown.authors

    @property
    def sources(self) -> tuple[str, ...]:
        return self.shown.facts.sources

    @property
    def badges(self) -> tuple[str, ...]:
        return self.shown.facts.badges

    @property
    def abstract(self) -> Pieces | Later:
        return self.shown.abstract

    @property
    def why(self) -> str | Later:
        return self.shown.why


FullCard = Card[int, Shown]
BlankCard = Card[Blank, Shown | Unfound]


@lru_cache(_KEPT)
def found(facts: Facts, evidence: tuple[Evidence, ...], room: int) -> Shown:
    """Return a paper as it was found by *evidence*."""
    followed = {one.words for one in evidence if one.field == "author"}
    authors = _authors(facts.paper.authors, followed, facts.language) if followed else facts.authors
    return Shown(facts, evidence, room, authors, words.why(facts.language, evidence))


def unfound(shape: Shape, uses: Uses) -> Unfound:
    """Return a paper as all cards of that shape have it; *uses* will tell what is to be made of the rest."""
    plainly = Shown(shape.facts, (), shape.room, (), "")
    title, abstract = plain(plainly.title), plain(plainly.abstract)
    return Unfound(
        shape.facts,
        shape.authors,
        Later("title", bool(title), uses, title),
        Later("abstract", bool(abstract), uses, abstract),
        Later("why", shape.has_why, uses),
    )


def facts_of(paper: Paper, language: Language) -> Facts:
    """Return what is shown of *paper* to all who read *language*."""
    # To compare papers takes longer than all else that is done for a card that is ready.
    known = _AT_HAND.get((id(paper), language))
    if known is None or known.paper is not paper:
        if len(_AT_HAND) >= _PAPERS:
            _AT_HAND.clear()
        known = _AT_HAND[id(paper), language] = _facts(paper, language)
    return known


_AT_HAND: dict[tuple[int, Language], Facts] = {}


@lru_cache(_PAPERS)
def _facts(paper: Paper, language: Language) -> Facts:
    return Facts(
        paper=paper,
        language=language,
        url=landing(paper),
        name=name_of(paper),
        pdf=web_link(paper.links.pdf or ""),
        html=web_link(paper.links.html or ""),
        code=code_of(paper),
        authors=_authors(paper.authors, (), language),
        sources=tuple(words.source(name, 40) for name in paper.sources[:_SOURCES]),
        badges=tuple(_badges(paper, language)),
        heading=line(plain(shortened(unmarked(paper.title), LONGEST_TITLE)), LONGEST_TITLE),
    )


def _authors(authors: tuple[str, ...], followed: Container[str], language: Language) -> Pieces:
    """Return the first authors and all *followed* ones, who are marked, and how many there are if these are not all."""
    shown = [name for place, name in enumerate(authors) if place < _AUTHORS or name in followed]
    pieces = [Piece(seen, name in followed) for name in shown if (seen := line(convert(name), 60))]
    told = [piece for name in pieces for piece in (name, Piece(", "))][:-1]
    if len(shown) < len(authors):
        told.append(Piece(" " + words.unbroken(language.gettext("et al. (%(count)s)", count=language.number(len(authors))))))
    return joined(told)


def _badges(paper: Paper, language: Language) -> Iterator[str]:
    if paper.votes:
        yield f"▲\u00a0{language.number(paper.votes)}"
    yield from (line(category, 30) for category in paper.categories[:_CATEGORIES])
    if journal := line(convert(paper.journal or ""), 60):
        yield language.gettext("now in %(journal)s", journal=journal) if _is_preprint(paper) else journal
    if paper.version and paper.version > 1:
        yield f"v{paper.version}"
    if paper.published:
        yield words.short_date(language, paper.published.date())


def _is_preprint(paper: Paper) -> bool:
    return bool(paper.ids.arxiv) or (paper.ids.doi or "").startswith(PREPRINTS)
