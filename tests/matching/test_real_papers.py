"""The traps that real titles and abstracts lay: nothing false is found, nothing true is missed."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import takewhile

import pytest

from digestd.matching.corpus import Corpus
from digestd.matching.page import Page
from digestd.matching.parser import parse
from digestd.matching.phrase import occurrences
from digestd.matching.plurals import singular
from digestd.matching.query import Term
from digestd.matching.text import END, Passage, Span, bare, written_words
from digestd.model.paper import Paper
from digestd.model.shapes import paper_from_json
from tests.support.shared import shared

ALONE = r"(?:(?<![A-Za-z0-9])|(?<=\\textbf)){}(?![A-Za-z0-9])"
UNREAD = re.compile(r"\\(?:href|url|cite\w*)\{[^{}]*\}")  # addresses and keys, which nobody reads


@pytest.fixture(scope="module")
def arxiv() -> list[Paper]:
    with gzip.open(shared("data", "papers_arxiv_sample.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [paper_from_json(json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def passages(arxiv: list[Paper]) -> list[Passage]:
    """Return the titles and abstracts of the sample and of some listings."""
    lines = shared("data", "listings", "papers.jsonl").read_text(encoding="utf-8").splitlines()
    listed = {record["title"]: record["abstract"] or "" for record in map(json.loads, lines)}
    return [Passage(UNREAD.sub(" ", text)) for text in (*_texts(arxiv), *listed, *listed.values())]


def _texts(papers: list[Paper]) -> list[str]:
    return [text for paper in papers for text in (paper.title, paper.abstract)]


def test_a_corpus_has_the_words_of_every_text(arxiv: list[Paper]) -> None:
    corpus = Corpus(arxiv)
    words = map(corpus.written.__getitem__, corpus.stream.tolist())

    for text in _texts(arxiv):
        assert list(takewhile(END.__ne__, words)) == [*map(bare, written_words(text))]
    assert not list(words)


@pytest.mark.parametrize(
    ("entry", "spellings", "least"),
    [
        ("GAN", r"GANs?", 200),
        ("NER", r"NERs?", 100),
        ("RNA", r"RNAs?", 30),
        ("RAG", r"RAGs?", 900),
        ("RL", r"RLs?", 800),
        ("SSM", r"SSMs?", 140),
        ("CNN", r"CNNs?", 600),
        ("LoRA", r"(?i:LoRAs?)", 400),
        ("MoE", r"(?i:(?<!\^3\$)MoEs?)", 300),
        ("large language model", r"(?i:(?:L|\{L\})arge[\s-]+(?:\\textbf\{L\}|L)anguage[\s-]+(?:\\textbf\{M\}|M)odels?)", 4500),
        ("mixture-of-experts", r"(?i:mixtures?[\s-]+of[\s-]+experts?)", 180),
        ("low-resource", r"(?i:low[\s-]+resources?)", 350),
        ("C++", r"(?i:C)\+\+(?:\d\d)?", 30),
        ("p53", r"(?i:p53)", 5),
        ("GPT-4", r"(?i:GPT[\s-]+4)(?!\.\d)", 150),
        ("COVID-19", r"(?i:COVID[\s-]+19)", 50),
    ],
)
def test_a_trap_is_found_where_an_independent_reader_finds_it(
    passages: list[Passage], entry: str, spellings: str, least: int
) -> None:
    oracle = re.compile(ALONE.format(rf"{spellings}(?!\+\+)"))

    found = {(number, start) for number, one in enumerate(passages) for start, _ in places(entry, one)}
    expected = {(number, hit.start()) for number, one in enumerate(passages) for hit in oracle.finditer(one.text)}

    assert found == expected
    assert len(found) >= least


def test_tex_and_plain_spellings_of_a_name_are_one(passages: list[Passage]) -> None:
    spellings = {one.text[start:end] for one in passages for start, end in places("Erdős", one)}

    assert any("\\" in spelling for spelling in spellings)
    assert any(spelling.isalpha() for spelling in spellings)


def test_words_with_one_key_are_singular_and_plural(passages: list[Passage]) -> None:
    groups = defaultdict(set)
    for word in {word for one in passages for word in one.folded}:
        groups[singular(word)].add(word)

    strange = [group for group in groups.values() if not all(is_regular(word, min(group, key=len)) for word in group)]

    assert len(groups) > 50_000
    assert len(strange) < 0.002 * len(groups)  # matrix and matrices, and a few French words; read by eye


@pytest.mark.parametrize(
    "entry", ["graph neural network", "RAG", "transform*", '"quantum dots" OR spin NEAR/3 orbit', "title:quantum"]
)
def test_evidence_stands_where_it_says(arxiv: list[Paper], entry: str) -> None:
    query = parse(entry)
    found = [(paper, one) for paper in arxiv[::8] for one in Page(paper).answer(query) or ()]

    assert found
    for paper, one in found:
        text = paper.title if one.field == "title" else paper.abstract
        assert text[one.start : one.end] == one.words


@cache
def term(entry: str) -> Term:
    query = parse(entry)
    assert isinstance(query, Term)
    return query


def places(entry: str, passage: Passage) -> Iterator[Span]:
    return (passage.span(*place) for place in occurrences(term(entry).words, passage))


def is_regular(word: str, shortest: str) -> bool:
    return word in {shortest, f"{shortest}s", f"{shortest}es", f"{shortest.removesuffix('y')}ies"}
