"""The JSON shapes of papers, matches and evidence, as the outside sees them and as the store keeps papers."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar

from digestd.model.digest import Evidence, Match
from digestd.model.paper import Identifiers, Links, Paper, PaperId, arxiv_id, doi, identity

Json = dict[str, Any]
Value = TypeVar("Value")

Fields = tuple[str, ...]
Values = Callable[[object], tuple[Any, ...]]


def _fields(*names: str) -> tuple[Fields, Values]:
    return names, attrgetter(*names) if len(names) > 1 else lambda of: (getattr(of, names[0]),)


_LINKS, _IDS, _HIDDEN_BY = (
    _fields("abstract", "pdf", "html", "code"),
    _fields("arxiv", "doi", "pmid", "openreview"),
    _fields("hidden_by"),
)
_EXTRAS = _fields("version", "votes", "comments", "organization", "journal", "comment", "abstract_version")
_KINDS: Mapping[str, type[int] | type[str]] = dict.fromkeys(_EXTRAS[0], str) | dict.fromkeys(
    ("version", "votes", "comments", "abstract_version"), int
)
_TEXTS = {str}
_CALLED = {str: "a text", int: "a whole number", list: "a list of texts", dict: "an object"}


def paper_to_json(paper: Paper) -> Json:
    """Return the shape of *paper*; what is not known is left out, but for the lists and the date."""
    shape: Json = {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": instant(paper.published),
        "sources": list(paper.sources),
        "links": _known(_LINKS, paper.links),
        "ids": _known(_IDS, paper.ids),
    }
    shape.update(_known(_EXTRAS, paper))
    return shape


def paper_from_json(shape: Mapping[str, Any], *, names: tuple[str, ...] = ()) -> Paper:
    """Return the paper of a shape in which only `id` and `title` are needed, and null is the same as absent.

    *names* are what else it goes by.
    Raises KeyError or TypeError where those two are not there, ValueError where another field is not of its type.
    """
    name, ids = _text(shape["id"]), _identifiers(shape)
    links = _given(shape, "links", dict) or {}
    extras: Json = {name: _given(shape, name, kind) for name, kind in _KINDS.items() if name in shape}
    return Paper(
        id=identity(ids, weak=name) if ids != Identifiers() else PaperId(name),
        title=_text(shape["title"]),
        abstract=_given(shape, "abstract", str) or "",
        authors=_texts(shape, "authors"),
        categories=_texts(shape, "categories"),
        published=parse_instant(_given(shape, "published", str)),
        sources=_texts(shape, "sources"),
        links=Links(_given(links, "abstract", str) or "", *(_given(links, name, str) for name in _LINKS[0][1:])),
        ids=ids,
        names=names,
        **extras,
    )


def match_to_json(match: Match) -> Json:
    """Return the shape of *match*; `hidden_by` stands only where a mute hides it."""
    shape: Json = {
        "paper_id": match.paper,
        "profile": match.profile,
        "score": round(match.score, 4),
        "evidence": [evidence_to_json(one) for one in match.evidence],
    }
    return shape | _known(_HIDDEN_BY, match)


def evidence_to_json(evidence: Evidence) -> Json:
    return {name: value for name, value in evidence._asdict().items() if name != "entry" or value}


def instant(at: datetime | None) -> str | None:
    """Return RFC 3339 in UTC, to the second."""
    if at is None:
        return None
    return f"{at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def parse_instant(text: str | None) -> datetime | None:
    """Return an ISO 8601 date or instant, aware; a text without a zone is UTC. Raises ValueError."""
    if not text:
        return None
    at = datetime.fromisoformat(text)
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError(f"{text} is before the year 1 or after 9999 in UTC") from None


def _identifiers(shape: Mapping[str, Any]) -> Identifiers:
    """Return the strong ids of a shape: those it lists, else the one that its `id` names."""
    if listed := _given(shape, "ids", dict):
        return Identifiers(**{name: _given(listed, name, str) for name in _IDS[0]})
    name = _text(shape["id"])
    if found := arxiv_id(name):
        return Identifiers(arxiv=found[0])
    if name.startswith("pmid:"):
        return Identifiers(pmid=name.removeprefix("pmid:"))
    if name.startswith("openreview:"):
        return Identifiers(openreview=name.removeprefix("openreview:"))
    return Identifiers(doi=doi(name))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be a text")
    return value


def _texts(shape: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found: list[Any] = _given(shape, name, list) or []
    if not _TEXTS.issuperset(map(type, found)):
        raise ValueError(f"{name} should be {_CALLED[list]}")
    return tuple(found)


def _given(shape: Mapping[str, Any], name: str, kind: type[Value]) -> Value | None:
    """Return the value of a field, None where there is none; true and false are no whole numbers."""
    found = shape.get(name)
    if found is None or type(found) is kind:
        return found
    raise ValueError(f"{name} should be {_CALLED[kind]}")


def _known(fields: tuple[Fields, Values], of: object) -> Json:
    """Return those fields of a value that are known."""
    names, values = fields
    return {name: value for name, value in zip(names, values(of), strict=False) if value is not None}
