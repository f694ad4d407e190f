"""digestd's own ranking, for the benchmark of relevance."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from benchmarks.relevance_measures import Scores
from benchmarks.relevance_plain import Examples, Wish
from digestd.matching.corpus import Corpus
from digestd.matching.hits import hits, stands
from digestd.matching.library import compile_profiles
from digestd.matching.likeness import background, counted, likeness, tastes, vectors
from digestd.matching.points import points
from digestd.matching.weights import LIKENESS, rarity, share
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile


class Digestd:
    """Papers, ranked as digestd does for readers; *recent* papers say what is rare."""

    def __init__(self, papers: Sequence[Paper], recent: Sequence[Paper]) -> None:
        self._corpus, self._recent = Corpus(papers), Corpus(recent)
        self._usual = background(counted(self._recent))
        self._vectors = vectors(counted(self._corpus), self._usual)

    def words(self, wishes: Iterable[Wish]) -> list[Scores]:
        """Return the points of each paper for each list of keywords."""
        library = compile_profiles(Profile(f"{number}", tuple(wish)) for number, wish in enumerate(wishes))
        found = stands(library, hits(library, self._recent)).astype(float)
        rare = rarity(share(found, len(self._recent.papers)))
        worth = points(library, self._corpus, hits(library, self._corpus), rare)
        shape = library.count, library.width
        weights = sparse.csr_array((library.wanted.weights, library.wanted.columns, library.wanted.starts), shape)
        values = sparse.csr_array((worth.values, worth.papers, worth.starts), (library.width, len(self._corpus.papers)))
        return list((weights @ values).toarray())

    def likes(self, examples: Iterable[Examples]) -> list[Scores]:
        """Return how many points of likeness each paper has to each set of examples."""
        papers = self._corpus.papers
        wanted = tastes([([papers[number] for number in each], []) for each in examples], self._usual)
        return list(likeness(wanted, self._vectors))


def blended(words: Scores, examples: Scores) -> Scores:
    """Return the score of a profile with keywords and examples."""
    return words + LIKENESS * examples


def listed(scores: Scores, least: float = 1.0) -> Scores:
    """Return *scores* as a reader sees them who gave no `min_score`: what is less alike is not there."""
    return np.where(scores >= least, scores, 0.0)
