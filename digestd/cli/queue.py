"""`digestd queue`: the outbox."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from digestd.cli.context import JsonOption, context, print_json, print_table, say, when
from digestd.cli.house import visit
from digestd.model.records import QueueEntry
from digestd.model.shapes import instant
from digestd.model.subscriber import subscriber_id

app = typer.Typer(
    add_completion=False, help="The outbox: every digest composed, and how far it has come.", invoke_without_command=True
)


@app.callback()
def queue(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the digests, newest first."""
    if ctx.invoked_subcommand is None:
        list_entries(ctx, as_json=as_json)


@app.command("list")
def list_entries(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the digests, newest first."""
    with visit(context(ctx)) as house:
        _print(house.records.queue(), as_json=as_json)


@app.command()
def show(ctx: typer.Context, email: Annotated[str, typer.Argument(help="The reader.")], as_json: JsonOption = False) -> None:
    """List one reader's digests with the papers in them."""
    with visit(context(ctx)) as house:
        entries = house.records.queue(subscriber_id(email))
    if not entries and not as_json:
        say(f"No digest of {email} is on record.")
        return
    _print(entries, as_json=as_json, papers=True)


def _print(entries: Sequence[QueueEntry], *, as_json: bool, papers: bool = False) -> None:
    if as_json:
        print_json([_shape(entry) for entry in entries])
        return
    columns = ("READER", "PERIOD", "STATE", "TRIES", "NEXT TRY", "PAPERS", "LAST REPLY")
    print_table(columns, [_row(entry, papers=papers) for entry in entries], "The outbox is empty.")


def _row(entry: QueueEntry, *, papers: bool) -> tuple[str, ...]:
    digest = entry.digest
    shown = " ".join(_papers(entry)) if papers else str(len(digest.shown))
    reply = entry.last_reply or ""
    return digest.email, digest.key.period, entry.state, str(entry.attempts), when(entry.next_attempt_at), shown, reply


def _shape(entry: QueueEntry) -> dict[str, Any]:
    return {
        "email": entry.digest.email,
        "period": entry.digest.key.period,
        "state": entry.state,
        "attempts": entry.attempts,
        "composed_at": instant(entry.composed_at),
        "next_attempt_at": instant(entry.next_attempt_at),
        "last_reply": entry.last_reply,
        "message_id": entry.digest.message_id,
        "papers": _papers(entry),
    }


def _papers(entry: QueueEntry) -> list[str]:
    return [match.paper for match in entry.digest.shown]
