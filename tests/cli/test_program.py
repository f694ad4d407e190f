"""The program as its users begin it, in a Python of its own; the lives in which other tests run it are held to that."""

import subprocess
import sys
from pathlib import Path

import pytest

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


def test_a_reader_who_has_seen_enough_is_no_trouble(site: Site) -> None:
    command, environment = site.command("status", "--json"), site.environment()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        complaint = program.stderr.read()

    assert (program.returncode, complaint) == (1, "")
