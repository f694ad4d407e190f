"""What `digestd doctor` asks over HTTP: each source, what time it is, and the readers' pages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import assert_never

from digestd.cli.context import counted
from digestd.cli.doctor_finding import Finding, heard
from digestd.config import Settings
from digestd.model.source import Cursor, Failed, Fetched, NotModified
from digestd.ports import Source
from digestd.sources.document import Body
from digestd.sources.http import Web

_CLOSE, _FAR = timedelta(seconds=10), timedelta(minutes=5)


async def source(one: Source, now: datetime) -> Finding:
    """Return what a source answers. Nothing of it is stored."""
    match await one.fetch(Cursor(), now):
        case Fetched(papers=papers, complaints=complaints):
            told = f"{one.name} answers with {counted(len(papers), 'paper')}"
            return Finding("warn", "source", f"{told}; {heard(complaints[0])}") if complaints else Finding("ok", "source", told)
        case NotModified():
            return Finding("ok", "source", f"{one.name} answers that nothing is new")
        case Failed(reason):
            return Finding("fail", "source", f"{one.name}: {heard(reason)}", "`digestd source try` shows more")
        case other:
            assert_never(other)


def clock(dates: Mapping[str, tuple[str, float]], now: datetime, loop_time: float) -> Finding:
    """Return how far our clock is from that of the nearest of the hosts that said what time it is: some answer from a cache."""
    far: dict[str, timedelta] = {}
    for host, (date, at) in dates.items():
        if (said := _instant(date)) is not None:
            far[host] = now - timedelta(seconds=loop_time - at) - said
    if not far:
        return Finding("warn", "clock", "no server said what time it is")
    host = min(far, key=lambda one: abs(far[one]))
    by = abs(far[host])
    if by <= _CLOSE:
        return Finding("ok", "clock", f"agrees with {host}")
    side = "ahead of" if far[host] > timedelta(0) else "behind"
    told = f"{_span(by)} {side} {host}"
    return Finding("fail" if by > _FAR else "warn", "clock", told, "let the system set it (`timedatectl set-ntp true`)")


def _instant(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"about {round(seconds / 60):,} minutes"


async def pages(settings: Settings, web: Web) -> Finding:
    """Return whether the readers' pages answer, and whether one click can unsubscribe (RFC 8058 wants https)."""
    base = settings.base_url
    if settings.web.place is None:
        if base is None:
            return Finding("ok", "web", "no pages: readers leave by mail", "set base_url and [web] for one-click unsubscribe")
        return Finding("warn", "web", f"mails lead to {base}, and [web] is off", "see that something answers there")
    where = _address(*settings.web.place)
    answer = await web.get(f"{where}/health", Cursor(), allow_private=True)
    if not isinstance(answer, Body):
        why = heard(answer.reason) if isinstance(answer, Failed) else "it says nothing"
        return Finding("fail", "web", f"{where}/health: {why}", "see that `digestd run` runs")
    if base is None or not base.startswith("https://"):
        return Finding("warn", "web", f"{where} answers; base_url is not https", "one-click unsubscribe needs it")
    return Finding("ok", "web", f"{where} answers; mails lead to {base}")


def _address(host: str, port: int) -> str:
    """Return how we reach who listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is asked, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
