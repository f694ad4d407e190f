"""Papers in the forms in which sources announce them, as short as a sample can say them."""

from typing import Any

from digestd.model.paper import Identifiers, Links, Paper, identity
from tests.support.builders import NOON


def arxiv(number: int, title: str, authors: str, abstract: str, categories: str, **fields: Any) -> Paper:
    """Return a paper that arXiv announced; the authors are parted by "; ", the categories by blanks."""
    name = f"2613.{number:05}"
    plain: dict[str, Any] = {
        "sources": ("arxiv",),
        "links": Links(f"https://arxiv.org/abs/{name}", f"https://arxiv.org/pdf/{name}"),
        "version": 1,
        "categories": tuple(categories.split()),
    }
    return made(Identifiers(arxiv=name), title, authors, abstract, **(plain | fields))


def forum(name: str, title: str, authors: str, abstract: str, venue: str) -> Paper:
    """Return a paper that a conference shows on OpenReview."""
    links = Links(f"https://openreview.net/forum?id={name}", f"https://openreview.net/pdf?id={name}")
    return made(Identifiers(openreview=name), title, authors, abstract, journal=venue, links=links, sources=("openreview",))


def journal(doi: str, title: str, authors: str, abstract: str, name: str) -> Paper:
    """Return a paper of a journal with a feed of its own."""
    links = Links(f"https://quiet-instruments.example.org/{doi}")
    ids = Identifiers(doi=f"10.5555/{doi}")
    return made(ids, title, authors, abstract, journal=name, links=links, sources=("quiet instruments",))


def preprint(doi: str, title: str, authors: str, abstract: str, **fields: Any) -> Paper:
    """Return a preprint of bioRxiv."""
    page = f"https://www.biorxiv.org/content/10.5555/{doi}v{fields.get('version', 1)}"
    links = Links(page, f"{page}.full.pdf")
    plain = {"sources": ("biorxiv",), "links": links, "categories": ("biophysics",)}
    return made(Identifiers(doi=f"10.5555/{doi}"), title, authors, abstract, **(plain | fields))


def pubmed(number: int, title: str, authors: str, abstract: str, journal: str) -> Paper:
    """Return a paper that PubMed lists, which a journal printed."""
    ids = Identifiers(pmid=str(number), doi=f"10.5555/pm.{number}")
    links = Links(f"https://pubmed.ncbi.nlm.nih.gov/{number}/")
    return made(ids, title, authors, abstract, journal=journal, links=links, sources=("pubmed", "crossref"))


def made(ids: Identifiers, title: str, authors: str, abstract: str, **fields: Any) -> Paper:
    plain: dict[str, Any] = {
        "id": identity(ids, weak=title),
        "title": title,
        "abstract": abstract,
        "authors": tuple(filter(None, authors.split("; "))),
        "published": NOON,
        "ids": ids,
    }
    return Paper(**(plain | fields))
