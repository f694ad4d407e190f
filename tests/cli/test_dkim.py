"""Keys that sign: what check and the start say of them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.site import Site, make_site

SETTINGS = """
contact = "admin@example.org"
[sender]
address = "digest@example.org"
[transport]
kind = "maildir"
[dkim]
selector = "one"
"""


def site_with(folder: Path, key: str, mode: int = 0o600) -> Site:
    site = make_site(folder, SETTINGS + 'key_file = "dkim.key"\n').writes("dkim.key", key)
    (site.folder / "dkim.key").chmod(mode)
    return site


def made(bits: int) -> str:
    command = ["openssl", "genrsa", str(bits)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_key_that_can_sign_passes(tmp_path: Path) -> None:
    key = made(2048)
    done = site_with(tmp_path, key).run("check")

    public = subprocess.run(["openssl", "rsa", "-pubout"], input=key, check=True, capture_output=True, text=True).stdout
    record = f"v=DKIM1; k=rsa; p={''.join(public.splitlines()[1:-1])}"
    assert (done.returncode, done.stderr) == (0, "")
    strings = f'"{record[:255]}" "{record[255:]}"'
    assert f"note: publish, if it is not there yet, one._domainkey.example.org TXT {strings}" in done.stdout.splitlines()


@pytest.mark.parametrize("verb", ["check", "tick"])
@pytest.mark.parametrize(
    ("key", "mode", "complaint"),
    [
        pytest.param("hunter2", 0o600, r"dkim.key_file: the key is no private key in PEM", id="no_key"),
        pytest.param("hunter2", 0o644, r"dkim.key_file: .*everybody on this machine may read it", id="open_to_all"),
        pytest.param("", 0o600, r"dkim", id="nothing"),
    ],
)
def test_a_key_that_cannot_sign_is_a_complaint(tmp_path: Path, verb: str, key: str, mode: int, complaint: str) -> None:
    done = site_with(tmp_path, key, mode).run(verb)

    assert done.returncode == 78
    assert re.search(complaint, done.stderr)
    assert "hunter2" not in done.stderr


def test_nothing_is_sent_unsigned_for_want_of_a_key(tmp_path: Path) -> None:
    done = make_site(tmp_path, SETTINGS).run("tick")

    assert done.returncode == 78
    assert "dkim.selector: there is no key for it" in done.stderr
