"""Why a paper is, or is not, for a reader's profiles: the whole reckoning, term by term."""

from collections.abc import Sequence
from dataclasses import dataclass

from digestd.matching.labels import is_category, is_source
from digestd.matching.library import asked, labels
from digestd.matching.look import Look
from digestd.matching.page import Found, Page
from digestd.matching.profile import Entry, compile_profile
from digestd.matching.query import Leaf, Term, leaves
from digestd.matching.rank import KEPT, Candidate
from digestd.model.digest import Match
from digestd.model.paper import Paper, PaperId
from digestd.model.subscriber import Profile, SubscriberId


@dataclass(frozen=True, slots=True)
class TermReport:
    """A term with its field and weight, where it is found, and its points. One *negated* speaks for a paper without it.

    *share* is that of recent papers which have it; None for names and the like, and where no recent papers are known.
    """

    term: str
    negated: bool
    evidence: Found
    share: float | None
    points: float


@dataclass(frozen=True, slots=True)
class EntryReport:
    """An entry of `keywords`, `authors` or `mute` (its *key*), whether the paper is what it asks for, and its points."""

    key: str
    written: str
    holds: bool
    points: float
    terms: tuple[TermReport, ...]


@dataclass(frozen=True, slots=True)
class FilterReport:
    """A filter, `categories` or `sources`: what the profile lets pass, and what the paper carries."""

    key: str
    wanted: tuple[str, ...]
    carried: tuple[str, ...]
    passes: bool


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """What the examples of a profile add, by which words; how many of them are known, and which are not."""

    points: float
    enough: float
    evidence: Found
    known: int
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that decides whether a paper is for a profile. *match* is None when it is not, and *reason* says why.

    *damping* is what is left of its points because everybody asks for such papers.
    """

    paper: PaperId
    profile: str
    entries: tuple[EntryReport, ...]
    filters: tuple[FilterReport, ...]
    examples: ExampleReport | None
    damping: float
    score: float
    min_score: float | None
    match: Match | None
    reason: str


def explanations(look: Look, who: SubscriberId, paper: int) -> Sequence[Explanation]:
    """Return why the paper of that number in the corpus is, or is not, for each of a reader's profiles."""
    ((_, findings),) = look.findings([who])
    profiles = look.profiles(who)
    return [_Reckoning(look, who, profile, paper).explanation(found) for profile, found in zip(profiles, findings, strict=True)]


class _Reckoning:
    def __init__(self, look: Look, who: SubscriberId, profile: Profile, paper: int) -> None:
        self._look, self._who, self._profile, self._number = look, who, profile, paper
        self._page: Page = look.corpus.page(paper)

    def explanation(self, found: Sequence[Candidate]) -> Explanation:
        profile, paper = self._profile, self._page.paper
        compiled = compile_profile(profile)
        asked = [*compiled.wanted, *(Entry(one.scope, one.written, one) for one in labels(profile))]
        entries = tuple(map(self._entry, asked))
        mutes = tuple(map(self._entry, compiled.mutes))
        filters = _filters(profile, paper)
        candidate = next((one for one in found if one.paper == self._number), None)
        match = None if candidate is None else self._look.match(profile, candidate)
        examples = self._examples()
        return Explanation(
            paper=paper.id,
            profile=profile.name,
            entries=(*entries, *mutes),
            filters=filters,
            examples=examples,
            damping=self._look.damping(self._number),
            score=self._score(examples),
            min_score=profile.min_score,
            match=match,
            reason=self._reason(match, entries, filters, examples),
        )

    def _entry(self, entry: Entry) -> EntryReport:
        terms = tuple(self._term(leaf, negated=negated) for leaf, negated in leaves(entry.query))
        holds = self._page.answer(entry.query) is not None
        points = self._page.worth(entry.query, self._rarity) if holds and entry.key != "mute" else 0.0
        return EntryReport(entry.key, entry.written, holds, points, terms)

    def _term(self, leaf: Leaf, *, negated: bool) -> TermReport:
        has_share = isinstance(leaf, Term) and leaf.scope in {"text", "title", "abstract"} and self._look.has_recent
        share = self._look.share(self._who, leaf) if has_share and isinstance(leaf, Term) else None
        points = 0.0 if negated else self._page.worth(leaf, self._rarity)
        return TermReport(str(leaf), negated, self._page.find(leaf), share, points)

    def _rarity(self, term: Term) -> float:
        return self._look.rarity(self._who, term)

    def _score(self, examples: ExampleReport | None) -> float:
        """Return what all is worth; what two entries ask for alike counts once."""
        queries = [query for query in asked(self._profile) if self._page.answer(query) is not None]
        points = sum(self._page.worth(query, self._rarity) for query in queries)
        return max(points + (examples.points if examples else 0.0), KEPT * points)

    def _examples(self) -> ExampleReport | None:
        profile = self._profile
        if not (profile.like or profile.dislike):
            return None
        unknown = tuple(name for name in (*profile.like, *profile.dislike) if not self._look.knows(name))
        known = len(profile.like) + len(profile.dislike) - len(unknown)
        points, enough = self._look.alike(profile, self._number)
        return ExampleReport(points, enough, self._look.likeness(profile, self._number) if points > 0 else (), known, unknown)

    def _reason(
        self,
        match: Match | None,
        entries: Sequence[EntryReport],
        filters: Sequence[FilterReport],
        examples: ExampleReport | None,
    ) -> str:
        if match:
            return f"hidden by the mute {match.hidden_by!r}" if match.hidden_by else "matches"
        if excluded := [one.key for one in filters if not one.passes]:
            return f"is not of the profile's {' and '.join(excluded)}"
        if any(entry.holds for entry in entries):
            return f"scores {self._score(examples):.2f}, less than min_score {self._profile.min_score or 0:g}"
        if examples is not None:
            return f"is not like its examples: {examples.points:.2f} points where {examples.enough:g} are enough"
        return "no keyword or author is found" if entries else "the profile asks for nothing"


def _filters(profile: Profile, paper: Paper) -> tuple[FilterReport, ...]:
    categories = any(is_category(one, label) for one in profile.categories for label in paper.categories)
    sources = any(is_source(one, label) for one in profile.sources for label in paper.sources)
    return (
        FilterReport(
            "categories",
            profile.categories,
            paper.categories,
            categories or not (profile.categories and paper.categories),
        ),
        FilterReport("sources", profile.sources, paper.sources, sources or not profile.sources),
    )
