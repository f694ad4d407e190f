"""A paper as it is shown. What many digests share of it is made once: all but its number, and how long its abstract may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from digestd.model.digest import Evidence
from digestd.model.paper import Paper
from digestd.rendering import words
from digestd.rendering.blank import Blank
from digestd.rendering.clean import line, web_link
from digestd.rendering.marks import Pieces, marked, plain, shortened
from digestd.rendering.tex import convert

_AUTHORS, _CATEGORIES, _SOURCES = 6, 3, 3
_PAPERS, _KEPT = 4_096, 16_384  # papers, and papers as they were found: a few kB each
LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is shown of a paper, whoever looks. Each is itself alone: that makes it a quick key."""

    paper: Paper
    url: str
    name: str
    pdf: str
    authors: str
    sources: tuple[str, ...]
    badges: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A paper with what was found in it marked; a key as well."""

    facts: Facts
    title: Pieces
    heading: str
    abstract: Pieces
    why: str


@dataclass(frozen=True, slots=True)
class Card:
    """A paper at its place in a digest, with room for *room* characters of its abstract, or for all of it."""

    number: int | Blank
    shown: Shown
    room: int | None = None

    @property
    def title(self) -> Pieces:
        return self.shown.title

    @property
    def url(self) -> str:
        return self.shown.facts.url

    @property
    def name(self) -> str:
        return self.shown.facts.name or f"Abstract of paper {self.number}"

    @property
    def pdf(self) -> str:
        return self.shown.facts.pdf

    @property
    def authors(self) -> str:
        return self.shown.facts.authors

    @property
    def sources(self) -> tuple[str, ...]:
        return self.shown.facts.sources

    @property
    def badges(self) -> tuple[str, ...]:
        return self.shown.facts.badges

    @property
    def abstract(self) -> Pieces:
        return self.shown.abstract if self.room is None else shortened(self.shown.abstract, self.room)

    @property
    def why(self) -> str:
        return self.shown.why


def shown(paper: Paper, evidence: tuple[Evidence, ...]) -> Shown:
    """Return *paper* with the words of *evidence* marked."""
    return _shown(_facts(paper), evidence)


@lru_cache(_PAPERS)
def _facts(paper: Paper) -> Facts:
    return Facts(
        paper=paper,
        url=landing(paper),
        name=_name(paper),
        pdf=web_link(paper.links.pdf or ""),
        authors=_authors(paper.authors),
        sources=tuple(line(name, 40) for name in paper.sources[:_SOURCES]),
        badges=tuple(_badges(paper)),
    )


@lru_cache(_KEPT)
def _shown(facts: Facts, evidence: tuple[Evidence, ...]) -> Shown:
    title = shortened(marked(facts.paper.title, evidence, "title"), LONGEST_TITLE)
    heading = line(plain(title), LONGEST_TITLE)
    return Shown(facts, title, heading, marked(facts.paper.abstract, evidence, "abstract"), words.why(evidence))


def landing(paper: Paper) -> str:
    """Return where *paper* can be read, by its link or else by its name."""
    if link := web_link(paper.links.abstract):
        return link
    ids = paper.ids
    names = (
        ("https://arxiv.org/abs/", ids.arxiv),
        ("https://doi.org/", ids.doi),
        ("https://pubmed.ncbi.nlm.nih.gov/", ids.pmid),
    )
    return next((web_link(where + name) for where, name in names if name), "")


def _name(paper: Paper) -> str:
    ids = paper.ids
    names = (("arXiv:", ids.arxiv), ("doi:", ids.doi), ("PubMed ", ids.pmid))
    return next((line(kind + name, 60) for kind, name in names if name), "")


def _authors(authors: tuple[str, ...]) -> str:
    named = ", ".join(line(convert(author), 60) for author in authors[:_AUTHORS])
    return named if len(authors) <= _AUTHORS else f"{named} et\u00a0al.\u00a0({len(authors):,})"


def _badges(paper: Paper) -> Iterator[str]:
    yield from (line(category, 30) for category in paper.categories[:_CATEGORIES])
    if paper.votes:
        yield f"▲\u00a0{paper.votes:,}"
    if paper.version and paper.version > 1:
        yield f"v{paper.version}"
    if paper.published:
        yield words.short_date(paper.published.date())
