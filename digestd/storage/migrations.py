"""How the schema came to be: a list of steps, each in one transaction with the record of itself."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text

from digestd.model.paper import link_name
from digestd.model.shapes import paper_from_json
from digestd.model.union import names
from digestd.ports import DatabaseTrouble
from digestd.storage.engine import Database

Step = Callable[[Connection], None]


def migrate(database: Database, now: datetime) -> None:
    """Bring *database* to this program's schema; a copy of one that holds data is taken before the first step.

    Raises DatabaseTrouble for a database that a newer digestd has written: it is left untouched.
    """
    version = _version(database)
    if version > len(STEPS):
        raise DatabaseTrouble(
            f"database {database.path}: its schema is version {version}, this digestd knows {len(STEPS)}. "
            "Install a newer digestd; the file is left as it is."
        )
    if 0 < version < len(STEPS):
        database.copy_to(_copy_name(database.path, version, now))
    for number in range(version + 1, len(STEPS) + 1):
        _take(database, number)


def _version(database: Database) -> int:
    with database.reading() as connection:
        known = connection.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'"))
        return connection.scalar(text("SELECT max(version) FROM schema_version")) or 0 if known else 0


def _take(database: Database, number: int) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)"))
        if connection.scalar(text("SELECT 1 FROM schema_version WHERE version = :number"), {"number": number}):
            return  # another daemon was faster
        STEPS[number - 1](connection)
        connection.execute(text("INSERT INTO schema_version VALUES (:number)"), {"number": number})


def _copy_name(path: Path, version: int, now: datetime) -> Path:
    return path.with_name(f"{path.name}.version-{version}.{now:%Y%m%dT%H%M%S}.{os.getpid()}")


def _first_schema(connection: Connection) -> None:
    for statement in _FIRST_SCHEMA.split(";"):
        connection.exec_driver_sql(statement)


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
    for statement in _NAMES.split(";"):
        connection.exec_driver_sql(statement)
    for paper_id, document in connection.exec_driver_sql("SELECT id, document FROM papers").fetchall():
        paper = paper_from_json(json.loads(document))
        weak = [link_name(paper.links.abstract)] if paper_id.startswith("id:") and paper.links.abstract else []
        rows = [(name, paper_id) for name in (*names(paper), *weak) if name != paper_id]
        if rows:
            connection.exec_driver_sql("INSERT OR IGNORE INTO names VALUES (?, ?)", rows)


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
    connection.exec_driver_sql("CREATE TABLE lookups (name TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL) WITHOUT ROWID")


STEPS: tuple[Step, ...] = (_first_schema, _names_of_papers, _lookups)
