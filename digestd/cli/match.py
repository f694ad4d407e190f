"""`digestd match`: a file of papers against a profile, without a configuration or a database."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from digestd.cli.context import FAILED, JsonOption, complain, context, print_json_line, print_table
from digestd.config import Complaint, ConfigTrouble, parse_profiles
from digestd.config.wording import unread
from digestd.matching.corpus import Corpus
from digestd.matching.findings import Candidate, diverse
from digestd.matching.habits import why_idle
from digestd.matching.look import Look
from digestd.matching.matcher import Matcher
from digestd.matching.rank import LIKE
from digestd.matching.weights import LIKENESS
from digestd.model.digest import Match
from digestd.model.paper import Paper, PaperId, paper_id, strong
from digestd.model.period import Schedule
from digestd.model.shapes import match_to_json, paper_from_json
from digestd.model.subscriber import Profile, Subscriber
from digestd.rendering.clean import clean
from digestd.rendering.language import ENGLISH
from digestd.rendering.words import why


def match(
    ctx: typer.Context,
    profile: Annotated[Path, typer.Option(help="A profile, or a reader's file.", exists=True, dir_okay=False)],
    papers: Annotated[Path, typer.Option(help="Papers, one JSON object a line.", exists=True, dir_okay=False)],
    as_json: JsonOption = False,
) -> None:
    """Print the papers that a profile asks for, best first. With --json, one object a line.

    Where a profile gives papers to like and no min_score, whatever has anything in common with them is listed, to choose one;
    why is told of what a digest would have.
    """
    gc.disable()  # a tenth of the time went into looking for garbage among the papers, which are all needed to the end
    wanted = _profiles(profile)
    read, bad = _papers(papers)
    named = _named(read) if any(one.like or one.dislike for one in wanted) else {}
    idle = [*_idle(wanted)]
    for fault in (*idle, *_unknown(wanted, named, len(read))):
        complain(fault)
    found = [one for matches in _matches(wanted, named, read, context(ctx).clock()) for one in matches]
    found.sort(key=lambda one: -one.score)
    if found or not idle:
        _print(found, read, as_json=as_json)
    if bad:
        raise typer.Exit(FAILED)


def _named(read: Iterable[Paper]) -> Mapping[PaperId, Sequence[Paper]]:
    """Return the papers by all their names; of some that share one, whose id it is comes first."""
    named: dict[PaperId, list[Paper]] = {}
    for paper in read:
        for name in _all_names(paper):
            named.setdefault(name, []).insert(0 if name == paper.id else len(named[name]), paper)
    return named


def _unknown(profiles: Sequence[Profile], named: Mapping[PaperId, Sequence[Paper]], count: int) -> Iterator[str]:
    """Yield a sentence for each example that is not among the *count* papers."""
    keys = dict.fromkeys((key, name) for one in profiles for key in ("like", "dislike") for name in getattr(one, key))
    for key, name in keys:
        if not any(one in named for one in _names(name)):
            yield f"{key}: {clean(name)} is {'not the one paper' if count == 1 else f'none of the {count:,} papers'}"


def _matches(
    profiles: Sequence[Profile], named: Mapping[PaperId, Sequence[Paper]], read: Sequence[Paper], now: datetime
) -> Iterator[Sequence[Match]]:
    """Yield what each profile finds, best first; the file's own papers say what is rare. Examples are left out.

    Without a `min_score`, whatever has anything in common with the examples is listed: so one is chosen. What a digest would
    leave out is not explained: there are thousands.
    """
    choosing = [one.like and one.min_score is None for one in profiles]
    profiles = [replace(one, min_score=0.0) if all_ else one for one, all_ in zip(profiles, choosing, strict=True)]
    reader = Subscriber("reader@localhost", Schedule(), tuple(profiles))
    corpus, matcher = Corpus(read), Matcher()
    matcher.keep([reader])
    matcher.learn(now, lambda: corpus)
    look = matcher.look(corpus, {name: papers[0] for name, papers in named.items()}, now)
    for profile, all_, found in zip(profiles, choosing, look.findings([reader.id])[reader.id], strict=True):
        examples = {paper.id for name in _examples(profile) for paper in named.get(name, ())}
        others = [one for one in found if look.id(one) not in examples]
        far = {one for one in others if all_ and _is_far(look, one)}
        shown = _limited(others, far, profile.max_papers)
        yield [Match(look.id(one), profile.name, one.score, ()) if one in far else look.match(profile, one) for one in shown]


def _examples(profile: Profile) -> set[PaperId]:
    return {name for example in (*profile.like, *profile.dislike) for name in _names(example)}


def _is_far(look: Look, one: Candidate) -> bool:
    """Say whether a digest of a profile without a `min_score` would not have that paper."""
    return one.reasons == LIKE and one.score < LIKENESS * look.damping(one.paper) and not one.mutes


def _all_names(paper: Paper) -> set[PaperId]:
    return {one for name in {paper.id, *strong(paper.ids), *paper.names} for one in _names(name)}


def _names(name: str) -> set[PaperId]:
    """Return a name as it is written in a file, and what it is elsewhere."""
    return {PaperId(name), paper_id(name) or PaperId(name)}


def _limited(found: Sequence[Candidate], far: AbstractSet[Candidate], most: int | None) -> Sequence[Candidate]:
    """Return the candidates up to so many, the *far* ones last; those that a mute hides do not count."""
    if most is None:
        return found
    shown = set(diverse([one for one in found if not one.mutes and one not in far], most))
    shown.update([one for one in found if one in far][: most - len(shown)])
    return [one for one in found if one.mutes or one in shown]


def _idle(profiles: Sequence[Profile]) -> Iterator[str]:
    """Yield a sentence for each profile that shows no paper, whatever there is."""
    for profile in profiles:
        yield from (f"“{clean(profile.name)}” {odd.what}; {odd.advice}" for _, odd in why_idle(profile))


def _print(found: Sequence[Match], read: Sequence[Paper], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            print_json_line(match_to_json(one))
        return
    titles = {paper.id: paper.title for paper in read}
    rows = [(f"{one.score:g}", one.profile, one.paper, titles[one.paper], _reason(one)) for one in found]
    none = "The one paper does not match." if len(read) == 1 else f"None of the {len(read):,} papers matches."
    empty = none if read else "The file holds no papers."
    print_table(("SCORE", "PROFILE", "PAPER", "TITLE", "WHY"), rows, empty)


def _profiles(path: Path) -> tuple[Profile, ...]:
    try:
        found = parse_profiles(path.read_text(encoding="utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise ConfigTrouble([Complaint(str(path), None, "", f"cannot be read: {unread(error)}")]) from error
    if isinstance(found, list):
        raise ConfigTrouble(found)
    return found


def _papers(path: Path) -> tuple[list[Paper], int]:
    """Return the papers of a file, and how many lines hold none: those are named, and the rest is read."""
    read: dict[PaperId, tuple[Paper, int]] = {}
    bad = 0
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            paper = _paper(line) if line.strip() else None
            if isinstance(paper, str):
                complain(f"{path}:{number}: not a paper: {paper}")
                bad += 1
            elif paper and (first := read.setdefault(paper.id, (paper, number))[1]) != number:
                complain(f"{path}:{number}: {clean(paper.id)} stands in line {first} already")
    return [paper for paper, _ in read.values()], bad


def _paper(line: str) -> Paper | str:
    """Return the paper of a line, which goes by the line's own id too, or what is wrong with the line."""
    try:
        shape = json.loads(line)
        return paper_from_json(shape, names=(shape["id"],))
    except (json.JSONDecodeError, TypeError, KeyError, AttributeError, RecursionError):
        return "a JSON object with at least an id and a title"
    except ValueError as error:
        return str(error)


def _reason(one: Match) -> str:
    return f"hidden by {one.hidden_by!r}" if one.hidden_by else why(ENGLISH, one.evidence)
