"""What `digestd check` notes of digestd.toml, the environment and what they name."""

import os
from collections.abc import Iterator

from digestd.config import Places, Settings
from digestd.wiring.post import build_signer

_LONGEST_STRING = 255


def remarks_on_settings(places: Places) -> Iterator[str]:
    """Yield what looks odd in the settings of *places*, and what they ask of others."""
    yield from _remarks_on_keys(places.settings)
    yield from _remarks_on_signatures(places)
    yield from _remarks_on_inbound(places)
    yield from _remarks_on_environment()


def password_is_elsewhere(settings: Settings) -> bool:
    return settings.smtp.username is not None and settings.smtp.password is None


def as_in_a_zone(record: str) -> str:
    """Return the text of a TXT record in quoted strings, of which none may be longer (RFC 1035 3.3.14)."""
    return " ".join(f'"{record[at : at + _LONGEST_STRING]}"' for at in range(0, len(record), _LONGEST_STRING))


def _remarks_on_keys(settings: Settings) -> Iterator[str]:
    if not settings.sources:
        yield "no sources are configured: there is nothing to tell"
    if settings.sender.address.endswith("@localhost"):
        yield "sender.address is not set: mail would come from digestd@localhost"
    if settings.contact is None:
        yield "contact is not set: services that we poll cannot reach you"
    for secret in _secrets_elsewhere(settings):
        yield f"{secret} is visible here: under systemd it comes as a credential"
    if settings.base_url and not settings.web.listen:
        yield f"base_url is set: mails lead to {settings.base_url.rstrip('/')}/u/…: set web.listen, or answer there"


def _secrets_elsewhere(settings: Settings) -> Iterator[str]:
    if password_is_elsewhere(settings):
        yield "smtp.username is set and no password"
    if settings.dkim.selector is not None and settings.dkim.key is None:
        yield "dkim.selector is set and no key"


def _remarks_on_signatures(places: Places) -> Iterator[str]:
    signer = build_signer(places)
    for name, text in signer.records() if signer else ():
        yield f"publish, if it is not there yet, {name} TXT {as_in_a_zone(text)}"


def _remarks_on_inbound(places: Places) -> Iterator[str]:
    path = places.state / places.settings.inbound.path
    if places.settings.inbound.kind != "maildir" or (path / "new").is_dir():
        return
    if path.exists():
        yield f"inbound.path: {path} is no Maildir, which has the folders new, cur and tmp"
    else:
        yield f"inbound.path: {path} does not exist: nothing comes in until your mail server makes it"


def _remarks_on_environment() -> Iterator[str]:
    for name in sorted(os.environ):
        if name.startswith("DIGESTD_") and name.removeprefix("DIGESTD_").split("__")[0].lower() not in _settable():
            yield f"the variable {name} in the environment sets nothing"


def _settable() -> set[str]:
    return {*Settings.model_fields, "config"}
