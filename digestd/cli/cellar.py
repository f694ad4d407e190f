"""How verbs open what the installation keeps, to look at it or to decide; who needs the stages opens the house."""

from collections.abc import Iterator
from contextlib import contextmanager

from digestd.cli.context import Context, complain, counted, when
from digestd.model.records import Mark
from digestd.storage import RESTORED
from digestd.wiring import cellar
from digestd.wiring.cellar import Cellar

WHAT_IS_HELD = "`digestd queue release --all` sends what is held, `digestd queue drop --all` drops it"


@contextmanager
def look(options: Context) -> Iterator[Cellar]:
    """Open it to look; where there is no database yet, none is made."""
    with cellar.look(options.places(), options.clock) as found:
        yield found


@contextmanager
def alter(options: Context) -> Iterator[Cellar]:
    """Open it to change it."""
    with cellar.open_cellar(options.places(), options.clock) as found:
        yield found


def tell_if_restored(found: Cellar) -> None:
    """Say so where the database came from a copy: nothing goes out until the operator decides."""
    if mark := found.marks.get(RESTORED):
        complain(restored_words(mark))


def restored_words(mark: Mark) -> str:
    """Return that the database came from a copy, and what to do."""
    return f"the database is a copy of {when(mark.at)}, so that nothing is sent: {WHAT_IS_HELD}"


def doubtful_words(digests: int) -> str:
    """Return that so many digests may have arrived, and what to do."""
    return (
        f"{counted(digests, 'digest')} may have arrived or not, and {'is' if digests == 1 else 'are'} held: `digestd queue list"
        " --state held` shows which, `digestd queue release EMAIL` sends again, `digestd queue drop EMAIL` does not"
    )
