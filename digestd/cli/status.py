"""`digestd status`: what is so, at a glance."""

import json
from typing import Any

import typer

from digestd.cli.context import JsonOption, context, print_json, print_table, say, when
from digestd.model.records import Beat
from digestd.model.shapes import instant


def status(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show when each stage last ran, which sources fail, and how the outbox stands."""
    with context(ctx).visit() as house:
        beats = house.records.beats()
        states = dict(house.records.states())
        failing = {name: state.last_error for name, state in house.seen.sources().items() if state.failures}
        readers = house.readers()
        size = house.places.database.stat().st_size if house.places.database.exists() else 0
    if as_json:
        files = {"in_force": len(readers.subscribers), "complaints": list(readers.complaints)}
        stages = [_shape(beat) for beat in beats]
        print_json({"stages": stages, "outbox": states, "failing": failing, "readers": files, "database_bytes": size})
        return
    print_table(("STAGE", "LAST RUN", "RESULT"), [_row(beat) for beat in beats], "No stage has run yet.")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    say(f"\nReaders   {len(readers.subscribers)}")
    for complaint in readers.complaints:
        say(f"Broken    {complaint}", style="red")
    say(f"Outbox    {counts or 'empty'}")
    for name, error in failing.items():
        say(f"Failing   {name}: {error}", style="red")
    say(f"Database  {house.places.database} ({f'{size / 1e6:.1f} MB' if size else 'not made yet'})")


def _row(beat: Beat) -> tuple[str, str, str]:
    report: dict[str, Any] = json.loads(beat.report)
    return beat.stage, when(beat.at), ", ".join(f"{name} {value}" for name, value in report.items())


def _shape(beat: Beat) -> dict[str, Any]:
    return {"stage": beat.stage, "at": instant(beat.at), "report": json.loads(beat.report)}
