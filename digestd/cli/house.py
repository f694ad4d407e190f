"""How verbs open the installation with all that is done in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from digestd.cli.context import Context
from digestd.wiring.house import House, open_house, visit_house


@contextmanager
def visit(options: Context) -> Iterator[House]:
    """Open the installation to look at it; where it has no database yet, none is made."""
    with visit_house(options.places(), options.clock) as house:
        yield house


@contextmanager
def enter(options: Context) -> Iterator[House]:
    """Open the installation: settings, database, and all that stands on them."""
    with open_house(options.places(), options.clock, options.command("deliver", "--share")) as house:
        yield house
