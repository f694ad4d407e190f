"""What other tools do: they look for each keyword of each reader in each paper."""

import re
from collections.abc import Sequence

from digestd.model.paper import Paper, PaperId
from digestd.model.subscriber import Subscriber, SubscriberId

Pairs = set[tuple[SubscriberId, PaperId]]


def by_patterns(readers: Sequence[Subscriber], papers: Sequence[Paper]) -> Pairs:
    """Return what is found by a compiled regular expression for each keyword."""
    texts = [(paper.id, _text(paper)) for paper in papers]
    found: Pairs = set()
    for reader in readers:
        patterns = [re.compile(rf"\b{re.escape(keyword)}\b", re.IGNORECASE) for keyword in _keywords(reader)]
        found |= {(reader.id, paper) for paper, text in texts if any(one.search(text) for one in patterns)}
    return found


def by_substring(readers: Sequence[Subscriber], papers: Sequence[Paper]) -> Pairs:
    """Return what is found when case does not count; a keyword may stand inside a word."""
    found: Pairs = set()
    for reader in readers:
        for paper in papers:
            text = _text(paper)
            if any(keyword.lower() in text.lower() for keyword in _keywords(reader)):
                found.add((reader.id, paper.id))
    return found


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract}"


def _keywords(reader: Subscriber) -> Sequence[str]:
    return reader.profiles[0].keywords
