"""Readers and papers put before a matcher, as short as a test can say it."""

from collections.abc import Iterable, Sequence

from digestd.matching.corpus import Corpus
from digestd.matching.look import Look
from digestd.matching.matcher import Matcher
from digestd.model.digest import Match
from digestd.model.paper import Paper
from digestd.model.subscriber import Profile, Subscriber, SubscriberId
from tests.support.builders import NOON, subscriber


def looks(
    readers: Iterable[Subscriber],
    papers: Sequence[Paper],
    *,
    recent: Sequence[Paper] = (),
    known: Iterable[Paper] = (),
    matcher: Matcher | None = None,
) -> Look:
    """Return what *readers* find in *papers*; *recent* ones say what is rare, *known* ones may be named as examples."""
    matcher = matcher or Matcher()
    matcher.keep(readers)
    matcher.learn(NOON, lambda: Corpus(recent))
    return matcher.look(Corpus(papers), {one.id: one for one in known}, NOON)


def matches(look: Look, who: SubscriberId) -> list[list[Match]]:
    """Return the matches of each profile of a reader, best first."""
    found = look.findings([who])[who]
    return [
        [look.match(profile, one) for one in candidates] for profile, candidates in zip(look.profiles(who), found, strict=True)
    ]


def find(
    profiles: Sequence[Profile], papers: Sequence[Paper], recent: Sequence[Paper] = (), known: Iterable[Paper] = ()
) -> list[Match]:
    """Return what the profiles of one reader, who is alone, find in *papers*: profile by profile, best first."""
    ada = subscriber("ada", *profiles)
    return [match for found in matches(looks([ada], papers, recent=recent, known=known), ada.id) for match in found]
