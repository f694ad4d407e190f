"""How verbs open the installation."""

from collections.abc import Iterator
from contextlib import contextmanager

from digestd.cli.context import Context, complain, when
from digestd.storage import RESTORED
from digestd.wiring import House, open_house, visit_house

WHAT_IS_HELD = "`digestd queue release --all` sends what is held, `digestd queue drop --all` drops it"


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


def tell_if_restored(house: House) -> None:
    """Say so where the database came from a copy: nothing goes out until the operator decides."""
    if mark := house.marks.get(RESTORED):
        complain(f"the database is a copy of {when(mark.at)}, so that nothing is sent: {WHAT_IS_HELD}")
