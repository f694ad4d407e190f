"""Made-up queries, texts and papers for properties, and the growth of work."""

import time
from collections.abc import Callable

from hypothesis import strategies as st

from digestd.matching.query import Near, Query, Scope, Term, all_of, any_of, none_of
from tests.support.builders import paper

PIECES = [
    "tide",
    "tides",
    "dense phase",
    "Tide",
    "lantern",
    "RAG",
    "rag",
    "C++",
    "1.5",
    "Erd\\H{o}s",
    "é",
    "MoS$_2$",
    "\\emph{tide}",
    "灯",
    "β",
    "_",
    "'s",
    "{",
    "\\",
    "\\alpha",
    "\\textbf{T}ide",
    "{T}ide",
    "H$_2$O",
    "$^{13}$C",
    "^{13}",
    "_2",
    "Ca$^{2+}$",
    "1,000",
    "10",
    "e\u0301\u0316",
    "ti\u00adde",
    "\u200b",
    "مَدّ",
    "हिन्दी",
    "}",
    "++",
    "#",
    "ʼs",
]
SEPARATORS = [" ", "-", ", ", "", "$", "\n", "\u2011", "\u00a0", "."]
SCOPES: list[Scope] = ["text", "title", "abstract", "any"]

texts = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(SEPARATORS)), max_size=12).map(
    lambda pairs: "".join(piece + separator for piece, separator in pairs)
)
papers = st.builds(
    lambda number, title, abstract: paper(number, title or "-", abstract=abstract), st.integers(1, 9), texts, texts
)

_phrases = st.lists(
    st.sampled_from(["tide", "dense", "phase", "lantern", "RAG", "tides", "C++", "lant*", "Erdős", "GPT-4", "and"]),
    min_size=1,
    max_size=3,
).map(" ".join)
_written = st.one_of(_phrases, _phrases.map(lambda phrase: f'"{phrase}"'))
_weights = st.sampled_from([1.0, 2.0, 0.5, 0.1, 1000.0])
terms = st.builds(Term, _written, st.sampled_from(SCOPES), _weights)
_names = st.builds(Term, st.sampled_from(["Ada Quill", '"Quill, A."']), st.just("author"))
_labels = st.builds(Term, st.sampled_from(["cs", "cs.*", "cs.LG"]), st.just("category"))
_sides = st.lists(st.builds(Term, _written, st.just("text"), _weights), min_size=1, max_size=2).map(tuple)
_nears = st.builds(Near, _sides, _sides, st.integers(1, 100))


def _combined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    some = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(some.map(all_of), some.map(any_of), parts.map(none_of))


queries: st.SearchStrategy[Query] = st.recursive(st.one_of(terms, _names, _labels, _nears), _combined, max_leaves=8)


def growth(work: Callable[[int], None], small: int, big: int) -> float:
    """Return how many times longer *work* takes on the big size; what takes under 5 ms there counts as no growth."""
    longer = min(_seconds(work, big) for _ in range(2))
    return 1.0 if longer < 0.005 else longer / max(min(_seconds(work, small) for _ in range(3)), 1e-6)


def _seconds(work: Callable[[int], None], size: int) -> float:
    start = time.thread_time()
    work(size)
    return time.thread_time() - start
