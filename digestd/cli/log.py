"""`digestd log`: what was tried, and the server's own words."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from digestd.cli.context import JsonOption, context, print_json, print_table, when
from digestd.cli.house import visit
from digestd.model.records import Attempt
from digestd.model.shapes import instant
from digestd.model.subscriber import subscriber_id


def log(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The reader; everybody without it.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """List every try to deliver, oldest first, with the server's reply."""
    with visit(context(ctx)) as house:
        attempts = house.records.attempts(subscriber_id(email) if email else None)
    if as_json:
        print_json([_shape(attempt) for attempt in attempts])
        return
    columns = ("WHEN", "READER", "PERIOD", "TRY", "OUTCOME", "REPLY")
    print_table(columns, _rows(attempts), f"Nothing is on record for {email}." if email else "Nothing has been tried yet.")


def _rows(attempts: Sequence[Attempt]) -> list[tuple[str, ...]]:
    return [
        (when(one.started_at), one.key.subscriber, one.key.period, str(one.number), one.outcome or "under way", one.reply or "")
        for one in attempts
    ]


def _shape(attempt: Attempt) -> dict[str, Any]:
    return {
        "email": attempt.key.subscriber,
        "period": attempt.key.period,
        "attempt": attempt.number,
        "started_at": instant(attempt.started_at),
        "ended_at": instant(attempt.ended_at),
        "outcome": attempt.outcome,
        "reply": attempt.reply,
    }
