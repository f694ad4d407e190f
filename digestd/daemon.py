"""The daemon: a timer around the stages. What is due is asked of the store at each tick, so that a restart loses nothing."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from digestd import systemd
from digestd.config import ConfigTrouble
from digestd.pipeline.deliver import Round
from digestd.pipeline.stages import Stages
from digestd.storage import DatabaseTrouble

log = structlog.get_logger("digestd.daemon")

_SECONDS_BETWEEN = {"poll": 60, "inbound": 60, "compose": 30, "deliver": 15, "prune": 3600}
_DRAIN = 60  # seconds; the unit's TimeoutStopSec is longer

# The default drops a job that starts more than a second late, in silence.
_JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


class Daemon:
    """Runs *stages* until it is told to stop, each beside the others and never beside itself."""

    def __init__(self, stages: Stages) -> None:
        self._round = Round()
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._fault: BaseException | None = None
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=_JOB_DEFAULTS)
        self._stages: dict[str, Callable[[], Awaitable[object]]] = {
            "poll": stages.poll_due,
            "inbound": stages.inbound,
            "compose": partial(asyncio.to_thread, stages.compose),
            "deliver": partial(self._deliver, stages),
            "prune": stages.prune_due,
        }

    async def run(self) -> None:
        """Tick until SIGTERM or SIGINT, then drain. Raises what a stage raised that nobody expected."""
        self._listen()
        self._scheduler.start()
        if interval := systemd.watchdog_interval():
            self._scheduler.add_job(_alive, "interval", seconds=interval.total_seconds())
        first = asyncio.create_task(self._begin())
        systemd.ready()
        log.info("daemon.started")
        await self._stopping.wait()
        systemd.stopping()
        first.cancel()
        self._scheduler.shutdown(wait=False)
        await self._drain()
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Begin to drain: nothing new goes out, what is on its way is waited for."""
        self._round.stop("digestd is stopping")
        self._stopping.set()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)

    async def _begin(self) -> None:
        """Run every stage once, in order, so that a new reader's first digest has papers to look at; then each ticks."""
        for name, seconds in _SECONDS_BETWEEN.items():
            await asyncio.wait([self._start(name)])
            self._scheduler.add_job(self._tick, "interval", (name,), seconds=seconds)

    async def _tick(self, name: str) -> None:
        self._start(name)

    def _start(self, name: str) -> asyncio.Task[None]:
        """Start a stage, unless it is still under way: the scheduler only ticks, it must not cancel a delivery."""
        task = self._running.get(name)
        if task is None or task.done():
            task = self._running[name] = asyncio.create_task(self._run(name), name=name)
            task.add_done_callback(self._ended)
        return task

    async def _run(self, name: str) -> None:
        try:
            await self._stages[name]()
        except (DatabaseTrouble, ConfigTrouble) as trouble:
            log.warning("daemon.trouble", stage=name, trouble=str(trouble))  # the next tick tries again
        systemd.status(f"{name} ran last, at {datetime.now(UTC):%H:%M} UTC")

    async def _deliver(self, stages: Stages) -> None:
        """Deliver in a round of its own: what stopped the last one may be over."""
        self._round = Round()
        if not self._stopping.is_set():
            await stages.deliver(self._round)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Stop at a fault that nobody expected; the service manager starts us again."""
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            self._fault = self._fault or fault
            self.stop()

    async def _drain(self) -> None:
        """Wait for what is on its way; a poll and a prune are given up, for the next ones do what they did not."""
        for name in {"poll", "prune"} & self._running.keys():
            self._running[name].cancel()
        under_way = [task for task in self._running.values() if not task.done()]
        if under_way:
            await asyncio.wait(under_way, timeout=_DRAIN)
        log.info("daemon.stopped")


async def _alive() -> None:
    """Tell the watchdog: as a coroutine it runs on the loop, so a loop that hangs says nothing."""
    systemd.watchdog()
