"""Where a paper leads: its landing page, its whole text, and the code that was written for it."""

import re

from digestd.model.paper import Paper
from digestd.rendering.clean import line, web_link

_CODE = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org)/[\w.-]+/[\w.-]*\w", re.IGNORECASE
)


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


def name_of(paper: Paper) -> str:
    """Return what to call the landing page of *paper*, or "" where it has no name of its own."""
    ids = paper.ids
    names = (("arXiv:", ids.arxiv), ("doi:", ids.doi), ("PubMed ", ids.pmid))
    return next((line(kind + name, 60) for kind, name in names if name), "")


def code_of(paper: Paper) -> str:
    """Return where the code of *paper* is: as a source says, or as the paper says if it names one place alone."""
    if paper.links.code:
        return web_link(paper.links.code)
    named = {one.removesuffix(".git") for one in _CODE.findall(f"{paper.abstract} {paper.comment or ''}")}
    return web_link(named.pop()) if len(named) == 1 else ""
