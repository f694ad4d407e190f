"""What readers find among some papers, best first, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TypeVar

import numpy as np

from digestd.matching.arrays import Bools, Floats, Ints, Points
from digestd.matching.corpus import Corpus
from digestd.matching.findings import Block, Candidate, Found
from digestd.matching.hits import hits
from digestd.matching.library import asked, muted
from digestd.matching.likeness import (
    Background,
    Counts,
    Taste,
    Vectors,
    background,
    counted,
    likeness,
    reasons,
    tastes,
    vectors,
)
from digestd.matching.page import Page
from digestd.matching.points import points
from digestd.matching.query import Query, Term
from digestd.matching.rank import LIKE, SLOTS, Likeness, Ranker, damping
from digestd.matching.shelf import Shelf
from digestd.matching.weights import LIKENESS, rarity
from digestd.model.digest import Evidence, Match
from digestd.model.paper import Paper, PaperId, paper_id
from digestd.model.subscriber import Profile, SubscriberId

Examples = Mapping[PaperId, Paper]
News = bytes | bytearray  # 1 for each paper of a corpus that is news to a reader, 0 for the others

Asked = TypeVar("Asked")

_ENOUGH_PROFILES = 100  # to say what everybody asks for
_ANY_LIKENESS = 1e-6
_FEW = 1000  # profiles at a time where some give examples, which are held against every paper


class Look:
    """What the readers of some *shelves* find in a corpus; *recent* papers say how rare a term is."""

    def __init__(self, shelves: Sequence[Shelf], corpus: Corpus, recent: Corpus, examples: Examples, now: datetime) -> None:
        self._shelves, self.corpus, self._examples = shelves, corpus, examples
        self._recent = recent
        worth = [points(shelf.library, corpus, hits(shelf.library, corpus), shelf.rarity(recent)) for shelf in shelves]
        self._damping = damping(_often(shelves, worth, len(corpus.papers)))
        self._rankers = [
            Ranker(shelf.library, corpus, each, self._damping, now) for shelf, each in zip(shelves, worth, strict=True)
        ]
        self._asked: tuple[Profile, Sequence[Query]] | None = None
        self._tastes: dict[tuple[tuple[str, ...], tuple[str, ...]], Taste] = {}

    def findings(self, who: Iterable[SubscriberId], news: Sequence[News] | None = None) -> Found:
        """Return what each of some readers finds; if there is *news*, among what is news to each."""
        return Found([*self._blocks([*who], news)])

    def _blocks(self, who: Sequence[SubscriberId], news: Sequence[News] | None) -> Iterator[Block]:
        """Yield the findings of some readers, ranked so many at a time."""
        fresh = None if news is None else dict(zip(who, news, strict=True))
        for shelf, ranker in zip(self._shelves, self._rankers, strict=True):
            readers = [*filter(shelf.alive.__contains__, who)]
            for some, rows, counts in _blocks(shelf, readers, _FEW if shelf.exemplary.any() else ranker.most):
                own = None if fresh is None else _fresh([fresh[reader] for reader in some], counts)
                yield Block(some, counts, ranker.ranking(rows, self._likeness(shelf, rows), own))

    def id(self, candidate: Candidate) -> PaperId:
        return self.corpus.papers[candidate.paper].id

    def match(self, profile: Profile, candidate: Candidate) -> Match:
        """Return a candidate as a match, with its evidence."""
        return self.matches(profile, [candidate])[0]

    def matches(self, profile: Profile, candidates: Iterable[Candidate]) -> tuple[Match, ...]:
        """Return candidates of a profile as matches."""
        queries = self._queries(profile)
        return tuple([self._match(profile, queries, one) for one in candidates])

    def _match(self, profile: Profile, queries: Sequence[Query], candidate: Candidate) -> Match:
        paper, score, reasons, mutes = candidate
        page = self.corpus.page(paper)
        if 0 < reasons < 1 << SLOTS and not reasons & reasons - 1:  # one, as nearly always
            evidence = page.answer(queries[reasons.bit_length() - 1]) or ()
        else:
            evidence = self._evidence(profile, queries, candidate, page)
        return Match(page.paper.id, profile.name, score, evidence, self._hidden_by(profile, candidate, page) if mutes else None)

    def _evidence(self, profile: Profile, queries: Sequence[Query], candidate: Candidate, page: Page) -> tuple[Evidence, ...]:
        answers = [page.answer(query) or () for query in _reasons(queries, candidate.reasons)]
        if candidate.reasons & LIKE:
            answers.append(self.likeness(profile, candidate.paper))
        return tuple(dict.fromkeys(chain.from_iterable(answers)))

    def _hidden_by(self, profile: Profile, candidate: Candidate, page: Page) -> str | None:
        mutes = _reasons(muted(profile), candidate.mutes)
        return next((entry for query, entry in mutes if page.answer(query) is not None), None)

    def _queries(self, profile: Profile) -> Sequence[Query]:
        """Return what a profile asks for. The candidates of one are explained one after the other, so one is kept."""
        if self._asked is None or self._asked[0] is not profile:
            columns = next(count for shelf in self._shelves if (count := shelf.columns_of(profile)) is not None)
            self._asked = profile, asked(profile, columns)
        return self._asked[1]

    def profiles(self, who: SubscriberId) -> Sequence[Profile]:
        return self._shelf(who).profiles[who]

    @property
    def has_recent(self) -> bool:
        """Say whether any recent papers tell what is rare."""
        return bool(self._recent.papers)

    def share(self, who: SubscriberId, term: Term) -> float:
        """Return the share of recent papers that have a term for which a reader's profiles ask."""
        shelf = self._shelf(who)
        column = shelf.library.column(Term(term.written, "text" if term.scope == "any" else term.scope))
        return shelf.share(column, self._recent)

    def rarity(self, who: SubscriberId, term: Term) -> float:
        """Return what that share makes the term worth."""
        return float(rarity(np.asarray(self.share(who, term))))

    def damping(self, paper: int) -> float:
        """Return what is left of a paper's points because everybody asks for such papers."""
        return float(self._damping[paper])

    def alike(self, profile: Profile, paper: int) -> tuple[float, float]:
        """Return how many points a profile's examples add to a paper, and how many alone are enough."""
        points = LIKENESS * float(likeness([self._taste(profile)], self._vectors)[0, paper])
        return points, _enough(profile)

    def likeness(self, profile: Profile, paper: int) -> tuple[Evidence, ...]:
        """Return the words that make a paper like a profile's examples."""
        words = reasons(self._taste(profile), self._vectors, paper, self.corpus.page(paper))
        return tuple(one._replace(weight=LIKENESS * one.weight) for one in words)

    def knows(self, name: str) -> bool:
        """Tell whether the paper that an example names is known."""
        return bool(self._known([name]))

    def _shelf(self, who: SubscriberId) -> Shelf:
        return next(shelf for shelf in self._shelves if who in shelf.alive)

    @cached_property
    def usual(self) -> Background:
        return background(self._counts if self._recent is self.corpus else counted(self._recent))

    @cached_property
    def _vectors(self) -> Vectors:
        return vectors(self._counts, self.usual)

    @cached_property
    def _counts(self) -> Counts:
        return counted(self.corpus)

    def _likeness(self, shelf: Shelf, rows: Ints) -> Likeness | None:
        """Return what the examples of some rows of a shelf add to the papers, None where nobody gives any."""
        places = np.flatnonzero(shelf.exemplary[rows])
        if not len(places):
            return None
        profiles = [shelf.rows[row] for row in rows[places]]
        self._taste_of(profiles)
        alike = LIKENESS * likeness([self._taste(profile) for profile in profiles], self._vectors)
        return Likeness(places, alike, np.maximum([*map(_enough, profiles)], _ANY_LIKENESS))

    def _taste(self, profile: Profile) -> Taste:
        self._taste_of([profile])
        return self._tastes[profile.like, profile.dislike]

    def _taste_of(self, profiles: Iterable[Profile]) -> None:
        """Work out the tastes of some profiles, all at once."""
        new = [named for named in dict.fromkeys((one.like, one.dislike) for one in profiles) if named not in self._tastes]
        if new:
            read = [(self._known(likes), self._known(dislikes)) for likes, dislikes in new]
            self._tastes.update(zip(new, tastes(read, self.usual), strict=True))

    def _known(self, names: Iterable[str]) -> list[Paper]:
        ids = (paper_id(name) or PaperId(name) for name in names)
        known = (self._examples[one] for one in ids if one in self._examples)
        return list({paper.id: paper for paper in known}.values())


def _enough(profile: Profile) -> float:
    """Return how many points of likeness are enough alone.

    Beside keywords, a `min_score` that suits these does not let in whatever resembles the examples a little; 0 does.
    """
    least = profile.min_score
    if least is None or (least and (profile.keywords or profile.authors)):
        return LIKENESS
    return least


def _fresh(news: Sequence[News], counts: Sequence[int]) -> Bools:
    """Return what is news to the profiles of some readers, who have so many each (profiles × papers)."""
    whole = np.frombuffer(b"".join(news), np.bool_)
    return np.repeat(whole.reshape(len(news), -1), counts, axis=0)


def _blocks(
    shelf: Shelf, readers: Sequence[SubscriberId], most: int
) -> Iterator[tuple[Sequence[SubscriberId], Ints, list[int]]]:
    """Yield *readers* some at a time, who have at most so many profiles, with the rows of these and how many each has."""
    rows, counts = shelf.rows_of(readers)
    ends = np.cumsum(counts)
    first = done = 0
    while first < len(readers):
        after = max(int(np.searchsorted(ends, done + most, "right")), first + 1)
        yield readers[first:after], rows[done : ends[after - 1]], counts[first:after].tolist()
        first, done = after, int(ends[after - 1])


def _often(shelves: Sequence[Shelf], worth: Sequence[Points], papers: int) -> Floats:
    """Return how many of the things that a profile asks for each paper has, on average; 0 where the profiles are few."""
    totals, profiles = np.zeros(papers), 0
    for shelf, own in zip(shelves, worth, strict=True):
        asking, count = shelf.users()
        totals += np.bincount(own.papers, asking[own.columns], papers)
        profiles += count
    return totals / profiles if profiles >= _ENOUGH_PROFILES else 0 * totals


def _reasons(found: Sequence[Asked], bits: int) -> list[Asked]:
    """Return what the *bits* of a candidate say of all that is asked for."""
    own, shared = bits & (1 << SLOTS) - 1, bits >> SLOTS & 1
    some = []
    while own:
        lowest = own & -own
        some.append(found[lowest.bit_length() - 1])
        own ^= lowest
    return [*some, *found[SLOTS:]] if shared else some
