"""What may go after its time, in steps that are short enough for others to write between them (the port Retention)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, and_, bindparam, exists, func, or_, select, type_coerce

from digestd.model.digest import Digest, DigestKey
from digestd.model.paper import Links, PaperId
from digestd.model.records import Mark
from digestd.model.retention import Bounds, Extent
from digestd.storage import documents
from digestd.storage.bulk import add, among
from digestd.storage.engine import Database
from digestd.storage.marks import find_mark, set_mark
from digestd.storage.outbox import key_of
from digestd.storage.schema import attempts, from_microseconds, lookups, outbox, papers, rates, told
from digestd.storage.shelf import current_names, read_paper, write_paper

LONG_AGO = from_microseconds(0)  # when a paper became news of which only the names are kept: before any reader's window
_UNSETTLED = ("queued", "sending", "held")
_OPEN = (*_UNSETTLED, "failed")
_PRUNED = "pruned"  # the mark that says up to when papers have been shortened
_HIDDEN = timedelta(days=31)  # a digest that failed counts for its reader only near the newest that was answered


class RetentionStore:
    """The port Retention on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lost_since(self, then: datetime) -> datetime | None:
        later = outbox.alias("later")
        apart = type_coerce(later.c.until, BigInteger) - type_coerce(outbox.c.until, BigInteger)
        reached = later.c.subscriber == outbox.c.subscriber, apart > _HIDDEN // timedelta(microseconds=1)
        lost = select(func.min(outbox.c.since)).where(
            outbox.c.state == "failed", outbox.c.until >= then, ~exists().where(*reached, later.c.state.not_in(_OPEN))
        )
        with self._database.reading() as connection:
            since: datetime | None = connection.scalar(lost)
        return since

    def unsettled(self, before: datetime) -> Sequence[Digest]:
        query = select(outbox).where(outbox.c.state.in_(_UNSETTLED), outbox.c.since < before)
        with self._database.reading() as connection:
            return [documents.read(key_of(row), row.message_id, row.document) for row in connection.execute(query)]

    def old_papers(self, bounds: Bounds) -> Sequence[PaperId]:
        was_news = select(papers.c.id).where(papers.c.news_at > LONG_AGO, papers.c.news_at < bounds.papers)
        with self._database.reading() as connection:
            done = find_mark(connection, _PRUNED)
            never_news = papers.c.news_at.is_(None), papers.c.first_at < bounds.papers
            since = [papers.c.first_at >= done.at] if done else []
            catalogue = select(papers.c.id).where(*never_news, *since)
            return [*connection.scalars(was_news), *connection.scalars(catalogue)]

    def shorten(self, ids: Sequence[PaperId], bounds: Bounds) -> int:
        with self._database.writing() as connection:
            old = select(papers).where(among(papers.c.id, ids), _is_old(bounds.papers))
            rows = connection.execute(old).all()
            spared = set(current_names(connection, bounds.spared).values())
            short = [
                (row.id, row.first_at, row.news_at and LONG_AGO, row.document if row.id in spared else _short(row.document))
                for row in rows
            ]
            # A row that shrinks in its place leaves a page nearly empty, for ever: it is written anew, beside the others.
            connection.execute(papers.delete().where(among(papers.c.id, [row.id for row in rows])))
            add(connection, papers, short)
        return len(rows)

    def old_turns(self, bounds: Bounds) -> Sequence[DigestKey]:
        settled = outbox.c.composed_at < bounds.papers, outbox.c.state.not_in(_UNSETTLED)
        with self._database.reading() as connection:
            done = find_mark(connection, _PRUNED)
            since = [outbox.c.composed_at >= done.at] if done else []
            query = select(outbox.c.subscriber, outbox.c.period).where(*settled, *since)
            return [key_of(row) for row in connection.execute(query.order_by(outbox.c.composed_at))]

    def forget_told(self, keys: Sequence[DigestKey], bounds: Bounds) -> None:
        with self._database.writing() as connection:
            _forget_told(connection, keys, bounds.papers)

    def old_digests(self, bounds: Bounds) -> Sequence[DigestKey]:
        settled = outbox.c.composed_at < bounds.receipts, outbox.c.state.not_in(_UNSETTLED)
        query = select(outbox.c.subscriber, outbox.c.period).where(*settled, _is_outlived(bounds.receipts))
        with self._database.reading() as connection:
            return [key_of(row) for row in connection.execute(query.order_by(outbox.c.composed_at))]

    def remove(self, keys: Sequence[DigestKey], bounds: Bounds) -> int:
        with self._database.writing() as connection:
            _forget_told(connection, keys, bounds.papers)
            gone = [key for key in keys if not _tells(connection, key)]
            for table in (attempts, outbox):
                _delete(connection, table, gone)
        return len(gone)

    def finish(self, bounds: Bounds, now: datetime) -> None:
        yesterday = (now - timedelta(days=1)).date().isoformat()
        with self._database.writing() as connection:
            set_mark(connection, Mark(_PRUNED, bounds.papers))
            connection.execute(lookups.delete().where(lookups.c.at < bounds.lookups))
            connection.execute(rates.delete().where(rates.c.day < yesterday))

    def extent(self) -> Extent:
        with self._database.reading() as connection:
            whole = connection.scalar(select(func.min(papers.c.news_at)).where(papers.c.news_at > LONG_AGO))
            return Extent(whole, connection.scalar(select(func.min(outbox.c.composed_at))))


def _is_old(before: datetime) -> ColumnElement[bool]:
    """Return the condition that a paper was news long ago, or has been in the back catalogue for long."""
    was_news = and_(papers.c.news_at > LONG_AGO, papers.c.news_at < before)
    return or_(was_news, and_(papers.c.news_at.is_(None), papers.c.first_at < before))


def _short(document: str) -> str:
    """Return what stays of a paper: its title, and all by which a record that comes again is known to be of it."""
    paper = read_paper(document)
    return write_paper(replace(paper, abstract="", authors=(), links=Links(""), comment=None, journal=None, organization=None))


def _is_outlived(before: datetime) -> ColumnElement[bool]:
    """Return the condition that its reader's newest answer, from which the next digest looks on, is another digest.

    That is looked for beside those that failed: where such a one was near the newest answer, papers are told from it on.
    """
    newer = outbox.alias("newer")
    answered = exists().where(newer.c.subscriber == outbox.c.subscriber, newer.c.state != "failed")
    is_later = answered.where(newer.c.until > outbox.c.until)
    is_much_later = answered.where(newer.c.until >= before + _HIDDEN)
    return or_(and_(outbox.c.state != "failed", is_later), and_(outbox.c.state == "failed", is_much_later))


def _forget_told(connection: Connection, keys: Sequence[DigestKey], before: datetime) -> None:
    """Forget that digests told their papers, but for those that are news yet: a clock that ran ahead saw them."""
    _delete(connection, told, keys, ~exists().where(papers.c.id == told.c.paper, papers.c.news_at >= before))


def _delete(connection: Connection, table: Table, keys: Sequence[DigestKey], *where: ColumnElement[bool]) -> None:
    """Delete the rows of some turns. One by one: each finds its rows by the key, and all at once would read the whole table."""
    turn = table.c.subscriber == bindparam("who"), table.c.period == bindparam("turn")
    if keys:
        rows = [{"who": key.subscriber, "turn": key.period} for key in keys]
        connection.execute(table.delete().where(*turn, *where), rows)


def _tells(connection: Connection, key: DigestKey) -> bool:
    query = select(told.c.paper).where(told.c.subscriber == key.subscriber, told.c.period == key.period).limit(1)
    return connection.execute(query).first() is not None
