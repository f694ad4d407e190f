"""The judge: the mail server's own log, and the list of what the source announced. The database is not asked."""

import hashlib
import json
import quopri
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHOWN = re.compile(rb"(?m)^ *\d+\. +Paper (\d+) on ")
_OF_THE_MOMENT = re.compile(rb"(?m)^(?:Date|DKIM-Signature): .*\n(?:[ \t].*\n)*")

Told = Mapping[str, Mapping[int, frozenset[str]]]  # reader → paper → the digests (Message-IDs) that told it


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that a server took."""

    reader: str
    message_id: str
    body: str  # a hash of all but the date and the signature, which are of the moment
    papers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a log proves."""

    mails: int
    lost: tuple[tuple[str, int], ...]
    told_twice: tuple[tuple[str, int], ...]
    unwanted: tuple[tuple[str, int], ...]
    repeated: int
    altered: tuple[str, ...]
    broken_lines: int

    def __str__(self) -> str:
        papers = f"{len(self.lost)} papers lost, {len(self.told_twice)} told twice"
        again = f"{self.repeated} mails repeated on {self.broken_lines} broken lines, {len(self.altered)} altered"
        return f"{self.mails} mails: {papers}, {again}"

    def assert_clean(self, lines: int | None = None) -> None:
        """Assert that all was told once, and that no more mails came again, unaltered, than *lines* were broken."""
        assert (self.lost, self.told_twice, self.unwanted, self.altered) == ((), (), (), ()), self
        assert self.repeated <= (self.broken_lines if lines is None else lines), self


def judge(log: Path, wanted: Mapping[str, Iterable[int]]) -> Verdict:
    """Return what the server's *log* proves about readers who *wanted* these papers."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    broken = sum("lost" in line for line in lines)
    return verdict(
        [mail_in(line["recipient"], Path(line["path"]).read_bytes()) for line in lines if "path" in line], wanted, broken
    )


def mail_in(reader: str, content: bytes) -> Mail:
    """Return what *content* is, as it came to *reader*."""
    head, _, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    found = re.search(rb"(?m)^Message-ID: (\S+)", head)
    assert found, head
    papers = frozenset(map(int, _SHOWN.findall(quopri.decodestring(body.partition(b"Content-Type: text/html")[0]))))
    same = hashlib.sha256(_OF_THE_MOMENT.sub(b"", head + b"\n") + body).hexdigest()
    return Mail(reader, found[1].decode(), same, papers)


def verdict(mails: Sequence[Mail], wanted: Mapping[str, Iterable[int]], broken_lines: int = 0) -> Verdict:
    """Return what *mails* prove about readers who *wanted* these papers."""
    told, bodies = _told(mails), _bodies(mails)
    pairs = {(reader, paper) for reader, papers in wanted.items() for paper in papers}
    came = {(reader, paper) for reader, papers in told.items() for paper in papers}
    return Verdict(
        mails=len(mails),
        lost=tuple(sorted(pairs - came)),
        told_twice=tuple(sorted((reader, paper) for reader, paper in came if len(told[reader][paper]) > 1)),
        unwanted=tuple(sorted(came - pairs)),
        repeated=len(mails) - len(bodies),
        altered=tuple(sorted(name for name, same in bodies.items() if len(same) > 1)),
        broken_lines=broken_lines,
    )


def _told(mails: Sequence[Mail]) -> Told:
    found: dict[str, dict[int, frozenset[str]]] = defaultdict(dict)
    for mail in mails:
        for paper in mail.papers:
            found[mail.reader][paper] = found[mail.reader].get(paper, frozenset()) | {mail.message_id}
    return found


def _bodies(mails: Sequence[Mail]) -> Mapping[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for mail in mails:
        found[mail.message_id][mail.body] += 1
    return found
