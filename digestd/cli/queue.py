"""`digestd queue`: the outbox, and what the operator decides about it. The daemon may go on meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any

import typer

from digestd.cli.cellar import alter, look
from digestd.cli.context import FAILED, Context, JsonOption, complain, context, print_json, print_table, say, when
from digestd.cli.receipts import print_receipts
from digestd.model.operator import Decided, Which
from digestd.model.records import QueueEntry, State
from digestd.model.shapes import instant
from digestd.model.subscriber import SubscriberId, subscriber_id
from digestd.storage import RESTORED
from digestd.wiring.cellar import Cellar

_SHOWN = 50
_REOPENED = "What is composed from now on goes out as it did before the database was restored"
_UNPAUSED = "The way out is not paused any more: the next delivery tries it"
_WHAT_NOW: Mapping[State, str] = {
    "queued": "`digestd queue hold` lets it wait, `digestd queue retry` tries it now, `digestd queue drop` ends it",
    "sending": "its delivery says soon how that ended",
    "accepted": "it was sent",
    "failed": "`digestd queue retry` tries it again",
    "empty": "it told nothing, and was not sent",
    "suppressed": "its reader was to get no mail when it was due, and it is not sent any more",
    "held": "`digestd queue release` sends it, `digestd queue drop` ends it",
    "dropped": "it is not sent any more",
}

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
    """List one reader's digests with the papers in them, and the tries to deliver them, newest first."""
    with look(context(ctx)) as cellar:
        receipts, now = cellar.operator.receipts(subscriber_id(email)), cellar.clock()
    if as_json:
        _print([receipt.entry for receipt in receipts], as_json=True)
        return
    if not receipts:
        say(f"No digest of {email} is on record.")
    print_receipts(receipts, now)


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
        "may_have_arrived": entry.may_have_arrived,
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
    decided, idle, ended = _carried_out(context(ctx), decide, which)
    if as_json:
        print_json([queue_shape(one.entry) | {"refused": one.refusal} for one in decided])
    else:
        _tell(decided)
    for sentence in idle:
        complain(sentence)
    for sentence in ended:
        (complain if as_json else say)(sentence)
    if not ended and all(one.refusal for one in decided):
        raise typer.Exit(FAILED)


def _carried_out(options: Context, decide: Decide, which: Which) -> tuple[Sequence[Decided], Sequence[str], Sequence[str]]:
    """Return what became of the digests, for whom there was nothing to do, and what kept all mail back and no longer does."""
    with alter(options) as cellar:
        before = _hindrances(cellar)
        decided = decide(cellar, which)
        idle = [*_idle(cellar, which, {one.entry.digest.key.subscriber for one in decided})]
        return decided, idle, [sentence for sentence in before if sentence not in _hindrances(cellar)]


def _idle(cellar: Cellar, which: Which, decided: AbstractSet[SubscriberId]) -> Iterator[str]:
    """Yield for each reader who is meant, and of whom no digest was *decided* about, how the newest stands."""
    if which.readers is None and not decided:
        states = ", ".join(f"{one.digests} {state}" for state, one in cellar.operator.states().items())
        yield f"no digest to do that with: the outbox {f'has {states}' if states else 'is empty'}"
    for who in which.readers or ():
        if who in decided:
            continue
        found, _ = cellar.operator.digests(Which((who,)), 1)
        for entry in found:
            yield f"{entry.digest.email} {entry.digest.key.period} is {entry.state}: {_WHAT_NOW[entry.state]}"
        if not found:
            yield f"no digest of {who} is on record"


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


def _print(entries: Sequence[QueueEntry], *, as_json: bool) -> None:
    if as_json:
        print_json([queue_shape(entry) for entry in entries])
        return
    columns = ("READER", "PERIOD", "STATE", "TRIES", "NEXT TRY", "PAPERS", "LAST REPLY")
    print_table(columns, [*map(_row, entries)], "The outbox is empty.")


def _row(entry: QueueEntry) -> tuple[str, ...]:
    digest = entry.digest
    tries = str(entry.attempts), when(entry.next_attempt_at)
    return digest.email, digest.key.period, entry.state, *tries, str(len(digest.shown)), entry.last_reply or ""


def _papers(entry: QueueEntry) -> list[str]:
    return [match.paper for match in entry.digest.shown]
