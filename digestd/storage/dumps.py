"""Copies of a database on a server, by PostgreSQL's own programs: they know every version of its format."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from digestd.ports import DatabaseTrouble
from digestd.storage.copies import CARRIED, tables_of
from digestd.storage.engine import Server, alone_on
from digestd.storage.marks import RESTORED
from digestd.storage.schema import metadata, microseconds
from digestd.storage.standing import STANDING

_TABLES = (*metadata.tables, "schema_version")
_VERSIONS = re.compile(r"^COPY public\.schema_version \(version\) FROM stdin;\n((?:\d+\n)*)", re.MULTILINE)
_TABLE = re.compile(r"^\d+; .* TABLE public (\w+) ", re.MULTILINE)
# Rows that outlive their tables, until they are carried over: also those of a restore that died before that.
_CARRY = """
CREATE TABLE IF NOT EXISTS {carried} (source TEXT NOT NULL, document JSONB NOT NULL);
DO $$ BEGIN
    IF to_regclass('{table}') IS NOT NULL THEN
        INSERT INTO {carried} SELECT '{table}', to_jsonb(known) FROM {table} AS known;
    END IF;
END $$;
"""
# What would go out is taken out of turn in the same transaction: should we die before it is held, it is not sent.
_HOLD = """
RESET search_path;
UPDATE outbox SET next_at = NULL WHERE state IN ('queued', 'sending');
CREATE TABLE IF NOT EXISTS marks (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY, at BIGINT NOT NULL, until BIGINT, note TEXT COLLATE "C" NOT NULL
);
INSERT INTO marks VALUES ('{mark}', {at}, NULL, '') ON CONFLICT (name) DO UPDATE SET at = excluded.at;
"""


def dump(server: Server, target: Path) -> None:
    """Write our tables to *target*, in pg_dump's custom format. Raises DatabaseTrouble."""
    tables = [f"--table={name}" for name in _TABLES]
    plain = ["--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    _run(server, ["pg_dump", *plain, *tables, f"--file={target}", f"--dbname={server.url}"])


def version_in(server: Server, copy: Path) -> int:
    """Return the version of the schema in a dump. Raises DatabaseTrouble for a file that is none."""
    told = _run(server, ["pg_restore", "--data-only", "--table=schema_version", "--file=-", str(copy)])
    versions = _VERSIONS.search(told)
    version = max(map(int, versions[1].split()), default=0) if versions else 0
    tables = set(_TABLE.findall(_run(server, ["pg_restore", "--list", str(copy)])))
    if version < 1 or not tables_of(version) <= tables:
        raise DatabaseTrouble(f"{copy} is no backup of digestd. Nothing was changed.")
    return version


def load(server: Server, copy: Path, now: datetime) -> None:
    """Put what *copy* holds in the place of our tables, in one transaction. Raises DatabaseTrouble."""
    with TemporaryDirectory(prefix="digestd-") as folder:
        script = Path(folder) / "restore.sql"
        _run(server, ["pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy)])
        away, hold = Path(folder) / "away.sql", Path(folder) / "hold.sql"
        carry = "".join(_CARRY.format(carried=CARRIED, table=table.name) for table in STANDING)
        away.write_text(f"{carry}DROP TABLE IF EXISTS {', '.join(_TABLES)};\n", encoding="utf-8")
        hold.write_text(_HOLD.format(mark=RESTORED, at=microseconds(now)), encoding="utf-8")
        once = [
            "--no-psqlrc",
            "--quiet",
            "--no-password",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            "--output=/dev/null",
        ]
        files = [f"--file={file}" for file in (away, script, hold)]
        _run(server, ["psql", *once, *files, f"--dbname={server.url}"])


@contextmanager
def held_alone(server: Server) -> Iterator[None]:
    """Hold the database: nobody else works with it. Raises DatabaseTrouble where somebody does."""
    with alone_on(server) as alone:
        if not alone:
            raise DatabaseTrouble(
                f"database {server}: in use. A digestd works with it: stop it, and try again.", temporary=True
            )
        yield


def _run(server: Server, command: Sequence[str]) -> str:
    """Run one of PostgreSQL's programs; return what it printed."""
    program = shutil.which(command[0])
    if program is None:
        raise DatabaseTrouble(f"{command[0]} is not installed: install PostgreSQL's programs (postgresql-client).")
    around = os.environ | ({"PGPASSWORD": server.password} if server.password else {})
    done = subprocess.run([program, *command[1:]], env=around, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise DatabaseTrouble(f"{command[0]} failed: {said}. Nothing was changed.")
    return done.stdout
