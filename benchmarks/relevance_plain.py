"""The peers: BM25 for words (Robertson & Zaragoza 2009) and TF-IDF cosine for examples, as textbooks have them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from benchmarks.relevance_measures import Scores
from digestd.model.paper import Paper

K1, B = 1.2, 0.75
_WORD = re.compile(r"[a-z0-9]+")

Wish = Sequence[str]  # keywords
Examples = Sequence[int]  # papers, by their number


class Plain:
    """Papers, ranked by BM25 and by cosine to the mean of examples; *recent* papers say what is rare."""

    def __init__(self, papers: Sequence[Paper], recent: Sequence[Paper]) -> None:
        self._places: dict[str, int] = {}
        counts, known = self._counts(papers), self._counts(recent)
        width, count = len(self._places), len(recent)
        holders = np.bincount(known.indices, minlength=width)
        self._counts_of = sparse.csr_array((counts.data, counts.indices, counts.indptr), (len(papers), width))
        self._idf = np.log(1 + (count - holders + 0.5) / (holders + 0.5))
        weighted = (self._counts_of @ sparse.diags_array(np.log((1 + count) / (1 + holders)) + 1)).tocsr()
        lengths = np.sqrt(np.asarray(weighted.power(2).sum(axis=1)))
        self._vectors = (sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ weighted).tocsr()

    def words(self, wishes: Iterable[Wish]) -> list[Scores]:
        """Return the BM25 of each paper for the words of each wish."""
        length = np.asarray(self._counts_of.sum(axis=1))
        saturation = K1 * (1 - B + B * length / length.mean())
        return [self._bm25(wish, saturation) for wish in wishes]

    def likes(self, examples: Iterable[Examples]) -> list[Scores]:
        """Return the cosine of each paper to the mean of each set of examples."""
        return [self._vectors @ np.asarray(self._vectors[list(each)].mean(axis=0)) for each in examples]

    def _bm25(self, wish: Wish, saturation: Scores) -> Scores:
        words = {word for entry in wish for word in _words(entry)}
        places = [self._places[word] for word in sorted(words) if word in self._places]
        times = self._counts_of[:, places].toarray()
        scores: Scores = (times * (K1 + 1) / (times + saturation[:, None]) * self._idf[places]).sum(axis=1)
        return scores

    def _counts(self, papers: Iterable[Paper]) -> sparse.csr_array:
        starts, places, times = [0], [], []
        for paper in papers:
            for word, count in Counter(_words(f"{paper.title} {paper.abstract}")).items():
                places.append(self._places.setdefault(word, len(self._places)))
                times.append(float(count))
            starts.append(len(places))
        return sparse.csr_array((times, places, starts), (len(starts) - 1, len(self._places)))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
