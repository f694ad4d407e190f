"""The benchmark of relevance ranks papers as digests do."""

import pytest

from benchmarks.relevance_digestd import Digestd
from digestd.model.paper import Paper
from tests.support.builders import paper, profile
from tests.support.finding import find

PAPERS = [
    paper(1, "Tide gauges", abstract="A tide gauge at sea. The tide is high."),
    paper(2, "Lanterns", abstract="No gauge but a lantern, lit at low tide."),
    paper(3, "Bread", abstract="Dough and crust."),
]
RECENT = [*PAPERS, *(paper(number, "Bread", abstract="Flour and the tide.") for number in range(4, 40))]


def told(shown: Paper, *keywords: str) -> float:
    """Return the score of a paper for a reader with these keywords; 0 where it is not told."""
    return sum(match.score for match in find([profile(*keywords)], [shown], RECENT))


def test_it_counts_for_keywords_what_a_digest_does() -> None:
    wishes = [("tide", "tide gauge", "lantern^2"), ("low tide OR gauge",)]

    scores = Digestd(PAPERS, RECENT).words(wishes)

    for wish, own in zip(wishes, scores, strict=True):
        assert own.tolist() == pytest.approx([told(one, *wish) for one in PAPERS], abs=0.001)
        assert own[0] > 0 < own[1]


def test_it_ranks_by_examples() -> None:
    [scores] = Digestd(PAPERS, RECENT).likes([(0,)])

    assert scores[0] > scores[1] > max(scores[2], 0)
