"""`digestd check`: is all of the configuration right?"""

import typer

from digestd.cli.context import CONFIG, complain_of, context, say
from digestd.wiring import check_places


def check(ctx: typer.Context) -> None:
    """Read all configuration, and say what is wrong: file, line, key."""
    places = context(ctx).places()
    report = check_places(places)
    complain_of(report.complaints)
    for remark in report.remarks:
        say(f"note: {remark}", style="yellow")
    if report.complaints:
        raise typer.Exit(CONFIG)
    say(f"{places.file}: {report.readers} readers, {report.sources} sources; all is well", style="green")
