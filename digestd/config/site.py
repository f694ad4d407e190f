"""Where an installation keeps its files: the configuration folder, the state folder, and what is bundled with digestd."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile

from digestd.config.settings import FILE, Settings

_SYSTEM = Path("/etc/digestd") / FILE


@dataclass(frozen=True, slots=True)
class Places:
    """The paths that a configuration file stands for."""

    file: Path
    settings: Settings

    @property
    def state(self) -> Path:
        """The folder for what digestd writes: $STATE_DIRECTORY under systemd, else `var` beside the file."""
        given = os.environ.get("STATE_DIRECTORY")
        return Path(given.split(":")[0]) if given else self.file.parent / "var"

    @property
    def database(self) -> Path:
        return self.state / self.settings.database.removeprefix("sqlite:///")

    @property
    def maildir(self) -> Path:
        return self.state / self.settings.transport.path

    @property
    def subscribers(self) -> Path:
        return self.file.parent / self.settings.subscribers

    def templates(self) -> dict[str, str]:
        """Return the texts of the templates: the operator's own over the bundled ones."""
        own = self.settings.templates
        folders = [bundled("templates"), *([self.file.parent / own] if own else [])]
        return {path.name: path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.j2"))}

    def key(self) -> bytes:
        """Return this installation's own key, which signs what readers send back. It is made at the first need."""
        path = self.state / "secret.key"
        if not path.exists():
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(path, secrets.token_bytes(32))
        return path.read_bytes()


def find_file(given: Path | None) -> Path:
    """Return the configuration file: *given* or $DIGESTD_CONFIG (a file or its folder), else ./config, else /etc/digestd."""
    named = given or (Path(os.environ["DIGESTD_CONFIG"]) if os.environ.get("DIGESTD_CONFIG") else None)
    if named is not None:
        return named / FILE if named.is_dir() else named
    here = Path("config") / FILE
    return here if here.exists() else _SYSTEM


def bundled(name: str) -> Path:
    """Return a folder that comes with digestd: `templates` or `config`. A checkout has it at its top."""
    inside = Path(str(files("digestd"))) / "bundled" / name
    return inside if inside.is_dir() else Path(str(files("digestd"))).parent / name


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that only we may read; whoever comes second keeps what the first wrote."""
    with NamedTemporaryFile(dir=path.parent) as file:  # made with mode 0600
        file.write(content)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
