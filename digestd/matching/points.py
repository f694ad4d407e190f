"""What each column of a library is worth in each paper of a corpus, compound queries included."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from digestd.matching.arrays import Floats, Points, Triples, gathered
from digestd.matching.compounds import combined
from digestd.matching.corpus import Corpus, Papers
from digestd.matching.hits import Hits
from digestd.matching.labels import is_category, is_source
from digestd.matching.library import Library
from digestd.matching.names import readings, same_person
from digestd.matching.near import close
from digestd.matching.weights import A_LABEL, AN_AUTHOR

Cells = dict[int, float]  # what something is worth, by paper


def points(library: Library, corpus: Corpus, hits: Hits, rarity: Floats) -> Points:
    """Return what columns are worth in papers, before a reader's weights; what is not found has no value."""
    phrases = hits.column, hits.paper, hits.boost * rarity[hits.column]
    simple = phrases, close(library, corpus, hits, rarity), _triples(_leaves(library, corpus))
    found = gathered(simple, library.width)
    if not library.levels:
        return found
    asked = np.zeros(library.width, np.bool_)
    asked[library.wanted.columns] = asked[library.mutes.columns] = True
    compounds = combined(found, len(corpus.papers), library.levels, asked)
    return gathered([(found.columns, found.papers, found.values), compounds], library.width)


def _leaves(library: Library, corpus: Corpus) -> Iterator[tuple[int, Cells]]:
    """Yield the papers of authors and labels."""
    for column, term in library.labels:
        if term.scope == "author":
            yield column, _by(term.written, corpus)
        elif term.scope == "category":
            yield column, _labelled(corpus.by_category, is_category, term.written)
        else:
            yield column, _labelled(corpus.by_source, is_source, term.written)


def _by(name: str, corpus: Corpus) -> Cells:
    """Return the papers of an author."""
    candidates = {paper for reading in readings(name) for paper in corpus.by_family.get(reading.family, ())}
    authors = ((paper, corpus.papers[paper].authors) for paper in candidates)
    return {paper: AN_AUTHOR for paper, names in authors if any(same_person(name, one) for one in names)}


def _labelled(papers: Papers, is_wanted: Callable[[str, str], bool], wanted: str) -> Cells:
    return {paper: A_LABEL for label, carriers in papers.items() if is_wanted(wanted, label) for paper in carriers}


def _triples(rows: Iterable[tuple[int, Cells]]) -> Triples:
    triples = [(column, paper, value) for column, cells in rows for paper, value in cells.items()]
    column, paper, value = zip(*triples, strict=True) if triples else ((), (), ())
    return np.asarray(column, np.int64), np.asarray(paper, np.int64), np.asarray(value, np.float64)
