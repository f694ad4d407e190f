"""`digestd match`: a file of papers against a profile, without a configuration or a database."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.context import FAILED, JsonOption, complain, print_json_line, print_table
from digestd.config import ConfigTrouble, parse_profiles
from digestd.matching import PaperIndex, compile_profile
from digestd.model.digest import Match
from digestd.model.paper import Paper, PaperId
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
    read, bad = _papers(papers)
    index = PaperIndex(read)
    found = [one for each in wanted for one in _limited(index.matches(compile_profile(each)), each.max_papers)]
    _print(found, {paper.id: paper.title for paper in read}, as_json=as_json)
    if bad:
        raise typer.Exit(FAILED)


def _print(found: Sequence[Match], titles: Mapping[PaperId, str], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json_line(match_to_json(one))
        return
    columns = ("SCORE", "PAPER", "TITLE", "WHY")
    print_table(columns, [(f"{one.score:g}", one.paper, titles[one.paper], _reason(one)) for one in found], "No paper matches.")


def _profiles(path: Path) -> tuple[Profile, ...]:
    found = parse_profiles(path.read_text(encoding="utf-8", errors="replace"), path.name)
    if isinstance(found, list):
        raise ConfigTrouble(found)
    return found


def _papers(path: Path) -> tuple[list[Paper], int]:
    """Return the papers of a file, and how many lines hold none: those are named, and the rest is read."""
    read: dict[PaperId, Paper] = {}
    bad = 0
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            paper = _paper(line) if line.strip() else None
            if paper is not None:
                read.setdefault(paper.id, paper)
            elif line.strip():
                complain(f"{path}:{number}: not a paper: a JSON object with at least an id and a title")
                bad += 1
    return list(read.values()), bad


def _paper(line: str) -> Paper | None:
    try:
        return paper_from_json(json.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


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
