"""What `digestd doctor` asks of the way out: the mail server, and what DNS says of who may send and who signs."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digestd.cli import doctor_spf
from digestd.cli.check_settings import as_in_a_zone, password_is_elsewhere
from digestd.cli.doctor_finding import Finding, heard
from digestd.config import ConfigTrouble, Places
from digestd.rendering.dkim import SIGNED
from digestd.transports import BadRelay, Relay, Unreachable
from digestd.transports.records import Records, Unasked
from digestd.transports.visit import Welcome, visit
from digestd.wiring.post import build_relay, build_signer, domain_of

_PATIENCE = timedelta(seconds=20)
_SOON = timedelta(days=14)


async def server(places: Places, now: datetime) -> Sequence[Finding]:
    """Return how the mail server receives us. No mail is sent."""
    settings = places.settings
    if settings.transport.kind == "maildir":
        return [Finding("ok", "mail", f"is written into {places.maildir}, and sent to nobody")]
    try:
        relay = build_relay(_without_log_in(places) if password_is_elsewhere(settings) else places)
        welcome = await visit(replace(relay, timeout=min(relay.timeout, _PATIENCE)))
    except ConfigTrouble as trouble:
        return [Finding("fail", "smtp", str(trouble))]
    except (BadRelay, Unreachable) as trouble:
        where = f"{settings.smtp.host}:{settings.smtp.port}"
        return [Finding("fail", "smtp", f"{where}: {heard(str(trouble))}", "see [smtp], and the log of that server")]
    return [*_received(relay, welcome, now, unknown=password_is_elsewhere(settings))]


def _without_log_in(places: Places) -> Places:
    smtp = places.settings.smtp.model_copy(update={"username": None})
    return replace(places, settings=places.settings.model_copy(update={"smtp": smtp}))


def _received(relay: Relay, welcome: Welcome, now: datetime, *, unknown: bool) -> Iterator[Finding]:
    where = f"{relay.host}:{relay.port}"
    user = f", knows {relay.username}" if relay.username else ""
    yield Finding("ok", "smtp", f"{where} answers{user}, and offers {heard(', '.join(welcome.offers)) or 'no extensions'}")
    if unknown:
        yield Finding(
            "warn", "smtp", "the log-in was not tried: its password is not visible here", "run this as the daemon is run"
        )
    if welcome.trusted_until is None:
        yield Finding("ok", "tls", "none: the server is on this machine")
        return
    told = f"{welcome.tls}, a certificate that is trusted until {welcome.trusted_until:%Y-%m-%d}"
    ends_soon = welcome.trusted_until - now < _SOON
    yield Finding("warn", "tls", told, "renew it") if ends_soon else Finding("ok", "tls", told)


async def names(places: Places, records: Records) -> AsyncIterator[Finding]:
    """Yield what DNS says of our mail: who signs it, who may send it, and what is done with what fails both."""
    if places.settings.transport.kind == "maildir":
        return
    address = places.settings.sender.address
    if domain_of(address) == "localhost":
        yield Finding("fail", "dns", f"the sender is {address}", "set sender.address: nobody takes mail from there")
        return
    asked = (_signatures(places, records), _sender(places, records), _policy(domain_of(address), records))
    for findings in await asyncio.gather(*asked):
        for finding in findings:
            yield finding


async def _signatures(places: Places, records: Records) -> Sequence[Finding]:
    keys, domain = places.settings.dkim, domain_of(places.settings.sender.address)
    signs = keys.domain or domain
    if not keys.selector:
        wanted = ":".join(name for name in SIGNED if name != "feedback-id")  # which unsigned mail does not carry
        advice = f"let your mail server sign with d={domain} and h={wanted}"
        return [Finding("warn", "dkim", "nothing is signed here", advice)]
    try:
        signer = build_signer(places)
    except ConfigTrouble as trouble:
        return [Finding("fail", "dkim", str(trouble))]
    wanted_records = dict(signer.records()) if signer else {f"{keys.selector}._domainkey.{signs}": ""}
    found = await asyncio.gather(*(_signature(name, record, records) for name, record in wanted_records.items()))
    return [*found, *_alignment(signs, domain)]


def _alignment(signs: str, domain: str) -> Iterator[Finding]:
    """Yield that a signature may not count for the domain in From (RFC 7489 3.1.1)."""
    if not (_below(signs, domain) or _below(domain, signs)):
        yield Finding(
            "warn",
            "dkim",
            f"{signs} signs for {domain}",
            f"DMARC counts it for one organization alone: set dkim.domain to {domain}",
        )


def _below(name: str, other: str) -> bool:
    return f".{name}".lower().endswith(f".{other}".lower())


async def _signature(name: str, record: str, records: Records) -> Finding:
    try:
        texts = await records.texts(name)
    except Unasked as why:
        return _unasked("dkim", name, why)
    publish = f"publish {name} TXT {as_in_a_zone(record)}" if record else f"publish the public key at {name}"
    if not texts:
        return Finding("fail", "dkim", f"{name} has no key", publish)
    published = [_tags(text) for text in texts]
    if len(published) > 1:
        return Finding("fail", "dkim", f"{name} has {len(texts)} records: which one is read is left to chance", publish)
    return _judged(name, published[0], _tags(record), publish)


def _judged(name: str, published: dict[str, str], ours: dict[str, str], publish: str) -> Finding:
    """Return how a published key stands to ours, of which nothing may be known here."""
    key = published.get("p", "")
    if not key:
        return Finding("fail", "dkim", f"{name} says that its key is withdrawn", publish)
    if unfit := _unfit(published):
        return Finding("fail", "dkim", f"{name} {unfit}", publish)
    if ours and (key, published.get("k", "rsa")) != (ours["p"], ours["k"]):
        return Finding("fail", "dkim", f"{name} has another key than the one that signs here", publish)
    if "y" in published.get("t", "").split(":"):
        return Finding("warn", "dkim", f"{name} is in testing (t=y): what it signs counts as unsigned", "take t=y away")
    if not ours:
        return Finding(
            "warn", "dkim", f"{name} has a key; ours is not visible here", "run this as the daemon is run to compare them"
        )
    return Finding("ok", "dkim", f"{name} has the key that signs here")


def _unfit(published: dict[str, str]) -> str:
    """Return why nobody checks our mail with a published key, or an empty text (RFC 6376 3.6.1)."""
    version, hashes, services = (published.get(tag, usual) for tag, usual in (("v", "DKIM1"), ("h", "sha256"), ("s", "*")))
    if version != "DKIM1":
        return f"has no key of DKIM1: v={heard(version)}"
    if "sha256" not in hashes.split(":"):
        return f"has a key that is not for sha256, with which we sign: h={heard(hashes)}"
    if not {"email", "*"} & {*services.split(":")}:
        return f"has a key that is not for mail: s={heard(services)}"
    return ""


async def _sender(places: Places, records: Records) -> Sequence[Finding]:
    """Return whether SPF says who may send for the envelope's sender (RFC 7208)."""
    sender = places.settings.sender
    name = domain_of(sender.bounce_address or sender.address)
    try:
        found = [text for text in await records.texts(name) if text.lower().split(" ")[0] == "v=spf1"]
    except Unasked as why:
        return [_unasked("spf", name, why)]
    if len(found) != 1:
        told = f"{len(found)} records of SPF: they are an error together" if found else "no record of SPF"
        advice = "make one of them" if found else f"publish {doctor_spf.wanted(name)}"
        return [Finding("fail", "spf", f"{name} has {told}", advice)]
    return [doctor_spf.judged(name, found[0])]


async def _policy(domain: str, records: Records) -> Sequence[Finding]:
    """Return what DMARC says of the domain in From, or else of one above it (RFC 7489 6.6.3)."""
    labels = domain.split(".")
    above = [".".join(labels[at:]) for at in range(max(len(labels) - 1, 1))]
    try:
        answers = await asyncio.gather(*(records.texts(f"_dmarc.{name}") for name in above))
    except Unasked as why:
        return [_unasked("dmarc", f"_dmarc.{domain}", why)]
    for name, texts in zip(above, answers, strict=True):
        if found := [text for text in texts if _is_policy(text)]:
            return [_policy_of(f"_dmarc.{name}", found)]
    return [Finding("fail", "dmarc", f"_dmarc.{domain} has no policy", f'publish _dmarc.{above[-1]} TXT "v=DMARC1; p=none"')]


def _is_policy(text: str) -> bool:
    return "".join(text.partition(";")[0].split()).lower() == "v=dmarc1"


def _policy_of(name: str, found: Sequence[str]) -> Finding:
    policy = _tags(found[0]).get("p", "").lower()
    if len(found) > 1 or policy not in {"none", "quarantine", "reject"}:
        told = f"{len(found)} policies" if len(found) > 1 else f"no p= that says none, quarantine or reject: {heard(found[0])}"
        return Finding("fail", "dmarc", f"{name} has {told}", 'one record, such as "v=DMARC1; p=none"')
    return Finding("ok", "dmarc", f"{name}: {heard(found[0])}")


def _unasked(what: str, name: str, why: Unasked) -> Finding:
    told = f"{name} could not be asked for: {heard(str(why))}"
    return Finding("warn", what, told, "see that a DNS server can be reached, or name one: --resolver")


def _tags(record: str) -> dict[str, str]:
    """Return the tags of a record (RFC 6376 3.2); a key may be folded."""
    pairs = (tag.partition("=") for tag in record.split(";") if "=" in tag)
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}
