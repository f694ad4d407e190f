"""How the configured sources do, and which of their troubles a reader would want to know of."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from digestd.model.health import Health, health
from digestd.model.source import SourceState
from digestd.ports import Source

States = Mapping[str, SourceState]

LONGEST_WAIT = timedelta(days=1)  # that a server may ask for
# A fault of ours over what a stranger says, in reading or in storing it, is the stranger's failure and stops no other.
FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def healths(sources: Sequence[Source], states: States, now: datetime) -> Mapping[str, Health]:
    """Return the health of each of *sources* by name; what is stored of others does not count."""
    return {source.name: _health(source, sources, states, now) for source in sources}


def state_of(source: Source, states: States) -> SourceState:
    """Return what is known of *source*: nothing, where something else was asked under its name."""
    state = states.get(source.name)
    is_same = state is not None and state.cursor.origin in {None, source.origin}
    return state if state is not None and is_same else SourceState(source.name)


def is_ahead(turn: datetime | None, now: datetime, longest: timedelta = LONGEST_WAIT) -> bool:
    """Say whether a turn is still to come. One farther off than any wait was set by a clock that was wrong."""
    return turn is not None and now < turn <= now + longest


def _health(source: Source, sources: Sequence[Source], states: States, now: datetime) -> Health:
    peers = (state_of(peer, states).cursor.moved_at for peer in sources if peer.kind == source.kind and peer is not source)
    moved = max(filter(None, peers), default=None)
    return health(state_of(source, states), source.every, source.calendar, moved, now)
