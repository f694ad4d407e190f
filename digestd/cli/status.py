"""`digestd status`: what is so, at a glance."""

import json
from typing import Any

import typer

from digestd.cli.context import JsonOption, context, print_json, print_table, say, when
from digestd.model.records import Beat
from digestd.model.shapes import instant
from digestd.wiring import House


def status(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show when each stage last ran, which sources fail, and how the outbox stands."""
    with context(ctx).house() as house:
        beats = house.records.beats()
        states = dict(house.records.states())
        failing = {name: state.last_error for name, state in house.seen.sources().items() if state.failures}
        size = house.places.database.stat().st_size
    if as_json:
        print_json({"stages": [_shape(beat) for beat in beats], "outbox": states, "failing": failing, "database_bytes": size})
        return
    _print(house, beats, states, failing)


def _print(house: House, beats: Any, states: dict[str, int], failing: dict[str, str | None]) -> None:
    print_table(("STAGE", "LAST RUN", "RESULT"), [_row(beat) for beat in beats], "No stage has run yet.")
    say()
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    say(f"Outbox    {counts or 'empty'}")
    for name, error in failing.items():
        say(f"Failing   {name}: {error}", style="red")
    say(f"Database  {house.places.database}")


def _row(beat: Beat) -> tuple[str, str, str]:
    report: dict[str, Any] = json.loads(beat.report)
    return beat.stage, when(beat.at), ", ".join(f"{name} {value}" for name, value in report.items())


def _shape(beat: Beat) -> dict[str, Any]:
    return {"stage": beat.stage, "at": instant(beat.at), "report": json.loads(beat.report)}
