"""`digestd log`: what was sent and tried, and the server's own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from digestd.cli.cellar import look
from digestd.cli.context import JsonOption, complain, context, print_json, print_table, say, when
from digestd.cli.queue import queue_shape
from digestd.cli.receipts import how_it_ended, print_receipts
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
        now = cellar.clock()
        if email is None:
            _print_attempts(cellar.operator.attempts(begin, most), now, as_json=as_json)
            return
        receipts = cellar.operator.receipts(subscriber_id(email), begin, most)
        unknown = "" if receipts else read_register(cellar).why_unknown(email)
    if as_json:
        print_json([_receipt_shape(receipt, now) for receipt in receipts])
    elif not receipts:
        say(f"Nothing is on record for {email}.")
    else:
        print_receipts(receipts, now)
    if unknown:
        complain(unknown)


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text)
    except ValueError:
        raise typer.BadParameter(f'"{text}" is not an instant such as 2026-03-05 or 2026-03-05T07:30:00+01:00') from None


def _print_attempts(attempts: Sequence[Attempt], now: datetime, *, as_json: bool) -> None:
    if as_json:
        print_json([{"email": one.key.subscriber, "period": one.key.period} | _shape(one, now) for one in attempts])
        return
    columns = ("WHEN", "READER", "PERIOD", "TRY", "OUTCOME", "REPLY")
    print_table(columns, [_row(one, now) for one in attempts], "Nothing has been tried.")


def _row(attempt: Attempt, now: datetime) -> tuple[str, ...]:
    key, ending = attempt.key, how_it_ended(attempt, now)
    return when(attempt.started_at), key.subscriber, key.period, str(attempt.number), ending, attempt.reply or ""


def _receipt_shape(receipt: Receipt, now: datetime) -> dict[str, Any]:
    papers = [{"id": paper, "title": title} for paper, title in receipt.papers]
    return queue_shape(receipt.entry) | {"papers": papers, "tries": [_shape(attempt, now) for attempt in receipt.attempts]}


def _shape(attempt: Attempt, now: datetime) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "started_at": instant(attempt.started_at),
        "ended_at": instant(attempt.ended_at),
        "outcome": attempt.ending(now),
        "reply": attempt.reply,
    }
