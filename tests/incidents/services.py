"""The services as the incidents play them: all announce the same lanterns, each in its own form."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.incidents.scene import Scene
from tests.sources.documents import arxiv_item, daily_paper, daily_papers, item, rss
from tests.sources.service_documents import note, notes, posting, postings, work, works
from tests.sources.test_pubmed import article, found, records

Numbers = Sequence[int]

# Where a source asks on 5 and on 6 March 2026: the first document, and those that follow or stand in.
PATHS: Mapping[str, Sequence[str]] = {
    "arxiv": ["/rss/cs.LG"],
    "huggingface": ["/api/daily_papers"],
    "biorxiv": [
        "/details/biorxiv/2026-03-02/2026-03-06/0",
        "/details/biorxiv/2026-03-03/2026-03-07/0",
        "/biorxiv_xml.php",
    ],
    "pubmed": ["/esearch.fcgi", "/efetch.fcgi"],
    "crossref": ["/works"],
    "openreview": ["/notes"],
    "feed": ["/feed"],
}
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "biorxiv": {"categories": ()},
    "crossref": {"issn": ("1234-5679",), "query": None},
}


def asks(scene: Scene, kind: str) -> None:
    """Configure a source of that kind."""
    scene.asks(kind, **FIELDS.get(kind, {}))


def announces(scene: Scene, kind: str, numbers: Numbers, **told: Any) -> None:
    """Let the service announce lanterns of these numbers from now on."""
    for path in PATHS[kind]:
        scene.site.serve(path, _DOCUMENTS.get(path, _DOCUMENTS[PATHS[kind][0]])(numbers), **told)


def says(scene: Scene, kind: str, document: str, **told: Any) -> None:
    """Let the service answer everything with *document* from now on."""
    for path in PATHS[kind]:
        scene.site.serve(path, document, **told)


def arxiv_list(numbers: Numbers, way: str = "new", **fields: str) -> str:
    """Return a list of the day that announces papers of these numbers."""
    return rss(*arxiv_items(numbers, way, **fields), title="cs.LG updates on arXiv.org")


def arxiv_items(numbers: Numbers, way: str = "new", **fields: str) -> list[str]:
    return [arxiv_item(f"2603.{n:05}", 1, way, **({"title": f"Lantern number {n}"} | fields)) for n in numbers]


def arxiv_ids(numbers: Iterable[int]) -> list[str]:
    return [f"arXiv:2603.{n:05}" for n in numbers]


def feed(numbers: Numbers, **fields: str) -> str:
    """Return a feed of papers that only their links and guids name."""
    return rss(*(_feed_item(n, fields) for n in numbers))


def _feed_item(number: int, fields: dict[str, str]) -> str:
    link = f"https://annals.example.org/{number}"
    told = {"title": f"Lantern number {number}", "link": link, "guid": link, "pubDate": "Thu, 05 Mar 2026 00:00:00 GMT"}
    return item(**(told | fields))


def hugging_face(numbers: Numbers) -> str:
    return daily_papers(*(daily_paper(f"2603.{n:05}", title=f"Lantern number {n}") for n in numbers))


def pubmed_records(numbers: Numbers) -> str:
    return records(*(article(99000000 + n, f"Lantern number {n}.") for n in numbers))


_DOCUMENTS: Mapping[str, Callable[[Numbers], str]] = {
    "/rss/cs.LG": arxiv_list,
    "/api/daily_papers": hugging_face,
    "/details/biorxiv/2026-03-02/2026-03-06/0": lambda numbers: postings(*map(posting, numbers)),
    "/esearch.fcgi": lambda numbers: found(*(99000000 + n for n in numbers)),
    "/efetch.fcgi": pubmed_records,
    "/works": lambda numbers: works(*map(work, numbers)),
    "/notes": lambda numbers: notes(*map(note, numbers)),
    "/feed": feed,
}
