"""PubMed's records: articles and books in full, as `efetch` tells them, and the summaries of `esummary`.

https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html says what the elements mean.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape, unescape
from typing import Any
from xml.etree.ElementTree import Element

from digestd.model.paper import Identifiers, Links, Paper, arxiv_id, doi, identity
from digestd.sources.clean import ABSTRACT, NAME, TITLE, fields, markup, moment, names, plain, text, values

PMID = re.compile(r"[1-9][0-9]{0,8}")
_PMC = re.compile(r"PMC[1-9][0-9]{0,9}")
_NAMING = {"doi", "pii", "pmc"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATES = ("ArticleDate", "Journal/JournalIssue/PubDate", "ContributionDate")  # the electronic before the printed
_UNTITLED = "[Not Available]."  # of a paper whose title was not translated


def paper_of(record: Element, name: str) -> Paper | None:
    """Return the paper of a `PubmedArticle` or a `PubmedBookArticle`; None if it lacks a PMID or a title."""
    citation = next((one for one in record if one.tag in {"MedlineCitation", "BookDocument"}), record)
    article = next(citation.iterfind("Article"), citation)
    return _paper(
        _flat(citation, "PMID"),
        _title(article),
        [*_ids(article, "ELocationID", "EIdType"), *_ids(record, "PubmedData/ArticleIdList/ArticleId", "IdType")],
        abstract=markup(" ".join(_sections(article)), ABSTRACT),
        authors=names(_author(one) for one in article.iterfind("AuthorList/Author") if one.get("ValidYN") != "N"),
        published=_published(article, record),
        sources=(name,),
        journal=plain(_flat(article, "Journal/Title") or _flat(article, "Book/BookTitle"), NAME) or None,
    )


def summarised(told: Mapping[str, Any], name: str) -> Paper | None:
    """Return the paper of one answer of `esummary` in JSON; None if it lacks a PMID or a title."""
    days = {text(one.get("pubstatus")): text(one.get("date")) for one in _parts(told.get("history"))}
    whole = (_whole(text(told.get(key)).split()) for key in ("epubdate", "pubdate"))
    return _paper(
        text(told.get("uid")),
        markup(unescape(text(told.get("title"))[: 20 * TITLE]), TITLE),  # escaped once more than JSON wants
        [text(one.get("value")) for one in _parts(told.get("articleids")) if text(one.get("idtype")) in _NAMING],
        authors=names(text(one.get("name")) for one in _parts(told.get("authors"))),
        published=next(filter(None, (*whole, moment(days.get("entrez")), moment(days.get("pubmed")))), None),
        sources=(name,),
        journal=plain(text(told.get("fulljournalname")), NAME) or None,
    )


def as_json(summary: Element) -> dict[str, Any]:
    """Return a `DocSum` of `esummary`'s XML in the shape of its JSON."""
    told = {item.get("Name", ""): item for item in summary.iterfind("Item")}
    return {name.lower(): item.text or "" for name, item in told.items()} | {
        "uid": _flat(summary, "Id"),
        "authors": [{"name": one.text} for one in told.get("AuthorList", ())],
        "articleids": [{"idtype": one.get("Name"), "value": one.text} for one in told.get("ArticleIds", ())],
        "history": [{"pubstatus": one.get("Name"), "date": one.text} for one in told.get("History", ())],
    }


def _paper(pmid: str, title: str, ids: Sequence[str], **told: Any) -> Paper | None:
    if not PMID.fullmatch(pmid) or not title:
        return None
    arxiv = next(filter(None, map(arxiv_id, ids)), (None, None))[0]
    dois = (found for found in map(doi, ids) if found and not arxiv_id(found))
    known = Identifiers(arxiv, next(dois, None), pmid)
    whole = next((f"https://pmc.ncbi.nlm.nih.gov/articles/{one}/" for one in ids if _PMC.fullmatch(one)), None)
    links = Links(f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/", html=whole)
    return Paper(id=identity(known, weak=""), title=title, links=links, ids=known, **told)


def _title(article: Element) -> str:
    told = (markup(_words(article.find(path)), TITLE) for path in ("ArticleTitle", "VernacularTitle", "Book/BookTitle"))
    return next((title for title in told if title not in {"", _UNTITLED}), "")


def _ids(element: Element, path: str, kind: str) -> Iterator[str]:
    """Yield the DOI that an element gives, PubMed Central's id, and what the publisher calls it: arXiv's id for arXiv."""
    for one in element.iterfind(path):
        if one.get(kind) in _NAMING and one.get("ValidYN") != "N":
            yield (one.text or "").strip()[:NAME]


def _sections(article: Element) -> Iterator[str]:
    """Yield the parts of an abstract in HTML, each after its label."""
    for part in article.iterfind("Abstract/AbstractText"):
        label = part.get("Label") or "UNLABELLED"
        yield _words(part) if label == "UNLABELLED" else f"{escape(label)}: {_words(part)}"


def _words(element: Element | None) -> str:
    """Return an element's words in HTML, in which only what stands higher or lower is marked."""
    if element is None:
        return ""
    told = [escape(element.text or "")]
    for one in element:
        inside = _words(one)
        told.append(f"<{one.tag}>{inside}</{one.tag}>" if one.tag in {"sub", "sup"} else inside)
        told.append(escape(one.tail or ""))
    return "".join(told)


def _author(author: Element) -> str:
    given = _flat(author, "ForeName") or _flat(author, "Initials")
    person = f"{given} {_flat(author, 'LastName')} {_flat(author, 'Suffix')}"
    return escape(person if person.strip() else _flat(author, "CollectiveName"))


def _published(article: Element, record: Element) -> datetime | None:
    """Return the day on which a paper appeared, as it stands even if it is to come; else when it entered PubMed."""
    days = [day for path in _DATES for day in article.iterfind(path)]
    entered = {one.get("PubStatus"): one for one in record.iterfind(".//History/PubMedPubDate")}
    told = (*days, entered.get("entrez"), entered.get("pubmed"))
    return next(filter(None, (_whole(_ymd(day)) for day in told if day is not None)), None)


def _ymd(day: Element) -> list[str]:
    return [_flat(day, part) for part in ("Year", "Month", "Day")]


def _whole(day: Sequence[str]) -> datetime | None:
    """Return what a year, a month and a day mean; None if one of them is missing."""
    if len(day) != 3 or not (day[0].isdecimal() and day[2].isdecimal()):
        return None
    month = day[1][:3].lower()
    return moment(f"{day[0]}-{_MONTHS.index(month) + 1 if month in _MONTHS else month}-{day[2]}")


def _flat(element: Element, path: str) -> str:
    found = element.find(path)
    return "".join(found.itertext()).strip() if found is not None else ""


def _parts(value: object) -> Iterator[dict[str, Any]]:
    return map(fields, values(value))
