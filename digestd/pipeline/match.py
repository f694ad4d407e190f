"""What matching asks of the store: the papers seen lately, which say what is rare, and readers' examples."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from digestd.matching.corpus import Corpus
from digestd.matching.matcher import Matcher
from digestd.model.paper import Paper, PaperId, paper_id
from digestd.model.subscriber import Subscriber
from digestd.ports import SeenPapers

RECENT = timedelta(days=28)
_ENOUGH = 10_000  # papers to tell rare from common


def prepared(matcher: Matcher, readers: Sequence[Subscriber], seen: SeenPapers, now: datetime) -> Matcher:
    """Return *matcher*, ready for *readers*, who are all there are. What is rare is settled once a day, at midnight UTC."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    matcher.keep(readers)
    matcher.learn(today, lambda: Corpus(seen.sample(today - RECENT, today, _ENOUGH)))
    return matcher


def examples(readers: Iterable[Subscriber], seen: SeenPapers) -> Mapping[PaperId, Paper]:
    """Return the papers that *readers* like or dislike, where they are known, by the ids that they are named by."""
    return seen.papers(named(*readers))


def named(*readers: Subscriber) -> Sequence[PaperId]:
    """Return the ids of readers' examples, each once; an entry that many write is read once."""
    profiles = (profile for reader in readers for profile in reader.profiles)
    entries = dict.fromkeys(entry for profile in profiles for entry in (*profile.like, *profile.dislike))
    return list(dict.fromkeys(filter(None, map(paper_id, entries))))
