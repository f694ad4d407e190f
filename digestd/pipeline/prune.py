"""Prune: what is older than anybody may ask for goes, by its age alone, and nothing that a digest may yet stand on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from digestd.model.retention import Ages, Bounds, Pruned
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import Rules, upcoming_turns
from digestd.pipeline.match import named
from digestd.ports import Answers, Retention

EVERY = timedelta(days=1)
_MONTH = timedelta(days=32)  # any reader may ask for monthly digests tomorrow; what is rare is counted over 28 days
_PAPERS, _DIGESTS = 100, 25  # in one transaction, which then takes some hundredths of a second

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Prune:
    """The stage, between the ports it stands on."""

    retention: Retention
    answers: Answers
    rules: Rules
    ages: Ages

    def steps(self, readers: Sequence[Subscriber], now: datetime) -> Iterator[Pruned]:
        """Yield after each of many short transactions how much went; *readers* are all there are."""
        bounds = self.bounds(readers, now)
        for ids in _pieces(self.retention.old_papers(bounds), _PAPERS):
            yield Pruned(papers=self.retention.shorten(ids, bounds))
        for keys in _pieces(self.retention.old_turns(bounds), _DIGESTS):
            self.retention.forget_told(keys, bounds)
            yield Pruned()
        for keys in _pieces(self.retention.old_digests(bounds), _DIGESTS):
            yield Pruned(digests=self.retention.remove(keys, bounds))
        self.retention.finish(bounds, now)

    def bounds(self, readers: Sequence[Subscriber], now: datetime) -> Bounds:
        """Return what may go: nothing that a digest may yet look at, and no paper of one that is not settled.

        Whoever is paused is told on return of what came meanwhile, unless that is longer than receipts are kept, and of what
        failed before; a digest that is held for longer keeps its own papers, and no others.
        """
        patience, month = now - self.ages.receipts, now - _MONTH - self.rules.look_back
        turns = upcoming_turns(readers, self.answers, self.rules, now)
        reach = [turn.since for turn in turns if not turn.reader.paused or turn.start >= patience]
        papers = min([now - self.ages.papers, month, *reach])
        unsettled = self.retention.unsettled(papers + self.rules.look_back)
        again = [digest.since - self.rules.look_back for digest in unsettled if digest.until >= patience]  # if it fails
        lost = self.retention.lost_since(patience)
        papers = min([papers, *again, *([lost - self.rules.look_back] if lost else [])])
        spared = {*named(*readers), *(paper for digest in unsettled for paper in digest.tells)}
        return Bounds(papers, min(patience, papers), now - self.ages.lookups, frozenset(spared))


def _pieces(whole: Sequence[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(whole)
    while some := list(islice(rest, size)):
        yield some
