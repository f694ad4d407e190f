"""`digestd sources`: how each source is."""

from datetime import datetime
from typing import Any

import typer

from digestd.cli.cellar import look
from digestd.cli.context import JsonOption, context, print_json, print_table, say, when
from digestd.model.health import Health
from digestd.model.shapes import instant
from digestd.model.source import SourceState
from digestd.pipeline.health import healths, state_of
from digestd.ports import Source
from digestd.wiring.origins import configured


def sources(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show the health of each source, when it last answered, and when it is asked again."""
    with look(context(ctx)) as cellar:
        known = cellar.seen.sources()
        asked = configured(cellar.settings)
        health = healths(asked, known, cellar.clock())
    rows = [(source, state_of(source, known), health[source.name]) for source in asked]
    if as_json:
        print_json([source_shape(*row) for row in rows])
        return
    columns = ("SOURCE", "KIND", "HEALTH", "ANSWERED", "NEWS", "NEXT", "PAPERS")
    print_table(columns, [_row(*row) for row in rows], "No sources are configured.")
    for source, state, of in rows:
        if said := trouble(state, of):
            say(f"{source.name}: {said}", style="red")


def trouble(state: SourceState, health: Health) -> str | None:
    """Return what an operator should know of a source, if anything."""
    if state.last_error or state.lost:
        return state.last_error or state.lost
    if health == "stale":
        return f"nothing new since {when(state.cursor.moved_at)}, though it was due; last asked {when(state.last_ok_at)}"
    return None


def source_shape(source: Source, state: SourceState, health: Health) -> dict[str, Any]:
    """Return the JSON shape of a source and its state."""
    return {
        "name": source.name,
        "kind": source.kind,
        "health": health,
        "last_ok_at": instant(state.last_ok_at),
        "last_error": state.last_error,
        "next_poll_at": instant(state.cursor.next_poll_at),
        "papers_last": state.papers_last,
        "etag": state.cursor.etag,
        "last_news_at": instant(state.cursor.moved_at),
        "moved_to": state.cursor.moved_to and state.cursor.moved_to.partition("?")[0],  # what follows may be a secret
        "gone": state.gone,
        "lost": state.lost,
    }


def _row(source: Source, state: SourceState, health: Health) -> tuple[str, ...]:
    papers = "–" if state.papers_last is None else str(state.papers_last)
    times = (
        _short(state.last_ok_at),
        _short(state.cursor.moved_at),
        "never" if state.gone else _short(state.cursor.next_poll_at),
    )
    return source.name, source.kind, health, *times, papers


def _short(at: datetime | None) -> str:
    """Return an instant without its year and zone, so that a row fits a narrow terminal."""
    return at.astimezone().strftime("%d %b %H:%M") if at else "–"
