"""The program: its options, its verbs, and how expected trouble ends."""

import gc
import logging
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from digestd import __version__
from digestd.cli.context import CONFIG, SOFTWARE, TEMPORARY, Context, LogFormat, complain, fixed_clock, of_system, real_clock
from digestd.cli.logs import configure_logs
from digestd.config import ConfigTrouble
from digestd.ports import DatabaseTrouble

# The verbs, and the file that has each.
_VERBS = {
    "run": "run",
    "tick": "stages",
    "poll": "stages",
    "compose": "stages",
    "deliver": "stages",
    "prune": "stages",
    "preview": "preview",
    "explain": "explain",
    "check": "check",
    "doctor": "doctor",
    "templates": "templates",
    "status": "status",
    "log": "log",
    "papers": "papers",
    "sources": "sources",
    "match": "match",
    "init": "init",
    "backup": "database",
    "restore": "database",
    "migrate": "database",
    "demo": "demo",
    "queue": "queue",
    "inbound": "inbound",
    "subscribers": "subscribers",
    "source": "source",
}


class _Program(TyperGroup):
    """Reads a verb's file when it is asked for: who matches papers does not wait for SQL and HTTP.

    Ends expected trouble with its exit code (sysexits.h), and without a traceback.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: Any = dict.fromkeys(_VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _VERBS:
            return None
        file = import_module(f"digestd.cli.{_VERBS[cmd_name]}")
        verb = getattr(file, "app", None) or typer.Typer(add_completion=False)
        if not hasattr(file, "app"):
            verb.command(cmd_name)(getattr(file, cmd_name))
        command = typer.main.get_command(verb)
        command.name = cmd_name
        return command

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
            complain(of_system(trouble))
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
    ctx.obj = Context(config, fixed_clock(now) if now else real_clock, _again(ctx))


def _again(ctx: typer.Context) -> Sequence[str]:
    """Return the program's own options as they would be given again."""
    given = {f"--{name.replace('_', '-')}": ctx.params[name] for name in ("config", "now", "log_format") if ctx.params[name]}
    loudness = {True: ["--verbose"], None: [], False: ["--quiet"]}[ctx.params["loud"]]
    return [*(word for option, value in given.items() for word in (option, str(value))), *loudness]


def main() -> None:
    """Run the program, and exit with its code: a fault of ours is 70, so that nobody takes it for a failed source."""
    gc.freeze()  # what is loaded stays to the end: a tenth of a short verb's time went into looking for garbage there
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
