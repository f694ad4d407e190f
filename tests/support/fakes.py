"""Fakes with a small language. They pass the contract tests of what they stand for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from digestd.model.delivery import Accepted, Outcome
from digestd.model.digest import Message
from digestd.model.paper import Paper, PaperId
from digestd.model.period import Calendar
from digestd.model.source import Cursor, Failed, Fetched, NotModified

Answer = Fetched | NotModified | Failed | Exception


def announces(*papers: Paper, **fields: Any) -> Fetched:
    return Fetched(papers, **({"cursor": Cursor()} | fields))


@dataclass(slots=True)
class FakeSource:
    """Answers each poll with the next of *answers*, and the last one for ever."""

    answers: Sequence[Answer]
    name: str = "arxiv"
    kind: str = "feed"
    every: timedelta = timedelta(hours=1)
    origin: str = "there"
    calendar: Calendar | None = None
    asked: list[Cursor] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.name.partition(":")[0]

    async def fetch(self, cursor: Cursor, now: datetime) -> Fetched | NotModified | Failed:
        self.asked.append(cursor)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeTransport:
    """Ends each try with the next of *outcomes*, and accepts after that; keeps every message it was handed."""

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes: Iterable[Outcome] = iter(outcomes)
        self.sent: list[Message] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def send(self, message: Message, line: int = 0) -> Outcome:
        self.sent.append(message)
        return next(iter(self._outcomes), Accepted("250 ok"))


@dataclass(slots=True)
class FakeClock:
    """Stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


class FakeArchive:
    """Knows *papers* by their arXiv ids, and says *answer* in their place while it has one."""

    name = "(an archive)"

    def __init__(self, *papers: Paper, answer: Failed | Exception | None = None) -> None:
        self.papers = papers
        self.answer = answer
        self.asked: list[Sequence[PaperId]] = []

    def keeps(self, paper: PaperId) -> bool:
        return paper.startswith("arXiv:")

    async def find(self, ids: Sequence[PaperId], now: datetime) -> Sequence[Paper] | Failed:
        self.asked.append(ids)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer or [replace(paper, sources=()) for paper in self.papers if paper.id in ids and self.keeps(paper.id)]
