"""Papers, and the one identity that a paper keeps across sources and versions."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from urllib.parse import unquote, urlsplit

PaperId = NewType("PaperId", str)

# https://info.arxiv.org/help/arxiv_identifier.html: 2401.01234, 0704.0001, hep-ex/0307015, math.GT/0309136.
_ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z][a-z-]*(?:\.[a-z]{2})?/\d{7})(?:v(\d+))?"
_ARXIV = re.compile(
    rf"(?:arxiv(?:\.org)?(?::|/(?:abs|pdf|html|format)/)|(?:alphaxiv|ar5iv)\.org/(?:abs|pdf|html)/|huggingface\.co/papers/)"
    rf"{_ARXIV_ID}(?:\.pdf)?/?(?=$|[?#\s])",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?:^|doi:|doi\.org/|/doi/(?:abs/|full/|pdf/)?)(10\.\d{4,9}/[!\x22$->@-~]+)", re.IGNORECASE)
_PAGE = re.compile(r"https?://\S+?(?:/content/|/articles?/|[?&]id=)(10\.\d{4,9}/[^\s?&#]+)")  # of a publisher
KINDS = ("arXiv", "doi", "pmid", "openreview")  # strong names, strongest first
PREPRINTS = ("10.1101/", "10.64898/")  # DOIs of bioRxiv and medRxiv begin so, until 2025 and since
_VERSION = re.compile(r"(?<=\d)v\d{1,3}(?:\.\S*)?\Z")  # that their pages have, and how they show it
_PMID = re.compile(
    r"(?:^pmid:|^pubmed:|pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,8})(?=$|[/?#\s])", re.IGNORECASE
)
_FORUM = re.compile(r"(?:^openreview:|openreview\.net/(?:forum|pdf)\?(?:[^#\s]*&)?id=)([\w-]{5,40})(?=$|[&#\s])")
_TRACKING = re.compile(r"(?:^|&)(?:rss=1|utm_\w+=[^&]*)")
_CLASS = re.compile(r"\.[A-Za-z]{2}/")  # math.GT/0309136 is math/0309136
_VIEW = re.compile(r"/(?:full|abstract|summary|pdf|epdf|fulltext|meta|references)$")  # how a publisher shows what has that DOI
_ARXIV_DOI = re.compile(rf"^10\.48550/arxiv\.{_ARXIV_ID}$", re.IGNORECASE)
_BARE = re.compile(rf"{_ARXIV_ID}(?:\.pdf)?", re.IGNORECASE)
# What `identity` gives a paper without a strong name, and nearly all others.
_SETTLED = re.compile(r"id:[0-9a-f]{24}|arXiv:\d{4}\.\d{4,5}")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The strong names of a paper, each in its plain form: `2401.01234`, `10.1101/857789`, `38000001`, a forum's id."""

    arxiv: str | None = None
    doi: str | None = None
    pmid: str | None = None
    openreview: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Where a paper can be read. *abstract* is its landing page, *html* its whole text, *code* what was written for it."""

    abstract: str
    pdf: str | None = None
    html: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """What a source announced. *title* and *abstract* are plain text, in which TeX stays TeX.

    *names* are what else it goes by, such as the DOI of the journal's version of a preprint (see `strong`, `weak_name`).
    *journal* is where it appeared, *comment* what its authors say of it. *abstract_version* is which version the abstract
    is of, where that is not *version*.
    """

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
    journal: str | None = None
    comment: str | None = None
    names: tuple[str, ...] = ()
    abstract_version: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A paper and when *we* first saw it: the order of our knowledge, not of publication."""

    paper: Paper
    at: datetime


def paper_id(text: str) -> PaperId | None:
    """Return the identity that an id or a link names, in whatever form people copy it; None where it names no paper.

    >>> [paper_id(one) for one in ("2401.01234v2", "https://doi.org/10.5555/TIDE.1", "pmid: 38000001", "lanterns")]
    ['arXiv:2401.01234', 'doi:10.5555/tide.1', 'pmid:38000001', None]
    """
    name = text.strip()
    if _SETTLED.fullmatch(name):
        return PaperId(name)
    name = re.sub(r":\s+", ":", name)
    arxiv = arxiv_id(f"arXiv:{name}" if _BARE.fullmatch(name) else name)
    ids = Identifiers(arxiv[0].lower() if arxiv else None, doi(name) or _doi_of_page(name), pmid(name), openreview_id(name))
    return next(iter(strong(ids)), None)


def arxiv_id(text: str) -> tuple[str, int | None] | None:
    """Return the arXiv id that an OAI identifier, URL or DOI names, and its version; None for anything else.

    >>> arxiv_id("oai:arXiv.org:2203.01250v3")
    ('2203.01250', 3)
    """
    found = _ARXIV.search(text) or _ARXIV_DOI.match(doi(text) or "")
    return (_CLASS.sub("/", found[1]), int(found[2]) if found[2] else None) if found else None


def doi(text: str) -> str | None:
    """Return the DOI that an id or URL names, in lower case (DOIs are case-insensitive, DOI Handbook 2.4)."""
    found = _DOI.search(unquote(text) if "%" in text else text)
    return _VIEW.sub("", found[1].lower()).rstrip(".,;)") if found else None


def _doi_of_page(link: str) -> str | None:
    """Return the DOI that the link of a paper's page has in it; one of bioRxiv's has the version too."""
    page = _PAGE.match(link)
    name = doi(page[1]) if page else None
    return _VERSION.sub("", name) if name and name.startswith(PREPRINTS) else name


def pmid(text: str) -> str | None:
    """Return the PubMed id that an id or URL names."""
    found = _PMID.search(text)
    return found[1].lstrip("0") or None if found else None


def openreview_id(text: str) -> str | None:
    """Return the id of the OpenReview forum that an id or URL names."""
    found = _FORUM.search(text)
    return found[1] if found else None


def strong(ids: Identifiers) -> tuple[PaperId, ...]:
    """Return the names that *ids* give a paper, strongest first."""
    return tuple([PaperId(f"{kind}:{name}") for kind, name in zip(KINDS, plain_ids(ids), strict=True) if name])


def identity(ids: Identifiers, *, weak: str) -> PaperId:
    """Return the strongest identity that *ids* allow; *weak* (a guid or link, and the title) stands in when there is none."""
    return next(iter(strong(ids)), None) or PaperId(weak_name("id", weak))


def weak_name(kind: str, text: str) -> str:
    """Return a name, of *kind* guid, link or id, which two papers may share: alone it does not make them one."""
    return f"{kind}:{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:24]}"


def link_name(link: str) -> str:
    """Return the name that a link gives, without what changes while the page stays: the scheme, a last slash, tracking."""
    return weak_name("link", canonical(link))


def canonical(link: str) -> str:
    """Return *link* without the scheme, a last slash, and tracking."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    query = _TRACKING.sub("", parts.query).lstrip("&")
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{query}#{parts.fragment}"


def plain_ids(ids: Identifiers) -> tuple[str | None, ...]:
    """Return the ids in the order of KINDS."""
    return ids.arxiv, ids.doi, ids.pmid, ids.openreview
