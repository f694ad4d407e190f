"""The document of a digest in the outbox: the decision, about 2 kB, without the papers' words."""

from datetime import datetime, time
from itertools import starmap
from typing import Any

import orjson

from digestd.model.digest import Digest, DigestKey, Evidence, Match, Section
from digestd.model.paper import PaperId
from digestd.model.period import Schedule

Json = dict[str, Any]

_BARE = 6  # fields of evidence without an entry


def write(digest: Digest) -> str:
    """Return the document of *digest*; `read` gives the same digest back."""
    shape = {
        "since": digest.since.isoformat(),
        "until": digest.until.isoformat(),
        "email": digest.email,
        "name": digest.name,
        "schedule": [digest.schedule.every, digest.schedule.at.isoformat(), digest.schedule.timezone, digest.schedule.on],
        "sections": [_section_shape(section) for section in digest.sections],
        "looked_at": digest.looked_at,
        "failing": digest.failing,
        "stale": digest.stale,
        "silent": digest.silent,
        "language": digest.language,
    }
    return orjson.dumps(shape).decode()


def read(key: DigestKey, message_id: str, document: str) -> Digest:
    """Return the digest of *document*."""
    shape: Json = orjson.loads(document)
    return Digest(
        key=key,
        message_id=message_id,
        since=datetime.fromisoformat(shape["since"]),
        until=datetime.fromisoformat(shape["until"]),
        email=shape["email"],
        name=shape["name"],
        schedule=_schedule(*shape["schedule"]),
        sections=tuple(_section(section) for section in shape["sections"]),
        looked_at=shape["looked_at"],
        failing=tuple(shape["failing"]),
        stale=tuple(shape.get("stale", ())),
        silent=shape["silent"],
        language=shape.get("language", "en"),
    )


def _section_shape(section: Section) -> Json:
    return {
        "profile": section.profile,
        "shown": [_match_shape(match) for match in section.shown],
        "overflow": section.overflow,
        "hidden": section.hidden,
    }


def _section(shape: Json) -> Section:
    shown = tuple(starmap(_match, shape["shown"]))
    return Section(shape["profile"], shown, _ids(shape["overflow"]), _ids(shape["hidden"]))


def _match_shape(match: Match) -> list[Any]:
    return [match.paper, match.profile, match.score, [one[:] if one.entry else one[:_BARE] for one in match.evidence]]


def _match(paper: str, profile: str, score: float, evidence: list[list[Any]]) -> Match:
    return Match(PaperId(paper), profile, score, tuple(starmap(Evidence, evidence)))


def _schedule(every: Any, at: str, timezone: str, on: int) -> Schedule:
    return Schedule(every, time.fromisoformat(at), timezone, on)


def _ids(names: list[str]) -> tuple[PaperId, ...]:
    return tuple(PaperId(name) for name in names)
