"""The daemon serves the pages, where it is told to."""

import json
from pathlib import Path

import pytest

from digestd.model.subscriber import SubscriberId
from digestd.rendering.tokens import token
from tests.support.ports import free_port, wait_for_port
from tests.support.site import ADA, SETTINGS, make_site
from tests.web.test_choices import look, press

PAGES = 'base_url = "https://digest.example.org"\n{settings}\n[web]\nlisten = "127.0.0.1:{port}"\n'


async def test_a_reader_leaves_the_daemon_by_a_click_in_her_language(tmp_path: Path) -> None:
    port = free_port()
    settings = f'{SETTINGS}[digest]\nlanguage = "fr"\n'
    reader = {"ada.toml": f'language = "de"\n{ADA}'}
    site = make_site(tmp_path / "site", PAGES.format(settings=settings, port=port), reader)
    daemon = site.begin("run")
    try:
        wait_for_port(port, 60)
        key = (site.folder / "var" / "secret.key").read_bytes()
        links = [token(key, "unsubscribe", SubscriberId(f"{name}@example.org")) for name in ("eve", "ada")]
        (_, nobodys), (status, page) = [await press(f"http://127.0.0.1:{port}/u/{one}") for one in links]
        ready = await look(f"http://127.0.0.1:{port}/ready")
    finally:
        daemon.terminate()
        daemon.join(30)
    (told,) = json.loads(site.run("subscribers", "--json").stdout)

    assert (status, ready, daemon.exitcode) == (200, (200, "ready\n"), 0)
    assert ("Sie haben abbestellt" in page, "Votre désabonnement est pris en compte" in nobodys) == (True, True)
    assert (told["state"], told["why"]) == ("suppressed", "unsubscribe by the link in a mail")


async def test_a_schedule_chosen_by_a_click_outlives_the_daemon_and_an_import(tmp_path: Path) -> None:
    port = free_port()
    settings = f"{SETTINGS}[digest]\nsend_empty = true\n"
    site = make_site(tmp_path / "site", PAGES.format(settings=settings, port=port))
    daemon = site.begin("run")
    try:
        wait_for_port(port, 60)
        key = (site.folder / "var" / "secret.key").read_bytes()
        page = f"http://127.0.0.1:{port}/u/{token(key, 'unsubscribe', SubscriberId('ada@example.org'))}"
        status, _ = await press(page, {"schedule": "change", "every": "fri", "at": "18:00"})
    finally:
        daemon.terminate()
        daemon.join(30)
    site.writes("readers.csv", "email,keywords,every\nada@example.org,lantern,month\n")
    site.run("subscribers", "import", "--replace", str(site.folder / "readers.csv"))
    (reader,) = json.loads(site.run("subscribers", "--json").stdout)

    assert status == 200
    assert reader["schedule"] | {"timezone": ""} == {"every": "week", "at": "18:00", "timezone": "", "on": 4}
    assert reader["schedule_by"] == "reader"
    assert ": every Friday at 18:00, " in " ".join(site.run("preview").stdout.split())


def test_a_place_that_is_taken_is_said_with_its_line(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", PAGES.format(settings=SETTINGS, port=8080))

    done = site.run("run", environment={"DIGESTD_WEB__LISTEN": "192.0.2.1:8080"})

    assert done.returncode == 78
    assert "web.listen: nobody can listen there: " in done.stderr


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ("[web]\nlisten = '127.0.0.1:80'\n", "web.listen is set, and no mail leads to the pages"),
        ("base_url = 'https://a.example'\n[web]\nlisten = '8080'\n", 'web.listen: "8080" is not an address and a port'),
        ("base_url = 'https://a.example'\n[web]\nlisten = 'a:99999'\n", 'web.listen: "a:99999" is not an address and a port'),
        ("[web]\nproxies = ['nginx']\n", "web.proxies: "),
    ],
    ids=["without_links", "a_port_alone", "no_port", "no_proxy"],
)
def test_settings_that_cannot_be_are_said(tmp_path: Path, settings: str, complaint: str) -> None:
    done = make_site(tmp_path / "site", settings).run("check")

    assert done.returncode == 78
    assert complaint in done.stdout + done.stderr
