"""The form in which a reader says when digests come, as it stands on a page."""

from collections.abc import Iterable
from html import escape
from string import Template

from digestd.rendering import Language
from digestd.web import words
from digestd.web.timing import TURNS, Timing

_FORM = Template("""
<form method="post">
<p class="field"><label for="every">$how_often</label>
<select id="every" name="every"$every_is_wrong>
<option value="">$as_now</option>
$turns</select>$every_fault</p>
<p class="field"><label for="at">$time_of_day</label>
<input id="at" name="at" type="time" value="$at"$at_is_wrong>$at_fault</p>
<p class="field"><label for="timezone">$time_zone <span class="quiet">$such_as</span></label>
<input id="timezone" name="timezone" type="text" maxlength="60" value="$timezone"
autocomplete="off" autocapitalize="off" spellcheck="false"$timezone_is_wrong>$timezone_fault</p>
<button name="schedule" value="change">$change</button>
<button name="schedule" value="planned" class="other">$back</button>
</form>""")


def schedule_form(language: Language, filled: Timing | None) -> str:
    """Return the form: empty, or as it was *filled* in, with what is wrong beside each field."""
    timing = filled or Timing()
    return _FORM.substitute(
        _faults(language, filled),
        at=escape(timing.at),
        timezone=escape(timing.timezone),
        turns=_turns(language, timing.every),
        how_often=language.gettext("How often"),
        as_now=language.gettext("As it is now"),
        time_of_day=language.gettext("Time of day"),
        time_zone=language.gettext("Time zone"),
        such_as=language.gettext("such as Europe/Berlin"),
        change=language.gettext("Change"),
        back=language.gettext("Back to the original schedule"),
    )


def _faults(language: Language, filled: Timing | None) -> dict[str, str]:
    told = {f"{name}_{what}": "" for name in ("every", "at", "timezone") for what in ("fault", "is_wrong")}
    if filled is None:
        return told
    for name in filled.faults:
        told[f"{name}_fault"] = f'\n<strong class="wrong" id="{name}-fault">{words.fault(language, filled, name)}</strong>'
        told[f"{name}_is_wrong"] = f' aria-invalid="true" aria-describedby="{name}-fault"'
    return told


def _turns(language: Language, chosen: str) -> str:
    said = {
        name: _option(name, words.turn(language, turn.every, turn.on), is_chosen=name == chosen) for name, turn in TURNS.items()
    }
    weeks = [said.pop(name) for name, turn in TURNS.items() if turn.every == "week"]
    months = [said.pop(name) for name, turn in TURNS.items() if turn.every == "month"]
    each_week, each_month = language.gettext("Once a week"), language.gettext("Once a month")
    return f"{''.join(said.values())}{_group(each_week, weeks)}{_group(each_month, months)}"


def _group(label: str, options: Iterable[str]) -> str:
    return f'<optgroup label="{escape(label)}">\n{"".join(options)}</optgroup>\n'


def _option(name: str, said: str, *, is_chosen: bool) -> str:
    return f'<option value="{name}"{" selected" if is_chosen else ""}>{words.capital(said)}</option>\n'
