"""Where an installation keeps its files: the configuration folder, the state folder, and what is bundled with digestd."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile

from digestd.config.complaint import Complaint, complaint
from digestd.config.database import FILE as FILE_URL
from digestd.config.database import SERVER, password_in, without_password
from digestd.config.settings import FILE, ConfigTrouble, Settings
from digestd.config.wording import unread

_KEY_BYTES = 32
_KEY_IS_GONE = "is missing: restore it from a copy; without it no link or bounce of mail already sent is known"
_SYSTEM = Path("/etc/digestd") / FILE


@dataclass(frozen=True, slots=True)
class Places:
    """The paths that a configuration file stands for."""

    file: Path
    settings: Settings

    @property
    def database(self) -> Path | str:
        """The database: a file, or the URL of one on a server, without the password. A relative file is in our own folder."""
        told = self.settings.database
        return without_password(told) if told.startswith(SERVER) else self._own / told.removeprefix(FILE_URL)

    @property
    def database_password(self) -> str | None:
        secret = self.settings.database_password
        return secret.get_secret_value() if secret else password_in(self.settings.database)

    @property
    def state(self) -> Path:
        """The folder for all that digestd writes: where the database file is, if it is a file."""
        return self.database.parent if isinstance(self.database, Path) else self._own

    @property
    def _own(self) -> Path:
        """The folder that is meant without another word: $STATE_DIRECTORY under systemd, else `var` beside the file."""
        given = os.environ.get("STATE_DIRECTORY")
        return Path(given.split(":")[0]) if given else self.file.parent / "var"

    @property
    def maildir(self) -> Path:
        return self.state / self.settings.transport.path

    @property
    def subscribers(self) -> Path:
        return self.file.parent / self.settings.subscribers

    @property
    def own_templates(self) -> Path | None:
        """The folder of the operator's own templates, if there is to be one."""
        return self.file.parent / self.settings.templates if self.settings.templates else None

    def templates(self) -> dict[str, str]:
        """Return the texts of the templates: the operator's own over the bundled ones. Raises ConfigTrouble."""
        texts, own = _texts(bundled("templates")), self.own_templates
        if own is None:
            return texts
        try:
            return texts | {path.name: self._own_template(path) for path in _templates_in(own)}
        except OSError as error:
            raise self._no_folder(own, error) from error

    def templates_changed_at(self) -> datetime:
        """Return when a template was changed, brought in or taken away last. Raises ConfigTrouble."""
        folders = [bundled("templates"), *([self.own_templates] if self.own_templates else [])]
        try:
            # Its change is told of a file that is replaced by an older one, too; its modification is not.
            newest = max(place.stat().st_ctime for folder in folders for place in (folder, *folder.glob("*.j2")))
        except OSError as error:
            raise self._no_folder(self.own_templates, error) from error
        return datetime.fromtimestamp(newest, UTC)

    def key(self, has_mailed: Callable[[], bool]) -> bytes:
        """Return this installation's own key, which signs what readers send back. It is made at the first need.

        Raises ConfigTrouble when it can be neither read nor made, and when it is gone that signed what *has been mailed*.
        """
        path = self.state / "secret.key"
        try:
            if not path.exists():
                if has_mailed():
                    raise ConfigTrouble([Complaint(str(path), None, "", _KEY_IS_GONE)])
                self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write_once(path, secrets.token_bytes(_KEY_BYTES))
            key = path.read_bytes()
        except OSError as error:
            raise ConfigTrouble([Complaint(str(path), None, "", f"cannot be read or made: {unread(error)}")]) from error
        if len(key) < _KEY_BYTES:
            raise ConfigTrouble([Complaint(str(path), None, "", "is no key: restore it from a copy, or remove it")])
        return key

    def _own_template(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self.trouble("templates", f"{path.name} cannot be read: {unread(error)}") from error

    def _no_folder(self, folder: Path | None, error: OSError) -> ConfigTrouble:
        """Return the trouble of a folder of templates, to be raised. The first that is ejected makes it."""
        advice = "; `digestd templates eject NAME` makes it" if isinstance(error, FileNotFoundError) else ""
        return self.trouble("templates", f"the folder {folder} cannot be read: {unread(error)}{advice}")

    def trouble(self, key: str, problem: str) -> ConfigTrouble:
        """Return the trouble that one key of the file makes, to be raised."""
        text = self.file.read_text(encoding="utf-8")
        return ConfigTrouble([complaint(self.file.name, text, tuple(key.split(".")), problem)])


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


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in _templates_in(folder)}


def _templates_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix == ".j2"]


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that only we may read; whoever comes second keeps what the first wrote."""
    with NamedTemporaryFile(dir=path.parent) as file:  # made with mode 0600
        file.write(content)
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)
