"""The pages: they look like the mail, and are as they are whoever asks."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from digestd.rendering import Letterhead
from digestd.rendering.letter import mailto
from digestd.web.choices import PAUSES, Pause, Reschedule
from digestd.web.form import capital, schedule_form
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
<html lang="en">
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
<p class="quiet">$masthead, $address. Questions: <a href="$contact_link">$contact</a></p>
$postal_address</footer>
</body>
</html>
""")

TROUBLES = {
    400: ("That was no choice", "Open the link in your digest, and press one of the buttons there."),
    404: ("There is nothing here", "The links in your digests lead to your own pages: perhaps one was cut in two."),
    405: ("That cannot be done here", "Open the link in your digest, and press the button there."),
    413: ("That was too much", "Open the link in your digest, and press the button there."),
    429: ("Too many at once", "Wait a minute, and try again."),
    431: ("That was too much", "Open the link in your digest in another browser, and press the button there."),
    500: ("Something went wrong", "It is on record. Try again later, or write to us."),
    503: ("Not now", "Nothing was stored. Try again in a few minutes."),
}

POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages that bear a letterhead. A form goes back to the address of the page that it stands on."""

    letterhead: Letterhead

    @property
    def front(self) -> bytes:
        text = "<p>Each digest has links of your own at its end: by them you choose when it comes, pause, or leave.</p>"
        return self._page("Digests of new papers", text)

    @property
    def leave(self) -> bytes:
        text = "<p>No digest comes any more, not even one that waits to be sent. Nothing happens before you press this.</p>"
        text += _form("List-Unsubscribe", ("One-Click", "Unsubscribe"))
        other = 'Rather less often, or not for a while? Left by mistake? <a href="?settings">Change, pause, or come back</a>.'
        return self._page("Do you want to unsubscribe?", text, _section(other))

    def settings(self, filled: Timing | None = None) -> bytes:
        """Return the page on which a reader chooses, with what was *filled* in wrongly."""
        text = f"<p>When do you want it? What you leave empty stays as it is.</p>{schedule_form(filled)}"
        pauses = [(str(pause.days), capital(pause.words)) for pause in PAUSES]
        pause = f"For how long do you want to pause?{_form('pause', *pauses, kind='other')}"
        back = f"Back early, or left by mistake within the last week?{_form('return', ('yes', 'Come back'), kind='other')}"
        topics = f"To change topics, write to {self._contact}."
        leave = 'No more at all? <a href="?">Unsubscribe</a>.'
        return self._page("Your digest", text, *map(_section, (pause, back, topics, leave)))

    @property
    def left(self) -> bytes:
        text = "<p>No digest comes any more.</p><p>Was that a mistake? You can undo it within a week.</p>"
        return self._page("You are unsubscribed", text + _form("return", ("yes", "Undo"), kind="other"))

    def paused(self, pause: Pause) -> bytes:
        text = f"<p>No digest comes for {pause.words}; after that, they come again by themselves.</p>"
        return self._page(f"Paused for {pause.words}", text + _form("return", ("yes", "Undo"), kind="other"))

    @property
    def returned(self) -> bytes:
        text = "<p>The digest comes again as before.</p>"
        other = f"If you left more than a week ago, that is not enough: write to {self._contact}."
        return self._page("Welcome back", text, _section(other))

    def rescheduled(self, choice: Reschedule) -> bytes:
        text = f"<p>From now on your digest comes <strong>{escape(choice.words)}</strong>.</p>"
        text += "<p>What you did not change stays as it was. The next digest tells all that came since the last one.</p>"
        text += _form("schedule", ("planned", "Undo"), kind="other")
        other = "Undo goes back to what was set up for you, before you changed anything here."
        return self._page("It is changed", text, _section(f'{other} Or <a href="?settings">choose again</a>.'))

    @property
    def planned(self) -> bytes:
        text = "<p>Your digest comes again when it was set up to come, before you changed anything here.</p>"
        return self._page("As it was set up", text, _section('Not so? <a href="?settings">Choose again</a>.'))

    def trouble(self, status: int) -> bytes:
        """Return the page that says what went wrong, and what to do."""
        title, text = TROUBLES[status]
        return self._page(title, f"<p>{text}</p>")

    @property
    def _contact(self) -> str:
        owner = self.letterhead.owner
        return f'<a href="{escape(mailto(owner))}">{escape(owner)}</a>'

    def _page(self, title: str, text: str, *more: str) -> bytes:
        letterhead = self.letterhead
        postal = f'<p class="quiet">{escape(letterhead.postal_address)}</p>\n' if letterhead.postal_address else ""
        page = _FRAME.substitute(
            title=title,
            style=_STYLE,
            masthead=escape(letterhead.name),
            text=text,
            more="".join(more),
            address=escape(letterhead.address),
            contact_link=escape(mailto(letterhead.owner)),
            contact=escape(letterhead.owner),
            postal_address=postal,
        )
        return page.encode()


def _form(name: str, *buttons: tuple[str, str], kind: str = "") -> str:
    return f'\n<form method="post">\n{"".join(_buttons(name, buttons, kind))}</form>'


def _buttons(name: str, buttons: Sequence[tuple[str, str]], kind: str) -> list[str]:
    look = f' class="{kind}"' if kind else ""
    return [f'<button name="{name}" value="{value}"{look}>{words}</button>\n' for value, words in buttons]


def _section(text: str) -> str:
    return f"<section>\n{text}\n</section>\n"
