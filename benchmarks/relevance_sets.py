"""What people judged relevant: reading lists, questions to an old collection, reviews of drugs."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from benchmarks.relevance_measures import Wanted
from digestd.model.paper import Paper, PaperId
from tests.support.shared import shared

FIRST_DAY, FIRST_ASKED = "2025-03-18", "2025-04-21"  # of the sample; the lists' examples are from before the second
REVIEWS = ("ADHD", "Antihistamines", "NSAIDS", "Triptans")

# What a reader with the subject of each list would ask for: written down from its title alone.
_KEYWORDS = """
efficient reasoning; overthinking; reasoning model; chain of thought; token budget; reasoning length; concise reasoning; \
test-time scaling; long reasoning; latent reasoning; early exit; reasoning token
length reward; length penalty; reinforcement learning; reasoning length; concise reasoning; overthinking; token budget; \
adaptive thinking; reasoning model; efficient reasoning
early exit; test-time scaling; test-time compute; dynamic reasoning; adaptive reasoning; overthinking; budget forcing; \
speculative reasoning; reasoning model; chain of thought; inference-time scaling; confidence
large language model; LLM agent; AI agent; reasoning model; retrieval-augmented generation; multi-agent; \
reinforcement learning; long context; tool use; code generation; prompting; scaling law
"""
_FUNCTION_WORDS = """
a about above after again against all also although am an and another any are as at be because been being between both but by
can could did do does doing down during each either else etc even ever every few for from further had has have having he her
here his how however i if in into is it its itself just like many may me might more most much must my neither no nor not of
off often on once one only or other our out over own per please quite rather same shall she should since so some such than
that the their them then there these they this those through thus to too toward under until up upon us very was we well were
what when where whether which while who whom whose why will with within without would yet you your
"""
_NO_CONTENT = frozenset(_FUNCTION_WORDS.split())

Shape = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadingList:
    """What a reader of a list would ask for, the papers that the list had, and for each day its papers and which it took.

    *words* are the keywords and the single words in them: all that BM25 makes of these.
    """

    keywords: tuple[str, ...]
    words: tuple[str, ...]
    likes: tuple[int, ...]
    days: tuple[tuple[slice, Wanted], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """The content words of a question, and which papers answer it."""

    keywords: tuple[str, ...]
    wanted: Wanted


def sample() -> tuple[list[Paper], int]:
    """Return some months of arXiv, day after day, and how many of these papers come before the days that are asked for."""
    return [_paper(shape) for shape in _sample()], sum(shape["date"] < FIRST_ASKED for shape in _sample())


def reading_lists() -> list[ReadingList]:
    shapes = json.loads(shared("data", "relevance", "curated_lists", "subscribers.json").read_text(encoding="utf-8"))
    return [_reading_list(shape, keywords) for shape, keywords in zip(shapes, _KEYWORDS.strip().splitlines(), strict=True)]


def questions() -> tuple[list[Paper], list[Question]]:
    """Return the papers of CISI, and the questions to which some are known to be answers."""
    shapes = _lines("classics", "cisi", "docs.jsonl.gz")
    answers: dict[str, set[str]] = {}
    for line in shared("data", "relevance", "classics", "cisi", "qrels.tsv").read_text(encoding="utf-8").splitlines():
        question, paper, relevance = line.split()
        if int(relevance) > 0:
            answers.setdefault(question, set()).add(paper)
    asked = {shape["id"]: shape["text"] for shape in _lines("classics", "cisi", "queries.jsonl")}
    names = [shape["id"] for shape in shapes]
    found = [Question(_content(asked[key]), np.isin(names, list(wanted))) for key, wanted in answers.items()]
    return [_paper(shape) for shape in shapes], found


def review(name: str) -> tuple[list[Paper], Wanted]:
    """Return the papers that were screened for a review, and which it included."""
    shapes = _lines("sysrev", f"Cohen_2006_{name}.jsonl.gz")
    return [_paper(shape) for shape in shapes], np.asarray([int(shape["included"]) > 0 for shape in shapes])


def listings() -> list[Paper]:
    """Return the papers of some listings, each title once."""
    lines = shared("data", "listings", "papers.jsonl").read_text(encoding="utf-8").splitlines()
    shapes = {shape["title"]: shape for shape in map(json.loads, lines)}
    return [Paper(PaperId(title), title, shape["abstract"] or "") for title, shape in shapes.items()]


@cache
def _sample() -> list[Shape]:
    with gzip.open(shared("data", "papers_arxiv_sample.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return sorted(
            (shape for shape in map(json.loads, lines) if shape["date"] >= FIRST_DAY), key=lambda shape: shape["date"]
        )


def _reading_list(shape: Shape, keywords: str) -> ReadingList:
    dates = [one["date"] for one in _sample()]
    names = np.asarray([one["id"] for one in _sample()])
    likes = np.flatnonzero(np.isin(names, shape["seeds"]))
    days = [slice(dates.index(day), dates.index(day) + dates.count(day)) for day in sorted(set(shape["positives"].values()))]
    wanted = np.isin(names, list(shape["positives"]))
    phrases = keywords.split("; ")
    words = dict.fromkeys([*phrases, *(word for phrase in phrases for word in _content(phrase))])
    return ReadingList(tuple(phrases), tuple(words), tuple(map(int, likes)), tuple((day, wanted[day]) for day in days))


def _content(text: str) -> tuple[str, ...]:
    words = "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()
    return tuple(dict.fromkeys(word for word in words if word not in _NO_CONTENT))


def _lines(*parts: str) -> list[Shape]:
    path = shared("data", "relevance", *parts)
    return list(_shapes(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()))


def _shapes(content: bytes) -> Iterator[Shape]:
    return map(json.loads, content.decode().splitlines())


def _paper(shape: Shape) -> Paper:
    return Paper(PaperId(shape["id"]), shape["title"] or "", shape["abstract"] or "")
