"""Choose: which of what a reader's profiles found is shown, and in which section."""

from collections.abc import Sequence
from dataclasses import dataclass

from digestd.matching.findings import Candidate, diverse
from digestd.model.subscriber import Subscriber

Found = Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a section tells: candidates that are shown, that are over the limits, and that a mute hides."""

    shown: Found
    overflow: Found
    hidden: Found


def chosen(reader: Subscriber, found: Sequence[Found]) -> Sequence[Choice]:
    """Return the choice of each profile: its best in turn, up to its own limit and to the reader's.

    Each paper is told once: by the first profile that shows it, else as over a limit, else as hidden.
    """
    parted = [*map(_parted, found)]
    visible = [some for some, _ in parted]
    shown = _shown(reader, visible)
    counted = {one.paper for best in shown for one in best}
    overflow = [_once(candidates, counted) for candidates in visible]
    hidden = [_once(candidates, counted) for _, candidates in parted]
    return [Choice(*parts) for parts in zip(shown, overflow, hidden, strict=True)]


def _parted(candidates: Found) -> tuple[Found, Found]:
    """Return the candidates that no mute hides, and the others: nearly always none."""
    read = [*candidates]
    muted = [one for one in read if one.mutes]
    return [one for one in read if not one.mutes] if muted else read, muted


def _shown(reader: Subscriber, visible: Sequence[Found]) -> Sequence[Found]:
    """Return what each profile shows; a paper that has no place in one may have it in the next."""
    best: list[Found] = []
    taken: set[int] = set()
    for profile, candidates in zip(reader.profiles, visible, strict=True):
        most = reader.max_papers if profile.max_papers is None else profile.max_papers
        best.append(diverse([one for one in candidates if one.paper not in taken] if taken else candidates, most))
        taken.update(one.paper for one in best[-1])
    if len(best) == 1:
        return [diverse(best[0], reader.max_papers)]
    ranked = sorted((rank, number) for number, some in enumerate(best) for rank in range(len(some)))
    places = [number for _, number in ranked[: reader.max_papers]]
    return [diverse(some, places.count(number)) for number, some in enumerate(best)]


def _once(candidates: Found, counted: set[int]) -> Found:
    """Return the candidates whose papers are not *counted* yet, and count them."""
    new = [one for one in candidates if one.paper not in counted]
    counted.update(one.paper for one in new)
    return new
