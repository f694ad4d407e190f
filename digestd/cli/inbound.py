"""`digestd inbound`: takes one message from a mail server's pipe."""

import sys
from typing import BinaryIO

import typer

from digestd.cli.context import TEMPORARY, complain, context, of_system, say
from digestd.cli.house import enter
from digestd.config import ConfigTrouble
from digestd.inbound.mime import MOST
from digestd.ports import DatabaseTrouble


def inbound(ctx: typer.Context) -> None:
    """Take one message that came back, from stdin: a bounce, a complaint, a reader who leaves.

    Exit codes are a mail server's: 0 taken, 75 try again. Postfix returns a message to its sender at any other, and a
    bounce has none: it would be lost. So trouble with the configuration is 75 here, and what nobody can read is taken.
    """
    content = _read(sys.stdin.buffer)
    try:
        with enter(context(ctx)) as house:
            taken = house.desk().take(content)
    except (ConfigTrouble, DatabaseTrouble) as trouble:
        complain(str(trouble))
        raise typer.Exit(TEMPORARY) from None
    except OSError as trouble:
        complain(of_system(trouble))
        raise typer.Exit(TEMPORARY) from None
    say(f"inbound  {taken}{f', {taken.digest}' if taken.digest else ''}")


def _read(pipe: BinaryIO) -> bytes:
    """Return as much of a message as we look at; the rest is read all the same, for whoever writes it to finish."""
    content = pipe.read(MOST)
    while pipe.read(MOST):
        pass
    return content
