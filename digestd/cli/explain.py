"""`digestd explain`: why a paper is, or is not, in a reader's digest."""

from collections import Counter
from typing import Annotated

import typer

from digestd.cli.context import chosen, context, print_table, say, when
from digestd.matching import Explanation, compile_profile
from digestd.matching import explain as explain_match
from digestd.model.digest import Digest, Evidence
from digestd.model.paper import Paper, PaperId
from digestd.model.shapes import paper_from_json
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import upcoming_turns
from digestd.pipeline.health import healths
from digestd.rendering.tex import convert
from digestd.wiring import House


def explain(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The reader.")],
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="Its id, such as arXiv:2401.01234, or a link that names it.")],
) -> None:
    """Tell why a paper is, or is not, in a reader's digest."""
    with context(ctx).visit() as house:
        (reader,) = chosen(house.readers(), [email])
        found = _find(house, paper)
        say(convert(found.title), style="bold")
        say(f"{found.id}, announced by {', '.join(found.sources)}")
        _tell_past(house, reader, found.id)
    for profile in reader.profiles:
        _tell_profile(explain_match(compile_profile(profile), found))


def _find(house: House, name: str) -> Paper:
    """Return the paper of that name. Raises typer.BadParameter."""
    named = [paper_from_json({"id": form, "title": ""}).id for form in (name, f"arXiv:{name}")]
    found = house.seen.papers([PaperId(name), *named])
    if not found:
        raise typer.BadParameter(f"{name} has not been seen; `digestd papers` lists what has")
    return next(iter(found.values()))


def _tell_past(house: House, reader: Subscriber, paper: PaperId) -> None:
    """Say when the paper became news, whether the reader was told of it, and what else stands in its way."""
    say(_news(house, paper))
    past = [entry for entry in house.records.queue(reader.id) if paper in entry.digest.tells]
    for entry in past:
        turn = f"{entry.digest.key.period} ({entry.state}), composed {when(entry.composed_at)}"
        say(f"Told in {turn}: {_place(entry.digest, paper)}")
    if not past:
        say(_untold(house, reader, paper))
    if reader.paused:
        say(f"{reader.email} is paused: nothing is composed", style="yellow")
    states, sources = house.seen.sources(), house.sources()
    for name, health in healths(sources, states, house.clock()).items():
        if health in {"failing", "stale"}:
            say(
                f"The source {name} is {health}: {states[name].last_error or 'it announced nothing new when it was due'}",
                style="red",
            )


def _news(house: House, paper: PaperId) -> str:
    seen = house.records.first_seen(paper)
    if seen is None or seen.news_at is None:
        why = "it was old at its source's first poll, or came as a new version or a cross-list"
        return f"Back catalogue, which is never mailed: {why}"
    return f"News since {when(seen.news_at)}"


def _untold(house: House, reader: Subscriber, paper: PaperId) -> str:
    """Return when a paper that was never told can be: the next digest has a window too."""
    (turn,) = upcoming_turns([reader], house.outbox, house.rules, house.clock())
    seen = house.records.first_seen(paper)
    if seen is not None and seen.news_at is not None and seen.news_at < turn.since:
        return f"Not told, and older than the next digest looks: that begins at {when(turn.since)}"
    return f"Not told to {reader.email} so far"


def _place(digest: Digest, paper: PaperId) -> str:
    for section in digest.sections:
        if any(match.paper == paper for match in section.shown):
            return f"shown for “{section.profile}”"
        if paper in section.overflow:
            return f"counted for “{section.profile}”, over its limit"
    return "counted as hidden by a mute"


def _tell_profile(told: Explanation) -> None:
    say(f"\nProfile “{told.profile}”: {told.reason} (score {told.score:g}, min_score {told.min_score:g})", style="cyan")
    for one in told.filters:
        if one.wanted:
            verdict = "passes" if one.passes else "does not pass"
            say(f"  {one.key} {', '.join(one.wanted)}: the paper has {', '.join(one.carried) or 'none'}; it {verdict}")
    rows = [
        (entry.key, term.term, "not wanted" if term.negated else "", _where(term.evidence))
        for entry in told.entries
        for term in entry.terms
    ]
    print_table(
        ("  KEY", "TERM", "", "FOUND"), [(f"  {key}", *rest) for key, *rest in rows], "  It has no keywords, authors or mutes."
    )


def _where(evidence: tuple[Evidence, ...]) -> str:
    """Return the places of a term: `title “Sparse attention”, abstract “sparse attention” (2)`."""
    places = Counter((one.field, one.words) for one in evidence)
    return (
        ", ".join(f"{field} “{words}”{f' ({count})' if count > 1 else ''}" for (field, words), count in places.items()) or "no"
    )
