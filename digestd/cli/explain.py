"""`digestd explain`: why a paper is, or is not, in a reader's digest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import accumulate, pairwise
from typing import Annotated, NamedTuple

import typer

from digestd.cli.context import JsonOption, chosen, context, print_json, print_table, say
from digestd.cli.explain_fate import fate
from digestd.cli.house import visit
from digestd.matching.corpus import Corpus
from digestd.matching.explain import EntryReport, ExampleReport, Explanation, explanations
from digestd.model.digest import Evidence
from digestd.model.paper import Paper, PaperId, paper_id
from digestd.model.shapes import Json, match_to_json, paper_to_json
from digestd.model.subscriber import Subscriber
from digestd.pipeline.match import examples, prepared
from digestd.rendering.tex import convert
from digestd.wiring.house import House


def explain(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The reader.")],
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="Its id, such as arXiv:2401.01234, or the link in a digest.")],
    as_json: JsonOption = False,
) -> None:
    """Tell why a paper is, or is not, in a reader's digest."""
    with visit(context(ctx)) as house:
        (reader,) = chosen(house.readers(), [email])
        found = _find(house, paper)
        fates = [*fate(house, reader, found.id)]
        told = _explanations(house, reader, found)
    if as_json:
        profiles = [_shape(one) for one in told]
        print_json({"email": reader.email, "paper": paper_to_json(found), "fate": fates, "profiles": profiles})
        return
    say(convert(found.title), style="bold")
    announced = f"announced by {', '.join(found.sources)}" if found.sources else "looked up as an example"
    say(f"{found.id}, {announced}")
    for sentence in fates:
        say(sentence)
    for one in told:
        _tell_profile(one)


def _find(house: House, name: str) -> Paper:
    """Return the paper of that name, or whose page has that address. Raises typer.BadParameter."""
    found = [*house.seen.papers([paper_id(name) or PaperId(name)]).values()] or house.records.at_page(name)
    if not found:
        raise typer.BadParameter(f"{name} has not been seen; `digestd papers` lists what has")
    if len(found) > 1:
        raise typer.BadParameter(f"{name} is the page of {len(found)} papers; name one: {', '.join(one.id for one in found)}")
    return found[0]


def _explanations(house: House, reader: Subscriber, paper: Paper) -> Sequence[Explanation]:
    now = house.clock()
    matcher = prepared(house.matcher, house.readers().subscribers, house.seen, now)
    look = matcher.look(Corpus([paper]), examples([reader], house.seen), now)
    return explanations(look, reader.id, 0)


def _shape(told: Explanation) -> Json:
    """Return the shape of an explanation: its rows are `entries` and `examples`, whose points are its score."""
    return asdict(told) | {"match": told.match and match_to_json(told.match)}


def _tell_profile(told: Explanation) -> None:
    least = "" if told.min_score is None else f", min_score {told.min_score:g}"
    say(f"\nProfile “{told.profile}”: {told.reason} (score {told.score:.2f}{least})", style="cyan")
    for one in told.filters:
        if one.wanted:
            verdict = "passes" if one.passes else "does not pass"
            say(f"  {one.key} {', '.join(one.wanted)}: the paper has {', '.join(one.carried) or 'none'}; it {verdict}")
    has_shares = any(term.share is not None for entry in told.entries for term in entry.terms)
    columns = ("  KEY", "TERM", "FOUND", *(["RECENT"] if has_shares else []), "POINTS")
    rows = [row if has_shares else (*row[:3], row[4]) for row in _table(told)]
    print_table(columns, rows, "  It has no keywords, authors, mutes or examples.")
    if has_shares:
        say("  RECENT: the share of recent papers that have the term, a thousand imagined ones counted in")
    if told.damping < 1:
        share = f"{told.damping:.0%} of its score counts when papers are put in order"
        say(f"  Many profiles ask for such papers: {share}, {told.total:.2f}")


def _table(told: Explanation) -> Sequence[Sequence[str]]:
    """Return the rows of a profile, and their sum. Points are rounded so that those shown add up to the score shown."""
    rows = [row for entry in told.entries for row in _rows(entry)] + _example_rows(told)
    if not rows:
        return []
    before = [*accumulate((row.points or 0.0 for row in rows), initial=0.0)]
    shown = [round(after, 2) - round(so_far, 2) for so_far, after in pairwise(before)]
    cells = [(*row[:4], "" if row.points is None else f"{points:.2f}") for row, points in zip(rows, shown, strict=True)]
    return [*cells, ("  score", "", "", "", f"{told.score:.2f}")]


class _Row(NamedTuple):
    key: str
    term: str
    found: str
    share: str = ""
    points: float | None = None


def _rows(entry: EntryReport) -> Iterator[_Row]:
    """Yield a row for each term of an entry; where it has several, one for what they add up to before them."""
    points = None if entry.key == "mute" else entry.points
    elsewhere = f"; counted in “{entry.counted_in}”" if entry.counted_in is not None else ""
    single = len(entry.terms) == 1 and not entry.terms[0].negated
    if not single:
        yield _Row(f"  {entry.key}", entry.written, f"{'holds' if entry.holds else 'does not hold'}{elsewhere}", "", points)
    for term in entry.terms:
        found = _where(term.evidence) if term.evidence or not term.negated else "no, as asked"
        share = "" if term.share is None else f"{term.share:.1%}"
        if single:
            yield _Row(f"  {entry.key}", entry.written, f"{found}{elsewhere}", share, points)
        else:
            yield _Row("", f"  {'NOT ' if term.negated else ''}{term.term}", found, share)


def _example_rows(told: Explanation) -> list[_Row]:
    examples = told.examples
    if examples is None:
        return []
    counts = (("liked", examples.liked), ("disliked", examples.disliked), ("not known yet", len(examples.unknown)))
    known = ", ".join(f"{count} {what}" for what, count in counts if count)
    names = f": {', '.join(examples.unknown)}" if examples.unknown else ""
    key = "  dislike" if examples.disliked and not examples.liked else "  like"
    return [_Row(key, f"{known}{names}", _alike(examples), "", examples.points)]


def _alike(examples: ExampleReport) -> str:
    """Return what the paper has in common with the examples: `like “Tide tables”: tide, moon`."""
    words = ", ".join(dict.fromkeys(one.words for one in examples.evidence))
    least = "; a quarter of the rest always stays" if examples.points > examples.likeness else ""
    if not words:
        return f"no rare word in common{least}" if examples.liked or examples.disliked else ""
    (title, *_) = (one.entry for one in examples.evidence)
    return f"like {'the disliked ' if examples.likeness < 0 else ''}“{convert(title)}”: {words}{least}"


def _where(evidence: tuple[Evidence, ...]) -> str:
    """Return the places of a term: `title “Sparse attention”, abstract “sparse attention” (2)`."""
    places = Counter((one.field, one.words) for one in evidence)
    return (
        ", ".join(f"{field} “{words}”{f' ({count})' if count > 1 else ''}" for (field, words), count in places.items()) or "no"
    )
