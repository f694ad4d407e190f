"""digestd.toml, the environment and systemd credentials, read as one: what the operator has set."""

import os
import tomllib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from digestd.config.complaint import Complaint, complaint, complaints, toml_complaint
from digestd.config.subscribers import Defaults, ScheduleKeys
from digestd.config.units import AsciiAddress, Duration, Size

FILE = "digestd.toml"


class ConfigTrouble(Exception):
    """The configuration cannot be used; `complaints` says all that is wrong with it."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = tuple(complaints)


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SenderKeys(_Keys):
    """Whose mail it is."""

    name: str = Field(default="digestd", min_length=1, max_length=64)
    address: AsciiAddress = "digestd@localhost"
    reply_to: AsciiAddress | None = None
    postal_address: str | None = None
    list_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=255)


class TransportKeys(_Keys):
    kind: Literal["smtp", "maildir"] = "smtp"
    path: Path = Path("maildir")


class SmtpKeys(_Keys):
    """The mail server that takes the digests."""

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "none"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    connections: int = Field(default=4, ge=1, le=100)
    messages_per_connection: int = Field(default=100, ge=1)
    max_per_second: float | None = Field(default=None, gt=0)
    timeout: Duration = timedelta(minutes=1)
    ca_file: Path | None = None


class DigestKeys(_Keys):
    look_back: Duration = timedelta(days=3)
    max_papers: int = Field(default=20, ge=1)
    max_bytes: Size = 90_000
    send_empty: bool = False
    schedule: ScheduleKeys = ScheduleKeys()
    revisions: bool = False
    cross_lists: bool = True


class PollKeys(_Keys):
    every: Duration = timedelta(hours=1)
    timeout: Duration = timedelta(seconds=60)
    max_bytes: Size = 15 * 2**20
    per_host_gap: Duration = timedelta(seconds=3)
    allow_private: bool = False


class SourceKeys(_Keys):
    """A place where papers are announced."""

    kind: Literal["arxiv", "huggingface", "feed"]
    name: str = Field(default="", max_length=60, pattern=r"^[\w .:/+-]*$")
    url: str | None = None
    every: Duration | None = None
    allow_private: bool | None = None
    categories: tuple[str, ...] = ()

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
            raise ValueError(f'"{url}" is not an http or https address')
        return url

    @model_validator(mode="after")
    def _is_whole(self) -> "SourceKeys":
        if self.kind == "feed" and self.url is None:
            raise ValueError('a source of kind "feed" needs a url')
        if self.kind == "arxiv" and not self.categories:
            raise ValueError('a source of kind "arxiv" needs categories, such as ["cs.LG"]')
        return self


class Settings(BaseSettings):
    """Every key of digestd.toml. The environment (`DIGESTD_SMTP__HOST`) wins over credentials, and these over the file."""

    model_config = SettingsConfigDict(
        env_prefix="DIGESTD_", env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    database: str = "sqlite:///digestd.db"
    subscribers: Path = Path("subscribers.d")
    templates: Path | None = None
    base_url: str | None = Field(default=None, pattern=r"^https?://[!-.0-~]+(/[!-~]*)?$")
    contact: AsciiAddress | None = None
    sender: SenderKeys = SenderKeys()
    transport: TransportKeys = TransportKeys()
    smtp: SmtpKeys = SmtpKeys()
    digest: DigestKeys = DigestKeys()
    poll: PollKeys = PollKeys()
    sources: tuple[SourceKeys, ...] = ()

    @field_validator("database")
    @classmethod
    def _is_known(cls, database: str) -> str:
        if not database.startswith("sqlite:///") or len(database) == len("sqlite:///"):
            raise ValueError(f'"{database}" is not a database that digestd can use: write "sqlite:///FILE"')
        return database

    @field_validator("sources")
    @classmethod
    def _are_named(cls, sources: tuple[SourceKeys, ...]) -> tuple[SourceKeys, ...]:
        named = tuple(source.model_copy(update={"name": source.name or source.kind}) for source in sources)
        for name in (source.name for source in named):
            if [source.name for source in named].count(name) > 1:
                raise ValueError(f'two sources are called "{name}": give each a name of its own')
        return named

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, _Credentials(settings_cls), init_settings

    @property
    def defaults(self) -> Defaults:
        return Defaults(self.digest.schedule.schedule(), self.digest.max_papers)


class _Credentials(PydanticBaseSettingsSource):
    """systemd credentials: a file called `smtp.password` in $CREDENTIALS_DIRECTORY sets that key (systemd.exec(5))."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        password = Path(folder) / "smtp.password" if folder else None
        return {"smtp": {"password": _secret(password)}} if password and password.is_file() else {}


def load_settings(path: Path) -> Settings:
    """Return the settings of the file at *path*, and of the environment.

    Raises ConfigTrouble with every fault in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return _with_secrets(Settings(**tomllib.loads(text)), path, text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigTrouble(
            [Complaint(str(path), None, "", f"cannot be read: {error}. `digestd init DIR` makes a new one")]
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigTrouble([toml_complaint(path.name, text, error)]) from error
    except ValidationError as error:
        raise ConfigTrouble(complaints(error, Settings, path.name, text)) from error
    except SettingsError as error:
        raise ConfigTrouble([Complaint("environment", None, "", str(error))]) from error
    except (RecursionError, ValueError) as error:  # tomllib, over a text that nobody writes by hand
        raise ConfigTrouble([Complaint(path.name, None, "", f"not TOML: {error}")]) from error


def _with_secrets(settings: Settings, path: Path, text: str) -> Settings:
    file = settings.smtp.password_file
    if file is None or settings.smtp.password is not None:
        return settings
    try:
        smtp = settings.smtp.model_copy(update={"password": SecretStr(_secret(path.parent / file))})
    except (OSError, UnicodeDecodeError) as error:
        problem = f"{path.parent / file} cannot be read: {error}"
        raise ConfigTrouble([complaint(path.name, text, ("smtp", "password_file"), problem)]) from error
    return settings.model_copy(update={"smtp": smtp})


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip("\r\n")
