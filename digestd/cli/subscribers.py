"""`digestd subscribers`: the readers, their files and their standing."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.cellar import alter, look
from digestd.cli.context import (
    FAILED,
    JsonOption,
    complain,
    complain_of,
    context,
    counted,
    print_json,
    print_json_line,
    print_table,
    read_instant,
    say,
    when,
)
from digestd.cli.register import everybody, everything, read_register
from digestd.config.addresses import read_address
from digestd.config.imports import Imported, read_readers, write_readers
from digestd.model.subscriber import subscriber_id

app = typer.Typer(add_completion=False, help="Readers: their files, and who gets no mail.", invoke_without_command=True)

Email = Annotated[str, typer.Argument(help="The reader's address.")]


@app.callback()
def subscribers(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the readers."""
    if ctx.invoked_subcommand is None:
        list_readers(ctx, as_json=as_json)


@app.command("list")
def list_readers(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the readers, and whether each is in force, paused or suppressed, and why; then other suppressed addresses."""
    with look(context(ctx)) as cellar:
        register = read_register(cellar)
    if as_json:
        print_json(register.shapes())
        return
    columns = ("READER", "NAME", "STATE", "WHY", "SCHEDULE", "PROFILES", "FILE")
    print_table(columns, register.rows(), "There are no readers yet.")
    if register.roster.complaints:
        complain("some readers' files are broken: see `digestd check`")


@app.command()
def show(ctx: typer.Context, email: Email, as_json: JsonOption = False) -> None:
    """Show how one reader stands, and the file in force."""
    with look(context(ctx)) as cellar:
        register = read_register(cellar)
        reader = register.find(email)
        shape, kept = register.shape(reader), cellar.standing.kept(reader.id)
    text = register.texts.get(shape["file"] or "", "")
    if as_json:
        print_json(shape | {"text": text, "papers_told": len(kept.told), "points": kept.score.points if kept.score else 0})
        return
    _, _, _, _, schedule, _, file = register.row(reader)
    say(f"{reader.email}: {register.standing(reader)}. {counted(len(kept.told), 'paper')} told.")
    say(f"A digest comes {schedule}.")
    if kept.score:
        say(f"{counted(kept.score.points, 'point')} of bounces, the last on {when(kept.score.last_at)}: {kept.score.note}")
    say(f"\n{file}:\n{text}")


@app.command("import")
def import_readers(
    ctx: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="FILE.csv|DIR", exists=True, help="A table of readers, or a folder of their files.")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Write over the files of readers who are there already.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write readers into the folder of subscribers. Whoever is suppressed stays so."""
    with alter(context(ctx)) as cellar:
        register = read_register(cellar)
        found = read_readers(source, cellar.settings.defaults)
        done = write_readers(found, cellar.places.subscribers, register.files, replace=replace)
        suppressed = [one.email for one in done.written if register.suppressions.of(subscriber_id(one.email))]
    _tell_import(done, suppressed, as_json=as_json)
    if done.complaints:
        raise typer.Exit(FAILED)


@app.command()
def export(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Argument(help="The reader; everybody without it, an object a line.")] = None,
) -> None:
    """Print all that is stored of a reader, as JSON."""
    with look(context(ctx)) as cellar:
        register = read_register(cellar)
        if email is None:
            for who in everybody(cellar, register):
                print_json_line(everything(cellar, register, who))
            return
        shape = everything(cellar, register, subscriber_id(email))
        if not any(stored for name, stored in shape.items() if name != "subscriber"):
            register.find(email)
        print_json(shape)


@app.command()
def pause(
    ctx: typer.Context,
    email: Email,
    until: Annotated[str | None, typer.Option(metavar="ISO", help="The instant at which mail begins again.")] = None,
) -> None:
    """Send a reader nothing for a while; what is in the queue is kept back, too."""
    end = _future(until, context(ctx).clock()) if until is not None else None
    with alter(context(ctx)) as cellar:
        reader = read_register(cellar).find(email)
        cellar.standing.pause(reader.id, end, cellar.clock())
    say(f"{reader.email} is paused{f' until {when(end)}' if end else ''}.")


@app.command()
def resume(ctx: typer.Context, email: Email) -> None:
    """Send a paused reader mail again."""
    with alter(context(ctx)) as cellar:
        register = read_register(cellar)
        reader = register.find(email)
        was_paused = cellar.standing.resume(reader.id)
    say(f"{reader.email} is no longer paused." if was_paused else f"{reader.email} was not paused by command.")
    if reader.paused:
        complain(f"{register.files[reader.id]} says paused = true: that is yours to change")


@app.command()
def replan(ctx: typer.Context, email: Email) -> None:
    """Let a reader's file say again when digests come, whatever the reader chose."""
    with alter(context(ctx)) as cellar:
        had_chosen = cellar.standing.replan(subscriber_id(email), cellar.clock())
    say(f"{email} gets digests as the file says." if had_chosen else f"{email} had not chosen another schedule.")


@app.command()
def suppress(ctx: typer.Context, email: Email, note: Annotated[str, typer.Option(help="Why, for the record.")] = "") -> None:
    """Never send mail to an address, whoever imports it, until `restore`."""
    try:
        address = read_address(email)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    with alter(context(ctx)) as cellar:
        cellar.standing.suppress(subscriber_id(address), "operator", note, cellar.clock())
        unknown = read_register(cellar).why_unknown(address)
    say(f"{email} gets no mail from now on; `digestd subscribers restore {email}` lifts that.")
    if unknown:
        complain(unknown)


@app.command()
def restore(ctx: typer.Context, email: Email) -> None:
    """Lift a suppression, and forget what bounced."""
    with alter(context(ctx)) as cellar:
        lifted = cellar.standing.lift(subscriber_id(email))
    say(f"{email} may be mailed again." if lifted else f"{email} was not suppressed.")


@app.command()
def forget(
    ctx: typer.Context,
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do it: this cannot be undone.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove all that is stored of a reader. Of a suppression a salted hash stays, so that it holds for the address."""
    who = subscriber_id(email)
    with alter(context(ctx)) as cellar:
        file = read_register(cellar).files.get(who)
        if not yes:
            raise typer.BadParameter(f"this removes {email} from the database, digests and receipts too: say --yes to do it")
        removed = cellar.standing.forget(who, [file] if file else [], cellar.clock())
    if as_json:
        print_json({"email": email, "removed": dict(removed), "file": file})
        return
    rows = ", ".join(f"{count} of {table}" for table, count in removed.items() if count)
    say(f"Removed of {email}: {rows or 'nothing was stored'}.")
    if file:
        say(f"Remove {cellar.places.subscribers / file} now, which is yours: while it is there, {email} is a new reader.")


def _future(text: str, now: datetime) -> datetime:
    """Return an ISO instant that is still to come. Raises typer.BadParameter."""
    at = read_instant(text)
    if at <= now:
        raise typer.BadParameter(f'"{text}" is in the past: it is {when(now)} now')
    return at


def _tell_import(done: Imported, suppressed: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        lists = {"written": [one.email for one in done.written], "kept": [one.email for one in done.kept]}
        print_json(lists | {"suppressed": list(suppressed), "complaints": list(map(str, done.complaints))})
        return
    say(f"{counted(len(done.written), 'reader')} written.")
    if done.kept:
        were, theirs, them = ("was", "its file", "it") if len(done.kept) == 1 else ("were", "their files", "them")
        say(f"{len(done.kept)} {were} there already and kept {theirs}; --replace writes over {them}.")
    if suppressed:
        say(f"Of them, {len(suppressed)} {'stays' if len(suppressed) == 1 else 'stay'} suppressed: {', '.join(suppressed)}")
    complain_of(done.complaints)
