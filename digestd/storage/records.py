"""What the operator reads and what a stage leaves behind: the queue, the log, beats, and readers' files (the port Records)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from digestd.model.paper import Paper, PaperId, Sighting, canonical
from digestd.model.records import Attempt, Beat, FirstSeen, QueueEntry
from digestd.model.subscriber import SubscriberId
from digestd.storage import documents
from digestd.storage.bulk import among, insert, put
from digestd.storage.engine import Database
from digestd.storage.outbox import key_of
from digestd.storage.schema import attempts, beats, outbox, papers, subscriber_files
from digestd.storage.settling import may_have_arrived, turns_are_one
from digestd.storage.shelf import current_names, read_paper


class RecordStore:
    """The port Records on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def queue(self, who: SubscriberId | None = None) -> Sequence[QueueEntry]:
        query = digests().order_by(outbox.c.composed_at.desc(), outbox.c.subscriber)
        if who is not None:
            query = query.where(outbox.c.subscriber == who)
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(query)]

    def states(self) -> Mapping[str, int]:
        query = select(outbox.c.state, func.count().label("digests")).group_by(outbox.c.state)
        with self._database.reading() as connection:
            return {row.state: row.digests for row in connection.execute(query)}

    def attempts(self, who: SubscriberId | None = None) -> Sequence[Attempt]:
        query = tries().order_by(attempts.c.started_at, attempts.c.subscriber, attempts.c.number)
        if who is not None:
            query = query.where(attempts.c.subscriber == who)
        with self._database.reading() as connection:
            return [attempt_of(row) for row in connection.execute(query)]

    def newest_papers(self, limit: int) -> Sequence[Sighting]:
        query = select(papers.c.document, papers.c.first_at).order_by(papers.c.first_at.desc(), papers.c.id).limit(limit)
        with self._database.reading() as connection:
            return [Sighting(read_paper(row.document), row.first_at) for row in connection.execute(query)]

    def at_page(self, link: str) -> Sequence[Paper]:
        page = canonical(link)
        mention = papers.c.document.icontains(page.partition("?")[0], autoescape=True)  # few do: the rest is not read
        with self._database.reading() as connection:
            rows = connection.scalars(select(papers.c.document).where(mention).order_by(papers.c.id)).all()
        found = map(read_paper, rows)
        return [paper for paper in found if paper.links.abstract and canonical(paper.links.abstract) == page]

    def first_seen(self, paper: PaperId) -> FirstSeen | None:
        with self._database.reading() as connection:
            name = current_names(connection, [paper])[paper]
            row = connection.execute(select(papers.c.first_at, papers.c.news_at).where(papers.c.id == name)).first()
        return FirstSeen(row.first_at, row.news_at) if row else None

    def beat(self, beat: Beat) -> None:
        row = {"stage": beat.stage, "at": beat.at, "report": beat.report}
        with self._database.writing() as connection:
            connection.execute(insert(connection, beats).values(row).on_conflict_do_update(index_elements=["stage"], set_=row))

    def beats(self) -> Sequence[Beat]:
        with self._database.reading() as connection:
            return [Beat(row.stage, row.at, row.report) for row in connection.execute(select(beats).order_by(beats.c.stage))]

    def subscriber_files(self) -> Mapping[str, str]:
        with self._database.reading() as connection:
            return {row.file: row.text for row in connection.execute(select(subscriber_files))}

    def keep_subscriber_files(self, good: Mapping[str, str], gone: Sequence[str]) -> None:
        with self._database.writing() as connection:
            put(connection, subscriber_files, list(good.items()), renew=["text"])
            connection.execute(subscriber_files.delete().where(among(subscriber_files.c.file, gone)))


def digests() -> Select[Any]:
    """Return the query for the digests in the outbox."""
    return select(outbox, is_in_doubt().label("may_have_arrived"))


def is_in_doubt() -> ColumnElement[bool]:
    """Return the condition that a digest is held, and may have arrived."""
    return and_(outbox.c.state == "held", may_have_arrived(outbox))


def tries() -> Select[Any]:
    """Return the query for tries, each with its lease, where it is that of a digest which is being sent."""
    is_the_last = and_(turns_are_one(outbox, attempts), outbox.c.attempt == attempts.c.number, outbox.c.state == "sending")
    return select(attempts, outbox.c.next_at.label("leased_until")).outerjoin(outbox, is_the_last)


def entry_of(row: Row[Any]) -> QueueEntry:
    """Return the digest of a row of `digests`, and how far it has come."""
    digest = documents.read(key_of(row), row.message_id, row.document)
    stands = row.state, row.attempt, row.composed_at, row.next_at, row.last_reply
    return QueueEntry(digest, *stands, may_have_arrived=bool(row.may_have_arrived))


def attempt_of(row: Row[Any]) -> Attempt:
    """Return the try of a row of `tries`."""
    return Attempt(key_of(row), row.number, row.started_at, row.ended_at, row.outcome, row.reply, row.leased_until)
