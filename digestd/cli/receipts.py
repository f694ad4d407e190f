"""How `digestd queue show` and `digestd log` print digests with their papers and tries."""

from collections.abc import Sequence
from datetime import datetime

from digestd.cli.context import say, when
from digestd.model.operator import Receipt
from digestd.model.records import Attempt


def print_receipts(receipts: Sequence[Receipt], now: datetime) -> None:
    """Print digests for a person, each with its papers, its tries, and what was said of it since."""
    for receipt in receipts:
        entry = receipt.entry
        next_try = f", next try {when(entry.next_attempt_at)}" if entry.next_attempt_at else ""
        say(f"{entry.digest.key.period}  {entry.state}, composed {when(entry.composed_at)}{next_try}", style="bold")
        for paper, title in receipt.papers:
            say(f"    {paper}  {title}".rstrip())
        if said := _said_since(receipt):
            say(f"  {said}")
        for attempt in receipt.attempts:
            number, outcome, reply = attempt.number, how_it_ended(attempt, now), _one_line(attempt.reply)
            say(f"  try {number}  {when(attempt.started_at)}  {outcome}  {reply}".rstrip())


def how_it_ended(attempt: Attempt, now: datetime) -> str:
    """Return in a few words how a try ended."""
    ending = attempt.ending(now)
    return "digestd died on it" if ending == "died" else ending or "under way"


def _said_since(receipt: Receipt) -> str:
    """Return what was said of a digest after its last try, such as that its reader is away."""
    last = receipt.attempts[0].reply if receipt.attempts else None
    return _one_line(receipt.entry.last_reply) if receipt.entry.last_reply != last else ""


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
