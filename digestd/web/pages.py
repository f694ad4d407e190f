"""The pages: they look like the mail, and are in the language of whose token leads to them."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from string import Template

from digestd.rendering import Language, Letterhead
from digestd.rendering.letter import mailto
from digestd.web import words
from digestd.web.choices import PAUSES, Pause, Reschedule
from digestd.web.form import schedule_form
from digestd.web.timing import Timing

# Colours and fonts as in templates/digest.html.j2. A page has a sheet of style where a mail needs attributes.
_STYLE = """
:root {
  color-scheme: light dark;
  --around: #f3f1ec; --card: #ffffff; --soft: #f8f6f1; --rule: #e4e0d8;
  --text: #1f1d1a; --quiet: #5f5a52; --link: #0b4fb3; --on: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --around: #131417; --card: #1c1e22; --soft: #24272c; --rule: #363a41;
    --text: #eceae6; --quiet: #b5b0a7; --link: #9cc3ff; --on: #131417;
  }
}
* { box-sizing: border-box }
body { margin: 0; padding: 24px 8px 32px; background: var(--around); color: var(--text); overflow-wrap: anywhere;
  font: 16px/25px -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif }
main, footer { max-width: 600px; margin: 0 auto }
main { background: var(--card); border-top: 4px solid #0b4fb3 }
header, section, footer { padding: 14px 32px }
header { padding: 30px 32px 26px }
section { border-top: 1px solid var(--rule); background: var(--soft) }
footer { padding: 22px 32px 0 }
h1 { margin: 0 0 10px; font: bold 30px/38px Georgia, serif }
p { margin: 0 0 10px }
p:last-child { margin: 0 }
.quiet { color: var(--quiet); font-size: 14px; line-height: 21px }
header .quiet { margin-bottom: 4px }
a { color: var(--link) }
form { margin: 20px 0 0; display: flex; flex-wrap: wrap; gap: 10px }
section form { margin: 12px 0 8px }
button { min-height: 46px; padding: 10px 20px; border: 1px solid var(--link); border-radius: 3px; cursor: pointer;
  background: var(--link); color: var(--on); font: inherit; font-weight: bold }
.other { background: transparent; color: var(--link) }
.field { flex: 1 1 100%; margin: 0 0 6px }
label { display: block; font-weight: bold }
select, input { width: 100%; max-width: 320px; min-height: 46px; padding: 8px 12px; border: 1px solid var(--quiet);
  border-radius: 3px; background: var(--card); color: var(--text); font: inherit }
select { padding-left: 8px }
[aria-invalid] { border: 2px solid var(--text) }
.wrong { display: block; font-size: 14px; line-height: 21px }
label .quiet { font-weight: normal }
:is(a, button, select, input):focus-visible { outline: 3px solid var(--link); outline-offset: 3px }
@media (max-width: 480px) {
  header, section, footer { padding-left: 18px; padding-right: 18px }
  button { flex: 1 1 100% }
}
"""

_FRAME = Template("""<!DOCTYPE html>
<html lang="$tag" dir="$direction">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex,nofollow">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<header>
<p class="quiet">$masthead</p>
<h1>$title</h1>
$text
</header>
$more</main>
<footer>
<p class="quiet">$imprint</p>
$postal_address</footer>
</body>
</html>
""")

POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, eq=False)
class Pages:
    """The pages that bear a letterhead, in a language. A form goes back to the address of the page that it stands on.

    What a catalogue says stands on them as it is; what others wrote is escaped.
    """

    letterhead: Letterhead
    language: Language

    @cached_property
    def front(self) -> bytes:
        gettext = self.language.gettext
        text = gettext("Each digest ends with links of your own, to choose when it comes, to pause, or to unsubscribe.")
        return self._page(gettext("Digests of new papers"), _paragraph(text))

    @cached_property
    def leave(self) -> bytes:
        gettext = self.language.gettext
        first = gettext("You will get no more digests, not even one already waiting. Nothing happens until you press this.")
        button = _form("List-Unsubscribe", ("One-Click", gettext("Unsubscribe")))
        link = _link("?settings", gettext("Change schedule, pause, or come back"))
        other = gettext("Rather less often, or not for a while? Unsubscribed by mistake? %(link)s.", link=link)
        return self._page(gettext("Do you want to unsubscribe?"), _paragraph(first) + button, _section(other))

    @cached_property
    def settings(self) -> bytes:
        """The page on which a reader chooses."""
        return self.mistaken(None)

    def mistaken(self, filled: Timing | None) -> bytes:
        """Return the page on which a reader chooses, with what was *filled* in wrongly, if anything was."""
        gettext = self.language.gettext
        text = _paragraph(gettext("When should it come? Anything you leave empty stays as it is."))
        leave = _link("?", gettext("Unsubscribe"))
        pauses = [(str(pause.days), words.capital(words.span(self.language, pause))) for pause in PAUSES]
        more = (
            gettext("How long do you want to pause?") + _form("pause", *pauses, kind="other"),
            gettext("Back early, or unsubscribed by mistake within the last week?")
            + _form("return", ("yes", gettext("Come back")), kind="other"),
            gettext("To change topics, write to %(contact)s.", contact=self._contact),
            gettext("No digests at all? %(link)s.", link=leave),
        )
        return self._page(gettext("Your digest"), text + schedule_form(self.language, filled), *map(_section, more))

    @cached_property
    def left(self) -> bytes:
        gettext = self.language.gettext
        lines = gettext("You will get no more digests."), gettext("Was that a mistake? You can undo it within a week.")
        return self._page(gettext("You are unsubscribed"), "".join(map(_paragraph, lines)) + self._undo("return", "yes"))

    def paused(self, pause: Pause) -> bytes:
        gettext, time = self.language.gettext, words.span(self.language, pause)
        text = gettext(
            "Digests rest for %(time)s and start again by themselves, unless you have unsubscribed or they were stopped.",
            time=time,
        )
        return self._page(gettext("Paused for %(time)s", time=time), _paragraph(text) + self._undo("return", "yes"))

    @cached_property
    def returned(self) -> bytes:
        gettext = self.language.gettext
        other = gettext(
            "If you unsubscribed earlier, or digests were stopped for another reason, write to %(contact)s.",
            contact=self._contact,
        )
        return self._page(
            gettext("Welcome back"),
            _paragraph(gettext("If you paused, or unsubscribed within the last week, your digests come again as before.")),
            _section(other),
        )

    def rescheduled(self, choice: Reschedule) -> bytes:
        gettext = self.language.gettext
        when = f"<strong>{escape(words.when(self.language, choice.own))}</strong>"
        said = (
            gettext("Your new schedule: %(when)s.", when=when),
            gettext("Nothing else has changed: if you paused or unsubscribed, that still holds."),
            gettext("The next digest covers everything new since the last one."),
        )
        link = _link("?settings", gettext("choose again"))
        other = gettext(
            "Undo goes back to the original schedule, as it was before you changed anything here. Or %(link)s.", link=link
        )
        text = "".join(map(_paragraph, said)) + self._undo("schedule", "planned")
        return self._page(gettext("Schedule changed"), text, _section(other))

    @cached_property
    def planned(self) -> bytes:
        gettext = self.language.gettext
        text = gettext("Your original schedule applies again, as it was before you changed anything here.")
        link = _link("?settings", gettext("Choose again"))
        other = gettext("Not what you wanted? %(link)s.", link=link)
        return self._page(gettext("Original schedule restored"), _paragraph(text), _section(other))

    @cached_property
    def troubles(self) -> Mapping[int, bytes]:
        """The pages that say what went wrong, and what to do, by the status of the answer."""
        return {status: self._page(title, _paragraph(text)) for status, (title, text) in self._troubles().items()}

    def _troubles(self) -> Mapping[int, tuple[str, str]]:
        gettext = self.language.gettext
        again = gettext("Open the link in your digest and press the button there.")
        return {
            400: (
                gettext("Nothing was chosen"),
                gettext("Open the link in your digest and press one of the buttons there."),
            ),
            404: (
                gettext("There is nothing here"),
                gettext("The links in your digests lead to your own pages; perhaps this one was cut short."),
            ),
            405: (gettext("That cannot be done here"), again),
            413: (gettext("That was too much"), again),
            429: (gettext("Too many requests"), gettext("Wait a minute and try again.")),
            431: (
                gettext("That was too much"),
                gettext("Open the link in your digest in another browser and press the button there."),
            ),
            500: (gettext("Something went wrong"), gettext("The error has been recorded. Try again later, or write to us.")),
            503: (gettext("Not now"), gettext("Nothing was saved. Try again in a few minutes.")),
        }

    def _undo(self, name: str, value: str) -> str:
        return _form(name, (value, self.language.gettext("Undo")), kind="other")

    @property
    def _contact(self) -> str:
        owner = self.letterhead.owner
        return _link(mailto(owner), escape(owner))

    def _page(self, title: str, text: str, *more: str) -> bytes:
        letterhead, language = self.letterhead, self.language
        masthead, address = escape(letterhead.name), escape(letterhead.address)
        postal = f'<p class="quiet">{escape(letterhead.postal_address)}</p>\n' if letterhead.postal_address else ""
        page = _FRAME.substitute(
            tag=escape(language.tag),
            direction=language.direction,
            title=title,
            style=_STYLE,
            masthead=masthead,
            text=text,
            more="".join(more),
            imprint=language.gettext(
                "%(masthead)s, %(address)s. Questions: %(contact)s",
                masthead=masthead,
                address=address,
                contact=self._contact,
            ),
            postal_address=postal,
        )
        return page.encode()


class Shelf:
    """The pages in every language. *language_of* says which one goes with a token, or with what is none."""

    def __init__(self, letterhead: Letterhead, language_of: Callable[[str], Language]) -> None:
        self._language_of = language_of
        self._pages = cache(lambda language: Pages(letterhead, language))

    def at(self, path: str) -> Pages:
        """Return the pages for whoever comes to that path, in which a token stands last."""
        return self._pages(self._language_of(path.rpartition("/")[2]))


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>"


def _link(target: str, said: str) -> str:
    return f'<a href="{escape(target)}">{said}</a>'


def _form(name: str, *buttons: tuple[str, str], kind: str = "") -> str:
    return f'\n<form method="post">\n{"".join(_buttons(name, buttons, kind))}</form>'


def _buttons(name: str, buttons: Sequence[tuple[str, str]], kind: str) -> list[str]:
    look = f' class="{kind}"' if kind else ""
    return [f'<button name="{name}" value="{value}"{look}>{said}</button>\n' for value, said in buttons]


def _section(text: str) -> str:
    return f"<section>\n{text}\n</section>\n"
