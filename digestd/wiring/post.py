"""The mail as configured: what it looks like, the way out, and where answers come back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache

from digestd.config import ConfigTrouble, Places, Settings, catalogues
from digestd.inbound import Account, ImapFolder, Mailbox, Maildir
from digestd.model.traffic import Quota
from digestd.pipeline.deliver import Pace
from digestd.ports import Transport
from digestd.rendering import (
    BadKey,
    Editions,
    Languages,
    Letterhead,
    Renderer,
    Signer,
    TemplateError,
    ed25519_key,
    rsa_key,
)
from digestd.transports import BadRelay, MaildirTransport, Relay, SmtpTransport


def build_renderer(places: Places, key: bytes, *, mailing: bool = False) -> Renderer:
    """Return the renderer of the templates of *places*. Raises ConfigTrouble; when *mailing*, also for a missing DKIM key."""
    settings = places.settings
    if mailing and settings.dkim.selector and settings.dkim.key is None:
        raise places.trouble("dkim.selector", "there is no key for it: set key_file, or the credential dkim.key")
    if mailing and settings.dkim.ed25519_selector and settings.dkim.ed25519_key is None:
        raise places.trouble("dkim.ed25519_selector", "there is no key for it: set ed25519_key_file, or the credential")
    try:
        texts = tuple(places.templates().items())
        return _renderer(texts, build_letterhead(settings), key, settings.digest.max_bytes, build_signer(places))
    except TemplateError as error:
        raise faults_of(places, error) from error


def faults_of(places: Places, error: TemplateError) -> ConfigTrouble:
    """Return the trouble that faults in templates make, each for itself, to be raised."""
    return ConfigTrouble([fault for one in error.args for fault in places.trouble("templates", one).complaints])


@lru_cache(2)  # what it has rendered is at hand in the next tick
def _renderer(
    templates: tuple[tuple[str, str], ...], letterhead: Letterhead, key: bytes, max_bytes: int, signer: Signer | None
) -> Renderer:
    return Renderer(Editions(dict(templates), Languages(catalogues())), letterhead, key, max_bytes, signer)


def build_signer(places: Places) -> Signer | None:
    """Return who signs, if there is a key here: under systemd, only the daemon sees its credentials."""
    keys = places.settings.dkim
    told = (("key", rsa_key, keys.selector, keys.key), ("ed25519_key", ed25519_key, keys.ed25519_selector, keys.ed25519_key))
    found = []
    for name, read, selector, secret in told:
        try:
            found += [read(selector, secret.get_secret_value())] if selector and secret is not None else []
        except BadKey as error:
            place = f"dkim.{name}_file" if getattr(keys, f"{name}_file") else f"dkim.{name}"
            raise places.trouble(place, f"the key {error}") from None
    return Signer(keys.domain or domain_of(places.settings.sender.address), tuple(found)) if found else None


def build_relay(places: Places) -> Relay:
    """Return the mail server as it is configured. Raises ConfigTrouble for terms that can never hold."""
    keys = places.settings.smtp
    try:
        return Relay(
            host=keys.host,
            port=keys.port,
            security=keys.security,
            username=keys.username,
            password=keys.password.get_secret_value() if keys.password else None,
            connections=keys.connections,
            messages_per_connection=keys.messages_per_connection,
            timeout=keys.timeout,
            ca_file=places.file.parent / keys.ca_file if keys.ca_file else None,
        )
    except BadRelay as error:
        raise places.trouble("smtp", str(error)) from error


def build_mailbox(places: Places) -> Mailbox | None:
    """Return where what comes back is to be read, if anywhere. Raises ConfigTrouble where there is no password for it."""
    keys = places.settings.inbound
    if keys.kind != "imap":
        return Maildir(places.state / keys.path) if keys.kind == "maildir" else None
    if keys.username is None or keys.password is None:
        raise places.trouble("inbound.username", "there is no password: set password_file, or the credential inbound.password")
    password = keys.password.get_secret_value()
    return ImapFolder(Account(keys.host, keys.port, keys.security, keys.username, password, keys.folder))


def build_pace(settings: Settings, relay: Relay) -> Pace:
    keys = settings.smtp
    domains = {domain: (own.connections, Quota(own.max_per_second, own.max_per_day)) for domain, own in keys.domains.items()}
    return Pace(relay.connections, relay.longest_try, Quota(keys.max_per_second, keys.max_per_day), domains, keys.warm_up)


@asynccontextmanager
async def open_transport(places: Places) -> AsyncIterator[Transport]:
    """Open the way out, and check that no mail would leave this machine in the clear."""
    if places.settings.transport.kind == "maildir":
        yield MaildirTransport(places.maildir)
        return
    transport = SmtpTransport(build_relay(places))
    try:
        await transport.__aenter__()
    except BadRelay as error:
        raise places.trouble("smtp", str(error)) from error
    try:
        yield transport
    finally:
        await transport.__aexit__(None, None, None)


def build_letterhead(settings: Settings) -> Letterhead:
    sender = settings.sender
    return Letterhead(
        name=sender.name,
        address=sender.address,
        list_id=sender.list_id or f"digest.{domain_of(sender.address)}",
        base_url=settings.base_url,
        contact=settings.contact or sender.reply_to or sender.address,
        reply_to=sender.reply_to,
        postal_address=sender.postal_address,
        bounce_address=sender.bounce_address,
    )


def domain_of(address: str) -> str:
    """Return the domain of an address, which names our messages."""
    return address.rpartition("@")[2]
