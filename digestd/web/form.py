"""The form in which a reader says when digests come, as it stands on a page."""

from collections.abc import Iterable
from html import escape
from string import Template

from digestd.web.timing import TURNS, Timing

_FORM = Template("""
<form method="post">
<p class="field"><label for="every">How often</label>
<select id="every" name="every"$every_is_wrong>
<option value="">As it is now</option>
$turns</select>$every_fault</p>
<p class="field"><label for="at">Time of day</label>
<input id="at" name="at" type="time" value="$at"$at_is_wrong>$at_fault</p>
<p class="field"><label for="timezone">Time zone <span class="quiet">such as Europe/Berlin</span></label>
<input id="timezone" name="timezone" type="text" maxlength="60" value="$timezone"
autocomplete="off" autocapitalize="off" spellcheck="false"$timezone_is_wrong>$timezone_fault</p>
<button name="schedule" value="change">Change</button>
<button name="schedule" value="planned" class="other">Back to how it was set up</button>
</form>""")

_EACH_WEEK, _EACH_MONTH = "On a day of each week", "On a day of each month"


def schedule_form(filled: Timing | None) -> str:
    """Return the form: empty, or as it was *filled* in, with what is wrong beside each field."""
    timing = filled or Timing()
    faults = filled.faults if filled else {}
    told: dict[str, str] = {}
    for name in ("every", "at", "timezone"):
        fault = faults.get(name)
        told[f"{name}_fault"] = f'\n<strong class="wrong" id="{name}-fault">{fault}</strong>' if fault else ""
        told[f"{name}_is_wrong"] = f' aria-invalid="true" aria-describedby="{name}-fault"' if fault else ""
    said = {"at": escape(timing.at), "timezone": escape(timing.timezone)}
    return _FORM.substitute(told, **said, turns=_turns(timing.every))


def _turns(chosen: str) -> str:
    weeks = [name for name, turn in TURNS.items() if turn.every == "week"]
    months = [name for name, turn in TURNS.items() if turn.every == "month"]
    days = [name for name in TURNS if name not in {*weeks, *months}]
    return (
        f"{_options(days, chosen)}{_group(_EACH_WEEK, _options(weeks, chosen))}{_group(_EACH_MONTH, _options(months, chosen))}"
    )


def _group(label: str, options: str) -> str:
    return f'<optgroup label="{label}">\n{options}</optgroup>\n'


def _options(names: Iterable[str], chosen: str) -> str:
    return "".join(
        f'<option value="{name}"{" selected" if name == chosen else ""}>{capital(TURNS[name].words)}</option>\n'
        for name in names
    )


def capital(words: str) -> str:
    """Return *words* with a capital to begin with."""
    return words[:1].upper() + words[1:]
