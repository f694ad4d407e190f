"""The program as its users begin it, in a Python of its own; the lives in which other tests run it are held to that."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from digestd.cli.app import _VERBS, app
from tests.support.site import SETTINGS, Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "site")


def test_the_script_and_the_module_are_one_program(site: Site) -> None:
    script = subprocess.run(
        [Path(sys.executable).with_name("digestd"), "--version"], capture_output=True, text=True, check=True
    )

    assert script.stdout == site.run_as_users_do("--version").stdout
    assert script.stdout.startswith("digestd ")


@pytest.mark.parametrize(
    ("settings", "words", "code"),
    [
        pytest.param(SETTINGS, ["-q", "tick"], 0, id="a_good_command"),
        pytest.param(SETTINGS, ["explain", "ada@example.org", "2603.1"], 2, id="wrong_usage"),
        pytest.param("[smtp]\nhots = 'x'\n", ["tick"], 78, id="a_wrong_configuration"),
    ],
)
def test_a_life_is_what_users_begin(site: Site, settings: str, words: list[str], code: int) -> None:
    site.writes("digestd.toml", settings)

    own, life = site.run_as_users_do(*words), site.run(*words)

    assert own.returncode == code
    complaint = own.stderr.replace("python -m digestd", "digestd")
    assert (life.returncode, life.stdout, life.stderr) == (own.returncode, own.stdout, complaint)


@pytest.mark.parametrize("verb", [*_VERBS, "subscribers forget", "queue retry", "source try"])
def test_help_says_all_that_was_written(site: Site, verb: str) -> None:
    command = typer.main.get_command(app)
    for word in verb.split():
        assert isinstance(command, typer.core.TyperGroup)
        found = command.get_command(typer.Context(command), word)
        assert found is not None
        command = found

    shown = site.run(*verb.split(), "--help").stdout
    assert command.help
    assert set(command.help.split()) <= set(shown.split())


def test_a_full_disk_can_be_looked_at(site: Site) -> None:
    site.run("-q", "--now", "2026-03-05T12:00:00Z", "tick")
    environment = site.environment()

    def on_a_full_disk(verb: str) -> "subprocess.CompletedProcess[str]":
        command = ["prlimit", "--fsize=0", *site.command("-q", verb)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    looks = {verb: on_a_full_disk(verb).returncode for verb in ("status", "queue", "log", "papers", "sources", "subscribers")}
    assert looks == dict.fromkeys(looks, 0)
    assert on_a_full_disk("tick").returncode == 75


def test_short_verbs_load_neither_the_stages_nor_arrays(site: Site) -> None:
    site.run("-q", "compose")
    for verb in ("status", "queue", "subscribers"):
        command = [sys.executable, "-X", "importtime", *site.command(verb)[1:]]
        loaded = subprocess.run(command, capture_output=True, text=True, env=site.environment(), check=True).stderr
        modules = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}

        assert "digestd.wiring.cellar" in modules
        assert modules.isdisjoint({"numpy", "scipy", "aiohttp", "aiosmtplib", "psycopg", "jinja2", "digestd.wiring.house"})


def test_a_reader_who_has_seen_enough_is_no_trouble(site: Site) -> None:
    command, environment = site.command("status", "--json"), site.environment()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        complaint = program.stderr.read()

    assert (program.returncode, complaint) == (1, "")
