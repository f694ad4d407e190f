"""How well digestd finds what people judged relevant, against BM25 and TF-IDF cosine, and against its own stored figures.

All figures are between 0 and 1, the more the better. It exits 1 when one is below the stored one by more than MARGIN;
`--store` stores them anew.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import mean
from typing import NamedTuple, Protocol

import numpy as np

from benchmarks.measure import tell
from benchmarks.relevance_digestd import Digestd, blended, listed
from benchmarks.relevance_measures import Scores, Wanted, auc, average_precision, found_in_top
from benchmarks.relevance_plain import Examples, Plain, Wish
from benchmarks.relevance_sets import REVIEWS, ReadingList, listings, questions, reading_lists, review, sample
from digestd.matching.page import Page
from digestd.matching.query import Term
from tests.support.shared import FOLDER

STORED = Path(__file__).with_name("relevance.tsv")
MARGIN = 0.02  # a single paper more or less in the top of a day
TOP = 15  # papers a day
LIKED, DRAWS = 5, 100  # of each review
TRAPS = ("GAN", "NER", "RNA", "RAG", "RL", "LoRA", "MoE", "SSM")


class Figure(NamedTuple):
    """What was measured of digestd, and of the better of the peers."""

    name: str
    ours: float
    theirs: float


class Ranked(Protocol):
    """Papers with a way to rank them: the score of each for words, and for examples."""

    def words(self, wishes: Sequence[Wish]) -> list[Scores]: ...
    def likes(self, examples: Sequence[Examples]) -> list[Scores]: ...


def main() -> int:
    """Tell all figures, and return 1 if one has fallen."""
    if not FOLDER.is_dir():
        tell("relevance: the folder of real captures is not beside this checkout")
        return 0
    figures = [*_lists(), *_questions(), *_reviews(), *_traps()]
    if "--store" in sys.argv[1:]:
        STORED.write_text("".join(f"{name}\t{ours:.4f}\t{theirs:.4f}\n" for name, ours, theirs in figures), encoding="utf-8")
    stored = _stored()
    tell(f"{'':<46}{'digestd':>8}{'plain':>8}{'stored':>8}")
    return sum(_told(figure, stored) for figure in figures) > 0


def _told(figure: Figure, stored: Mapping[str, float]) -> bool:
    """Tell a figure, and return whether it has fallen."""
    before = stored.get(figure.name, 0.0)
    fallen = figure.ours < before - MARGIN
    tell(f"{figure.name:<46}{figure.ours:8.3f}{figure.theirs:8.3f}{before:8.3f}{'  FALLEN' if fallen else ''}")
    return fallen


def _lists() -> Iterator[Figure]:
    """Yield how well the papers are found that some reading lists took, day by day."""
    papers, before = sample()
    lists = reading_lists()
    plain, digestd = Plain(papers, papers[:before]), Digestd(papers, papers[:before])
    phrases, likes = [one.keywords for one in lists], [one.likes for one in lists]
    worded, phrased, examples = digestd.words([one.words for one in lists]), digestd.words(phrases), digestd.likes(likes)
    plain_words, plain_examples = _daily(lists, plain.words(phrases)), _daily(lists, plain.likes(likes))
    both = [blended(*one) for one in zip(phrased, examples, strict=True)]
    peers = max(plain_words[0], plain_examples[0]), max(plain_words[1], plain_examples[1])
    yield from _paired("reading lists, words", _daily(lists, worded), plain_words)
    yield from _paired("reading lists, phrases alone", _daily(lists, phrased), plain_words)
    yield from _paired("reading lists, examples", _daily(lists, examples), plain_examples)
    yield from _paired("reading lists, examples as listed", _daily(lists, list(map(listed, examples))), plain_examples)
    yield from _paired("reading lists, phrases and examples", _daily(lists, both), peers)


def _paired(name: str, ours: tuple[float, float], theirs: tuple[float, float]) -> Iterator[Figure]:
    for measure, one, other in zip((f"top {TOP}", "AUC"), ours, theirs, strict=True):
        yield Figure(f"{name}: {measure}", one, other)


def _daily(lists: Sequence[ReadingList], scores: Sequence[Scores]) -> tuple[float, float]:
    """Return the share of what lists took that is in the top of its day, and the AUC of a day; means of the lists' own."""
    tops, aucs = [], []
    for one, score in zip(lists, scores, strict=True):
        found = sum(found_in_top(score[day], wanted, TOP) for day, wanted in one.days)
        tops.append(found / sum(int(wanted.sum()) for _, wanted in one.days))
        aucs.append(mean(auc(score[day], wanted) for day, wanted in one.days))
    return mean(tops), mean(aucs)


def _questions() -> Iterator[Figure]:
    """Yield how well the answers to questions are found by their words, and further answers by five of them."""
    papers, asked = questions()
    rivals: list[Ranked] = [Digestd(papers, papers), Plain(papers, papers)]
    by_words = [
        mean(map(average_precision, rival.words([one.keywords for one in asked]), [one.wanted for one in asked]))
        for rival in rivals
    ]
    yield Figure("questions, words: MAP", *by_words)
    many = [one.wanted for one in asked if one.wanted.sum() >= 3 * LIKED]
    likes = [_drawn(wanted, number) for number, wanted in enumerate(many)]
    by_likes = [
        mean(average_precision(*_rest(*one)) for one in zip(rival.likes(likes), many, likes, strict=True)) for rival in rivals
    ]
    yield Figure(f"questions, {LIKED} answers: MAP", *by_likes)


def _reviews() -> Iterator[Figure]:
    """Yield how well the papers that reviews included are found by five of them."""
    for name in REVIEWS:
        papers, included = review(name)
        first = tuple(map(int, np.flatnonzero(included)[:LIKED]))
        likes = [first, *(_drawn(included, draw) for draw in range(DRAWS))]
        rivals: list[Ranked] = [Digestd(papers, papers), Plain(papers, papers)]
        aucs = [
            [auc(*_rest(score, included, like)) for score, like in zip(rival.likes(likes), likes, strict=True)]
            for rival in rivals
        ]
        yield Figure(f"review of {name}, the first {LIKED}: AUC", *(one[0] for one in aucs))
        yield Figure(f"review of {name}, any {LIKED}: AUC", *(mean(one[1:]) for one in aucs))


def _drawn(wanted: Wanted, seed: int) -> Examples:
    return tuple(sorted(Random(seed).sample([int(number) for number in np.flatnonzero(wanted)], LIKED)))


def _rest(scores: Scores, wanted: Wanted, likes: Examples) -> tuple[Scores, Wanted]:
    """Return the scores of all papers but the examples, and which of them are wanted."""
    return np.delete(scores, list(likes)), np.delete(wanted, list(likes))


def _traps() -> Iterator[Figure]:
    """Yield how many hits of acronyms are that word, and how many such words are hit; the peer finds letters."""
    pages = [Page(paper) for paper in (*sample()[0], *listings())]
    texts = [f"{page.paper.title}\n{page.paper.abstract}" for page in pages]
    found = [(trap, one.words) for trap in TRAPS for page in pages for one in page.find(Term(trap))]
    right = sum(re.fullmatch(f"{_spelt(trap)}s?", words) is not None for trap, words in found)
    there, letters = _standing(r"(?<!\w){}s?(?!\w)", map(_spelt, TRAPS), texts), _standing("(?i:{})", TRAPS, texts)
    yield Figure("acronyms: precision", right / len(found), there / letters)
    yield Figure("acronyms: recall", right / there, 1.0)


def _spelt(trap: str) -> str:
    """Return the pattern of a word: only of one in capitals the case counts."""
    return trap if trap.isupper() else f"(?i:{trap})"


def _standing(pattern: str, words: Iterable[str], texts: Sequence[str]) -> int:
    return sum(len(re.findall(pattern.format(word), text)) for word in words for text in texts)


def _stored() -> dict[str, float]:
    rows = (line.split("\t") for line in STORED.read_text(encoding="utf-8").splitlines())
    return {name: float(ours) for name, ours, _ in rows}


if __name__ == "__main__":
    sys.exit(main())
