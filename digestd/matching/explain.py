"""Why a paper is or is not for a profile, term by term."""

from dataclasses import dataclass

from digestd.matching.page import Found, Page
from digestd.matching.profile import CompiledProfile, Entry
from digestd.matching.query import leaves
from digestd.matching.verdict import hidden_by, in_categories, in_sources, score, verdict, wanted
from digestd.model.digest import Match
from digestd.model.paper import Paper, PaperId


@dataclass(frozen=True, slots=True)
class TermReport:
    """A term with its field and weight, and where it is found. One that is *negated* speaks for the paper when it is not."""

    term: str
    negated: bool
    evidence: Found


@dataclass(frozen=True, slots=True)
class EntryReport:
    """An entry of `keywords`, `authors` or `mute` (its *key*), and whether the paper is what it asks for."""

    key: str
    written: str
    holds: bool
    terms: tuple[TermReport, ...]


@dataclass(frozen=True, slots=True)
class FilterReport:
    """A filter, `categories` or `sources`: what the profile lets pass, and what the paper carries."""

    key: str
    wanted: tuple[str, ...]
    carried: tuple[str, ...]
    passes: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that decides whether a paper is for a profile. *match* is None when it is not, and *reason* says why."""

    paper: PaperId
    profile: str
    entries: tuple[EntryReport, ...]
    filters: tuple[FilterReport, ...]
    hidden_by: str | None
    score: float
    min_score: float
    match: Match | None
    reason: str


def explain(compiled: CompiledProfile, paper: Paper) -> Explanation:
    """Return why *paper* is or is not for the profile."""
    page = Page(paper)
    profile = compiled.profile
    evidence = wanted(compiled, page)
    filters = (
        FilterReport("categories", profile.categories, paper.categories, in_categories(profile, paper)),
        FilterReport("sources", profile.sources, paper.sources, in_sources(profile, paper)),
    )
    return Explanation(
        paper=paper.id,
        profile=profile.name,
        entries=tuple(_entry(entry, page) for entry in (*compiled.wanted, *compiled.mutes)),
        filters=filters,
        hidden_by=hidden_by(compiled, page),
        score=score(evidence or ()),
        min_score=profile.min_score,
        match=(match := verdict(compiled, page)),
        reason=_reason(compiled, match, evidence, filters),
    )


def _entry(entry: Entry, page: Page) -> EntryReport:
    terms = tuple(TermReport(str(leaf), negated, page.find(leaf)) for leaf, negated in leaves(entry.query))
    return EntryReport(entry.key, entry.written, page.answer(entry.query) is not None, terms)


def _reason(compiled: CompiledProfile, match: Match | None, evidence: Found | None, filters: tuple[FilterReport, ...]) -> str:
    if match:
        return f"hidden by the mute {match.hidden_by!r}" if match.hidden_by else "matches"
    if excluded := [one.key for one in filters if not one.passes]:
        return f"is not of the profile's {' and '.join(excluded)}"
    if evidence is not None:
        return f"scores {score(evidence):g}, less than min_score {compiled.profile.min_score:g}"
    if compiled.wants_all:
        return "carries no category"
    return "no keyword or author is found" if compiled.wanted else "the profile has no keywords and no authors"
