"""Where readers' choices are put in force."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from digestd.model.subscriber import SubscriberId
from digestd.ports import Clock, DatabaseTrouble, Records, Standing
from digestd.rendering import Language, Letterhead
from digestd.web.choices import Choice, Leave, Pause, Replan, Reschedule, Return
from digestd.web.table import Table, is_token

log = structlog.get_logger("digestd.web")

UNDONE_WITHIN = timedelta(days=7)  # an old mail, passed on, must not bring back a reader who left long ago
_NOBODY = SubscriberId("")
_NOTE = "by the link in a mail"
_AT_ONCE = 2  # choices: the other threads are for the mail
_MOST_WAITING = 1000
_MOST_OF_ONE = 20  # presses of one reader
_SECONDS_BETWEEN, _SECONDS_AT_MOST = 1, 3_600
_REST = 20  # times as long as it took: no stranger keeps us at it


@dataclass(frozen=True, slots=True)
class Ground:
    """What the pages stand on. *language* is that of the installation: nobody's pages are in it.

    *known* are the readers there are, and those who were ever mailed, with the language of each; it may take its time.
    """

    standing: Standing
    records: Records
    known: Callable[[], Mapping[SubscriberId, Language]]
    key: bytes
    letterhead: Letterhead
    language: Language
    clock: Clock


class Counter:
    """Takes choices, of readers and of nobody, who learns nothing from how that goes."""

    def __init__(self, ground: Ground) -> None:
        self._standing, self._clock, self._language = ground.standing, ground.clock, ground.language
        self._table = Table(ground.key, ground.known)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting: dict[str, tuple[Choice, ...]] = {}  # by token, in the order they came
        self._asked = asyncio.Event()

    def language(self, shown: str) -> Language:
        """Return the language of the reader whose token that is; of nobody, that of the installation."""
        if not is_token(shown):
            return self._language
        found = self._table.language(shown)
        if found is None:
            self._asked.set()  # it may be a new reader's
        return found or self._language

    async def take(self, shown: str, choice: Choice) -> None:
        """Put a choice in force, and return when that is stored. Raises DatabaseTrouble.

        The choice of somebody whom nobody knows waits until it is known who the readers are by now: that may be a new one.
        """
        who = self._table.holder(shown)
        if who is None:
            self._remember(shown, choice)
        async with self._turns:
            await asyncio.to_thread(self._act, who, choice)
        (log.debug if who is None else log.info)("web.taken", choice=type(choice).__name__.lower(), known=who is not None)

    async def open(self) -> None:
        """Learn who the readers are. Raises DatabaseTrouble."""
        await asyncio.to_thread(self._table.renew)

    async def renewing(self) -> None:
        """Learn who the readers are each time somebody came whom nobody knows, and once an hour."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), _SECONDS_AT_MOST)
            begun = asyncio.get_running_loop().time()
            await self.renew()
            spent = asyncio.get_running_loop().time() - begun
            await asyncio.sleep(max(_SECONDS_BETWEEN, _REST * spent))

    async def renew(self) -> None:
        """Learn who the readers are, and put in force what new ones chose."""
        self._asked.clear()
        waiting = dict(self._waiting)
        try:
            await asyncio.to_thread(self._table.renew)
            await asyncio.to_thread(self._act_for_new, waiting)
        except DatabaseTrouble as trouble:
            log.warning("web.trouble", trouble=str(trouble))
            self._asked.set()
        else:
            later = {shown: choices[len(waiting.get(shown, ())) :] for shown, choices in self._waiting.items()}
            self._waiting = {shown: choices for shown, choices in later.items() if choices}

    async def close(self) -> None:
        """Put in force what waits."""
        if self._waiting:
            await self.renew()

    def _remember(self, shown: str, choice: Choice) -> None:
        choices = self._waiting.get(shown, ())
        if (choices or len(self._waiting) < _MOST_WAITING) and len(choices) < _MOST_OF_ONE:
            self._waiting[shown] = (*choices, choice)
        self._asked.set()

    def _act_for_new(self, waiting: Mapping[str, Sequence[Choice]]) -> None:
        found = ((self._table.holder(shown), choice) for shown, choices in waiting.items() for choice in choices)
        for who, choice in found:
            if who is not None:
                self._act(who, choice)

    def _act(self, who: SubscriberId | None, choice: Choice) -> None:
        now = self._clock()
        match choice:
            case _ if who is None:
                self._standing.resume(_NOBODY)  # it waits where the others wait: for the right to write
            case Leave():
                self._standing.suppress(who, "unsubscribe", _NOTE, now)
            case Pause():
                self._standing.rest(who, now + choice.time, now)
            case Return():
                self._standing.come_back(who, now - UNDONE_WITHIN)
            case Reschedule():
                self._standing.reschedule(who, choice.own, now)
            case Replan():
                self._standing.replan(who, now)
