"""Whether a paper is for a profile, and how much: filters, wants, score, mutes."""

from collections.abc import Iterable

from digestd.matching.labels import is_category, is_source
from digestd.matching.page import Found, Page
from digestd.matching.profile import CompiledProfile
from digestd.matching.query import Term
from digestd.model.digest import Field, Match
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile

# What a term is worth, once in each field where it is found.
POINTS: dict[Field, float] = {"title": 2, "abstract": 1, "author": 3, "category": 1, "source": 1}


def verdict(compiled: CompiledProfile, page: Page) -> Match | None:
    """Return the match of a paper, None when it is not for this profile."""
    profile = compiled.profile
    if not (in_categories(profile, page.paper) and in_sources(profile, page.paper)):
        return None
    evidence = wanted(compiled, page)
    if evidence is None or (points := score(evidence)) < profile.min_score:
        return None
    return Match(page.paper.id, profile.name, points, evidence, hidden_by(compiled, page))


def in_categories(profile: Profile, paper: Paper) -> bool:
    """Tell whether the paper is of the profile's categories; one that carries none may be."""
    if not (profile.categories and paper.categories):
        return True
    return any(is_category(one, label) for one in profile.categories for label in paper.categories)


def in_sources(profile: Profile, paper: Paper) -> bool:
    return not profile.sources or any(is_source(one, label) for one in profile.sources for label in paper.sources)


def wanted(compiled: CompiledProfile, page: Page) -> Found | None:
    """Return the evidence that any keyword or author is found, each place of a term once; None when none is."""
    if compiled.wants_all:
        return _of_labels(compiled.profile, page)
    answers = [found for entry in compiled.wanted if (found := page.answer(entry.query)) is not None]
    return tuple(dict.fromkeys(one for found in answers for one in found)) if answers else None


def score(evidence: Found) -> float:
    """Return the points of each term in each field where it is found, times its weight; written twice, it counts once."""
    weights: dict[tuple[str, Field], float] = {}
    for one in evidence:
        weights[one.term, one.field] = max(one.weight, weights.get((one.term, one.field), 0))
    return sum(POINTS[field] * weight for (_, field), weight in weights.items())


def hidden_by(compiled: CompiledProfile, page: Page) -> str | None:
    """Return the mute that hides the paper."""
    return next((entry.written for entry in compiled.mutes if page.answer(entry.query) is not None), None)


def _of_labels(profile: Profile, page: Page) -> Found | None:
    """Return the evidence of a profile that asks for whole categories, which a paper must carry, or whole sources."""
    categories = _found((Term(one, "category") for one in profile.categories), page)
    sources = _found((Term(one, "source") for one in profile.sources), page)
    return None if profile.categories and not categories else categories + sources


def _found(terms: Iterable[Term], page: Page) -> Found:
    return tuple(one for term in terms for one in page.find(term))
