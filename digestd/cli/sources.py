"""`digestd sources`: how each source is."""

from datetime import datetime, timedelta
from typing import Any

import typer

from digestd.cli.context import JsonOption, context, print_json, print_table, when
from digestd.model.shapes import instant
from digestd.model.source import SourceState
from digestd.ports import Source


def sources(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show the health of each source, when it last answered, and when it is asked again."""
    with context(ctx).visit() as house:
        known = house.seen.sources()
        rows = [(source, known.get(source.name, SourceState(source.name))) for source in house.sources()]
        now = house.clock()
    if as_json:
        print_json([_shape(source, state, now) for source, state in rows])
        return
    columns = ("SOURCE", "KIND", "HEALTH", "LAST ANSWER", "NEXT POLL", "PAPERS", "TROUBLE")
    print_table(columns, [_row(source, state, now) for source, state in rows], "No sources are configured.")


def _health(source: Source, state: SourceState, now: datetime) -> str:
    """Return failing, waiting (not asked yet), stale (no good answer in two turns and a day), or fresh."""
    if state.failures:
        return "failing"
    if state.last_ok_at is None:
        return "waiting"
    return "stale" if now - state.last_ok_at > 2 * source.every + timedelta(days=1) else "fresh"


def _shape(source: Source, state: SourceState, now: datetime) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "health": _health(source, state, now),
        "last_ok_at": instant(state.last_ok_at),
        "last_error": state.last_error,
        "next_poll_at": instant(state.cursor.next_poll_at),
        "papers_last": state.papers_last,
        "etag": state.cursor.etag,
    }


def _row(source: Source, state: SourceState, now: datetime) -> tuple[str, ...]:
    papers = "–" if state.papers_last is None else str(state.papers_last)
    next_poll = when(state.cursor.next_poll_at)
    health = _health(source, state, now)
    return source.name, source.kind, health, when(state.last_ok_at), next_poll, papers, state.last_error or ""
