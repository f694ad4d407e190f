"""`digestd backup`, `restore` and `migrate`: the database as a whole."""

from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.cellar import WHAT_IS_HELD, alter
from digestd.cli.context import context, say, when
from digestd.storage.backup import back_up
from digestd.storage.backup import restore as restore_copy
from digestd.storage.migrations import STEPS
from digestd.wiring.cellar import address_of, has_database

_CARRIED = "Suppressions, pauses, schedules and bounces since the copy are carried over; papers told since may be told again"
_LOST = (
    "It cannot be read: suppressions, pauses, schedules and bounces since the copy are lost,"
    " and papers told since may be told again"
)


def backup(
    ctx: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.", show_default=False)]
) -> None:
    """Write a whole copy of the database to FILE, while the daemon works."""
    places = context(ctx).places()
    try:
        back_up(address_of(places), file)
    except FileExistsError:
        raise typer.BadParameter(f"{file} is there already; name a new file") from None
    say(f"{file}: a copy of {places.database}, {file.stat().st_size / 1e6:.1f} MB")
    say(f"{places.state / 'secret.key'} is not in it: keep a copy of that, too")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What `backup` wrote.")],
) -> None:
    """Begin again from a copy. The database that is there is kept beside it, and nothing goes out until you say so."""
    options = context(ctx)
    places = options.places()
    done = restore_copy(address_of(places), file, places.state, options.clock())
    say(f"{places.database}: restored from {file}, a copy of {when(done.copied_at)}")
    if done.kept:
        say(f"The database that was there is {done.kept}")
        say(_CARRIED if done.carried else _LOST)
    held = "1 digest is" if done.held == 1 else f"{done.held} digests are"
    say(f"{held} held, and whatever is composed from now on: {WHAT_IS_HELD}")


def migrate(ctx: typer.Context) -> None:
    """Bring the database to this version's tables. Every verb does so; this one does nothing else."""
    options = context(ctx)
    places = options.places()
    if isinstance(places.database, str) and has_database(places):
        say("No copy is made of a database on a server: have one made with pg_dump before a new version of digestd")
    with alter(options):
        say(f"{places.database}: its tables are version {len(STEPS)}, up to date")
