"""The JSON shapes of papers, matches and evidence, as the outside sees them and as the store keeps papers."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from digestd.model.digest import Evidence, Match
from digestd.model.paper import Identifiers, Links, Paper, PaperId, arxiv_id, doi, identity

Json = dict[str, Any]


def paper_to_json(paper: Paper) -> Json:
    """Return the shape of *paper*; what is not known is left out, but for the lists and the date."""
    shape = {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": instant(paper.published),
        "sources": list(paper.sources),
        "links": _known(asdict(paper.links)),
        "ids": _known(asdict(paper.ids)),
    }
    extras = {"version": paper.version, "votes": paper.votes, "comments": paper.comments, "organization": paper.organization}
    return shape | _known(extras)


def paper_from_json(shape: Mapping[str, Any]) -> Paper:
    """Return the paper of a shape in which only `id` and `title` are needed.

    Raises KeyError, TypeError or ValueError when it is not such a shape.
    """
    ids = _identifiers(shape)
    links = shape.get("links") or {}
    return Paper(
        id=identity(ids, weak=shape["id"]) if ids != Identifiers() else PaperId(_text(shape["id"])),
        title=_text(shape["title"]),
        abstract=_text(shape.get("abstract") or ""),
        authors=tuple(map(_text, shape.get("authors") or ())),
        categories=tuple(map(_text, shape.get("categories") or ())),
        published=parse_instant(shape.get("published")),
        sources=tuple(map(_text, shape.get("sources") or ())),
        links=Links(links.get("abstract") or "", links.get("pdf")),
        ids=ids,
        version=shape.get("version"),
        votes=shape.get("votes"),
        comments=shape.get("comments"),
        organization=shape.get("organization"),
    )


def match_to_json(match: Match) -> Json:
    """Return the shape of *match*; `hidden_by` stands only where a mute hides it."""
    shape: Json = {
        "paper_id": match.paper,
        "profile": match.profile,
        "score": round(match.score, 4),
        "evidence": [evidence_to_json(one) for one in match.evidence],
    }
    return shape | _known({"hidden_by": match.hidden_by})


def evidence_to_json(evidence: Evidence) -> Json:
    return asdict(evidence)


def instant(at: datetime | None) -> str | None:
    """Return RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def parse_instant(text: str | None) -> datetime | None:
    """Return an ISO 8601 date or instant, aware; a text without a zone is UTC."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _identifiers(shape: Mapping[str, Any]) -> Identifiers:
    """Return the strong ids of a shape: those it lists, else the one that its `id` names."""
    if listed := shape.get("ids"):
        return Identifiers(**{name: listed.get(name) for name in ("arxiv", "doi", "pmid")})
    name = _text(shape["id"])
    if found := arxiv_id(name):
        return Identifiers(arxiv=found[0])
    if name.startswith("pmid:"):
        return Identifiers(pmid=name.removeprefix("pmid:"))
    return Identifiers(doi=doi(name))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be a text")
    return value


def _known(fields: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
