"""digestd.toml, the environment and systemd credentials, read as one: what the operator has set."""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from digestd.config.complaint import Complaint, complaint, complaints, toml_complaint
from digestd.config.database import database_fault
from digestd.config.dkim import DkimKeys, guarded
from digestd.config.keys import Keys
from digestd.config.languages import ENGLISH, LanguageName
from digestd.config.sources import SourceKeys
from digestd.config.subscribers import Defaults, ScheduleKeys
from digestd.config.units import AsciiAddress, Count, Duration, Number, Size, shaped
from digestd.config.web import WebKeys
from digestd.config.wording import said, unread

FILE = "digestd.toml"
_LIST_ID = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
_WEB = r"https?://[!-.0-~]+(/[!-~]*)?"
_LONGEST_BASE = 200  # of letters: a link in a mail has more behind it
_LONGEST_LOCAL, _TOKEN = 64, 27  # letters before an @ (RFC 5321 4.5.3.1.1), and those of a plus and a token


class ConfigTrouble(Exception):
    """The configuration cannot be used; `complaints` says all that is wrong with it."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = tuple(complaints)


class SenderKeys(Keys):
    """Whose mail it is."""

    name: str = Field(default="digestd", min_length=1, max_length=64)
    address: AsciiAddress = "digestd@localhost"
    reply_to: AsciiAddress | None = None
    postal_address: str | None = None
    list_id: Annotated[str, shaped(_LIST_ID, 'a name with a dot in it, such as "digest.example.org"')] | None = Field(
        default=None, max_length=255
    )
    bounce_address: AsciiAddress | None = None

    @field_validator("name")
    @classmethod
    def _is_no_address(cls, name: str) -> str:
        if "@" in name:  # a name that looks like another sender's address is a swindler's, to every provider
            raise ValueError(f'"{name}" holds an @: give a name here, and the address as address')
        return name

    @field_validator("bounce_address")
    @classmethod
    def _has_room(cls, address: str | None) -> str | None:
        if address is not None and len(address.rpartition("@")[0]) > _LONGEST_LOCAL - _TOKEN:
            raise ValueError(
                f'"{address}" has more than {_LONGEST_LOCAL - _TOKEN} letters before the @, where a token is added'
            )
        return address


class TransportKeys(Keys):
    kind: Literal["smtp", "maildir"] = "smtp"
    path: Path = Path("maildir")


PerSecond = Annotated[Number, Field(ge=0.02)]  # rarer than one in 50 seconds is a matter of mails a day


class DomainKeys(Keys):
    """How much may go to readers at one domain."""

    connections: Count = Field(default=1, ge=1, le=100)
    max_per_second: PerSecond | None = None
    max_per_day: Count | None = Field(default=None, ge=1)


class SmtpKeys(Keys):
    """The mail server that takes the digests."""

    host: str = "localhost"
    port: Count = Field(default=25, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "none"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    connections: Count = Field(default=4, ge=1, le=100)
    messages_per_connection: Count = Field(default=100, ge=1)
    max_per_second: PerSecond | None = None
    max_per_day: Count | None = Field(default=None, ge=1)
    warm_up: bool = False
    domains: Mapping[str, DomainKeys] = {}
    timeout: Duration = timedelta(minutes=1)
    ca_file: Path | None = None

    @field_validator("domains")
    @classmethod
    def _are_domains(cls, domains: Mapping[str, DomainKeys]) -> Mapping[str, DomainKeys]:
        if wrong := next((domain for domain in domains if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", domain)), None):
            raise ValueError(f'{said(wrong)} is not a domain, such as "example.org"')
        return {domain.casefold(): keys for domain, keys in domains.items()}

    @model_validator(mode="after")
    def _leaves_some(self) -> "SmtpKeys":
        if (taken := sum(keys.connections for keys in self.domains.values())) >= self.connections:
            raise ValueError(f"connections = {self.connections} leaves none for the others: the domains have {taken}")
        return self


class DeliverKeys(Keys):
    processes: Count = Field(default=1, ge=1, le=64)


class InboundKeys(Keys):
    """Where bounces, complaints and readers' mails that ask to leave come in."""

    kind: Literal["none", "maildir", "imap"] = "none"
    path: Path = Path("inbound")
    host: str = "localhost"
    port: Count = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    folder: Annotated[str, shaped("[ -~]+", "the name of a folder in ASCII, as the server lists it")] = "INBOX"
    every: Duration = timedelta(minutes=5)

    @model_validator(mode="after")
    def _is_whole(self) -> "InboundKeys":
        if self.kind == "imap" and not self.username:
            raise ValueError('kind = "imap" needs a username')
        return self


class DigestKeys(Keys):
    look_back: Duration = timedelta(days=3)
    max_papers: Count = Field(default=20, ge=1)
    max_bytes: Size = 90_000
    send_empty: bool = False
    language: LanguageName = ENGLISH
    give_up_after: Duration = timedelta(hours=36)
    on_uncertain: Literal["resend", "hold"] = "resend"
    schedule: ScheduleKeys = ScheduleKeys()
    revisions: bool = False
    cross_lists: bool = True


class RetentionKeys(Keys):
    """For how long what is stored is kept."""

    papers: Duration = timedelta(days=90)
    receipts: Duration = timedelta(days=400)
    lookups: Duration = timedelta(days=90)


class PollKeys(Keys):
    every: Duration = timedelta(hours=1)
    timeout: Duration = timedelta(seconds=60)
    max_bytes: Size = 15 * 2**20
    per_host_gap: Duration = timedelta(seconds=3)
    at_once: Count = Field(default=10, ge=1, le=100)
    allow_private: bool = False


class Settings(BaseSettings):
    """Every key of digestd.toml. The environment (`DIGESTD_SMTP__HOST`) wins over credentials, and these over the file."""

    model_config = SettingsConfigDict(
        env_prefix="DIGESTD_", env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    database: str = Field(default="sqlite:///digestd.db", repr=False)  # it may hold a password
    database_password: SecretStr | None = None
    database_password_file: Path | None = None
    subscribers: Path = Path("subscribers.d")
    templates: Path | None = None
    base_url: Annotated[str, shaped(_WEB, 'an address such as "https://digest.example.org"')] | None = None
    contact: AsciiAddress | None = None
    sender: SenderKeys = SenderKeys()
    transport: TransportKeys = TransportKeys()
    smtp: SmtpKeys = SmtpKeys()
    dkim: DkimKeys = DkimKeys()
    deliver: DeliverKeys = DeliverKeys()
    inbound: InboundKeys = InboundKeys()
    web: WebKeys = WebKeys()
    digest: DigestKeys = DigestKeys()
    poll: PollKeys = PollKeys()
    retention: RetentionKeys = RetentionKeys()
    sources: tuple[SourceKeys, ...] = ()

    @field_validator("base_url")
    @classmethod
    def _can_be_added_to(cls, base_url: str | None) -> str | None:
        if base_url and len(base_url) > _LONGEST_BASE:
            raise ValueError(f"has {len(base_url):,} letters, and links add to it: write at most {_LONGEST_BASE}")
        if base_url and base_url != (bare := _bare(base_url)):
            raise ValueError(f'has a user name, a query or a fragment, and links add to it: write "{bare}"')
        return base_url

    @field_validator("database")
    @classmethod
    def _is_known(cls, database: str) -> str:
        if fault := database_fault(database):
            raise ValueError(fault)
        return database

    @field_validator("sources")
    @classmethod
    def _are_named(cls, sources: tuple[SourceKeys, ...]) -> tuple[SourceKeys, ...]:
        named = tuple(source.model_copy(update={"name": source.name or source.kind}) for source in sources)
        called = Counter(name for source in named for name in {source.name, *source.parts()})
        if repeated := next((name for name, count in called.items() if count > 1), None):
            raise ValueError(f'two sources are called "{repeated}": give each a name of its own')
        return named

    @model_validator(mode="after")
    def _leads_to_its_pages(self) -> "Settings":
        if self.web.listen and not self.base_url:
            raise ValueError("web.listen is set, and no mail leads to the pages: set base_url, too")
        return self

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
        return Defaults(self.digest.schedule.schedule(), self.digest.max_papers, self.digest.language)


def _bare(address: str) -> str:
    """Return a web address without user name, query and fragment."""
    scheme, _, rest = re.split("[?#]", address)[0].partition("://")
    names, slash, path = rest.partition("/")
    return f"{scheme}://{names.rpartition('@')[2]}{slash}{path}"


class _Credentials(PydanticBaseSettingsSource):
    """systemd credentials: files called after secret keys in $CREDENTIALS_DIRECTORY set these (systemd.exec(5))."""

    _FILES = ("database_password", "smtp.password", "inbound.password", "dkim.key", "dkim.ed25519_key")

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        found: dict[str, Any] = {}
        for file in (Path(folder) / name for name in self._FILES) if folder else ():
            if file.is_file():
                section, _, key = file.name.rpartition(".")
                (found.setdefault(section, {}) if section else found)[key] = _secret(file)
        return found


def load_settings(path: Path) -> Settings:
    """Return the settings of the file at *path*, and of the environment.

    Raises ConfigTrouble with every fault in it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _with_secrets(Settings(**tomllib.loads(text)), path, text)
    except (OSError, UnicodeDecodeError) as error:
        hint = ". `digestd init DIR` makes a new one" if isinstance(error, FileNotFoundError) else ""
        raise ConfigTrouble([Complaint(str(path), None, "", f"cannot be read: {unread(error)}{hint}")]) from error
    except ValidationError as error:
        raise ConfigTrouble(complaints(error, Settings, path.name, text)) from error
    except SettingsError as error:
        raise ConfigTrouble([_of_environment(error)]) from error
    except (RecursionError, ValueError) as error:
        raise ConfigTrouble([toml_complaint(path.name, text, error)]) from error


def _of_environment(error: SettingsError) -> Complaint:
    """Return the complaint about a variable that holds a whole table, but not as JSON."""
    found = re.search(r'field "(\w+)"', str(error))
    key = found[1].upper() if found else ""
    return Complaint("environment", None, f"DIGESTD_{key}", f"is not JSON: set its keys one by one, such as DIGESTD_{key}__…")


def _with_secrets(settings: Settings, path: Path, text: str) -> Settings:
    """Return *settings* with the secrets that stand in files of their own."""

    def read(keys: Any, secret: str, place: tuple[str | int, ...], content: Callable[[Path], str] = _secret) -> Any:
        file = getattr(keys, f"{secret}_file")
        if file is None or getattr(keys, secret) is not None:
            return keys
        try:
            return keys.model_copy(update={secret: SecretStr(content(path.parent / file))})
        except (OSError, UnicodeDecodeError) as error:
            problem = f"{path.parent / file} cannot be used: {unread(error)}"
            raise ConfigTrouble([complaint(path.name, text, (*place, f"{secret}_file"), problem)]) from error

    smtp = read(settings.smtp, "password", ("smtp",))
    inbound = read(settings.inbound, "password", ("inbound",))
    dkim = read(read(settings.dkim, "key", ("dkim",), guarded), "ed25519_key", ("dkim",), guarded)
    sources = tuple(read(source, "api_key", ("sources", number)) for number, source in enumerate(settings.sources))
    settings = read(settings, "database_password", ())
    return settings.model_copy(update={"smtp": smtp, "dkim": dkim, "inbound": inbound, "sources": sources})


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip("\r\n")
