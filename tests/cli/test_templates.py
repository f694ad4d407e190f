"""The operator's own templates: begun from the built-in ones, checked, and mended while mails wait."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digestd.model.source import Cursor, Fetched
from digestd.storage import OutboxStore, PaperStore, open_database
from tests.support.builders import digest, paper
from tests.support.mails import TEMPLATES, read
from tests.support.site import ADA, SETTINGS, Site, make_site

OWN = 'templates = "own"\n' + SETTINGS


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return an installation with a folder for its own templates, which is empty."""
    site = make_site(tmp_path, OWN)
    (tmp_path / "own").mkdir()
    return site


def own(site: Site, name: str, *changes: tuple[str, str]) -> Site:
    """Write a built-in template with some changes into the site's own folder."""
    text = TEMPLATES[name]
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return site.writes(f"own/{name}", text)


def test_an_ejected_template_reads_as_the_built_in_one_and_is_in_force(tmp_path: Path) -> None:
    site = make_site(tmp_path, OWN)

    done = site.run("templates", "eject", "subject.txt.j2", "_paper.html.j2")
    listed = {one["name"]: one for one in json.loads(site.run("templates", "list", "--json").stdout)}

    assert done.returncode == 0
    assert f"{tmp_path}/own/subject.txt.j2 is written" in done.stdout
    assert (tmp_path / "own" / "subject.txt.j2").read_text(encoding="utf-8") == TEMPLATES["subject.txt.j2"]
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == ["_paper.html.j2", "subject.txt.j2"]
    assert listed.keys() == TEMPLATES.keys()
    assert listed["subject.txt.j2"] == {
        "name": "subject.txt.j2",
        "origin": "own",
        "path": f"{tmp_path}/own/subject.txt.j2",
        "same": True,
    }
    assert (listed["digest.txt.j2"]["origin"], listed["digest.txt.j2"]["same"]) == ("built-in", None)


def test_the_list_says_what_is_changed(site: Site) -> None:
    own(site, "subject.txt.j2")
    site.writes("own/digest.txt.j2", "changed").writes("own/more.txt.j2", "")

    rows = [line.split("  ") for line in site.run("templates").stdout.splitlines()]
    told = {row[0].strip(): next(cell.strip() for cell in row[1:] if cell) for row in rows}

    assert (told["subject.txt.j2"], told["digest.txt.j2"], told["more.txt.j2"]) == ("own, unchanged", "own", "own")
    assert told["digest.html.j2"] == "built-in"


def test_nothing_is_written_over_without_force(site: Site) -> None:
    site.writes("own/subject.txt.j2", "mine")

    refused = site.run("templates", "eject", "subject.txt.j2", "digest.txt.j2")
    kept = (site.folder / "own" / "subject.txt.j2").read_text(encoding="utf-8")
    forced = site.run("templates", "eject", "subject.txt.j2", "--force")

    assert (refused.returncode, kept, forced.returncode) == (1, "mine", 0)
    assert "own/subject.txt.j2 is there already; it is left as it is (--force writes over it)" in refused.stderr
    assert (site.folder / "own" / "digest.txt.j2").exists()
    assert (site.folder / "own" / "subject.txt.j2").read_text(encoding="utf-8") == TEMPLATES["subject.txt.j2"]


def test_an_unknown_name_is_asked_about_and_nothing_is_written(site: Site) -> None:
    done = site.run("templates", "eject", "digest.txt.j2", "subjct.txt.j2")

    assert done.returncode == 2
    assert "no built-in template is called 'subjct.txt.j2'; did you mean subject.txt.j2?" in re.sub(r"[│\s]+", " ", done.stderr)
    assert not list((site.folder / "own").iterdir())


def test_without_a_folder_for_them_what_to_write_is_said(tmp_path: Path) -> None:
    done = make_site(tmp_path).run("templates", "eject", "subject.txt.j2")

    assert done.returncode == 78
    assert f'templates: is not set: write templates = "templates" into {tmp_path}/digestd.toml' in done.stderr


def test_a_folder_that_is_still_to_be_made_is_said(tmp_path: Path) -> None:
    site = make_site(tmp_path, OWN)

    listed, checked = site.run("templates", "list"), site.run("check")
    names = {one["name"] for one in json.loads(site.run("templates", "list", "--json").stdout)}

    advice = "`digestd templates eject NAME` makes it"
    assert (listed.returncode, names) == (0, {*TEMPLATES})
    assert listed.stdout.splitlines()[-1] == f"{tmp_path}/own is not there yet, and no mail goes out: {advice}"
    assert checked.returncode == 78
    assert f"the folder {tmp_path}/own cannot be read: it does not exist; {advice}" in checked.stderr


def test_a_template_that_is_not_in_utf_8_is_named(site: Site) -> None:
    (site.folder / "own" / "subject.txt.j2").write_bytes(b"caf\xe9")

    done = site.run("check")

    assert done.returncode == 78
    assert "templates: subject.txt.j2 cannot be read: it is not in UTF-8: save it so" in done.stderr


def test_check_names_each_fault_with_its_template_and_line(site: Site) -> None:
    own(site, "digest.html.j2", ("{{ summary }}", "\n{{ sumary }}"))
    own(site, "_paper.txt.j2", ("{{ link }}", "{{ link | wrapp }}"))
    site.writes("own/more.html.j2", "\n\n{% if %}")

    unreadable = site.run("check")
    own(site, "_paper.txt.j2", ("card.badges", "card.badge"))
    site.writes("own/more.html.j2", "")
    unknown = site.run("check")

    assert (unreadable.returncode, unknown.returncode) == (78, 78)
    assert [line.partition("templates: ")[2].partition(": ")[0] for line in unreadable.stderr.splitlines()] == [
        f"_paper.txt.j2:{line_of('_paper.txt.j2', 'link }}')}",
        "more.html.j2:3",
    ]
    assert "digestd: digestd.toml:1 templates: _paper.txt.j2:" in unreadable.stderr
    assert "No filter named 'wrapp'; did you mean 'wrap'?" in unreadable.stderr
    assert (
        f"digest.html.j2:{line_of('digest.html.j2', '{{ summary }}') + 1}: 'sumary' is not known; did you mean 'summary'?"
        in unknown.stderr
    )


def line_of(name: str, text: str) -> int:
    return next(number for number, line in enumerate(TEMPLATES[name].splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("name", "before", "kind"),
    [
        pytest.param("digest.html.j2", "{% if note %}", "100 papers", id="cut"),
        pytest.param("digest.html.j2", "{% if troubles %}", "sources in trouble", id="troubled"),
        pytest.param("digest.html.j2", "{% if day.name %}", "papers of a week", id="weekly"),
        pytest.param("digest.txt.j2", "{% if short.entries and short.rest %}", "papers in short", id="many_in_short"),
        pytest.param("_paper.html.j2", "{% if card.why %}", "one paper", id="paper"),
        pytest.param("subject.txt.j2", "{% else %}", "no papers", id="empty"),
    ],
)
def test_check_looks_into_what_few_digests_have(site: Site, name: str, before: str, kind: str) -> None:
    own(site, name, (before, before + "{{ sumary }}"))

    assert f"{name}:{line_of(name, before)}: 'sumary' is not known" in site.run("check").stderr


@pytest.mark.parametrize(
    ("name", "lost", "note"),
    [
        (
            "digest.html.j2",
            "{{ unsubscribe }}",
            "digest.html.j2 does not show {{ unsubscribe }} in a digest of no papers: a reader",
        ),
        (
            "digest.txt.j2",
            "{{ unsubscribe }}",
            "digest.txt.j2 does not show {{ unsubscribe }} in a digest of no papers: a reader",
        ),
        ("digest.html.j2", "{{ troubles }}", "digest.html.j2 does not show {{ troubles }} in a digest of sources in trouble: "),
        (
            "digest.txt.j2",
            "postal_address | wrap",
            "digest.txt.j2 does not show {{ postal_address }} in a digest of no papers: ",
        ),
    ],
    ids=["link_in_html", "link_in_text", "troubles", "postal_address"],
)
def test_check_notes_what_a_mail_must_not_lose(tmp_path: Path, name: str, lost: str, note: str) -> None:
    pages = 'base_url = "https://digest.example.org"\n'  # the link to the settings begins as the one to leave
    site = make_site(tmp_path, pages + OWN.replace("[sender]", '[sender]\npostal_address = "1 Quay & Sons,  Tidetown"'))
    own(site, name, (lost, '"x"' if "|" in lost else "x"))

    done = site.run("check")

    notes = [line for line in done.stdout.splitlines() if line.startswith("note: ") and ".j2" in line]
    assert done.returncode == 0
    assert len(notes) == 1
    assert notes[0].startswith(f"note: {note}")


def test_check_has_nothing_to_note_of_what_is_built_in(site: Site) -> None:
    for name in TEMPLATES:
        own(site, name)

    assert ".j2" not in site.run("check").stdout


def test_check_names_each_template_with_a_control_character(site: Site) -> None:
    site.writes("own/digest.txt.j2", TEMPLATES["digest.txt.j2"].replace("{", "\0007\000\n{", 1))
    site.writes("own/subject.txt.j2", "new\n\x1b")

    done = site.run("check")

    assert done.returncode == 78
    assert done.stderr.splitlines() == [
        f"digestd: digestd.toml:1 templates: {place}, which no mail may carry; take it away"
        for place in (
            "subject.txt.j2:2: holds the control character U+001B",
            f"digest.txt.j2:{line_of('digest.txt.j2', '{')}: holds the control character U+0000",
        )
    ]


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("", "no papers"),
        ("{% if count > 20 %}{{ count }} new{% endif %}", "no papers"),
        ("{{ '' if count else 'x' }}", "one paper"),
    ],
    ids=["never", "of_few", "of_some"],
)
def test_check_notes_a_mail_without_a_subject(site: Site, subject: str, kind: str) -> None:
    done = site.writes("own/subject.txt.j2", subject).run("check")

    assert done.returncode == 0
    assert f"note: subject.txt.j2 gives no subject to a digest of {kind}: mail without one looks like spam" in done.stdout


def test_check_notes_a_template_too_heavy_for_any_mail(site: Site) -> None:
    own(site, "digest.html.j2", ("</body>", "<!--" + "x" * 95_000 + "--></body>"))

    assert re.search(r"note: digest\.html\.j2 makes 9\d,\d{3} bytes of a digest of no papers", site.run("check").stdout)


FOR_BEN_IT_FAILS = "{{ count }} new\n{% if reader == 'Ben' %}\n{{ lamp }}\n{% endif %}"
REASON = "subject.txt.j2:3: 'lamp' is not known; use one of: "


def with_mail_for_two(site: Site) -> Site:
    """Let a digest for Ada and one for Ben be due now; Ben's cannot be rendered."""
    now = datetime.now(UTC)
    site.writes("subscribers.d/ben.toml", ADA.replace("ada@", "ben@").replace("Ada", "Ben"))
    site.writes("own/subject.txt.j2", FOR_BEN_IT_FAILS)
    with open_database(site.folder / "var" / "digestd.db", now) as database:
        PaperStore(database).record("arxiv", Fetched((paper(1),), Cursor()), now)
        OutboxStore(database).enqueue([digest("ada", paper(1), day="x"), digest("ben", paper(1), day="x")], now)
    return site


def recipients(site: Site) -> list[str]:
    return sorted(str(read(mail)["To"]) for mail in site.mails())


def test_a_template_that_fails_for_one_reader_keeps_that_digest_alone_back(site: Site) -> None:
    done = with_mail_for_two(site).run("deliver")
    (entry,) = json.loads(site.run("queue", "show", "ben@example.org", "--json").stdout)
    (status,) = json.loads(site.run("status", "--json").stdout)["unrendered"]

    assert (done.returncode, recipients(site)) == (1, ["Ada <ada@example.org>"])
    assert "error" in done.stderr
    assert REASON in done.stderr
    assert (entry["state"], entry["attempts"]) == ("queued", 1)
    assert entry["last_reply"].startswith(f"not rendered: {REASON}")
    assert f"not rendered: {REASON}" in site.run("log", "ben@example.org").stdout
    assert (status["reason"].startswith(REASON), status["digests"]) == (True, 1)
    assert f"Put off   1 digest cannot be rendered: {REASON}" in site.run("status").stdout


def test_it_waits_while_templates_are_as_they_were_and_goes_out_once_they_are_mended(site: Site) -> None:
    with_mail_for_two(site).run("deliver")

    still = site.run("deliver")
    site.writes("own/subject.txt.j2", "{{ count }} new")
    mended = site.run("deliver")

    assert "nothing to send now; 1 waits: it is due at " in still.stdout
    assert "1 accepted" in mended.stdout
    assert recipients(site) == ["Ada <ada@example.org>", "Ben <ben@example.org>"]
    assert json.loads(site.run("status", "--json").stdout)["unrendered"] == []


def test_a_template_taken_away_is_a_change_too(site: Site) -> None:
    with_mail_for_two(site).run("deliver")

    (site.folder / "own" / "subject.txt.j2").unlink()
    site.run("deliver")

    assert recipients(site) == ["Ada <ada@example.org>", "Ben <ben@example.org>"]


def test_a_daemon_reads_mended_templates_without_a_restart(site: Site) -> None:
    with_mail_for_two(site)
    daemon = site.begin("run")
    try:
        assert eventually(lambda: bool(site.mails()))
        site.writes("own/subject.txt.j2", "{% if %}")
        assert eventually(lambda: "subject.txt.j2:1: Expected an expression" in site.run("status").stdout)
        site.writes("own/subject.txt.j2", "{{ count }} new")
        assert eventually(lambda: len(site.mails()) == 2)
    finally:
        daemon.terminate()
        daemon.join(30)

    assert daemon.exitcode == 0
    assert recipients(site) == ["Ada <ada@example.org>", "Ben <ben@example.org>"]


def eventually(is_so: Callable[[], bool]) -> bool:
    """Say whether it is so within the time of a few ticks."""
    end = time.monotonic() + 50
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.5)
    return False
