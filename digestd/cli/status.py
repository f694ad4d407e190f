"""`digestd status`: what is so, at a glance."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from digestd.cli.cellar import doubtful_words, look, restored_words
from digestd.cli.context import JsonOption, context, counted, print_json, print_table, say, when
from digestd.cli.sources import source_shape, trouble
from digestd.model.health import Health
from digestd.model.operator import InState
from digestd.model.records import Beat, Mark
from digestd.model.retention import Ages, Extent
from digestd.model.shapes import instant
from digestd.model.source import SourceState
from digestd.model.subscriber import Readers
from digestd.model.traffic import EVERYBODY, Ledger
from digestd.pipeline.health import healths, state_of
from digestd.ports import Source
from digestd.storage import RESTORED
from digestd.wiring.cellar import Cellar, has_database
from digestd.wiring.origins import configured

_REASONS = 5
_WAITING = ("queued", "sending", "held")


@dataclass(frozen=True, slots=True)
class _View:
    """All that there is to say."""

    now: datetime
    beats: Sequence[Beat]
    outbox: Mapping[str, InState]
    unrendered: Sequence[tuple[str, int]]
    in_doubt: int
    restored: Mark | None
    ledger: Ledger
    sources: Sequence[Source]
    known: Mapping[str, SourceState]
    health: Mapping[str, Health]
    readers: Readers
    suppressed: int
    ages: Ages
    extent: Extent
    database: str
    size: int
    log_size: int


def status(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show when each stage last ran, which sources fail, how the outbox stands, and what is kept."""
    with look(context(ctx)) as cellar:
        view = _seen(cellar)
    if as_json:
        print_json(_whole(view))
        return
    print_table(("STAGE", "LAST RUN", "RESULT"), [_row(beat) for beat in view.beats], "No stage has run yet.")
    say()
    _say_readers(view)
    _say_mail(view)
    _say_sources(view)
    _say_kept(view)


def _seen(cellar: Cellar) -> _View:
    now, known, sources = cellar.clock(), cellar.seen.sources(), configured(cellar.settings)
    return _View(
        now=now,
        beats=cellar.records.beats(),
        outbox=cellar.operator.states(),
        unrendered=cellar.operator.unrendered(),
        in_doubt=cellar.operator.in_doubt(),
        restored=cellar.marks.get(RESTORED),
        ledger=cellar.traffic.ledger(now),
        sources=sources,
        known=known,
        health=healths(sources, known, now),
        readers=cellar.readers(),
        suppressed=len(cellar.standing.suppressions(now).by_reader),
        ages=cellar.ages,
        extent=cellar.retention.extent(),
        database=str(cellar.places.database),
        size=cellar.database.size() if has_database(cellar.places) else 0,
        log_size=_log_size(cellar.places.database),
    )


def _log_size(database: Path | str) -> int:
    """Return the size of the log beside a database file: what was written last stands there."""
    log = Path(f"{database}-wal") if isinstance(database, Path) else None
    return log.stat().st_size if log and log.exists() else 0


def _say_readers(view: _View) -> None:
    suppressed = f", {view.suppressed} suppressed (`digestd subscribers list`)" if view.suppressed else ""
    say(f"Readers   {len(view.readers.subscribers)}{suppressed}")
    for complaint in view.readers.complaints:
        say(f"Broken    {complaint}", style="red")


def _say_mail(view: _View) -> None:
    counts = ", ".join(f"{one.digests} {state}" for state, one in sorted(view.outbox.items()))
    oldest = _oldest(view)
    age = f"; the oldest that waits was composed {_span(view.now - oldest)} ago" if oldest else ""
    say(f"Outbox    {counts or 'empty'}{age}")
    if view.restored:
        say(f"Restored  {restored_words(view.restored)}", style="red")
    if view.in_doubt:
        say(f"In doubt  {doubtful_words(view.in_doubt)}", style="red")
    for reason, digests in view.unrendered[:_REASONS]:
        say(f"Put off   {counted(digests, 'digest')} cannot be rendered: {reason}", style="red")
    say(f"Mail      {counted(view.ledger.tries.get(EVERYBODY, 0), 'try', 'tries')} today (UTC)")
    if pause := view.ledger.pause:
        say(f"Paused    since {when(pause.since)} until {when(pause.until)}: {pause.reply}", style="red")
        say("          `digestd queue retry --all` ends the pause")


def _say_sources(view: _View) -> None:
    counted = Counter(view.health.values())
    say(f"Sources   {', '.join(f'{count} {how}' for how, count in sorted(counted.items())) or 'none configured'}")
    for source in view.sources:
        health = view.health[source.name]
        if health in {"failing", "stale"}:
            say(f"{health.title():<9} {source.name}: {trouble(state_of(source, view.known), health)}", style="red")


def _say_kept(view: _View) -> None:
    size = f"{view.size / 1e6:.1f} MB" if view.size else "not made yet"
    log = f", and {view.log_size / 1e6:.1f} MB of log" if view.log_size else ""
    say(f"Database  {view.database} ({size}{log})")
    papers, digests = (f" (now from {at:%Y-%m-%d} on)" if at else "" for at in (view.extent.papers, view.extent.digests))
    say(f"Kept      papers for {view.ages.papers.days} days{papers}, digests and tries for {view.ages.receipts.days}{digests}")


def _oldest(view: _View) -> datetime | None:
    return min((one.oldest for state, one in view.outbox.items() if state in _WAITING), default=None)


def _span(span: timedelta) -> str:
    """Return about how long, for a person: `40 minutes`, `7 hours`, `3 days`."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 120:
        return counted(minutes, "minute")
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"


def _row(beat: Beat) -> tuple[str, str, str]:
    report: dict[str, Any] = json.loads(beat.report)
    return beat.stage, when(beat.at), ", ".join(_told(name, value) for name, value in report.items())


def _told(name: str, value: object) -> str:
    """Return what a stage said: `accepted 3`, `stopped: 421 too many`, `stopped until 2026-03-05 12:02 UTC: …`."""
    words = f": {value}" if isinstance(value, str) else f" {value}"
    return f"{name}{words}".replace("stopped: paused until", "stopped until", 1)


def _whole(view: _View) -> dict[str, Any]:
    complaints = list(view.readers.complaints)
    extent = {"papers_since": instant(view.extent.papers), "digests_since": instant(view.extent.digests)}
    ages = {"papers_days": view.ages.papers.days, "receipts_days": view.ages.receipts.days}
    return {
        "stages": [_shape(beat) for beat in view.beats],
        "outbox": {state: one.digests for state, one in view.outbox.items()},
        "may_have_arrived": view.in_doubt,
        "restored": {"at": instant(view.restored.at)} if view.restored else None,
        "unrendered": [{"reason": reason, "digests": digests} for reason, digests in view.unrendered],
        "oldest_waiting": instant(_oldest(view)),
        "transport": _traffic(view.ledger),
        "sources": [source_shape(one, state_of(one, view.known), view.health[one.name]) for one in view.sources],
        "readers": {"in_force": len(view.readers.subscribers), "suppressed": view.suppressed, "complaints": complaints},
        "kept": ages | extent,
        "database_bytes": view.size,
        "log_bytes": view.log_size,
    }


def _shape(beat: Beat) -> dict[str, Any]:
    return {"stage": beat.stage, "at": instant(beat.at), "report": json.loads(beat.report)}


def _traffic(ledger: Ledger) -> dict[str, Any]:
    pause = ledger.pause
    shape = {"since": instant(pause.since), "until": instant(pause.until), "reply": pause.reply} if pause else None
    return {"tries_today": ledger.tries.get(EVERYBODY, 0), "paused": shape}
