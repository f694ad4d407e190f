"""Profile × paper → matches. Pure: no files, clocks or randomness. The query language is that of docs/queries.md."""

from digestd.matching.explain import EntryReport, Explanation, FilterReport, TermReport, explain
from digestd.matching.index import PaperIndex
from digestd.matching.labels import is_source
from digestd.matching.profile import CompiledProfile, compile_profile
from digestd.matching.query import QueryError

__all__ = [
    "CompiledProfile",
    "EntryReport",
    "Explanation",
    "FilterReport",
    "PaperIndex",
    "QueryError",
    "TermReport",
    "compile_profile",
    "explain",
    "is_source",
]
