"""`digestd papers`: what has been seen."""

from typing import Annotated

import typer

from digestd.cli.cellar import look
from digestd.cli.context import JsonOption, complain, context, counted, print_json_line, print_table, when
from digestd.model.shapes import instant, paper_to_json


def papers(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the papers seen last, newest first. With --json, one object a line."""
    with look(context(ctx)) as cellar:
        newest = [*cellar.records.newest_papers(limit + 1)]
    if len(newest) > limit:
        complain(f"only the {counted(limit, 'paper')} seen last; `--limit N` lists more")
        del newest[limit:]
    if as_json:
        for sighting in newest:
            print_json_line(paper_to_json(sighting.paper) | {"first_seen": instant(sighting.at)})
        return
    rows = [(when(one.at), one.paper.id, ", ".join(one.paper.sources), one.paper.title) for one in newest]
    print_table(("FIRST SEEN", "PAPER", "SOURCES", "TITLE"), rows, "No papers have been seen yet: run `digestd poll`.")
