"""Why a paper is, or is not, for a reader's profiles: the whole reckoning, term by term."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digestd.matching.findings import Candidate
from digestd.matching.habits import ASK
from digestd.matching.labels import is_category, is_source
from digestd.matching.library import key, labels, weight, wishes
from digestd.matching.look import Look
from digestd.matching.page import Found, Page
from digestd.matching.profile import Entry, compile_profile
from digestd.matching.query import Leaf, Query, Term, leaves
from digestd.matching.rank import KEPT
from digestd.model.digest import Match
from digestd.model.paper import Paper, PaperId
from digestd.model.subscriber import Profile, SubscriberId


@dataclass(frozen=True, slots=True)
class TermReport:
    """A term with its field and weight, and where it is found. One *negated* speaks for a paper without it.

    *share* is that of recent papers which have it; None for names and the like, and where no recent papers are known.
    """

    term: str
    negated: bool
    evidence: Found
    share: float | None


@dataclass(frozen=True, slots=True)
class EntryReport:
    """An entry of `keywords`, `authors` or `mute` (its *key*), whether the paper is what it asks for, and its points.

    What two entries ask for alike counts once, with the heavier weight: the other names it in *counted_in*.
    """

    key: str
    written: str
    holds: bool
    points: float
    counted_in: str | None
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
    """What the examples of a profile add, by which words; how many of them are known, and which are not.

    *points* are those of their *likeness*, but the disliked leave a quarter of what keywords make.
    """

    points: float
    likeness: float
    enough: float
    evidence: Found
    liked: int
    disliked: int
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that decides whether a paper is for a profile. *match* is None when it is not, and *reason* says why.

    The *score* is the sum of the points of *entries* and *examples*, and *min_score* the least of it. *damping* is what is left
    of it because everybody asks for such papers, and *total* that.
    """

    paper: PaperId
    profile: str
    entries: tuple[EntryReport, ...]
    filters: tuple[FilterReport, ...]
    examples: ExampleReport | None
    score: float
    damping: float
    total: float
    min_score: float | None
    match: Match | None
    reason: str


def explanations(look: Look, who: SubscriberId, paper: int) -> Sequence[Explanation]:
    """Return why the paper of that number in the corpus is, or is not, for each of a reader's profiles."""
    findings, profiles = look.findings([who])[who], look.profiles(who)
    return [_Reckoning(look, who, profile, paper).explanation(found) for profile, found in zip(profiles, findings, strict=True)]


class _Reckoning:
    def __init__(self, look: Look, who: SubscriberId, profile: Profile, paper: int) -> None:
        self._look, self._who, self._profile, self._number = look, who, profile, paper
        self._page: Page = look.corpus.page(paper)

    def explanation(self, found: Sequence[Candidate]) -> Explanation:
        profile, paper = self._profile, self._page.paper
        entries, mutes = self._entries()
        filters = _filters(profile, paper)
        candidate = next((one for one in found if one.paper == self._number), None)
        match = None if candidate is None else self._look.match(profile, candidate)
        examples = self._examples(sum(one.points for one in entries))
        score = sum(one.points for one in entries) + (examples.points if examples else 0.0)
        damping = self._look.damping(self._number)
        return Explanation(
            paper=paper.id,
            profile=profile.name,
            entries=(*entries, *mutes),
            filters=filters,
            examples=examples,
            score=score,
            damping=damping,
            total=match.score if match else score * damping,
            min_score=profile.min_score,
            match=match,
            reason=_matched(match) if match else self._reason(entries, filters, examples, score),
        )

    def _entries(self) -> tuple[Sequence[EntryReport], Sequence[EntryReport]]:
        """Return what is said of keywords and authors, or of labels, and of mutes."""
        compiled = compile_profile(self._profile)
        asked = [*compiled.wanted, *(Entry(one.scope, one.written, one) for one in labels(self._profile))]
        counted = _counted(asked)
        return [self._wanted(entry, counted) for entry in asked], [self._entry(entry) for entry in compiled.mutes]

    def _wanted(self, entry: Entry, counted: "_Counted") -> EntryReport:
        """Return the report of an entry with the points of its wishes, but for those that are counted elsewhere."""
        found = dict.fromkeys(key(wish) for wish in wishes(entry.query) if self._page.answer(wish) is not None)
        kept = [counted[one] for one in found]
        elsewhere = next((other.written for _, other in kept if other is not entry), None)
        points = sum(self._page.worth(wish, self._rarity) for wish, holder in kept if holder is entry)
        return replace(self._entry(entry), points=points, counted_in=elsewhere)

    def _entry(self, entry: Entry) -> EntryReport:
        terms = tuple(self._term(leaf, negated=negated) for leaf, negated in leaves(entry.query))
        return EntryReport(entry.key, entry.written, self._page.answer(entry.query) is not None, 0.0, None, terms)

    def _term(self, leaf: Leaf, *, negated: bool) -> TermReport:
        has_share = isinstance(leaf, Term) and leaf.scope in {"text", "title", "abstract"} and self._look.has_recent
        share = self._look.share(self._who, leaf) if has_share and isinstance(leaf, Term) else None
        return TermReport(str(leaf), negated, self._page.find(leaf), share)

    def _rarity(self, term: Term) -> float:
        return self._look.rarity(self._who, term)

    def _examples(self, others: float) -> ExampleReport | None:
        """Return what examples add to what the *others*, keywords and authors, make."""
        profile = self._profile
        if not (profile.like or profile.dislike):
            return None
        unknown = tuple(name for name in (*profile.like, *profile.dislike) if not self._look.knows(name))
        likeness, enough = self._look.alike(profile, self._number)
        return ExampleReport(
            points=max(likeness, (KEPT - 1) * others),
            likeness=likeness,
            enough=enough,
            evidence=self._look.likeness(profile, self._number),
            liked=sum(map(self._look.knows, profile.like)),
            disliked=sum(map(self._look.knows, profile.dislike)),
            unknown=unknown,
        )

    def _reason(
        self,
        entries: Sequence[EntryReport],
        filters: Sequence[FilterReport],
        examples: ExampleReport | None,
        score: float,
    ) -> str:
        if excluded := [one.key for one in filters if not one.passes]:
            return f"is not of the profile's {' and '.join(excluded)}"
        if any(entry.holds for entry in entries):
            return f"scores {score:.2f}, less than min_score {self._profile.min_score or 0:g}"
        if examples is not None and self._profile.like:
            return f"is not like its examples: {examples.likeness:.2f} points where {examples.enough:g} are enough"
        return "no keyword or author is found" if entries else f"the profile asks for nothing: {ASK}"


_Counted = Mapping[object, tuple[Query, Entry]]


def _counted(entries: Sequence[Entry]) -> _Counted:
    """Return each wish that counts, with its entry: of those that ask for the same, the first with the most weight."""
    found: dict[object, tuple[Query, Entry]] = {}
    for entry in entries:
        for wish in wishes(entry.query):
            if weight(wish) > weight(found.setdefault(key(wish), (wish, entry))[0]):
                found[key(wish)] = wish, entry
    return found


def _matched(match: Match) -> str:
    return f"hidden by the mute {match.hidden_by!r}" if match.hidden_by else "matches"


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
