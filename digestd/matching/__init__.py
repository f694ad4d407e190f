"""Profile × paper → matches. Pure: no files, clocks or randomness. The query language is that of docs/queries.md."""

from digestd.matching.corpus import Corpus
from digestd.matching.explain import EntryReport, ExampleReport, Explanation, FilterReport, TermReport, explanations
from digestd.matching.labels import is_source
from digestd.matching.look import Findings, Look, News
from digestd.matching.matcher import Matcher
from digestd.matching.profile import CompiledProfile, compile_profile
from digestd.matching.query import QueryError
from digestd.matching.rank import Candidate, diverse

__all__ = [
    "Candidate",
    "CompiledProfile",
    "Corpus",
    "EntryReport",
    "ExampleReport",
    "Explanation",
    "FilterReport",
    "Findings",
    "Look",
    "Matcher",
    "News",
    "QueryError",
    "TermReport",
    "compile_profile",
    "diverse",
    "explanations",
    "is_source",
]
