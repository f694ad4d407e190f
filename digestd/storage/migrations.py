"""How the schema came to be: a list of steps, taken in one transaction with the record of themselves."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from digestd.model.paper import link_name
from digestd.model.shapes import paper_from_json
from digestd.model.union import names
from digestd.ports import DatabaseTrouble
from digestd.storage.engine import Database, run_script

Step = Callable[[Connection], None]


def migrate(database: Database, now: datetime) -> None:
    """Bring *database* to this program's schema, whole or not at all; a file that holds data is copied before.

    Raises DatabaseTrouble for a database that a newer digestd has written: it is left untouched.
    """
    version = version_of(database)
    if version > len(STEPS):
        raise DatabaseTrouble(
            f"database {database.address}: its schema is version {version}, this digestd knows {len(STEPS)}. "
            "Install a newer digestd; the database is left as it is."
        )
    if 0 < version < len(STEPS) and isinstance(database.address, Path):
        database.copy_to(_copy_name(database.address, version, now))
    if version < len(STEPS):
        take_steps(database)


def version_of(database: Database) -> int:
    """Return the version of the schema; 0 where there is none."""
    with database.reading() as connection:
        return _version(connection)


def _version(connection: Connection) -> int:
    known = inspect(connection).has_table("schema_version")
    return connection.scalar(text("SELECT max(version) FROM schema_version")) or 0 if known else 0


def take_steps(database: Database) -> None:
    """Take the steps that nobody has taken: another daemon may be faster."""
    with database.writing() as connection:
        run_script(connection, "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)")
        for number in range(_version(connection) + 1, len(STEPS) + 1):
            STEPS[number - 1](connection)
            connection.execute(text("INSERT INTO schema_version VALUES (:number)"), {"number": number})


def _copy_name(path: Path, version: int, now: datetime) -> Path:
    return path.with_name(f"{path.name}.version-{version}.{now:%Y%m%dT%H%M%S}.{os.getpid()}")


def _first_schema(connection: Connection) -> None:
    run_script(connection, _FIRST_SCHEMA)


_FIRST_SCHEMA = """
CREATE TABLE papers (
    id TEXT NOT NULL PRIMARY KEY, first_at BIGINT NOT NULL, news_at BIGINT, document TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX papers_by_news ON papers (news_at, id);
CREATE TABLE appearances (
    source TEXT NOT NULL, paper TEXT NOT NULL REFERENCES papers (id), at BIGINT NOT NULL, PRIMARY KEY (source, paper)
) WITHOUT ROWID;
CREATE TABLE sources (
    name TEXT NOT NULL PRIMARY KEY, etag TEXT, last_modified TEXT, body_hash TEXT, not_before BIGINT, next_poll_at BIGINT,
    last_ok_at BIGINT, last_error TEXT, failures INTEGER NOT NULL, papers_last INTEGER
) WITHOUT ROWID;
CREATE TABLE outbox (
    subscriber TEXT NOT NULL, period TEXT NOT NULL, state TEXT NOT NULL
        CHECK (state IN ('queued', 'sending', 'accepted', 'failed', 'empty', 'suppressed')),
    message_id TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, composed_at BIGINT NOT NULL,
    attempt INTEGER NOT NULL, refusals INTEGER NOT NULL,
    next_at BIGINT, last_reply TEXT, document TEXT NOT NULL, PRIMARY KEY (subscriber, period)
);
CREATE INDEX outbox_by_turn ON outbox (next_at) WHERE state IN ('queued', 'sending');
CREATE TABLE told (
    subscriber TEXT NOT NULL, paper TEXT NOT NULL, period TEXT NOT NULL, PRIMARY KEY (subscriber, paper),
    FOREIGN KEY (subscriber, period) REFERENCES outbox (subscriber, period)
) WITHOUT ROWID;
CREATE TABLE attempts (
    subscriber TEXT NOT NULL, period TEXT NOT NULL, number INTEGER NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT,
    outcome TEXT, reply TEXT, PRIMARY KEY (subscriber, period, number),
    FOREIGN KEY (subscriber, period) REFERENCES outbox (subscriber, period)
) WITHOUT ROWID;
CREATE TABLE subscriber_files (file TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE beats (stage TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, report TEXT NOT NULL) WITHOUT ROWID
"""


def _names_of_papers(connection: Connection) -> None:
    """Let papers go by many names, and sources remember more.

    A paper's row is longer than what SQLite keeps in place without a rowid: a quarter of a page.
    """
    run_script(connection, _NAMES)
    for paper_id, document in connection.exec_driver_sql("SELECT id, document FROM papers").fetchall():
        paper = paper_from_json(json.loads(document))
        weak = [link_name(paper.links.abstract)] if paper_id.startswith("id:") and paper.links.abstract else []
        rows = [{"name": name, "paper": paper_id} for name in (*names(paper), *weak) if name != paper_id]
        if rows:
            connection.execute(text("INSERT INTO names VALUES (:name, :paper) ON CONFLICT DO NOTHING"), rows)


_NAMES = """
CREATE TABLE appearances_now (
    source TEXT NOT NULL, paper TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (source, paper)
) WITHOUT ROWID;
INSERT INTO appearances_now SELECT * FROM appearances;
DROP TABLE appearances;
ALTER TABLE appearances_now RENAME TO appearances;
CREATE TABLE papers_now (id TEXT NOT NULL PRIMARY KEY, first_at BIGINT NOT NULL, news_at BIGINT, document TEXT NOT NULL);
INSERT INTO papers_now SELECT * FROM papers;
DROP TABLE papers;
ALTER TABLE papers_now RENAME TO papers;
CREATE INDEX papers_by_news ON papers (news_at, id);
CREATE TABLE names (name TEXT NOT NULL PRIMARY KEY, paper TEXT NOT NULL) WITHOUT ROWID;
ALTER TABLE sources ADD COLUMN reached BIGINT;
ALTER TABLE sources ADD COLUMN moved_at BIGINT;
ALTER TABLE sources ADD COLUMN moved_to TEXT;
ALTER TABLE sources ADD COLUMN origin TEXT;
ALTER TABLE sources ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN lost TEXT;
UPDATE sources SET moved_at = last_ok_at
"""


def _lookups(connection: Connection) -> None:
    """Let it be known which ids nobody knew a paper by."""
    run_script(connection, "CREATE TABLE lookups (name TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL) WITHOUT ROWID")


def _what_operators_decide(connection: Connection) -> None:
    """Let digests be held and dropped, and remember who is not to be written to, and what this installation is in.

    SQLite changes no table's CHECK: the tables are made anew, and those that point at each other together.
    """
    run_script(connection, _DECISIONS)


_DECISIONS = """
CREATE TABLE outbox_now (
    subscriber TEXT NOT NULL, period TEXT NOT NULL, state TEXT NOT NULL
        CHECK (state IN ('queued', 'sending', 'accepted', 'failed', 'empty', 'suppressed', 'held', 'dropped')),
    message_id TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, composed_at BIGINT NOT NULL,
    attempt INTEGER NOT NULL, refusals INTEGER NOT NULL,
    next_at BIGINT, last_reply TEXT, document TEXT NOT NULL, PRIMARY KEY (subscriber, period)
);
INSERT INTO outbox_now SELECT * FROM outbox;
CREATE TABLE told_now (
    subscriber TEXT NOT NULL, paper TEXT NOT NULL, period TEXT NOT NULL, PRIMARY KEY (subscriber, paper),
    FOREIGN KEY (subscriber, period) REFERENCES outbox_now (subscriber, period)
) WITHOUT ROWID;
INSERT INTO told_now SELECT * FROM told;
CREATE TABLE attempts_now (
    subscriber TEXT NOT NULL, period TEXT NOT NULL, number INTEGER NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT,
    outcome TEXT, reply TEXT, PRIMARY KEY (subscriber, period, number),
    FOREIGN KEY (subscriber, period) REFERENCES outbox_now (subscriber, period)
) WITHOUT ROWID;
INSERT INTO attempts_now SELECT * FROM attempts;
DROP TABLE told;
DROP TABLE attempts;
DROP TABLE outbox;
ALTER TABLE outbox_now RENAME TO outbox;
ALTER TABLE told_now RENAME TO told;
ALTER TABLE attempts_now RENAME TO attempts;
CREATE INDEX outbox_by_turn ON outbox (next_at, subscriber) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_by_composed ON outbox (composed_at);
CREATE INDEX attempts_by_start ON attempts (started_at);
CREATE TABLE suppressions (
    subscriber TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT, note TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE bounces (
    subscriber TEXT NOT NULL PRIMARY KEY, points INTEGER NOT NULL, first_at BIGINT NOT NULL, last_at BIGINT NOT NULL,
    note TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE pauses (subscriber TEXT NOT NULL PRIMARY KEY, since BIGINT NOT NULL, until BIGINT) WITHOUT ROWID;
CREATE TABLE rates (
    scope TEXT NOT NULL, day TEXT NOT NULL, tries INTEGER NOT NULL, PRIMARY KEY (scope, day)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (
    name TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, until BIGINT, note TEXT NOT NULL
) WITHOUT ROWID
"""


def _schedules_that_readers_choose(connection: Connection) -> None:
    """Remember when readers want their digests who said so themselves."""
    run_script(connection, _SCHEDULES)


_SCHEDULES = """
CREATE TABLE schedules (
    subscriber TEXT NOT NULL PRIMARY KEY, since BIGINT NOT NULL,
    every TEXT CHECK (every IN ('day', 'weekday', 'week', 'month')), day INTEGER NOT NULL, at TEXT, timezone TEXT
) WITHOUT ROWID
"""


STEPS: tuple[Step, ...] = (_first_schema, _names_of_papers, _lookups, _what_operators_decide, _schedules_that_readers_choose)
