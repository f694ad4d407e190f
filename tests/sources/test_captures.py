"""Real responses, where they are at hand, are read without exception and with as many papers as they hold."""

from pathlib import Path

import pytest

from digestd.model.paper import Paper
from digestd.model.source import Failed, Fetched
from digestd.sources.document import Body
from digestd.sources.kinds import KINDS
from tests.support.shared import shared

ARXIV = {
    "arxiv_atom_cs.AI_2025-08-20_trimmed": 7,
    "arxiv_rss1_rdf_hep-ex_2021-07-08_abridged": 3,
    "arxiv_rss2_cs.AI_2026-04-27": 3,
}
NO_FEEDS = {"7ef13a42fa7e177a", "broken_e379dc"}
EMPTY = {"J-STAGE_9e49b7"}


@pytest.mark.parametrize("name", ARXIV)
def test_arxivs_lists_are_read(name: str) -> None:
    told = papers("arxiv", shared("data", "feeds", "arxiv_announce", f"{name}.xml"))

    assert len(told) == ARXIV[name]
    assert all(paper.ids.arxiv and paper.authors and "Announce Type" not in paper.abstract for paper in told)


def test_hugging_faces_lists_are_read() -> None:
    days = sorted(shared("data", "feeds", "hf_daily").glob("*.json"))
    told = [papers("huggingface", day) for day in days]

    assert [len(day) for day in told] == [13, 17, 11, 18, 21, 8, 10, 20, 22, 7, 42]
    assert all(paper.ids.arxiv and paper.abstract and paper.votes is not None for day in told for paper in day)


@pytest.mark.parametrize("folder", ["generic", "journals", "biorxiv_medrxiv", "pubmed", "arxiv_api"])
def test_feeds_in_the_wild_are_read(folder: str) -> None:
    for path in sorted(shared("data", "feeds", folder).rglob("*.xml")):
        told = KINDS["feed"].read(Body(path.read_bytes()), "wild")

        if path.stem in NO_FEEDS or path.parent.name in {"efetch", "eutils_biopython"}:
            assert isinstance(told, Failed), path.name
        else:
            assert isinstance(told, Fetched), path.name
            assert told.papers or path.stem in EMPTY or "0000.0000" in path.stem, path.name
            assert all(paper.title and paper.links.abstract.startswith(("http", "")) for paper in told.papers), path.name


def papers(kind: str, path: Path) -> tuple[Paper, ...]:
    told = KINDS[kind].read(Body(path.read_bytes()), kind)
    assert isinstance(told, Fetched)
    return told.papers
