"""`digestd queue`: the outbox, and what the operator decides about it. The daemon may go on meanwhile."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from digestd.cli.cellar import alter, look
from digestd.cli.context import FAILED, Context, JsonOption, complain, context, print_json, print_table, say, when
from digestd.model.operator import Decided, Which
from digestd.model.records import QueueEntry, State
from digestd.model.shapes import instant
from digestd.model.subscriber import subscriber_id
from digestd.storage import RESTORED
from digestd.wiring.cellar import Cellar

_SHOWN = 50
_REOPENED = "What is composed from now on goes out as it did before the database was restored"
_UNPAUSED = "The way out is not paused any more: the next delivery tries it"

app = typer.Typer(
    add_completion=False, help="The outbox: every digest composed, and how far it has come.", invoke_without_command=True
)

Decide = Callable[[Cellar, Which], Sequence[Decided]]
Emails = Annotated[list[str] | None, typer.Argument(metavar="[EMAIL]...", help="The readers whose digests are meant.")]
All = Annotated[bool, typer.Option("--all", help="The digests of all readers.")]
InState = Annotated[State | None, typer.Option("--state", help="Only digests in this state.", show_default=False)]


@app.callback()
def queue(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the digests, newest first."""
    if ctx.invoked_subcommand is None:
        list_entries(ctx, as_json=as_json)


@app.command("list")
def list_entries(
    ctx: typer.Context,
    state: InState = None,
    reader: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only this reader's.", show_default=False)] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"How many; {_SHOWN} without it, all with --json.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the digests, newest first."""
    which = _which([reader] if reader else None, state)
    with look(context(ctx)) as cellar:
        entries, more = cellar.operator.digests(which, limit or (None if as_json else _SHOWN))
    if more and not as_json:
        newest = "The newest digest" if len(entries) == 1 else f"The newest {len(entries)} digests"
        say(f"{newest}; {more} more {'is' if more == 1 else 'are'} on record (--limit)")
    _print(entries, as_json=as_json)


@app.command()
def show(ctx: typer.Context, email: Annotated[str, typer.Argument(help="The reader.")], as_json: JsonOption = False) -> None:
    """List one reader's digests with the papers in them."""
    with look(context(ctx)) as cellar:
        entries, _ = cellar.operator.digests(_which([email]))
    if not entries and not as_json:
        say(f"No digest of {email} is on record.")
        return
    _print(entries, as_json=as_json, papers=True)


def _decision(name: str, decide: Decide, does: str) -> None:
    """Make a verb of what the operator may decide about digests in any state."""

    @app.command(name, help=does)
    def verb(
        ctx: typer.Context, emails: Emails = None, every: All = False, state: InState = None, as_json: JsonOption = False
    ) -> None:
        _decide(ctx, decide, _meant(emails, state, every=every), as_json=as_json)


def _hold(cellar: Cellar, which: Which) -> Sequence[Decided]:
    return cellar.operator.hold(which, cellar.clock())


def _release(cellar: Cellar, which: Which) -> Sequence[Decided]:
    return cellar.operator.release(which, cellar.clock())


def _retry(cellar: Cellar, which: Which) -> Sequence[Decided]:
    """Make digests due now; where all are meant, let them out, too."""
    decided = cellar.operator.retry(which, cellar.clock())
    if which.are_all:
        cellar.traffic.pause(None)
    return decided


def _drop(cellar: Cellar, which: Which) -> Sequence[Decided]:
    return cellar.operator.drop(which, cellar.clock())


_decision("hold", _hold, "Let queued digests wait until they are released.")


@app.command()
def release(ctx: typer.Context, emails: Emails = None, every: All = False, as_json: JsonOption = False) -> None:
    """Send held digests now. With --all, nothing that is composed from now on is held either."""
    _decide(ctx, _release, _meant(emails, every=every), as_json=as_json)


_decision(
    "retry",
    _retry,
    "Try deferred digests now, and failed ones again whose papers no other digest has told since. "
    "With --all, a pause of the way out ends, too.",
)
_decision("drop", _drop, "Never send queued and held digests; their papers count as told.")


def queue_shape(entry: QueueEntry) -> dict[str, Any]:
    """Return the JSON shape of a digest in the outbox."""
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


def _meant(emails: Sequence[str] | None, state: State | None = None, *, every: bool) -> Which:
    """Return the digests that are meant. Raises typer.BadParameter where that was not said, or twice."""
    if every == bool(emails):
        raise typer.BadParameter("name readers by their addresses, or say --all" + (", not both" if every else ""))
    return _which(emails, state)


def _which(emails: Sequence[str] | None, state: State | None = None) -> Which:
    return Which(tuple(map(subscriber_id, emails)) if emails else None, state)


def _decide(ctx: typer.Context, decide: Decide, which: Which, *, as_json: bool) -> None:
    """Let the operator's decision be carried out, say of each digest what became of it, and exit with 1 if nothing was done."""
    decided, ended = _carried_out(context(ctx), decide, which)
    if as_json:
        print_json([queue_shape(one.entry) | {"refused": one.refusal} for one in decided])
    else:
        _tell(decided)
    for sentence in ended:
        (complain if as_json else say)(sentence)
    if not ended and all(one.refusal for one in decided):
        raise typer.Exit(FAILED)


def _carried_out(options: Context, decide: Decide, which: Which) -> tuple[Sequence[Decided], Sequence[str]]:
    """Return what became of the digests, and a sentence for each thing that kept all mail back and no longer does."""
    with alter(options) as cellar:
        before = _hindrances(cellar)
        decided = decide(cellar, which)
        return decided, [sentence for sentence in before if sentence not in _hindrances(cellar)]


def _hindrances(cellar: Cellar) -> Sequence[str]:
    """Return what keeps all mail back, in the words that tell its end."""
    restored, paused = cellar.marks.get(RESTORED), cellar.traffic.ledger(cellar.clock()).pause
    return [sentence for there, sentence in ((restored, _REOPENED), (paused, _UNPAUSED)) if there]


def _tell(decided: Sequence[Decided]) -> None:
    for one in decided:
        digest = one.entry.digest
        if one.refusal is None:
            say(f"{one.entry.state:<9} {digest.email} {digest.key.period}")
        else:
            complain(f"{digest.email} {digest.key.period} {one.refusal}: it stays as it is, {one.entry.state}")
    if not decided:
        complain("no digest to do that with")


def _print(entries: Sequence[QueueEntry], *, as_json: bool, papers: bool = False) -> None:
    if as_json:
        print_json([queue_shape(entry) for entry in entries])
        return
    columns = ("READER", "PERIOD", "STATE", "TRIES", "NEXT TRY", "PAPERS", "LAST REPLY")
    print_table(columns, [_row(entry, papers=papers) for entry in entries], "The outbox is empty.")


def _row(entry: QueueEntry, *, papers: bool) -> tuple[str, ...]:
    digest = entry.digest
    shown = " ".join(_papers(entry)) if papers else str(len(digest.shown))
    reply = entry.last_reply or ""
    return digest.email, digest.key.period, entry.state, str(entry.attempts), when(entry.next_attempt_at), shown, reply


def _papers(entry: QueueEntry) -> list[str]:
    return [match.paper for match in entry.digest.shown]
