"""`digestd match`: a file of papers against a profile, without a configuration or a database."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.context import JsonOption, complain, print_json_line, print_table
from digestd.config import ConfigTrouble, parse_profiles
from digestd.matching import PaperIndex, compile_profile
from digestd.model.digest import Match
from digestd.model.paper import Paper
from digestd.model.shapes import match_to_json, paper_from_json
from digestd.model.subscriber import Profile
from digestd.rendering.words import why


def match(
    profile: Annotated[Path, typer.Option(help="A profile, or a reader's file.", exists=True, dir_okay=False)],
    papers: Annotated[Path, typer.Option(help="Papers, one JSON object a line.", exists=True, dir_okay=False)],
    as_json: JsonOption = False,
) -> None:
    """Print the papers that a profile asks for, best first. With --json, one object a line."""
    wanted = _profiles(profile)
    read = _papers(papers)
    index = PaperIndex(read)
    found = [one for each in wanted for one in _limited(index.matches(compile_profile(each)), each.max_papers)]
    if as_json:
        for one in found:
            print_json_line(match_to_json(one))
        return
    titles = {paper.id: paper.title for paper in read}
    columns = ("SCORE", "PAPER", "TITLE", "WHY")
    print_table(columns, [(f"{one.score:g}", one.paper, titles[one.paper], _reason(one)) for one in found], "No paper matches.")


def _profiles(path: Path) -> tuple[Profile, ...]:
    found = parse_profiles(path.read_text(encoding="utf-8", errors="replace"), path.name)
    if isinstance(found, list):
        raise ConfigTrouble(found)
    return found


def _papers(path: Path) -> list[Paper]:
    """Return the papers of a file; a line that holds none is named, and the rest is read."""
    read: dict[str, Paper] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                paper = paper_from_json(json.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                complain(f"{path}:{number}: not a paper, which needs at least an id and a title: {error}")
            else:
                read.setdefault(paper.id, paper)
    return list(read.values())


def _limited(matches: Iterable[Match], most: int | None) -> Iterator[Match]:
    """Yield the matches up to so many; those that a mute hides do not count."""
    shown = 0
    for one in matches:
        shown += one.hidden_by is None
        if most is not None and shown > most:
            return
        yield one


def _reason(one: Match) -> str:
    return f"hidden by {one.hidden_by!r}" if one.hidden_by else why(one.evidence)
