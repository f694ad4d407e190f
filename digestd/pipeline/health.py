"""How the configured sources do, and which of their troubles a reader would want to know of."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from digestd.model.health import Health, health
from digestd.model.source import SourceState
from digestd.ports import Source

States = Mapping[str, SourceState]


def healths(sources: Sequence[Source], states: States, now: datetime) -> Mapping[str, Health]:
    """Return the health of each of *sources* by name; what is stored of others does not count."""
    return {source.name: _health(source, sources, states, now) for source in sources}


def state_of(source: Source, states: States) -> SourceState:
    """Return what is known of *source*: nothing, where something else was asked under its name."""
    state = states.get(source.name)
    is_same = state is not None and state.cursor.origin in {None, source.origin}
    return state if state is not None and is_same else SourceState(source.name)


def _health(source: Source, sources: Sequence[Source], states: States, now: datetime) -> Health:
    peers = (state_of(peer, states).cursor.moved_at for peer in sources if peer.kind == source.kind and peer is not source)
    moved = max(filter(None, peers), default=None)
    return health(state_of(source, states), source.every, source.calendar, moved, now)
