"""Made-up documents in the forms of the services: what a test does not say of a paper is filled in."""

import json
from typing import Any
from xml.sax.saxutils import escape

from digestd.sources.document import Body

_SPACES = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def body(text: str | bytes, **fields: Any) -> Body:
    return Body(text.encode() if isinstance(text, str) else text, **fields)


def rss(*items: str, title: str = "Annals of Tidal Lanterns") -> str:
    channel = f"<title>{title}</title><link>https://annals.example.org/</link><description>New</description>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {_SPACES}><channel>{channel}{"".join(items)}</channel></rss>'
    )


def item(**fields: str) -> str:
    """Return an RSS item; `dc_creator` stands for `dc:creator`."""
    told = {
        "title": "Lanterns at low tide",
        "description": "We light a lantern.",
        "link": "https://annals.example.org/1",
    } | fields
    return "<item>" + "".join(_element(name.replace("_", ":", 1), text) for name, text in told.items()) + "</item>"


def arxiv_item(number: str = "2603.00001", version: int = 1, way: str = "new", **fields: str) -> str:
    plain = {
        "title": "Lanterns at low tide",
        "link": f"https://arxiv.org/abs/{number}",
        "description": f"arXiv:{number}v{version} Announce Type: {way} \nAbstract: We light a lantern.",
        "guid": f"oai:arXiv.org:{number}v{version}",
        "category": "cs.LG",
        "pubDate": "Thu, 05 Mar 2026 00:00:00 -0500",
        "arxiv_announce:type": way,
        "dc_creator": "Ada Quill, Bo Reed",
    }
    return item(**(plain | fields)).replace("arxiv:announce:type", "arxiv:announce_type")


def arxiv_atom_entry(number: str = "2603.00001", version: int = 1, way: str = "new") -> str:
    return (
        f"<entry><id>oai:arXiv.org:{number}v{version}</id><title>Lanterns at low tide</title>"
        f'<updated>2026-03-05T05:00:00+00:00</updated><link href="https://arxiv.org/abs/{number}" rel="alternate"/>'
        f"<summary>arXiv:{number}v{version} Announce Type: {way} \nAbstract: We light a lantern.</summary>"
        f'<category term="cs.LG"/><published>2026-03-05T00:00:00-05:00</published>'
        f"<arxiv:announce_type>{way}</arxiv:announce_type><dc:creator>Ada Quill, Bo Reed</dc:creator></entry>"
    )


def atom(*entries: str, title: str = "cs.LG updates on arXiv.org") -> str:
    spaces = f'xmlns="http://www.w3.org/2005/Atom" {_SPACES}'
    return f'<?xml version="1.0"?><feed {spaces}><title>{title}</title>{"".join(entries)}</feed>'


def daily_paper(number: str = "2603.00001", **paper: Any) -> dict[str, Any]:
    plain = {
        "id": number,
        "title": "Lanterns at\n  low tide",
        "summary": "We light\na lantern.",
        "authors": [{"name": "Ada Quill", "hidden": False}, {"name": "Bo Reed"}],
        "publishedAt": "2026-03-04T18:00:00.000Z",
        "upvotes": 12,
        "organization": {"name": "tidelab", "fullname": "Tide Laboratory"},
    }
    return {
        "paper": plain | paper,
        "title": "Lanterns at low tide",
        "publishedAt": "2026-03-04T18:00:00.000Z",
        "numComments": 3,
    }


def daily_papers(*rows: Any) -> str:
    return json.dumps(rows)


def json_feed(*items: Any, **fields: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Tides", "items": items} | fields)


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
