"""Papers seen, their sources' states, and who was told of what (the port SeenPapers)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Row, exists, func, select

from digestd.model.paper import Paper, PaperId, Sighting
from digestd.model.period import onward
from digestd.model.source import Cursor, Failed, Fetched, SourceState
from digestd.model.subscriber import SubscriberId
from digestd.storage.bulk import among, gathered, insert, listed, put
from digestd.storage.engine import Database
from digestd.storage.schema import appearances, lookups, names, papers, sources, told
from digestd.storage.shelf import Shelf, current_names, read_paper, read_papers

_UNKNOWN_FOR = timedelta(days=7)  # so long an id is not asked for again that nobody knew


class PaperStore:
    """The port SeenPapers on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(self) -> Mapping[str, SourceState]:
        with self._database.reading() as connection:
            return {row.name: _state(row) for row in connection.execute(select(sources))}

    def record(self, source: str, fetched: Fetched, now: datetime) -> Sequence[PaperId]:
        with self._database.writing() as connection:
            newest = max((paper.published for paper in fetched.papers if paper.published), default=None)
            shelf = Shelf(connection, onward(now, connection.scalar(select(func.max(papers.c.news_at))), newest))
            stored = shelf.put(fetched.papers, fetched.back_catalogue)
            appeared = _write_appearances(connection, source, dict.fromkeys(stored), now)
            news = shelf.write_news(appeared & _asked_for(fetched, stored))
            left = {"papers_last": len(set(stored))} | ({"moved_at": now} if appeared else {})
            _write_state(connection, source, _poll_of(fetched, _failures(connection, source), now) | left)
        return [name for name in dict.fromkeys(stored) if name in news]

    def unchanged(self, source: str, cursor: Cursor, now: datetime) -> None:
        with self._database.writing() as connection:
            _write_state(connection, source, _good_poll(cursor, now))

    def failed(self, source: str, failure: Failed, cursor: Cursor) -> None:
        with self._database.writing() as connection:
            _write_failure(connection, source, failure, cursor)

    def lost(self, source: str, what: str) -> None:
        with self._database.writing() as connection:
            _write_state(connection, source, {"lost": what})

    def window(self, since: datetime, until: datetime) -> Sequence[Sighting]:
        query = select(papers.c.document, papers.c.news_at).where(papers.c.news_at >= since, papers.c.news_at < until)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(papers.c.news_at, papers.c.id))
            return [Sighting(read_paper(row.document), row.news_at) for row in rows]

    def sample(self, since: datetime, until: datetime, most: int) -> Sequence[Paper]:
        inside = papers.c.news_at >= since, papers.c.news_at < until
        with self._database.reading() as connection:
            count = connection.scalar(select(func.count()).select_from(papers).where(*inside)) or 0
            place = func.row_number().over(order_by=[papers.c.news_at, papers.c.id]).label("place")
            numbered = select(papers.c.document, place).where(*inside).subquery()
            every = numbered.c.place % max(-(-count // most), 1) == 0
            rows = connection.scalars(select(numbered.c.document).where(every).order_by(numbered.c.place))
            return [read_paper(document) for document in rows]

    def told(self, who: Iterable[SubscriberId], since: datetime) -> Mapping[SubscriberId, AbstractSet[PaperId]]:
        recent = select(papers.c.id).where(papers.c.news_at >= since)
        name = told.c.paper + ""  # no column: else SQLite looks every recent paper up for every reader
        query = select(told.c.subscriber, gathered(told.c.paper)).where(among(told.c.subscriber, who), name.in_(recent))
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(told.c.subscriber))
            return {reader: frozenset(orjson.loads(names)) for reader, names in rows}

    def papers(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Paper]:
        with self._database.reading() as connection:
            current = current_names(connection, wanted := list(ids))
            found = read_papers(connection, set(current.values()))
        return {name: found[current[name]] for name in wanted if current[name] in found}

    def remember(self, papers: Sequence[Paper], unknown: Iterable[PaperId], now: datetime) -> None:
        with self._database.writing() as connection:
            Shelf(connection, now).put(papers, frozenset(paper.id for paper in papers))
            put(connection, lookups, [(name, now) for name in unknown], renew=["at"])

    def unasked(self, ids: Iterable[PaperId], now: datetime) -> AbstractSet[PaperId]:
        by = listed(ids)
        said_lately = exists().where(lookups.c.name == by, lookups.c.at > now - _UNKNOWN_FOR, lookups.c.at <= now)
        query = select(by).where(~exists().where(papers.c.id == by), ~exists().where(names.c.name == by), ~said_lately)
        with self._database.reading() as connection:
            return set(connection.scalars(query))


def _write_appearances(connection: Connection, source: str, ids: Collection[PaperId], now: datetime) -> AbstractSet[PaperId]:
    """Store that *source* announces these papers; return those that it never announced before."""
    query = select(appearances.c.paper).where(appearances.c.source == source, among(appearances.c.paper, ids))
    known = set(connection.scalars(query))
    put(connection, appearances, [(source, name, now) for name in ids if name not in known])
    return set(ids) - known


def _asked_for(fetched: Fetched, stored: Sequence[PaperId]) -> AbstractSet[PaperId]:
    """Return the papers that some record announces as more than back catalogue."""
    records = zip(stored, fetched.papers, strict=True)
    return {name for name, paper in records if paper.id not in fetched.back_catalogue}


def _write_failure(connection: Connection, source: str, failure: Failed, cursor: Cursor) -> None:
    """Store a failure. Where something else was asked under this name before, all that is known of that ends here."""
    origin = connection.scalar(select(sources.c.origin).where(sources.c.name == source))
    if origin not in {None, cursor.origin}:
        connection.execute(sources.delete().where(sources.c.name == source))
    failed = {"last_error": failure.reason, "failures": _failures(connection, source) + 1, "gone": int(failure.gone)}
    again = {"not_before": cursor.not_before, "next_poll_at": cursor.next_poll_at, "origin": cursor.origin}
    _write_state(connection, source, failed | again)


def _write_state(connection: Connection, source: str, values: Mapping[str, Any]) -> None:
    row = {"name": source, "failures": 0, "gone": 0, **values}
    connection.execute(insert(connection, sources).values(row).on_conflict_do_update(index_elements=["name"], set_=values))


def _failures(connection: Connection, source: str) -> int:
    return connection.scalar(select(sources.c.failures).where(sources.c.name == source)) or 0


def _poll_of(fetched: Fetched, failures: int, now: datetime) -> dict[str, Any]:
    """Return what a poll that brought papers leaves: one that did not bring all has failed too, and what it brought is kept."""
    if fetched.gap is None:
        return _good_poll(fetched.cursor, now)
    return _kept(fetched.cursor) | {"last_error": fetched.gap, "failures": failures + 1, "gone": 0}


def _good_poll(cursor: Cursor, now: datetime) -> dict[str, Any]:
    return _kept(cursor) | {"last_ok_at": now, "last_error": None, "failures": 0, "gone": 0}


def _kept(cursor: Cursor) -> dict[str, Any]:
    return {name: value for name, value in asdict(cursor).items() if name != "moved_at"}


def _state(row: Row[Any]) -> SourceState:
    cursor = Cursor(**{one.name: getattr(row, one.name) for one in fields(Cursor)})
    return SourceState(
        row.name, cursor, row.last_ok_at, row.last_error, row.failures, row.papers_last, bool(row.gone), row.lost
    )
