"""arXiv's OAI-PMH, https://info.arxiv.org/help/oa: all records of a category that changed since a day. The way to catch up.

It lists what is new and what changed alike. Only what is new is dated here.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from digestd.model.paper import Identifiers, Paper, PaperId, arxiv_id
from digestd.model.source import Failed, Fetched
from digestd.sources.arxiv_paper import categories, journal_doi, links, said
from digestd.sources.arxiv_xml import root
from digestd.sources.clean import ABSTRACT, TITLE, moment, names, plain
from digestd.sources.document import Body
from digestd.sources.pages import Page, Step, alone

SERVICE = "https://oaipmh.arxiv.org"
ROOT = "OAI-PMH"
_OAI, _ARXIV = "{http://www.openarchives.org/OAI/2.0/}", "{http://arxiv.org/OAI/arXiv/}"
_GROUPS = {"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"}  # groups of one archive each; all others are of physics
_HELD = timedelta(days=30)  # so long moderation may hold a new paper


def first(service: str, category: str, since: date, name: str) -> Step:
    """Return the step that asks for what changed in *category* since a day. As arXiv advises, no end is set."""
    wanted = {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": set_of(category), "from": since.isoformat()}
    address = f"{service}/oai"
    return Step(f"{address}?{urlencode(wanted)}", partial(page, name=name, since=since, address=address))


def set_of(category: str) -> str:
    """Return the set that a category is, group:archive:CLASS.

    >>> [set_of(one) for one in ("cs.LG", "hep-ex", "astro-ph.CO", "physics.optics")]
    ['cs:cs:LG', 'physics:hep-ex', 'physics:astro-ph:CO', 'physics:physics:optics']
    """
    archive = category.partition(".")[0]
    return f"{archive if archive in _GROUPS else 'physics'}:{category.replace('.', ':')}"


def page(body: Body, *, name: str, since: date, address: str) -> Page | Failed:
    """Return the papers of one document, and the step to the next."""
    records = _records(body)
    if isinstance(records, Failed):
        return records
    told = [_paper(record, name, since) for record in records if not _is_deleted(record)]
    if told and not any(told):
        return Failed(f"none of the answer's {len(told)} records could be read")
    token, then = _token(records), partial(page, name=name, since=since, address=address)
    return Page(
        tuple(paper for paper in told if paper),
        tuple(f"record {at} has no arXiv id or no title" for at, paper in enumerate(told, 1) if not paper),
        Step(f"{address}?{token}", then) if token else None,
    )


def read(body: Body, name: str) -> Fetched | Failed:
    """Return the papers of one document."""
    return alone(page(body, name=name, since=date.min + _HELD, address=""), body)


def _records(body: Body) -> Element | Failed:
    """Return the element that holds the records. Not to have any is an answer (OAI-PMH 3.6)."""
    tree = root(body.content)
    if isinstance(tree, str):
        return Failed(tree)
    error = tree.find(f"{_OAI}error")
    if error is not None and error.get("code") != "noRecordsMatch":
        return Failed(f"arXiv's OAI-PMH answered {said(error.get('code', 'error'))}: {said(error.text or 'no more')}")
    records = tree.find(f"{_OAI}ListRecords") if error is None else error
    return Failed("what came is no list of OAI-PMH") if records is None else records


def _token(records: Element) -> str | None:
    """Return the query that asks for the next document; an empty token ends the list (OAI-PMH 3.5)."""
    token = (records.findtext(f"{_OAI}resumptionToken") or "").strip()
    return urlencode({"verb": "ListRecords", "resumptionToken": token}) if token else None


def _is_deleted(record: Element) -> bool:
    header = record.find(f"{_OAI}header")
    return record.tag != f"{_OAI}record" or (header is not None and header.get("status") == "deleted")


def _paper(record: Element, name: str, since: date) -> Paper | None:
    told = record.find(f"{_OAI}metadata/{_ARXIV}arXiv")
    found = arxiv_id(f"arXiv:{_text(told, 'id')}") if told is not None else None
    title = plain(_text(told, "title"), TITLE)
    if told is None or not found or not title:
        return None
    arxiv = found[0]
    return Paper(
        id=PaperId(f"arXiv:{arxiv}"),
        title=title,
        abstract=plain(_text(told, "abstract"), ABSTRACT),
        authors=names(_authors(told)),
        categories=categories(_text(told, "categories").split()),
        published=_first_announced(arxiv, told, since),
        sources=(name,),
        links=links(arxiv),
        ids=Identifiers(arxiv, journal_doi(_text(told, "doi"))),
        journal=plain(_text(told, "journal-ref"), TITLE) or None,
        comment=plain(_text(told, "comments"), TITLE) or None,
    )


def _authors(told: Element) -> Iterator[str]:
    for author in told.iterfind(f"{_ARXIV}authors/{_ARXIV}author"):
        yield " ".join(_text(author, part) for part in ("forenames", "keyname", "suffix"))


def _first_announced(arxiv: str, told: Element, since: date) -> datetime | None:
    """Return when a paper was submitted if *since* then it is new, not only changed.

    Until 2025 a record with `updated` had been replaced. Since, `created` is the newest version's and `updated` may be the
    announcement's; but an id tells the month of the first (https://info.arxiv.org/help/availability.html#id-before), and what
    was announced in it before is known.
    """
    created = moment(_text(told, "created"))
    if created is None or created.date() < since - _HELD:
        return None
    recent = arxiv[:4] >= f"{since:%y%m}" and "." in arxiv
    return created if recent or not _text(told, "updated") else None


def _text(of: Element | None, part: str) -> str:
    return (of.findtext(f"{_ARXIV}{part}") or "").strip() if of is not None else ""
