"""`digestd status`: what is so, at a glance."""

import json
from collections import Counter
from typing import Any

import typer

from digestd.cli.context import JsonOption, context, print_json, print_table, say, when
from digestd.cli.house import visit
from digestd.cli.sources import source_shape, trouble
from digestd.model.records import Beat
from digestd.model.shapes import instant
from digestd.pipeline.health import healths, state_of


def status(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show when each stage last ran, which sources fail, and how the outbox stands."""
    with visit(context(ctx)) as house:
        beats = house.records.beats()
        states = dict(house.records.states())
        known, configured = house.seen.sources(), house.sources()
        health = healths(configured, known, house.clock())
        readers = house.readers()
        size = house.places.database.stat().st_size if house.places.database.exists() else 0
    if as_json:
        files = {"in_force": len(readers.subscribers), "complaints": list(readers.complaints)}
        stages = [_shape(beat) for beat in beats]
        shapes = [source_shape(source, state_of(source, known), health[source.name]) for source in configured]
        print_json({"stages": stages, "outbox": states, "sources": shapes, "readers": files, "database_bytes": size})
        return
    print_table(("STAGE", "LAST RUN", "RESULT"), [_row(beat) for beat in beats], "No stage has run yet.")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    say(f"\nReaders   {len(readers.subscribers)}")
    for complaint in readers.complaints:
        say(f"Broken    {complaint}", style="red")
    say(f"Outbox    {counts or 'empty'}")
    counted = Counter(health.values())
    say(f"Sources   {', '.join(f'{count} {how}' for how, count in sorted(counted.items())) or 'none configured'}")
    for source in configured:
        if health[source.name] in {"failing", "stale"}:
            said = trouble(state_of(source, known), health[source.name])
            say(f"{health[source.name].title():<9} {source.name}: {said}", style="red")
    say(f"Database  {house.places.database} ({f'{size / 1e6:.1f} MB' if size else 'not made yet'})")


def _row(beat: Beat) -> tuple[str, str, str]:
    report: dict[str, Any] = json.loads(beat.report)
    return beat.stage, when(beat.at), ", ".join(f"{name} {value}" for name, value in report.items())


def _shape(beat: Beat) -> dict[str, Any]:
    return {"stage": beat.stage, "at": instant(beat.at), "report": json.loads(beat.report)}
