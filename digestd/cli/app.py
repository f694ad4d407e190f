"""The program: its options, its verbs, and how expected trouble ends."""

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from digestd import __version__
from digestd.cli import check, demo, explain, init, log, match, papers, preview, queue, run, source, sources, stages, status
from digestd.cli.context import CONFIG, SOFTWARE, TEMPORARY, Context, LogFormat, complain, fixed_clock, real_clock
from digestd.cli.logs import configure_logs
from digestd.config import ConfigTrouble
from digestd.storage import DatabaseTrouble


class _Program(TyperGroup):
    """Ends expected trouble with its exit code (sysexits.h), and without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigTrouble as trouble:
            complain(str(trouble))
            raise typer.Exit(CONFIG) from None
        except DatabaseTrouble as trouble:
            complain(str(trouble))
            raise typer.Exit(TEMPORARY if trouble.temporary else CONFIG) from None
        except BrokenPipeError:
            raise
        except OSError as trouble:
            complain(f"{trouble.filename or 'the system'}: {trouble.strerror}")
            raise typer.Exit(CONFIG) from None


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"digestd {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=_Program,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def program(
    ctx: typer.Context,
    config: Annotated[Path | None, typer.Option(help="digestd.toml, or its folder.", show_default=False)] = None,
    now: Annotated[str | None, typer.Option(metavar="ISO", help="Run as if it were that instant.", show_default=False)] = None,
    log_format: Annotated[LogFormat, typer.Option(help="How events are written on stderr.")] = LogFormat.AUTO,
    loud: Annotated[bool | None, typer.Option("--verbose/--quiet", "-v/-q", help="Log more, or warnings only.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Tells researchers, by e-mail, about the new papers they asked for: once, on time, and with the reason why."""
    configure_logs(log_format, {True: logging.DEBUG, None: logging.INFO, False: logging.WARNING}[loud])
    ctx.obj = Context(config, fixed_clock(now) if now else real_clock)


def main() -> None:
    """Run the program, and exit with its code: a fault of ours is 70, so that nobody takes it for a failed source."""
    _mend_streams()
    try:
        app()
    except Exception:
        traceback.print_exc()
        sys.exit(SOFTWARE)


def _mend_streams() -> None:
    """Let a terminal that cannot show a letter show a "?", and a closed stderr swallow what is said to it."""
    if sys.stderr is None:
        sys.stderr = StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


_VERBS: Mapping[str, Callable[..., None]] = {
    "run": run.run,
    "tick": stages.tick,
    "poll": stages.poll,
    "compose": stages.compose,
    "deliver": stages.deliver,
    "preview": preview.preview,
    "explain": explain.explain,
    "check": check.check,
    "status": status.status,
    "log": log.log,
    "papers": papers.papers,
    "sources": sources.sources,
    "match": match.match,
    "init": init.init,
    "demo": demo.demo,
}
for name, verb in _VERBS.items():
    app.command(name)(verb)
app.add_typer(queue.app, name="queue")
app.add_typer(source.app, name="source")
