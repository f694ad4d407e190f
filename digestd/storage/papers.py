"""Papers seen, their sources' states, and who was told of what (the port SeenPapers)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert

from digestd.model.paper import Paper, PaperId, Sighting, merge
from digestd.model.shapes import paper_from_json, paper_to_json
from digestd.model.source import Cursor, Fetched, SourceState
from digestd.model.subscriber import SubscriberId
from digestd.storage.engine import Database
from digestd.storage.schema import appearances, papers, sources, told

Item = TypeVar("Item")

_AT_ONCE = 5_000  # SQLite takes 32,766 parameters in a statement; a row here has at most four


class PaperStore:
    """The port SeenPapers on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(self) -> Mapping[str, SourceState]:
        with self._database.reading() as connection:
            return {row.name: _state(row) for row in connection.execute(select(sources))}

    def record(self, source: str, fetched: Fetched, now: datetime) -> Sequence[PaperId]:
        announced = _one_each(fetched.papers)
        with self._database.writing() as connection:
            known = _rows(connection, announced)
            _write_papers(connection, _merged(announced, known, now))
            appeared = _write_appearances(connection, source, announced, now)
            fresh = appeared - fetched.back_catalogue
            news = [name for name in announced if name in fresh and _is_news(known.get(name))]
            _write_news(connection, news, now)
            _write_state(connection, source, _good_poll(fetched.cursor, now) | {"papers_last": len(announced)})
        return news

    def unchanged(self, source: str, cursor: Cursor, now: datetime) -> None:
        with self._database.writing() as connection:
            _write_state(connection, source, _good_poll(cursor, now))

    def failed(self, source: str, reason: str, cursor: Cursor) -> None:
        failure = {"last_error": reason, "not_before": cursor.not_before, "next_poll_at": cursor.next_poll_at}
        with self._database.writing() as connection:
            failures = connection.scalar(select(sources.c.failures).where(sources.c.name == source)) or 0
            _write_state(connection, source, failure | {"failures": failures + 1})

    def window(self, since: datetime, until: datetime) -> Sequence[Sighting]:
        query = select(papers.c.document, papers.c.news_at).where(papers.c.news_at >= since, papers.c.news_at < until)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(papers.c.news_at, papers.c.id))
            return [Sighting(read_paper(row.document), row.news_at) for row in rows]

    def told(self, who: Iterable[SubscriberId], since: datetime) -> Mapping[SubscriberId, AbstractSet[PaperId]]:
        found: dict[SubscriberId, set[PaperId]] = {}
        query = select(told.c.subscriber, told.c.paper).join(papers, papers.c.id == told.c.paper)
        with self._database.reading() as connection:
            for some in batches(who):
                for row in connection.execute(query.where(papers.c.news_at >= since, told.c.subscriber.in_(some))):
                    found.setdefault(row.subscriber, set()).add(row.paper)
        return found

    def papers(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Paper]:
        with self._database.reading() as connection:
            return {name: read_paper(row.document) for name, row in _rows(connection, ids).items()}


def batches(whole: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield *whole* in pieces that one statement can carry."""
    rest = iter(whole)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _one_each(announced: Sequence[Paper]) -> dict[PaperId, Paper]:
    """Return the papers by id; a document that names one paper twice tells of both its records."""
    each: dict[PaperId, Paper] = {}
    for paper in announced:
        each[paper.id] = merge(each[paper.id], paper) if paper.id in each else paper
    return each


def _rows(connection: Connection, ids: Iterable[PaperId]) -> dict[PaperId, Row[Any]]:
    found: dict[PaperId, Row[Any]] = {}
    for some in batches(ids):
        found |= {row.id: row for row in connection.execute(select(papers).where(papers.c.id.in_(some)))}
    return found


def _merged(announced: Mapping[PaperId, Paper], known: Mapping[PaperId, Row[Any]], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of papers that are new or say something new."""
    rows = []
    for name, paper in announced.items():
        whole = merge(read_paper(known[name].document), paper) if name in known else paper
        document = json.dumps(paper_to_json(whole), ensure_ascii=False, separators=(",", ":"))
        if name not in known or document != known[name].document:
            rows.append({"id": name, "first_at": now, "document": document})
    return rows


def _write_papers(connection: Connection, rows: list[dict[str, Any]]) -> None:
    statement = insert(papers)
    update = {"document": statement.excluded.document}
    if rows:
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=update), rows)


def _write_appearances(connection: Connection, source: str, ids: Iterable[PaperId], now: datetime) -> AbstractSet[PaperId]:
    """Store that *source* announces these papers; return those that it never announced before."""
    ids = list(ids)
    before = select(appearances.c.paper).where(appearances.c.source == source)
    known = {paper for some in batches(ids) for paper in connection.scalars(before.where(appearances.c.paper.in_(some)))}
    if rows := [{"source": source, "paper": name, "at": now} for name in ids if name not in known]:
        connection.execute(insert(appearances), rows)
    return set(ids) - known


def _is_news(known: Row[Any] | None) -> bool:
    """Say whether a paper can still become news: back catalogue does when another source announces it today."""
    return known is None or known.news_at is None


def _write_news(connection: Connection, ids: Sequence[PaperId], now: datetime) -> None:
    for some in batches(ids):
        connection.execute(papers.update().where(papers.c.id.in_(some)).values(news_at=now))


def _write_state(connection: Connection, source: str, values: Mapping[str, Any]) -> None:
    row = {"name": source, "failures": 0, **values}
    connection.execute(insert(sources).values(row).on_conflict_do_update(index_elements=["name"], set_=values))


def _good_poll(cursor: Cursor, now: datetime) -> dict[str, Any]:
    return asdict(cursor) | {"last_ok_at": now, "last_error": None, "failures": 0}


def _state(row: Row[Any]) -> SourceState:
    cursor = Cursor(row.etag, row.last_modified, row.body_hash, row.not_before, row.next_poll_at)
    return SourceState(row.name, cursor, row.last_ok_at, row.last_error, row.failures, row.papers_last)


def read_paper(document: str) -> Paper:
    """Return the paper of a stored document."""
    return paper_from_json(json.loads(document))
