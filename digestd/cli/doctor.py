"""`digestd doctor`: is the world as the configuration needs it? It asks, and changes nothing; no mail is sent."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Annotated

import typer

from digestd.cli import doctor_machine, doctor_mail, doctor_web
from digestd.cli.context import FAILED, Context, JsonOption, context, print_json, say, wait_for
from digestd.cli.doctor_finding import Finding
from digestd.config import Places
from digestd.sources.http import Web
from digestd.transports.records import PORT, Records
from digestd.wiring.asking import open_web
from digestd.wiring.origins import build_sources

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}

Findings = Awaitable[Sequence[Finding]]


def doctor(
    ctx: typer.Context,
    resolver: Annotated[
        str | None, typer.Option(metavar="IP[:PORT]", help="The DNS server to ask, if not the one of this machine.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Try all that digestd depends on, once: the mail server, DNS, clock, disk, database, web, each source. No mail is sent."""
    options = context(ctx)
    found = wait_for(_told(_examined(options, options.places(), _records(resolver)), aloud=not as_json))
    if as_json:
        print_json([finding.shape for finding in found])
    if any(finding.grade == "fail" for finding in found):
        raise typer.Exit(FAILED)


def _records(resolver: str | None) -> Records:
    if resolver is None:
        return Records()
    read = re.fullmatch(r"(\[.+\]|[^:]+):([0-9]{1,5})", resolver)
    host, port = (read[1], int(read[2])) if read else (resolver, PORT)
    host = host.strip("[]")
    if not (_is_address(host) and 0 < port < 65_536):
        raise typer.BadParameter(f'"{resolver}" is not the address of a DNS server, such as 192.0.2.53 or 127.0.0.1:5353')
    return Records(host, port)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _told(examined: AsyncIterator[Finding], *, aloud: bool) -> Sequence[Finding]:
    """Return all that is found; *aloud*, say each as soon as it is known."""
    found = []
    async for finding in examined:
        found.append(finding)
        if aloud:
            say(str(finding), style=_STYLES[finding.grade])
    return found


async def _examined(options: Context, places: Places, records: Records) -> AsyncIterator[Finding]:
    """Yield what is found in the order of the examinations, which go on side by side."""
    async with open_web(places.settings, places.state if places.state.exists() else None) as web:
        for examination in [asyncio.ensure_future(one) for one in _examinations(options, places, records, web)]:
            for finding in await examination:
                yield finding


def _examinations(options: Context, places: Places, records: Records, web: Web) -> Iterator[Findings]:
    now = options.clock()
    yield _aside(lambda: doctor_machine.database(places, options.clock))
    yield _aside(lambda: doctor_machine.state(places))
    yield _aside(lambda: doctor_machine.templates(places))
    yield doctor_mail.server(places, now)
    yield _all(doctor_mail.names(places, records))
    yield _one(doctor_web.pages(places.settings, web))
    sources = [asyncio.ensure_future(doctor_web.source(one, now)) for one in build_sources(places.settings, web)]
    yield from map(_one, sources)
    yield _clock(options, web, sources)


async def _aside(look: Callable[[], Iterator[Finding]]) -> Sequence[Finding]:
    """Look on a thread: what takes time on this machine keeps nobody waiting."""
    return await asyncio.to_thread(lambda: [*look()])


async def _all(findings: AsyncIterator[Finding]) -> Sequence[Finding]:
    return [finding async for finding in findings]


async def _one(finding: Awaitable[Finding]) -> Sequence[Finding]:
    return [await finding]


async def _clock(options: Context, web: Web, sources: Sequence[Awaitable[Finding]]) -> Sequence[Finding]:
    """Look at the clock once all sources have answered: they say what time it is."""
    await asyncio.gather(*sources)
    return [doctor_web.clock(web.dates, options.clock(), asyncio.get_running_loop().time())]
