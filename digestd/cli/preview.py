"""`digestd preview`: what would be sent now. It is handed no outbox and no transport, so it can neither send nor record."""

import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.context import chosen, complain, context, counted, fixed_clock, say, wait_for
from digestd.cli.files import Parts, write_mail
from digestd.cli.house import visit
from digestd.model.digest import Digest
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import draft, upcoming_turns
from digestd.rendering import TemplateError
from digestd.wiring.house import House


def preview(
    ctx: typer.Context,
    emails: Annotated[list[str] | None, typer.Argument(metavar="[EMAIL]…", help="The readers; all without any.")] = None,
    poll: Annotated[bool, typer.Option("--poll", help="Ask the sources now, into a copy that is thrown away.")] = False,
    as_of: Annotated[str | None, typer.Option(metavar="ISO", help="As if it were that instant.", show_default=False)] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", file_okay=False, help="Write EMAIL.eml, .html and .txt there.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Show the first one in a browser.")] = False,
) -> None:
    """Render what would be sent now. Nothing is sent or recorded."""
    options = context(ctx) if as_of is None else replace(context(ctx), clock=fixed_clock(as_of))
    with ExitStack() as stack:
        house = stack.enter_context(visit(options))
        if poll:
            house = stack.enter_context(house.scratch())
            wait_for(_poll(house))
        digests = _drafts(house, emails or [])
        written = _show(house, digests, out or (Path.cwd() / "preview" if show else None))
    if show and written:
        webbrowser.open(written[0].with_suffix(".html").resolve().as_uri())


async def _poll(house: House) -> None:
    async with house.stages() as stages:
        for one in await stages.poll_now():
            if one.error is not None:
                complain(f"source {one.source}: {one.error}")


def _drafts(house: House, emails: Sequence[str]) -> Sequence[Digest]:
    readers, now = house.readers(), house.clock()
    wanted = [reader for reader in chosen(readers, emails) if not _is_paused(reader)]
    turns = upcoming_turns(wanted, house.outbox, house.rules, now)
    return [digest for some in draft(turns, readers.subscribers, house.seen, house.rules, now) for _, digest in some]


def _is_paused(reader: Subscriber) -> bool:
    if reader.paused:
        say(f"{reader.email}: paused or suppressed, as `digestd subscribers` says; nothing is sent")
    return reader.paused


def _show(house: House, digests: Sequence[Digest], out: Path | None) -> list[Path]:
    """Write the digests to *out*, or print their text parts where there is none; return what was written."""
    return [written for digest in digests if (written := _show_one(house, digest, out))]


def _show_one(house: House, digest: Digest, out: Path | None) -> Path | None:
    if digest.silent:
        unread = f"; could not be read: {', '.join(digest.failing)}" if digest.failing else ""
        looked_at = counted(digest.looked_at, "paper")
        say(f"{digest.email}: nothing to send; {looked_at} looked at, none of them wanted and new{unread}")
        return None
    papers = house.seen.papers(digest.tells)
    renderer = house.renderer()
    try:
        page = renderer.page(digest, papers)
    except TemplateError as error:
        raise house.places.trouble("templates", str(error)) from error
    if out is None:
        typer.echo(f"To: {digest.email}\nSubject: {page.subject}\n\n{page.text}")
        return None
    message = renderer.message(digest, papers, house.clock())
    written = write_mail(out, digest.email, Parts(message.content, page.html, page.text))
    say(str(written))
    return written
