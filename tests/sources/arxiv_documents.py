"""Made-up answers of arXiv's API and of its OAI-PMH: what a test does not say of a paper is filled in."""

from collections.abc import Callable, Collection
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.support.web import Answer

_API = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
)


def found(*entries: str, total: int | None = None, start: int = 0) -> str:
    """Return an answer of the API that holds *entries* of a *total*, from *start* on."""
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><feed {_API}><title>arXiv Query: search_query=lanterns</title>"
        f"<opensearch:totalResults>{len(entries) if total is None else total}</opensearch:totalResults>"
        f"<opensearch:startIndex>{start}</opensearch:startIndex>{''.join(entries)}</feed>"
    )


def row(number: str = "2603.00001", version: int = 1, **fields: str) -> str:
    """Return an entry of the API's answer; `arxiv_doi` stands for `arxiv:doi`."""
    told = {
        "id": f"http://arxiv.org/abs/{number}v{version}",
        "title": "Lanterns at low tide",
        "updated": "2026-03-04T18:00:00Z",
        "summary": "  We light\na lantern.\n",
        "published": "2026-03-03T17:59:59Z",
    } | fields
    parts = "".join(f"<{key.replace('_', ':', 1)}>{escape(text)}</{key.replace('_', ':', 1)}>" for key, text in told.items())
    terms = "".join(f'<category term="{term}"/>' for term in ("cs.AI", "cs.LG", "68T05, 68T07"))
    authors = "".join(f"<author><name>{name}</name></author>" for name in ("Ada Quill", "Bo Reed"))
    return f'<entry>{parts}{terms}<arxiv:primary_category term="cs.LG"/>{authors}</entry>'


def api_error(text: str) -> str:
    entry = f"<entry><id>http://arxiv.org/api/errors#tide</id><title>Error</title><summary>{escape(text)}</summary></entry>"
    return found(entry)


def by_id(*numbers: str, malformed: Collection[str] = (), status: int = 400) -> Callable[[str], Answer]:
    """Return how the API answers requests for ids, when it has papers of these *numbers*: one *malformed* id spoils all."""

    def answer(path: str) -> Answer:
        asked = parse_qs(urlsplit(path).query)["id_list"][0].split(",")
        if any(one in malformed for one in asked):
            return Answer(api_error("incorrect id format").encode(), status)
        return Answer(found(*(row(one, 3) for one in numbers if one in asked)).encode())

    return answer


def harvest(*records: str, token: str | None = None) -> str:
    """Return an answer of OAI-PMH; *token* asks for the next."""
    resume = (
        "" if token is None else f"<resumptionToken expirationDate='2026-03-06T00:00:00Z'>{escape(token)}</resumptionToken>"
    )
    return _oai(f"<ListRecords>{''.join(records)}{resume}</ListRecords>")


def record(number: str = "2603.00001", created: str = "2026-03-02", updated: str = "", **fields: str) -> str:
    """Return a record in arXiv's form; `journal_ref` stands for `journal-ref`."""
    told = {
        "id": number,
        "created": created,
        "updated": updated,
        "title": "Lanterns at\n  low tide",
        "categories": "cs.LG cs.AI",
        "abstract": "  We light\na lantern.\n",
    } | fields
    parts = "".join(f"<{key.replace('_', '-')}>{escape(text)}</{key.replace('_', '-')}>" for key, text in told.items() if text)
    authors = (
        "<authors><author><keyname>Quill</keyname><forenames>Ada</forenames><suffix>Jr</suffix></author>"
        "<author><keyname>Reed</keyname></author></authors>"
    )
    header = f"<header><identifier>oai:arXiv.org:{number}</identifier><datestamp>2026-03-04</datestamp></header>"
    return f'<record>{header}<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/">{parts}{authors}</arXiv></metadata></record>'


def deleted(number: str) -> str:
    return f'<record><header status="deleted"><identifier>oai:arXiv.org:{number}</identifier></header></record>'


def harvest_error(code: str, text: str = "") -> str:
    return _oai(f"<error code='{code}'>{escape(text)}</error>")


def _oai(inside: str) -> str:
    space = "http://www.openarchives.org/OAI/2.0/"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{space}"><responseDate/>{inside}</OAI-PMH>'
