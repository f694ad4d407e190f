"""The tables, as the queries name them. The migrations make them; a test holds the two together."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as whole microseconds since 1970 in UTC: exact, and ordered in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_microseconds(value)


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(count: int) -> datetime:
    return _EPOCH + timedelta(microseconds=count)


metadata = MetaData()

papers = Table(
    "papers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("first_at", Instant, nullable=False),
    Column("news_at", Instant),  # when it became news; empty: back catalogue, never mailed
    Column("document", Text, nullable=False),
)

appearances = Table(
    "appearances",
    metadata,
    Column("source", Text, primary_key=True),
    Column("paper", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

names = Table(
    "names",
    metadata,
    Column("name", Text, primary_key=True),
    Column("paper", Text, nullable=False),  # what else a paper goes by, beside its id
)

lookups = Table(
    "lookups",
    metadata,
    Column("name", Text, primary_key=True),  # an id by which nobody knew a paper
    Column("at", Instant, nullable=False),  # when that was said last
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("not_before", Instant),
    Column("next_poll_at", Instant),
    Column("last_ok_at", Instant),
    Column("last_error", Text),
    Column("failures", Integer, nullable=False),
    Column("papers_last", Integer),
    Column("reached", Instant),
    Column("moved_at", Instant),
    Column("moved_to", Text),
    Column("origin", Text),
    Column("gone", Integer, nullable=False),
    Column("lost", Text),
)

outbox = Table(
    "outbox",
    metadata,
    Column("subscriber", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("composed_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("next_at", Instant),  # queued: when to try; sending: when the lease ends
    Column("last_reply", Text),
    Column("document", Text, nullable=False),
)

told = Table(
    "told",
    metadata,
    Column("subscriber", Text, primary_key=True),
    Column("paper", Text, primary_key=True),
    Column("period", Text, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("subscriber", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Text),
    Column("reply", Text),
)

subscriber_files = Table(
    "subscriber_files",
    metadata,
    Column("file", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

beats = Table(
    "beats",
    metadata,
    Column("stage", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("report", Text, nullable=False),
)
