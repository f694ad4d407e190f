"""`digestd log`: what was sent and tried, and the server's own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from digestd.cli.cellar import look
from digestd.cli.context import JsonOption, complain, context, print_json, print_table, say, when
from digestd.cli.queue import queue_shape
from digestd.cli.register import read_register
from digestd.model.operator import Receipt
from digestd.model.records import Attempt
from digestd.model.shapes import instant, parse_instant
from digestd.model.subscriber import subscriber_id

_SHOWN = 200


def log(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The reader; everybody without it.", show_default=False)] = None,
    since: Annotated[str | None, typer.Option(metavar="ISO", help="Only what is newer.", show_default=False)] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"The newest so many; {_SHOWN} without it, all with --json.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List every try to deliver, oldest first; or all digests of one reader, newest first, with their papers and tries."""
    begin, most = _instant(since), limit or (None if as_json else _SHOWN)
    with look(context(ctx)) as cellar:
        if email is None:
            _print_attempts(cellar.operator.attempts(begin, most), as_json=as_json)
            return
        receipts = cellar.operator.receipts(subscriber_id(email), begin, most)
        unknown = "" if receipts else read_register(cellar).why_unknown(email)
    _print_receipts(email, receipts, as_json=as_json)
    if unknown:
        complain(unknown)


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text)
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not an instant such as 2026-03-05 or 2026-03-05T07:30:00+01:00') from None


def _print_attempts(attempts: Sequence[Attempt], *, as_json: bool) -> None:
    if as_json:
        print_json([{"email": one.key.subscriber, "period": one.key.period} | _shape(one) for one in attempts])
        return
    columns = ("WHEN", "READER", "PERIOD", "TRY", "OUTCOME", "REPLY")
    rows = [(when(one.started_at), one.key.subscriber, one.key.period, *_ending(one)) for one in attempts]
    print_table(columns, rows, "Nothing has been tried.")


def _print_receipts(email: str, receipts: Sequence[Receipt], *, as_json: bool) -> None:
    if as_json:
        print_json([_receipt_shape(receipt) for receipt in receipts])
        return
    if not receipts:
        say(f"Nothing is on record for {email}.")
    for receipt in receipts:
        _print_receipt(receipt)


def _print_receipt(receipt: Receipt) -> None:
    entry = receipt.entry
    next_try = f", next try {when(entry.next_attempt_at)}" if entry.next_attempt_at else ""
    say(f"{entry.digest.key.period}  {entry.state}, composed {when(entry.composed_at)}{next_try}", style="bold")
    for paper, title in receipt.papers:
        say(f"    {paper}  {title}")
    for attempt in receipt.attempts:
        number, outcome, reply = _ending(attempt)
        say(f"  try {number}  {when(attempt.started_at)}  {outcome}  {' '.join(reply.split())}")


def _ending(attempt: Attempt) -> tuple[str, str, str]:
    return str(attempt.number), attempt.outcome or "under way", attempt.reply or ""


def _receipt_shape(receipt: Receipt) -> dict[str, Any]:
    papers = [{"id": paper, "title": title} for paper, title in receipt.papers]
    return queue_shape(receipt.entry) | {"papers": papers, "tries": [_shape(attempt) for attempt in receipt.attempts]}


def _shape(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "started_at": instant(attempt.started_at),
        "ended_at": instant(attempt.ended_at),
        "outcome": attempt.outcome,
        "reply": attempt.reply,
    }
