"""An installation in a folder, and the program run on it as its users do."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.support import lives

ADA = """\
email = "ada@example.org"
name = "Ada"
schedule = { every = "day", at = "07:30", timezone = "Europe/Berlin" }

[[profiles]]
name = "Lanterns"
keywords = ["lantern*"]
"""

SETTINGS = """\
contact = "admin@example.org"

[sender]
address = "digest@example.org"

[transport]
kind = "maildir"
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration folder."""

    folder: Path

    def writes(self, name: str, text: str) -> "Site":
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self

    def run(
        self, *words: str, environment: dict[str, str] | None = None, stdin: bytes = b""
    ) -> "subprocess.CompletedProcess[str]":
        """Run `digestd --config FOLDER` with *words*, and return what it printed and how it ended."""
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            around = lives.Surroundings(self.environment(environment), (given, out, err))
            life = lives.begin(lives.digestd, around, "--config", str(self.folder), *words)
            life.join(60)
            said, complained = _text(out), _text(err)
        assert life.exitcode is not None, f"{words} does not end"
        assert "Traceback" not in complained, complained
        return subprocess.CompletedProcess(words, life.exitcode, said, complained)

    def run_as_users_do(self, *words: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Do what `run` does by a Python of its own, with modules that it loads itself."""
        command, around = self.command(*words), self.environment(environment)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=around, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def begin(self, *words: str, environment: dict[str, str] | None = None) -> ForkServerProcess:
        """Begin `digestd --config FOLDER` with *words*; what it says goes into the site's `said`."""
        return self.begin_life(lives.digestd, "--config", str(self.folder), *words, environment=environment)

    def begin_life(
        self, target: Callable[..., None], *words: str, environment: dict[str, str] | None = None
    ) -> ForkServerProcess:
        """Begin a life that does *target* with *words*; what it says goes into the site's `said`."""
        with Path(os.devnull).open("rb") as nothing, (self.folder / "said").open("ab", 0) as said:
            around = lives.Surroundings(self.environment(environment), (nothing, said, said))
            return lives.begin(target, around, *words)

    def command(self, *words: str) -> Sequence[str]:
        return [sys.executable, "-m", "digestd", "--config", str(self.folder), *words]

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        """Return our environment without what would change a run: the folders of systemd, and our own variables."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("DIGESTD_", "STATE_", "NOTIFY_"))}
        return plain | {"PYTHONWARNINGS": "error", "NO_COLOR": "1", "COLUMNS": "200"} | (more or {})

    def mails(self) -> list[bytes]:
        """Return the mails in the site's Maildir."""
        return [path.read_bytes() for path in sorted((self.folder / "var" / "maildir" / "new").glob("*"))]


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def asking_arxiv(web: str) -> str:
    """Return settings whose one source is arXiv's cs.LG, at an address of ours and as often as a test likes."""
    return f"""{SETTINGS}
[poll]
every = 0
per_host_gap = 0
allow_private = true

[[sources]]
kind = "arxiv"
url = "{web}"
categories = ["cs.LG"]
"""


def make_site(folder: Path, settings: str = SETTINGS, readers: dict[str, str] | None = None) -> Site:
    """Write a configuration with one reader, Ada, or with *readers* by file name."""
    site = Site(folder).writes("digestd.toml", settings)
    (folder / "subscribers.d").mkdir(exist_ok=True)
    for name, text in ({"ada.toml": ADA} if readers is None else readers).items():
        site.writes(f"subscribers.d/{name}", text)
    return site
