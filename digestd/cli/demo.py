"""`digestd demo`: the whole job on a bundled sample, with nothing but this machine."""

import asyncio
import logging
import os
import shutil
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.context import Context, LogFormat, context, counted, say, wait_for
from digestd.cli.demo_servers import Received, mail_server, sample_server
from digestd.cli.files import write_mail
from digestd.cli.house import enter
from digestd.cli.logs import configure_logs
from digestd.config import FILE, bundled
from digestd.model.digest import Digest, Section
from digestd.pipeline.deliver import Round
from digestd.pipeline.poll import Polled
from digestd.rendering.language import ENGLISH
from digestd.rendering.tex import convert
from digestd.rendering.words import schedule, why
from digestd.wiring.house import House

_SETTINGS = """\
# Written anew by each `digestd demo`: the ports of its own servers change.
contact = "demo@example.org"

[sender]
name = "digestd demo"
address = "digest@example.org"

[smtp]
host = "127.0.0.1"
port = {mail}

[poll]
every = 0
per_host_gap = 0
allow_private = true

[[sources]]
kind = "arxiv"
name = "arXiv"
url = "{web}"
categories = ["cs.LG", "q-bio.BM"]

[[sources]]
kind = "huggingface"
name = "Hugging Face"
url = "{web}"

[[sources]]
kind = "feed"
name = "Quiet Instruments"
url = "{web}/journal.atom.xml"
"""


def demo(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the demo's files go.")] = Path("digestd-demo"),
    show: Annotated[bool, typer.Option("--open", help="Show the first digest in a browser.")] = False,
) -> None:
    """Run the whole job on a made-up sample: polls, composes, sends to a mail server of its own, and shows what came."""
    configure_logs(LogFormat.AUTO, logging.WARNING)
    _forget_environment()
    options = context(ctx)
    with ExitStack() as stack:
        received: list[Received] = []
        web = stack.enter_context(sample_server(bundled("config") / "demo" / "feeds", options.clock()))
        mail = stack.enter_context(mail_server(received))
        site = _write_site(out / "site", web, mail)
        house = stack.enter_context(enter(Context(site, options.clock)))
        say("Three readers, four sources of made-up papers, a mail server: all of them on this machine, all of it for real.")
        _tick(house, received, out / "mail", "A tick")
        _tick(house, received, out / "mail", "Another tick, to see that nobody is told twice")
    mails = sorted((out / "mail").glob("*.html"))
    say(f"\nThe mails lie in {out / 'mail'}, as .eml, .html and .txt. The configuration is {site}.")
    if show and mails:
        webbrowser.open(mails[0].resolve().as_uri())


def _forget_environment() -> None:
    """Leave the settings of a real installation aside: the demo must never reach its mail server or its database."""
    for name in [name for name in os.environ if name.startswith("DIGESTD_")] + ["STATE_DIRECTORY", "CREDENTIALS_DIRECTORY"]:
        os.environ.pop(name, None)


def _write_site(site: Path, web: str, mail: int) -> Path:
    shutil.copytree(bundled("config") / "demo" / "subscribers.d", site / "subscribers.d", dirs_exist_ok=True)
    (site / FILE).write_text(_SETTINGS.format(web=web, mail=mail), encoding="utf-8")
    return site


def _tick(house: House, received: list[Received], folder: Path, title: str) -> None:
    """Run the stages once, and show what the mail server received of it."""
    before = len(received)
    say(f"\n{title}", style="bold")
    polled = wait_for(_stages(house))
    for one in polled:
        say(f"  polled {one.source}: {_result(one)}")
    came = received[before:]
    if not came:
        say("  no mail came: every digest that is due was sent before", style="green")
    digests = {entry.digest.message_id: entry.digest for entry in house.records.queue()}
    for mail in came:
        _show(house, digests[mail.message_id], write_mail(folder, mail.recipient, mail.parts))


async def _stages(house: House) -> Sequence[Polled]:
    async with house.stages() as stages:
        polled = await stages.poll_now()
        await asyncio.to_thread(stages.compose)
        await stages.deliver(Round())
        return polled


def _result(one: Polled) -> str:
    if one.error is not None:
        return one.error
    return "nothing has changed there" if one.papers is None else f"{counted(one.papers, 'paper')}, {one.news} of them new"


def _show(house: House, digest: Digest, mail: Path) -> None:
    """Print what one mail tells, and why."""
    papers = house.seen.papers(digest.tells)
    say(f"\n  To {digest.email}, {schedule(ENGLISH, digest.schedule)}", style="bold")
    for section in digest.sections:
        say(f"    {section.profile}", style="cyan")
        for match in section.shown:
            say(f"      {convert(papers[match.paper].title)}")
            say(f"        {why(ENGLISH, match.evidence)}", style="dim")
        if left := _left_out(section):
            say(f"      {left}", style="dim")
    say(f"    {mail}", style="dim")


def _left_out(section: Section) -> str:
    counts = ((len(section.overflow), "more matched"), (len(section.hidden), "hidden by a mute"))
    return ", ".join(f"{count} {what}" for count, what in counts if count)
