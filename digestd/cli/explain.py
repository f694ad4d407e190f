"""`digestd explain`: why a paper is, or is not, in a reader's digest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from digestd.cli.context import chosen, context, print_table, say, when
from digestd.cli.house import visit
from digestd.matching import Corpus, EntryReport, Explanation, explanations
from digestd.model.digest import Digest, Evidence
from digestd.model.paper import Paper, PaperId, paper_id
from digestd.model.subscriber import Subscriber
from digestd.pipeline.compose import upcoming_turns
from digestd.pipeline.health import healths
from digestd.pipeline.match import examples, prepared
from digestd.rendering.tex import convert
from digestd.wiring import House


def explain(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The reader.")],
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="Its id, such as arXiv:2401.01234, or a link that names it.")],
) -> None:
    """Tell why a paper is, or is not, in a reader's digest."""
    with visit(context(ctx)) as house:
        (reader,) = chosen(house.readers(), [email])
        found = _find(house, paper)
        say(convert(found.title), style="bold")
        announced = f"announced by {', '.join(found.sources)}" if found.sources else "looked up as an example"
        say(f"{found.id}, {announced}")
        _tell_past(house, reader, found.id)
        for told in _explanations(house, reader, found):
            _tell_profile(told)


def _find(house: House, name: str) -> Paper:
    """Return the paper of that name. Raises typer.BadParameter."""
    wanted = paper_id(name) or PaperId(name)
    found = house.seen.papers([wanted])
    if not found:
        raise typer.BadParameter(f"{name} has not been seen; `digestd papers` lists what has")
    return found[wanted]


def _explanations(house: House, reader: Subscriber, paper: Paper) -> Sequence[Explanation]:
    now = house.clock()
    matcher = prepared(house.matcher, house.readers().subscribers, house.seen, now)
    look = matcher.look(Corpus([paper]), examples([reader], house.seen), now)
    return explanations(look, reader.id, 0)


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
        why = "it was old at its source's first poll, came as a new version or a cross-list, or was looked up as an example"
        return f"Back catalogue, which is never mailed: {why}"
    return f"News since {when(seen.news_at)}"


def _untold(house: House, reader: Subscriber, paper: PaperId) -> str:
    """Return when a paper that was never told can be: the next digest has a window too, and examples are no news."""
    if paper in {one.id for one in examples([reader], house.seen).values()}:
        return f"Not told: {reader.email} named it as an example"
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
    least = "" if told.min_score is None else f", min_score {told.min_score:g}"
    say(f"\nProfile “{told.profile}”: {told.reason} (score {_points(told.score)}{least})", style="cyan")
    for one in told.filters:
        if one.wanted:
            verdict = "passes" if one.passes else "does not pass"
            say(f"  {one.key} {', '.join(one.wanted)}: the paper has {', '.join(one.carried) or 'none'}; it {verdict}")
    rows = [row for entry in told.entries for row in _rows(entry)] + _example_rows(told)
    columns = ("  KEY", "TERM", "FOUND", "IN RECENT PAPERS", "POINTS")
    print_table(columns, rows, "  It has no keywords, authors, mutes or examples.")
    if told.damping < 1:
        say(f"  Many profiles ask for such papers: {told.damping:.0%} of its score counts when papers are put in order")


def _rows(entry: EntryReport) -> Iterator[tuple[str, ...]]:
    """Yield a row for each term of an entry; where it has several, one for what they add up to before them."""
    single = len(entry.terms) == 1 and not entry.terms[0].negated
    if not single:
        yield f"  {entry.key}", entry.written, "holds" if entry.holds else "does not hold", "", _points(entry.points)
    for term in entry.terms:
        found = _where(term.evidence) if term.evidence or not term.negated else "no, as asked"
        share = "" if term.share is None else f"{term.share:.1%}"
        name = entry.written if single else f"  {'NOT ' if term.negated else ''}{term.term}"
        points = _points(term.points) if single and entry.key != "mute" else ""
        yield f"  {entry.key}" if single else "", name, found, share, points


def _example_rows(told: Explanation) -> list[tuple[str, ...]]:
    examples = told.examples
    if examples is None:
        return []
    words = ", ".join(dict.fromkeys(one.words for one in examples.evidence)) or "nothing in common"
    unknown = f"; not known yet: {', '.join(examples.unknown)}" if examples.unknown else ""
    known = f"{examples.known} example{'' if examples.known == 1 else 's'}"
    return [("  like", f"{known}{unknown}", words, "", _points(examples.points))]


def _points(points: float) -> str:
    return f"{points:.2f}"


def _where(evidence: tuple[Evidence, ...]) -> str:
    """Return the places of a term: `title “Sparse attention”, abstract “sparse attention” (2)`."""
    places = Counter((one.field, one.words) for one in evidence)
    return (
        ", ".join(f"{field} “{words}”{f' ({count})' if count > 1 else ''}" for (field, words), count in places.items()) or "no"
    )
