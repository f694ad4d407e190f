"""The traps that real titles and abstracts lay."""

import gzip
import json
import time
from collections.abc import Iterator

import pytest

from digestd.matching import PaperIndex, compile_profile
from digestd.model.digest import Match
from digestd.model.paper import Paper, PaperId
from digestd.model.shapes import paper_from_json
from tests.support.builders import profile
from tests.support.shared import shared


@pytest.fixture(scope="module")
def arxiv() -> dict[PaperId, Paper]:
    with gzip.open(shared("data", "papers_arxiv_sample.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return {paper.id: paper for paper in map(paper_from_json, map(json.loads, lines))}


@pytest.fixture(scope="module")
def arxiv_index(arxiv: dict[PaperId, Paper]) -> PaperIndex:
    return PaperIndex([*arxiv.values()])


@pytest.fixture(scope="module")
def listings() -> PaperIndex:
    """Return the papers of some listings, each title once."""
    lines = shared("data", "listings", "papers.jsonl").read_text(encoding="utf-8").splitlines()
    records = {record["title"]: record for record in map(json.loads, lines)}
    return PaperIndex([Paper(PaperId(title), title, record["abstract"] or "") for title, record in records.items()])


def found(index: PaperIndex, entry: str) -> list[Match]:
    return index.matches(compile_profile(profile(entry)))


def words(index: PaperIndex, entry: str) -> Iterator[str]:
    return (evidence.words for match in found(index, entry) for evidence in match.evidence)


@pytest.mark.parametrize(
    ("entry", "count"),
    [
        ("RAG", 0),  # 102 as letters
        ("LoRA", 12),  # 27 as letters
        ("mixture of experts", 26),  # 13 without hyphens folded
        ('"large language model"', 12),
        ("large language model", 82),
    ],
)
def test_words_are_told_from_letters(listings: PaperIndex, entry: str, count: int) -> None:
    assert len(found(listings, entry)) == count


def test_every_hit_of_an_acronym_is_that_acronym(arxiv_index: PaperIndex) -> None:
    hits = set(words(arxiv_index, "RAG"))

    assert "RAG" in hits
    assert hits <= {"RAG", "RAGs"}


def test_tex_and_plain_spellings_of_a_name_are_one(arxiv_index: PaperIndex) -> None:
    spellings = set(words(arxiv_index, "Erdős"))

    assert any("\\" in spelling for spelling in spellings)
    assert any(spelling.isalpha() for spelling in spellings)


@pytest.mark.parametrize(
    "entry", ["graph neural network", "RAG", "transform*", '"quantum dots" OR spin NEAR/3 orbit', "title:galaxy"]
)
def test_evidence_stands_where_it_says(arxiv: dict[PaperId, Paper], arxiv_index: PaperIndex, entry: str) -> None:
    matches = found(arxiv_index, entry)

    assert matches
    for match in matches:
        for one in match.evidence:
            text = arxiv[match.paper].title if one.field == "title" else arxiv[match.paper].abstract
            assert text[one.start : one.end] == one.words


def test_a_profile_costs_little_once_papers_are_indexed(arxiv_index: PaperIndex) -> None:
    start = time.process_time()

    found(arxiv_index, "sparse attention OR title:LoRA OR (diffusion* NEAR/5 policy)")

    assert time.process_time() - start < 2
