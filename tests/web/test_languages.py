"""The pages are in their reader's language; nobody's are in that of the installation."""

import re
from datetime import time
from pathlib import Path

import aiohttp
import pytest

from digestd.model.period import OwnSchedule
from digestd.rendering import ENGLISH, Language
from digestd.web.choices import PAUSES, Reschedule
from digestd.web.gate import Rate
from digestd.web.pages import Pages
from digestd.web.timing import TURNS, Timing
from digestd.web.words import when
from tests.house import messages
from tests.rendering.test_language import in_brackets, texts, unsaid
from tests.web.browser import browsing
from tests.web.conftest import ADA, BEN, EVE, FRENCH, GERMAN, LETTERHEAD, Scene, link
from tests.web.test_choices import CLICK, NOBODYS, look, press
from tests.web.test_looks import FACTS, needs_a_browser
from tests.web.test_timing import Broken

IN_GERMAN = '<html lang="de" dir="ltr">'
WRONG = (Timing(), Timing("x", "x", "x"))
OWN = (
    *(OwnSchedule(turn.every, turn.on) for turn in TURNS.values()),
    OwnSchedule(at=time(18)),
    OwnSchedule(timezone="UTC"),
    OwnSchedule("day", at=time(18)),
    OwnSchedule("day", at=time(18), timezone="UTC"),
)


def shown(pages: Pages) -> list[str]:
    """Return all the pages that there are."""
    fixed = pages.front, pages.leave, pages.settings, pages.left, pages.returned, pages.planned, *pages.troubles.values()
    answers = (
        *map(pages.paused, PAUSES),
        *map(pages.mistaken, WRONG),
        *(pages.rescheduled(Reschedule(own)) for own in OWN),
    )
    return [page.decode() for page in (*fixed, *answers)]


def test_nothing_is_said_that_no_catalogue_can_say() -> None:
    ours = {"Lantern", "Digest", "Institute", "of", "Examples", "Sample", "Street", "digest", "library", "example", "org"}
    days = {GERMAN.weekday(number) for number in range(7)}
    for page in shown(Pages(LETTERHEAD, in_brackets().of("de"))):
        text = re.sub(r"<style>.*?</style>", "", page.replace("&lt;&amp;&gt;", ""), flags=re.DOTALL)
        labels = re.findall(r' (?:label|title|alt|placeholder|aria-label)="([^"]*)"', text)

        assert unsaid(" ".join([re.sub(r"<[^>]*>", " ", text), *labels])) <= ours | days | {"Uhr", "UTC"}


@pytest.mark.parametrize("path", messages.catalogues(), ids=lambda path: path.parts[-3])
def test_what_a_catalogue_says_is_no_markup(path: Path) -> None:
    for one in messages.read(path):
        if one.id and any(file.startswith("digestd/web/") for file, _ in one.locations):
            assert not re.search(r"[<>&]", "".join(texts(one.string)))


@pytest.mark.parametrize("language", [ENGLISH, GERMAN, FRENCH], ids=["en", "de", "fr"])
def test_every_page_names_its_language(language: Language) -> None:
    pages = shown(Pages(LETTERHEAD, language))

    assert all(f'<html lang="{language.tag}" dir="ltr">' in page for page in pages)


FORMS = {
    "leave": (CLICK, 200, "Sie haben abbestellt"),
    "pause": ({"pause": "30"}, 200, "<h1>Pause für einen Monat</h1>"),
    "return": ({"return": "yes"}, 200, "Willkommen zurück"),
    "change": ({"schedule": "change", "every": "fri", "at": "18:00"}, 200, "<strong>jeden Freitag um 18:00 Uhr</strong>"),
    "undo": ({"schedule": "planned"}, 200, "Wie ursprünglich eingestellt"),
    "mistake": ({"schedule": "change", "at": "25:00"}, 400, "Das ist keine Uhrzeit"),
    "no_choice": ({"x": "y"}, 400, "Es wurde nichts gewählt"),
    "too_long": ({"x": "y" * 5000}, 413, "Das war zu viel"),
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_reader_is_answered_in_her_language_and_nobody_in_that_of_the_installation(
    small_scene: Scene, name: str
) -> None:
    form, status, words = FORMS[name]
    async with small_scene.served() as site:
        german, english, nobodys = [await press(site + path, form) for path in (link(BEN), link(ADA), NOBODYS)]

    assert (german[0], IN_GERMAN in german[1], words in german[1]) == (status, True, True)
    assert (english[0], '<html lang="en"' in english[1]) == (status, True)
    assert nobodys == english


@pytest.mark.parametrize(
    ("query", "words"), [("", "Möchten Sie abbestellen?"), ("?settings", ">Jeden Freitag</option>")], ids=["leave", "settings"]
)
async def test_a_look_is_answered_in_her_language(small_scene: Scene, query: str, words: str) -> None:
    async with small_scene.served() as site:
        german, english, nobodys = [(await look(site + path + query))[1] for path in (link(BEN), link(ADA), NOBODYS)]

    assert (IN_GERMAN in german, words in german, "Fragen: <a" in german) == (True, True, True)
    assert nobodys == english


async def test_nobodys_pages_are_in_the_language_of_the_installation(small_scene: Scene) -> None:
    small_scene.language = GERMAN
    async with small_scene.served() as site:
        paths = (link(BEN), NOBODYS, link(ADA), "/")
        german, nobodys, english, front = [(await look(f"{site}{path}?settings"))[1] for path in paths]

    assert nobodys == german
    assert '<html lang="en"' in english
    assert "Neue Artikel per E-Mail" in front


async def test_a_new_reader_is_answered_in_her_language_once_she_is_known(small_scene: Scene) -> None:
    async with small_scene.served() as site:
        small_scene.known[EVE] = FRENCH
        for _ in range(200):
            _, page = await look(site + link(EVE))
            if '<html lang="fr"' in page:
                break

    assert "Souhaitez-vous vous désabonner\u202f?" in page


async def test_troubles_are_told_in_her_language(small_scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.web.door._PRESSES", (Rate(0.01, 1), Rate(100, 100)))
    small_scene.standing = Broken(small_scene.database)
    async with small_scene.served() as site, aiohttp.ClientSession() as client:
        async with client.put(site + link(BEN)) as answer:
            put = answer.status, await answer.text()
        broken = await press(site + link(BEN), {"schedule": "change", "every": "fri"})
        often = await press(site + link(BEN))

    assert [status for status, _ in (put, broken, often)] == [405, 503, 429]
    assert all(
        words in page
        for words, (_, page) in zip(
            ("Das geht hier nicht", "Es wurde nichts gespeichert", "Warten Sie eine Minute"), (put, broken, often), strict=True
        )
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (ENGLISH, ["on the 1st of every month", "on the 22nd of every month at 18:00", "at 07:05, in the time zone UTC"]),
        (GERMAN, ["am 1. jedes Monats", "am 22. jedes Monats um 18:00 Uhr", "um 07:05 Uhr, in der Zeitzone UTC"]),
        (FRENCH, ["le 1er de chaque mois", "le 22 de chaque mois à 18:00", "à 07:05, dans le fuseau horaire UTC"]),
    ],
    ids=["en", "de", "fr"],
)
def test_what_is_chosen_is_said_in_the_readers_language(language: Language, told: list[str]) -> None:
    chosen = OwnSchedule("month", 1), OwnSchedule("month", 22, time(18)), OwnSchedule(at=time(7, 5), timezone="UTC")

    assert [when(language, own) for own in chosen] == told


@needs_a_browser
async def test_a_german_reader_changes_the_schedule_by_hand_on_a_phone(small_scene: Scene, tmp_path: Path) -> None:
    async with small_scene.served() as site, browsing(tmp_path / "browser") as browser:
        await browser.look(site + link(BEN), 320)
        first = await browser.ask(FACTS)
        await browser.look(f"{site}{link(BEN)}?settings", 320)
        languages = await browser.ask("[document.documentElement.lang, document.documentElement.dir]")
        turns = await browser.ask("[...document.querySelectorAll('option')].map(one => one.innerText)")
        await browser.fill(every="fri", timezone="Auenland")
        await browser.press("Ändern")
        mistaken = await browser.ask(FACTS)
        await browser.fill(timezone="Europe/Berlin")
        await browser.press("Ändern")
        said, last = await browser.ask("document.querySelector('strong').innerText"), await browser.ask(FACTS)

    assert languages == ["de", "ltr"]
    assert [page["wide"] for page in (first, mistaken, last)] == [320] * 3
    assert min(*first["controls"], *mistaken["controls"], *last["controls"]) >= 44
    assert [turns[place] for place in (0, 1, 2, 7, -1)] == [
        "Wie bisher",
        "Täglich",
        "Montags bis freitags",
        "Jeden Freitag",
        "Am letzten Tag jedes Monats",
    ]
    assert mistaken["described"] == [
        "Diese Zeitzone gibt es nicht: Schreiben Sie Kontinent und Stadt, zum Beispiel Europe/Berlin."
    ]
    assert said == "jeden Freitag, in der Zeitzone Europe/Berlin"
    assert small_scene.standing.rescheduled()[BEN].own == OwnSchedule("week", 4, timezone="Europe/Berlin")
    assert ADA not in small_scene.standing.rescheduled()
