"""The pages look like the mail: its colours, light and dark, on a phone and on a wide screen, in a real browser."""

import base64
import hashlib
import re
from datetime import time
from pathlib import Path

import pytest

from digestd.config.site import bundled
from digestd.model.period import OwnSchedule
from digestd.rendering import ENGLISH
from digestd.web.pages import _STYLE, POLICY, Pages
from tests.web.browser import PROGRAM, browsing
from tests.web.conftest import ADA, BEN, LETTERHEAD, Scene, link

needs_a_browser = pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed")

LIGHT, DARK = (dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in _STYLE.split("@media (prefers-color-scheme: dark)"))
PAIRS = [(over, under) for over in ("text", "quiet", "link") for under in ("around", "card", "soft")] + [("on", "link")]

# What a browser makes of a page: how wide it is, its smallest letters and controls, what has no label, what it loads and runs.
FACTS = """{
  wide: document.documentElement.scrollWidth,
  least: Math.min(...[...document.querySelectorAll('p,a,h1,button,label,select,input,strong')].map(
    one => parseFloat(getComputedStyle(one).fontSize))),
  controls: [...document.querySelectorAll('button,select,input')].map(one => one.getBoundingClientRect().height),
  nameless: [...document.querySelectorAll('select,input')].filter(one => !one.labels.length).length,
  described: [...document.querySelectorAll('[aria-describedby]')].map(one =>
    document.getElementById(one.getAttribute('aria-describedby')).innerText),
  around: getComputedStyle(document.body).backgroundColor,
  text: getComputedStyle(document.querySelector('h1')).color,
  loaded: performance.getEntriesByType('resource').length,
  active: document.querySelectorAll('script,img,link,iframe,[style],[onclick]').length,
}"""


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_stand_out(colours: dict[str, str]) -> None:
    """The contrast is AA's for small letters (WCAG 2.2, 1.4.3)."""
    least = min(contrast(colours[over], colours[under]) for over, under in PAIRS)

    assert least >= 4.5


def test_the_colours_are_those_of_the_mail() -> None:
    mail = "".join((bundled("templates") / name).read_text(encoding="utf-8") for name in ("digest.html.j2", "_style.html.j2"))

    assert {*LIGHT.values(), *DARK.values()} <= set(re.findall(r"#\w{6}", mail))


def test_the_policy_allows_the_style_of_every_page() -> None:
    pages = Pages(LETTERHEAD, ENGLISH)
    shown = [
        pages.front,
        pages.leave,
        pages.settings,
        pages.left,
        pages.returned,
        pages.planned,
        *pages.troubles.values(),
    ]

    for page in shown:
        style = page.partition(b"<style>")[2].partition(b"</style>")[0]
        assert f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'" in POLICY


def test_names_of_the_operators_are_letters_on_a_page() -> None:
    page = Pages(LETTERHEAD, ENGLISH).leave.decode()

    assert "Lantern Digest &lt;&amp;&gt;" in page
    assert "Lantern Digest <" not in page


@needs_a_browser
async def test_pages_fit_every_screen_in_light_and_dark(small_scene: Scene, tmp_path: Path) -> None:
    async with small_scene.served() as site, browsing(tmp_path / "browser") as browser:
        for path in (link(), f"{link()}?settings"):
            for width, dark in ((320, False), (320, True), (660, True), (1280, False)):
                await browser.look(site + path, width, dark=dark)
                facts = await browser.ask(FACTS)

                assert facts["wide"] <= width
                assert facts["least"] >= 14
                assert min(facts["controls"]) >= 44  # a thumb's width (WCAG 2.2, 2.5.5)
                assert facts["nameless"] == 0
                assert (facts["around"], facts["text"]) == tuple(
                    rgb((DARK if dark else LIGHT)[one]) for one in ("around", "text")
                )
                assert (facts["loaded"], facts["active"]) == (0, 0)


@needs_a_browser
async def test_a_reader_leaves_and_comes_back_by_hand(small_scene: Scene, tmp_path: Path) -> None:
    async with small_scene.served() as site, browsing(tmp_path / "browser") as browser:
        await browser.look(site + link())
        assert small_scene.suppressed() == {}
        await browser.press("Unsubscribe")
        assert small_scene.suppressed() == {ADA: "unsubscribe"}
        await browser.press("Undo")
        assert small_scene.mailable() == {ADA, BEN}
        await browser.look(f"{site}{link()}?settings")
        await browser.press("Two weeks")
        title = await browser.ask("document.title")

    assert title == "Paused for two weeks"
    assert small_scene.mailable() == {BEN}


@needs_a_browser
async def test_a_reader_changes_the_schedule_by_hand(small_scene: Scene, tmp_path: Path) -> None:
    async with small_scene.served() as site, browsing(tmp_path / "browser") as browser:
        await browser.look(f"{site}{link()}?settings", 320, dark=True)
        await browser.fill(every="fri", timezone="Shire")
        await browser.press("Change")
        mistaken = await browser.ask(FACTS)
        await browser.fill(at="18:00", timezone="Europe/Berlin")
        await browser.press("Change")
        said = await browser.ask("document.querySelector('strong').innerText")
        chosen = small_scene.standing.rescheduled()[ADA].own
        await browser.press("Undo")
        title = await browser.ask("document.title")

    assert (mistaken["wide"], mistaken["least"] >= 14, mistaken["active"]) == (320, True, 0)
    assert mistaken["described"] == ["There is no such time zone: write a continent and a city, such as Europe/Berlin."]
    assert said == "every Friday at 18:00, in the time zone Europe/Berlin"
    assert chosen == OwnSchedule("week", 4, time(18), "Europe/Berlin")
    assert title == "Original schedule restored"
    assert not small_scene.standing.rescheduled()[ADA].is_in_force


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(part) for part in bytes.fromhex(colour[1:]))})"


def _light(colour: str) -> float:
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
