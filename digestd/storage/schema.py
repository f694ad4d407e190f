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


class Words(TypeDecorator[str]):
    """Text without the character NUL, which PostgreSQL cannot keep."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if value and "\0" in value else value


def microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(count: int) -> datetime:
    return _EPOCH + timedelta(microseconds=count)


metadata = MetaData()

papers = Table(
    "papers",
    metadata,
    Column("id", Words, primary_key=True),
    Column("first_at", Instant, nullable=False),
    Column("news_at", Instant),  # when it became news; empty: back catalogue, never mailed
    Column("document", Words, nullable=False),
)

appearances = Table(
    "appearances",
    metadata,
    Column("source", Words, primary_key=True),
    Column("paper", Words, primary_key=True),
    Column("at", Instant, nullable=False),
)

names = Table(
    "names",
    metadata,
    Column("name", Words, primary_key=True),
    Column("paper", Words, nullable=False),  # what else a paper goes by, beside its id
)

lookups = Table(
    "lookups",
    metadata,
    Column("name", Words, primary_key=True),  # an id by which nobody knew a paper
    Column("at", Instant, nullable=False),  # when that was said last
)

sources = Table(
    "sources",
    metadata,
    Column("name", Words, primary_key=True),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("body_hash", Words),
    Column("not_before", Instant),
    Column("next_poll_at", Instant),
    Column("last_ok_at", Instant),
    Column("last_error", Words),
    Column("failures", Integer, nullable=False),
    Column("papers_last", Integer),
    Column("reached", Instant),
    Column("moved_at", Instant),
    Column("moved_to", Words),
    Column("origin", Words),
    Column("gone", Integer, nullable=False),
    Column("lost", Words),
)

outbox = Table(
    "outbox",
    metadata,
    Column("subscriber", Words, primary_key=True),
    Column("period", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("composed_at", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("next_at", Instant),  # queued: when to try; sending: when the lease ends
    Column("last_reply", Words),
    Column("document", Words, nullable=False),
)

told = Table(
    "told",
    metadata,
    Column("subscriber", Words, primary_key=True),
    Column("paper", Words, primary_key=True),
    Column("period", Words, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("subscriber", Words, primary_key=True),
    Column("period", Words, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Words),
    Column("reply", Words),
)

subscriber_files = Table(
    "subscriber_files",
    metadata,
    Column("file", Words, primary_key=True),
    Column("text", Words, nullable=False),
)

beats = Table(
    "beats",
    metadata,
    Column("stage", Words, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("report", Words, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("subscriber", Words, primary_key=True),  # an id, or `forgotten:` and a hash of one
    Column("reason", Words, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("note", Words, nullable=False),
)

bounces = Table(
    "bounces",
    metadata,
    Column("subscriber", Words, primary_key=True),
    Column("points", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("note", Words, nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("subscriber", Words, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)

schedules = Table(
    "schedules",
    metadata,
    Column("subscriber", Words, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("every", Words),  # what is empty is as the reader's file says
    Column("day", Integer, nullable=False),
    Column("at", Words),
    Column("timezone", Words),
)

rates = Table(
    "rates",
    metadata,
    Column("scope", Words, primary_key=True),  # a recipient's domain; empty: everybody's
    Column("day", Words, primary_key=True),  # a date in UTC
    Column("tries", Integer, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("name", Words, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("until", Instant),
    Column("note", Words, nullable=False),
)
