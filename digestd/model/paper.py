"""Papers, and the one identity that a paper keeps across sources and versions."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

PaperId = NewType("PaperId", str)

# https://info.arxiv.org/help/arxiv_identifier.html: 2401.01234, 0704.0001, hep-ex/0307015, math.GT/0309136.
_ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[a-z]{2})?/\d{7})(?:v(\d+))?"
_ARXIV = re.compile(
    rf"(?:arxiv(?:\.org)?(?::|/(?:abs|pdf|html)/)|huggingface\.co/papers/){_ARXIV_ID}(?:\.pdf)?(?=$|[?#\s])", re.IGNORECASE
)
_DOI = re.compile(r"(?:^|doi:|doi\.org/|/doi/(?:abs/|full/|pdf/)?)(10\.\d{4,9}/[!\x22$->@-~]+)", re.IGNORECASE)
_ARXIV_DOI = re.compile(rf"^10\.48550/arxiv\.{_ARXIV_ID}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The strong names of a paper, each in its plain form: `2401.01234`, `10.1101/857789`, `38000001`."""

    arxiv: str | None = None
    doi: str | None = None
    pmid: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Where a paper can be read. *abstract* is its landing page."""

    abstract: str
    pdf: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """What a source announced. *title* and *abstract* are plain text, in which TeX stays TeX."""

    id: PaperId
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    sources: tuple[str, ...] = ()
    links: Links = Links("")
    ids: Identifiers = Identifiers()
    version: int | None = None
    votes: int | None = None
    comments: int | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A paper and when *we* first saw it: the order of our knowledge, not of publication."""

    paper: Paper
    at: datetime


def arxiv_id(text: str) -> tuple[str, int | None] | None:
    """Return the arXiv id that an OAI identifier, URL or DOI names, and its version; None for anything else.

    >>> arxiv_id("oai:arXiv.org:2203.01250v3")
    ('2203.01250', 3)
    """
    found = _ARXIV.search(text) or _ARXIV_DOI.match(doi(text) or "")
    return (found[1], int(found[2]) if found[2] else None) if found else None


def doi(text: str) -> str | None:
    """Return the DOI that an id or URL names, in lower case (DOIs are case-insensitive, DOI Handbook 2.4)."""
    found = _DOI.search(text)
    return found[1].lower().rstrip(".,;)") if found else None


def identity(ids: Identifiers, *, weak: str) -> PaperId:
    """Return the strongest identity that *ids* allow; *weak* (a guid or link, else a title) stands in when there is none."""
    if ids.arxiv:
        return PaperId(f"arXiv:{ids.arxiv}")
    if ids.doi:
        return PaperId(f"doi:{ids.doi}")
    if ids.pmid:
        return PaperId(f"pmid:{ids.pmid}")
    return PaperId(f"id:{hashlib.sha256(weak.encode(errors='replace')).hexdigest()[:24]}")


def merge(known: Paper, told: Paper) -> Paper:
    """Return the union of two records of one paper: the newer version's words, the fuller abstract, every badge."""
    first, second = (told, known) if (told.version or 0) > (known.version or 0) else (known, told)
    revised = known.version and told.version and known.version != told.version
    fuller = max(first, second, key=lambda paper: len(paper.abstract))
    return Paper(
        id=known.id,
        title=first.title or second.title,
        abstract=first.abstract if revised and first.abstract else fuller.abstract,
        authors=first.authors or second.authors,
        categories=tuple(dict.fromkeys((*known.categories, *told.categories))),
        published=min(_dates(known, told), default=None),
        sources=tuple(dict.fromkeys((*known.sources, *told.sources))),
        links=Links(known.links.abstract or told.links.abstract, known.links.pdf or told.links.pdf),
        ids=Identifiers(known.ids.arxiv or told.ids.arxiv, known.ids.doi or told.ids.doi, known.ids.pmid or told.ids.pmid),
        version=first.version or second.version,
        votes=told.votes if told.votes is not None else known.votes,
        comments=told.comments if told.comments is not None else known.comments,
        organization=first.organization or second.organization,
    )


def _dates(*papers: Paper) -> Iterator[datetime]:
    return (paper.published for paper in papers if paper.published)
