"""A crowd of readers and the papers of some days, to measure matching: real papers where they are at hand, else invented.

Readers ask for phrases of one to three words that stand in papers, so that about twenty papers of 2,000 are for each of them.
"""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from digestd.model.paper import Paper, PaperId
from digestd.model.period import Schedule
from digestd.model.subscriber import Profile, Subscriber
from tests.support.shared import FOLDER

KEYWORDS = 8
BOOLEAN = 0.1  # of the keywords
MOST_PAPERS = 16_000

_SAMPLE = FOLDER / "data" / "papers_arxiv_sample.jsonl.gz"
_REUSED = 0.2  # of the keywords are what somebody else asked for, few of them again and again (Zipf)
_LENGTHS, _SHARES = (1, 2, 3), (1, 64, 135)  # words of a phrase; so many in 200
_WORD = re.compile(r"[A-Za-z][A-Za-z]+")
_NO_SUBJECTS = """
a about all also an and are as at be been between both but by can do each for from had has have how in into is it its may more
most near new no not of on one only or other our out over several show such than that the their them then there these they this
those three through thus to two under up use used using very via was we well were what when where which while who will with
across achieve achieves analysis approach approaches art based compared data demonstrate different effective existing experiment
experiments extensive framework high improve introduce key large learning method methods model models multiple novel often
outperforms paper performance present problem propose proposed provide provides real recent result results set show shows
significant significantly state strong study system systems task tasks training various work world
"""
_DULL = frozenset(_NO_SUBJECTS.split())
_OPERATORS = {  # each with its share in a hundred
    "{one} AND {two}": 30,
    "{phrase} OR {one} {two}": 20,
    "{phrase} AND NOT {one}": 30,
    "({phrase} OR {one}) AND {two}": 10,
    "{one} NEAR/5 {two}": 5,
    "{phrase}*": 5,
}


@dataclass
class Crowd:
    """Readers, drawn one after another by *chance*; the share *boolean* of their keywords has operators."""

    papers: Sequence[Paper]
    boolean: float = BOOLEAN
    chance: Random = field(default_factory=lambda: Random(1))

    def __post_init__(self) -> None:
        self._texts = [_WORD.findall(paper.abstract) for paper in self.papers]
        self._texts = [words for words in self._texts if len(words) > 20]
        self._known = [self._drawn()]

    def readers(self, count: int) -> Iterator[Subscriber]:
        """Yield so many readers, each of one profile."""
        schedule = Schedule()
        for number in range(count):
            wanted = Profile("All", tuple(self._keyword() for _ in range(KEYWORDS)))
            yield Subscriber(f"reader{number}@example.org", schedule, (wanted,))

    def _keyword(self) -> str:
        if self.boolean and self.chance.random() < self.boolean:
            return self._combined()
        if self.chance.random() < _REUSED:
            return self._known[int(len(self._known) ** self.chance.random()) - 1]
        self._known.append(phrase := self._drawn())
        return phrase

    def _drawn(self) -> str:
        """Return a phrase as it stands in some paper."""
        length = self.chance.choices(_LENGTHS, _SHARES)[0]
        return self._within(self._text(), length)

    def _combined(self) -> str:
        text = self._text()
        one, two, three = (self._within(text, length) for length in (1, 1, 2))
        written = self.chance.choices([*_OPERATORS], [*_OPERATORS.values()])[0]
        return written.format(one=one, two=two, phrase=three)

    def _text(self) -> list[str]:
        return self._texts[int(self.chance.random() * len(self._texts))]

    def _within(self, words: Sequence[str], length: int) -> str:
        """Return so many words of a text side by side, none of them a dull one if that can be."""
        some: Sequence[str] = ()
        for _ in range(20):
            start = int(self.chance.random() * (len(words) - length))
            some = words[start : start + length]
            if _DULL.isdisjoint(word.lower() for word in some):
                break
        return " ".join(some).replace("AND", "and").replace("OR", "or").replace("NOT", "not")


def papers(count: int) -> list[Paper]:
    """Return so many papers of about 1,300 characters each, at most MOST_PAPERS; always the same."""
    chance = Random(2)
    if not _SAMPLE.exists():
        return list(_invented(count, chance))
    with gzip.open(_SAMPLE, "rt", encoding="utf-8") as lines:
        shapes = [json.loads(line) for line in lines]
    return [Paper(PaperId(one["id"]), one["title"], one["abstract"]) for one in chance.sample(shapes, MOST_PAPERS)[:count]]


def _invented(count: int, chance: Random) -> Iterator[Paper]:
    """Yield papers of invented words, whose frequencies fall as in language."""
    letters = "abdefghiklmnoprstuvw"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(30_000)]
    weights = [1 / rank for rank in range(21, len(vocabulary) + 21)]
    for number in range(count):
        title, abstract = (" ".join(chance.choices(vocabulary, weights, k=words)) for words in (10, 175))
        yield Paper(PaperId(f"id:{number}"), title, abstract)
