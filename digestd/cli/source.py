"""`digestd source try`: what does this feed look like to digestd?"""

from pathlib import Path
from typing import Annotated, assert_never

import typer

from digestd.cli.context import FAILED, JsonOption, complain, context, print_json_line, print_table, say, wait_for
from digestd.config import ConfigTrouble, Settings, SourceKeys, source_keys
from digestd.model.paper import Paper
from digestd.model.shapes import paper_to_json
from digestd.model.source import Failed, Fetched, NotModified
from digestd.sources.kinds import KINDS
from digestd.wiring.asking import try_source

app = typer.Typer(add_completion=False, help="Try a source before it is configured.", no_args_is_help=True)


@app.callback()
def source() -> None:
    """Try a source before it is configured."""


@app.command("try")
def try_(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")],
    where: Annotated[
        str | None, typer.Argument(metavar="[URL|FILE]", help="A document; the service itself without it.")
    ] = None,
    ask: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Without a document: the category, query, ISSN or venue to ask the service for."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch or read once, and print the papers. Nothing is stored. With --json, one object a line."""
    place = _place(where)
    match wait_for(try_source(_settings(ctx), _keys(kind, where, ask), place, context(ctx).clock())):
        case Fetched() as fetched:
            _print(fetched.papers, as_json=as_json)
            for complaint in fetched.complaints:
                complain(complaint)
        case NotModified():
            say("The server has nothing new.")
        case Failed(reason):
            complain(f"{kind}{f' {where}' if where else ''}: {reason}")
            raise typer.Exit(FAILED)
        case other:
            assert_never(other)


def _keys(kind: str, where: str | None, ask: str | None) -> SourceKeys:
    """Return the settings of a source that asks for what the option says. Raises typer.BadParameter."""
    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is not a kind of source: {', '.join(KINDS)}")
    if where is not None and ask is not None:
        raise typer.BadParameter("--ask is for the service itself; a document is read as it is")
    if where is not None:
        return SourceKeys.model_construct(kind=kind, name=kind)
    try:
        return source_keys(kind, ask)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _settings(ctx: typer.Context) -> Settings:
    """Return the settings, for the manners; a source can be tried before there is a configuration."""
    options = context(ctx)
    try:
        return options.places().settings
    except ConfigTrouble:
        if options.config is not None:
            raise
        return Settings()


def _place(where: str | None) -> str | bytes | None:
    """Return an address as it is, and the content of a file. Raises typer.BadParameter."""
    if where is None or where.startswith(("http://", "https://")):
        return where
    try:
        return Path(where).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{where}: {error.strerror}; give a file, or an address that begins with https://") from None


def _print(papers: tuple[Paper, ...], *, as_json: bool) -> None:
    if as_json:
        for paper in papers:
            print_json_line(paper_to_json(paper))
        return
    rows = [(paper.id, ", ".join(paper.authors[:2]), paper.title) for paper in papers]
    print_table(("PAPER", "AUTHORS", "TITLE"), rows, "The document is in order and announces no papers.")
