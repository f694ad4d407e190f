"""Example papers that readers name: those that no source has announced are looked up by id, and remembered."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from digestd.model.paper import PaperId
from digestd.model.source import Cursor, Failed, SourceState
from digestd.model.subscriber import Subscriber
from digestd.pipeline.health import FAULTS, LONGEST_WAIT, is_ahead
from digestd.pipeline.match import named
from digestd.ports import Archive, SeenPapers

_AT_ONCE = 100
_MOST = 500  # looked up in one tick: the first day of a large institute is spread
_PAUSE = timedelta(hours=1)  # after trouble, unless the service asks for more

log = structlog.get_logger("digestd.examples")


@dataclass(slots=True)
class LookedUp:
    """What a look-up brought: how many papers were asked for and found, the ids that nobody knows, and what went wrong."""

    asked: int = 0
    found: int = 0
    unknown: list[PaperId] = field(default_factory=list)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Examples:
    """The look-up, between the ports it stands on. *named* gives what readers name now."""

    named: Callable[[], Sequence[PaperId]]
    seen: SeenPapers
    archive: Archive

    async def look_up(self, now: datetime, *, retry: bool = False) -> LookedUp:
        """Look up what is named and not stored. After trouble the archive is left alone for a while, unless to *retry*.

        What the service itself asked for, to be left alone, always holds.
        """
        state = await asyncio.to_thread(self._state)
        done = LookedUp()
        if is_ahead(state.cursor.not_before if retry else state.cursor.next_poll_at, now):
            return done
        for ids in _pieces(await asyncio.to_thread(self._missing, now)):
            failed = await self._look_up(ids, done, now)
            if failed is not None:
                done.error = failed.reason
                await asyncio.to_thread(self.seen.failed, self.archive.name, failed, _later(failed, now))
                return done
        if done.asked and state.failures:
            await asyncio.to_thread(self.seen.unchanged, self.archive.name, Cursor(), now)
        return done

    async def _look_up(self, ids: Sequence[PaperId], done: LookedUp, now: datetime) -> Failed | None:
        """Look up some, and remember them: a crash loses no more. A fault of ours over what comes is the archive's failure."""
        try:
            told = await self.archive.find(ids, now)
            if isinstance(told, Failed):
                return told
            found = {paper.id for paper in told}
            unknown = [one for one in ids if one not in found]
            await asyncio.to_thread(self.seen.remember, told, unknown, now)
        except FAULTS as error:
            log.exception("examples.fault", archive=self.archive.name)
            return Failed(f"{type(error).__name__} over what it says")
        done.asked += len(ids)
        done.found += len(found)
        done.unknown += unknown
        return None

    def _state(self) -> SourceState:
        return self.seen.sources().get(self.archive.name, SourceState(self.archive.name))

    def _missing(self, now: datetime) -> Sequence[PaperId]:
        """Return what to ask for, in the order in which readers name it."""
        named = [one for one in self.named() if self.archive.keeps(one)]
        missing = self.seen.unasked(named, now) if named else ()
        return [one for one in named if one in missing][:_MOST]


def named_by(readers: Iterable[Subscriber]) -> Sequence[PaperId]:
    """Return the papers that readers who are not paused name as examples, each once."""
    return named(*(reader for reader in readers if not reader.paused))


def report(done: LookedUp) -> None:
    """Log what a look-up brought."""
    if done.asked:
        log.info("examples.done", asked=done.asked, found=done.found, unknown=len(done.unknown))
    if done.unknown:
        log.warning("examples.unknown", papers=" ".join(done.unknown))
    if done.error is not None:
        log.error("examples.failed", error=done.error)


def _later(failed: Failed, now: datetime) -> Cursor:
    wait = min(failed.wait or timedelta(), LONGEST_WAIT)
    return Cursor(not_before=now + wait if wait else None, next_poll_at=now + max(wait, _PAUSE))


def _pieces(ids: Sequence[PaperId]) -> Iterator[Sequence[PaperId]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))
