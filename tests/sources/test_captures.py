"""Real responses, where they are at hand, are read by the kind they belong to, with as many papers as their list says."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from digestd.model.source import Failed, Fetched
from digestd.sources.document import Body
from digestd.sources.kinds import KINDS
from tests.support.shared import shared
from tests.support.site import Site

KIND_OF = {
    "arxiv_announce": "arxiv",
    "arxiv_api": "arxiv",
    "arxiv_oai": "arxiv",
    "hf_daily": "huggingface",
    "biorxiv_medrxiv": "biorxiv",
    "pubmed": "pubmed",
    "crossref": "crossref",
    "openreview": "openreview",
    "generic": "feed",
    "journals": "feed",
}
NO_ANSWERS = {
    "crossref/test_works_mixed_ids_warn_1.txt",  # what came with a 404
    "generic/7ef13a42fa7e177a.xml",  # tags and quotes in disorder
    "journals/2021-11-24/broken_e379dc.xml",  # an HTML page
    "pubmed/eutils_biopython/esearch1.xml",  # a search, which lists ids alone
}
COUNTED_OTHERWISE = {"pubmed/eutils_biopython/esummary1.xml": 2}  # the list counts articles, and these are summaries


@pytest.mark.parametrize("folder", KIND_OF)
def test_every_capture_holds_as_many_papers_as_its_list_says(folder: str) -> None:
    told = {name: read(KIND_OF[folder], name) for name, _ in captures(folder)}
    counts = {name: len(one.papers) for name, one in told.items() if isinstance(one, Fetched)}

    assert counts == {name: COUNTED_OTHERWISE.get(name, count) for name, count in captures(folder) if name not in NO_ANSWERS}
    assert {name for name, one in told.items() if isinstance(one, Failed)} == {name for name in told if name in NO_ANSWERS}


@pytest.mark.parametrize("folder", KIND_OF)
def test_every_paper_of_a_capture_has_a_title_a_place_and_text_that_can_be_stored(folder: str) -> None:
    for name, _ in captures(folder):
        told = read(KIND_OF[folder], name)
        for paper in told.papers if isinstance(told, Fetched) else ():
            assert paper.title
            assert paper.links.abstract.startswith("http"), name
            assert repr(paper).encode(), name


def test_arxivs_lists_tell_ids_authors_and_abstracts() -> None:
    papers = [paper for name, _ in captures("arxiv_announce") for paper in fetched("arxiv", name).papers]

    assert all(paper.ids.arxiv and paper.authors and "Announce Type" not in paper.abstract for paper in papers)


def test_hugging_faces_lists_tell_votes_and_abstracts() -> None:
    papers = [paper for name, _ in captures("hf_daily") for paper in fetched("huggingface", name).papers]

    assert all(paper.ids.arxiv and paper.abstract and paper.votes is not None for paper in papers)


def test_pubmeds_records_tell_numbers_dates_and_journals() -> None:
    papers = [paper for name, _ in captures("pubmed") if name not in NO_ANSWERS for paper in fetched("pubmed", name).papers]

    assert all(paper.ids.pmid and paper.authors and paper.published and paper.journal for paper in papers)
    assert sum(bool(paper.ids.doi) for paper in papers) >= len(papers) - 4


def test_journals_tell_authors_and_dois_however_they_write_them() -> None:
    papers = [paper for name, _ in captures("journals") if name not in NO_ANSWERS for paper in fetched("feed", name).papers]
    told = [author for paper in papers for author in paper.authors]

    assert sum(bool(paper.ids.doi) for paper in papers) > 400
    assert len(told) > 1_500
    assert not [author for author in told if author.lower().startswith("et al") or len(author.strip(". ")) < 2]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("arxiv", "arxiv_announce/arxiv_rss2_cs.AI_2026-04-27.xml"),
        ("pubmed", "pubmed/efetch/35679569.xml"),
        ("feed", "pubmed/pubmed_rss_search_2021-11-23.xml"),
    ],
)
def test_source_try_prints_the_papers_of_a_capture(kind: str, name: str, tmp_path: Path) -> None:
    path = shared("data", "feeds", name)

    done = Site(tmp_path).writes("digestd.toml", "").run("source", "try", kind, str(path), "--json")

    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [paper.id for paper in fetched(kind, name).papers]


def read(kind: str, name: str) -> Fetched | Failed:
    content = shared("data", "feeds", name).read_bytes()
    whole = gzip.decompress(content) if name.endswith(".gz") else content
    return KINDS[kind].read(Body(whole, address="https://captures.example.org/"), kind)


def fetched(kind: str, name: str) -> Fetched:
    told = read(kind, name)
    assert isinstance(told, Fetched)
    return told


def captures(folder: str) -> Iterator[tuple[str, int]]:
    """Yield the captures below a folder, and how many papers each holds."""
    with shared("data", "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["file"].startswith(f"feeds/{folder}/"):
                yield row["file"].removeprefix("feeds/"), int(row["records"])
