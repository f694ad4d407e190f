"""Opening a database: the only place that knows how each must be set so that a commit survives a power cut."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError

from digestd.ports import DatabaseTrouble

BUSY_TIMEOUT = 30_000  # milliseconds; writers hold the lock for a batch, never while they wait for a stranger

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL may forget the last commits after a power cut: a mail sent, and not known to be
    "PRAGMA foreign_keys = ON",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT}",
)
_SERVER_SETTINGS = (
    f"SET lock_timeout = {BUSY_TIMEOUT}",
    "SET statement_timeout = '10min'",
    "SET idle_in_transaction_session_timeout = '10min'",  # a machine that died must not hold the writers' lock
    "SET synchronous_commit = 'on'",
)
_WRITERS, _USERS = 0x64696701, 0x64696702  # advisory locks: "dig", then which


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a PostgreSQL server. Its *url* holds no password: it is shown."""

    url: str
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.url


Address = Path | Server
Advice = tuple[str, bool]  # what to do, and whether trying again may help


class Database:
    """A database file, or one on a server, and the ways to use it. One for *looking* can be read while the disk is full."""

    def __init__(self, address: Address, *, looking: bool = False) -> None:
        self.address = address
        self._engine = _sqlite(address, looking=looking) if isinstance(address, Path) else _postgresql(address)
        self._turn = Lock()  # our own threads wait here: SQLite's busy handler sleeps up to 100 ms between two looks

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database, and waits for no writer."""
        one_state: dict[str, Any] = {"alone": False}
        if isinstance(self.address, Server):
            one_state |= {"isolation_level": "REPEATABLE READ"}
        with self._explained(), self._engine.connect().execution_options(**one_state) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the one transaction that may write; it is committed at the end, or rolled back as a whole."""
        with self._turn, self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def claiming(self) -> Iterator[Connection]:
        """Open a transaction that writes only rows which it has locked: on a server it waits for no other writer."""
        if isinstance(self.address, Path):
            with self.writing() as connection:
                yield connection
            return
        with self._explained(), self._engine.connect().execution_options(alone=False) as connection, connection.begin():
            yield connection

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy of a file to *target*, which must not exist, while others go on working (VACUUM INTO)."""
        assert isinstance(self.address, Path)
        with self._explained(), closing(sqlite3.connect(self.address)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))

    def size(self) -> int:
        """Return how many bytes it takes."""
        if isinstance(self.address, Path):
            return self.address.stat().st_size
        with self.reading() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            told = self._advice(error)
            if told is None:
                raise
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise DatabaseTrouble(f"database {self.address}: {_words(cause)}. {told[0]}", temporary=told[1]) from error

    def _advice(self, error: DBAPIError | sqlite3.Error) -> Advice | None:
        """Return what the operator should do, and whether trying again may help; None when it is a fault of ours."""
        return _server_advice(error) if isinstance(self.address, Server) else _file_advice(error)


def run_script(connection: Connection, script: str) -> None:
    """Run the statements of *script*, which are written as SQLite has them. PostgreSQL has no tables without a rowid, and would
    sort text as the language of its machine does.
    """
    if connection.dialect.name == "postgresql":
        script = script.replace(" WITHOUT ROWID", "").replace(" TEXT", ' TEXT COLLATE "C"')
    for statement in script.split(";"):
        connection.exec_driver_sql(statement)


def _sqlite(path: Path, *, looking: bool) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_TIMEOUT / 1000})
    if looking:
        event.listen(engine, "do_connect", _connect_on_a_full_disk)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _connect_on_a_full_disk(dialect: Dialect, _record: Any, words: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """Connect, also where there is no space for the file with which several share a WAL: then alone, while we look."""
    connection = dialect.connect(*words, **named)
    try:
        connection.execute("SELECT 1 FROM sqlite_schema")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith("SQLITE_IOERR_SHM"):
            raise
        connection.close()
        connection = dialect.connect(*words, **named)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    return connection


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # Python's sqlite3 would begin transactions by itself, deferred and too late
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a deferred transaction that turns into a writer cannot wait, it fails."""
    alone = connection.get_execution_options().get("alone", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")


def _postgresql(server: Server) -> Engine:
    url = make_url(server.url).set(drivername="postgresql+psycopg", password=server.password)
    plain = {"application_name": "digestd", "connect_timeout": 10, "keepalives_idle": 60}
    wanted = {name: value for name, value in plain.items() if name not in url.query}
    engine = create_engine(url, connect_args=wanted, pool_pre_ping=True)  # the server may have been restarted meanwhile
    event.listen(engine, "connect", _prepare_session)
    event.listen(engine, "begin", _begin_on_server)
    return engine


@contextmanager
def alone_on(server: Server) -> Iterator[bool]:
    """Keep every digestd from the database, and say whether there is none on it."""
    url = make_url(server.url).set(drivername="postgresql+psycopg", password=server.password)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield _has(connection, _USERS)
    finally:
        engine.dispose()


def _has(connection: Connection, lock: int) -> bool:
    """Take an advisory lock for as long as the connection lasts; a session that ended just now may hold it yet."""
    connection.exec_driver_sql("SET lock_timeout = '2s'")
    try:
        connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (lock,))
    except DBAPIError:
        return False
    return True


def _prepare_session(connection: Any, _record: Any) -> None:
    for setting in _SERVER_SETTINGS:
        connection.execute(setting)
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [_USERS])
    connection.commit()


def _begin_on_server(connection: Connection) -> None:
    """Let one write at a time, as SQLite does: what a writer has read stays true until it commits."""
    if connection.get_execution_options().get("alone", True):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_WRITERS,))


_AGAIN = "Another program holds it; try again."
_SPACE = "Free some space and try again."
_COPY = "Restore a copy; the database is left as it is."

# By the beginning of SQLSTATE (PostgreSQL, appendix A) or, where the server gave none, by its words.
_SERVER_ADVICE: Mapping[str, Advice] = {
    "53100": (_SPACE, True),
    "53300": ("All its connections are taken: try again, or raise max_connections.", True),
    "53": ("Its server lacks memory or another means; try again.", True),
    "55P03": (_AGAIN, True),
    "57014": (_AGAIN, True),
    "40": (_AGAIN, True),
    "25006": ("It takes no writes: see that this is the primary server, and try again.", True),
    "42501": ("Let its user make and change tables there: GRANT CREATE, USAGE ON SCHEMA public.", False),
    "XX00": (_COPY, False),
    "58": ("See the server's own log; try again.", True),
}
_SERVER_WORDS: Mapping[str, Advice] = {
    "too many clients": _SERVER_ADVICE["53300"],
    "remaining connection slots": _SERVER_ADVICE["53300"],
    "password": ("Set the password: `database_password_file`, the credential `database_password`, or PGPASSWORD.", False),
    "authentication failed": ("See that its server lets this user in (pg_hba.conf).", False),
    "pg_hba.conf": ("See that its server lets this user in (pg_hba.conf).", False),
    "recovery": _SERVER_ADVICE["25006"],
    "does not exist": ("Make the user and the database: createuser, createdb.", False),
    "invalid": ("See what `database` says in the configuration.", False),
}
_UNREACHED = ("See that its server runs and can be reached; try again.", True)


def _server_advice(error: DBAPIError | sqlite3.Error) -> Advice | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlstate", None)
    told = [advice for beginning, advice in _SERVER_ADVICE.items() if code and code.startswith(beginning)]
    if told:
        return told[0]
    if isinstance(error, IntegrityError | DataError | InterfaceError) or (code and isinstance(error, ProgrammingError)):
        return None
    return next((advice for words, advice in _SERVER_WORDS.items() if words in str(cause)), _UNREACHED)


def _file_advice(error: DBAPIError | sqlite3.Error) -> Advice | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.InterfaceError):
        return None
    problem = str(cause)
    if "locked" in problem:
        return _AGAIN, True
    if "full" in problem or "disk I/O" in problem:
        return _SPACE, True
    if "malformed" in problem or "not a database" in problem:
        return "Restore a copy; the file is left as it is.", False
    return "See that its folder exists, is writable and has space.", False


def _words(cause: BaseException | None) -> str:
    return " ".join(str(cause).split()).rstrip(".")
