"""Made-up answers of the services for programs: what a test does not say of a paper is filled in."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.support.web import Site


def posting(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a record of bioRxiv's."""
    return {
        "doi": f"10.64898/2026.03.04.{number:06}",
        "title": f"Lanterns at low tide {number}",
        "authors": "Quill, A.; Reed, B. C.",
        "author_corresponding": "Ada Quill",
        "author_corresponding_institution": "Tide Laboratory",
        "date": "2026-03-04",
        "version": "1",
        "type": "new results",
        "license": "cc_by",
        "category": "ecology",
        "jatsxml": "",
        "abstract": "We light a lantern.",
        "published": "NA",
        "server": "bioRxiv",
    } | fields


def postings(*records: Any, **said: Any) -> str:
    """Return a page of records; *said* is what its message says of it."""
    message = {"status": "ok", "cursor": 0, "count": len(records), "total": str(len(records))} | said
    return json.dumps({"messages": [message], "collection": records})


NO_POSTINGS = json.dumps({"messages": [{"status": "no posts found"}], "collection": []})


def serve_postings(site: Site, interval: str, records: Sequence[Any], size: int) -> None:
    """Serve *records* in pages of *size* below the address of *interval*."""
    for at in range(0, len(records), size):
        page = records[at : at + size]
        site.serve(f"{interval}/{at}", postings(*page, cursor=at, count=len(page), total=str(len(records))))


def rdf(*items: str) -> str:
    """Return a subject feed of bioRxiv's: RDF, with white space around everything."""
    spaces = (
        'xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://purl.org/rss/1.0/modules/prism/"'
    )
    channel = '<channel rdf:about="http://biorxiv.org"><title>Subject Collection: Tides</title></channel>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF {spaces}>\n{channel}\n{"".join(items)}\n</rdf:RDF>'


def rdf_item(number: int = 1, version: int = 1) -> str:
    link = f"http://biorxiv.org/cgi/content/short/2026.03.04.{number:06}v{version}?rss=1"
    return f"""<item rdf:about="{link}">
        <title> <![CDATA[
        Lanterns at low tide {number}
        ]]> </title>
        <link>
            {link}
        </link>
        <description><![CDATA[ We light a lantern. ]]></description>
        <dc:creator><![CDATA[ Quill, A., Reed, B. C. ]]></dc:creator>
        <dc:date>2026-03-04</dc:date>
        <dc:identifier>doi:10.64898/2026.03.04.{number:06}</dc:identifier>
        <prism:publicationName>bioRxiv</prism:publicationName>
    </item>"""


def work(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a work of Crossref's."""
    return {
        "DOI": f"10.5555/Tide.{number}",
        "type": "journal-article",
        "title": [f"Lanterns at low tide {number}"],
        "author": [{"given": "Ada", "family": "Quill"}, {"name": "The Lantern Group"}],
        "container-title": ["Annals of Tidal Lanterns"],
        "ISSN": ["1234-5679"],
        "abstract": "<jats:title>Abstract</jats:title><jats:p>We light <jats:italic>a</jats:italic> lantern.</jats:p>",
        "created": {"date-parts": [[2026, 3, 4]], "date-time": "2026-03-04T18:00:00Z"},
        "published-online": {"date-parts": [[2026, 3, 3]]},
        "issued": {"date-parts": [[2026]]},
    } | fields


def works(*items: Any, total: int | None = None, cursor: str | None = None) -> str:
    """Return a page of works, which names the next by *cursor*."""
    message: dict[str, Any] = {"items": items, "total-results": len(items) if total is None else total}
    if cursor:
        message["next-cursor"] = cursor
    return json.dumps({"status": "ok", "message-type": "work-list", "message": message})


def note(number: int = 1, content: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return a submission to a venue, in the second form of OpenReview's interface."""
    told = {
        "title": "Lanterns at low tide",
        "abstract": "We light\n a lantern.",
        "authors": ["Ada Quill", "Bo Reed"],
        "keywords": ["lanterns"],
        "TLDR": "Lanterns float.",
        "venue": "Example 2026 poster",
        "venueid": "Example.org/2026/Conference",
        "pdf": "/pdf/lantern.pdf",
    }
    values = {key: {"value": value} for key, value in (told | (content or {})).items()}
    forum = f"Tide_{number:06}"
    return {"id": forum, "forum": forum, "cdate": 1772560800000, "pdate": 1772647200000, "content": values} | fields


def first_form(note: dict[str, Any]) -> dict[str, Any]:
    """Return *note* as the first form of the interface tells it."""
    return note | {"content": {key: told["value"] for key, told in note["content"].items()}}


def notes(*those: Any, **fields: Any) -> str:
    return json.dumps({"notes": those, "count": len(those)} | fields)


_LONG = "10.5555/" + "9" * 20_000
_STRANGE: tuple[object, ...] = (None, True, -1, 10**400, 1e308, "", "\ud800", "\x00", _LONG, [], [[]], [None], {}, {"": []})


def twisted(document: str) -> Iterator[str]:
    """Yield *document* with each of its values replaced, in turn, by each of the strange ones, and then left out."""
    for path in _paths(json.loads(document)):
        for strange in _STRANGE:
            yield json.dumps(_with(json.loads(document), path, strange))
        yield json.dumps(_without(json.loads(document), path))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _paths(part, (*path, key))


def _with(value: Any, path: tuple[Any, ...], strange: object) -> Any:
    _parent(value, path)[path[-1]] = strange
    return value


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    del _parent(value, path)[path[-1]]
    return value


def _parent(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value
