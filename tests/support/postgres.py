"""A PostgreSQL server of our own: made for one run of the tests, on a socket of its own, and thrown away."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from digestd.storage import Server, open_database
from tests.support.builders import NOON

_USERS = ("postgres", "nobody")  # the server does not run as root
_PORT = 5432  # names the socket only: the server listens on no network


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; *folder* has its socket."""

    folder: Path
    numbers: Iterator[int]

    def address(self, name: str) -> Server:
        return Server(f"postgresql://digestd@/{name}?host={self.folder}")

    def make(self, name: str | None = None, *, like: str = "template1") -> Server:
        """Return a new database, empty or the same as *like*."""
        called = name or f"test{next(self.numbers)}"
        self.tell(f'CREATE DATABASE "{called}" TEMPLATE "{like}" STRATEGY file_copy')
        return self.address(called)

    def tell(self, *statements: str) -> None:
        """Run statements as the server's owner."""
        with closing(psycopg.connect(f"host={self.folder} user=digestd dbname=postgres", autocommit=True)) as connection:
            for statement in statements:
                connection.execute(statement)


def programs() -> Path | None:
    """Return the newest folder that has PostgreSQL's server, if one is installed."""
    beside = shutil.which("initdb")
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    folders = [*known, *Path("/usr").glob("pgsql-*/bin"), *([Path(beside).resolve().parent] if beside else [])]
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def running(programs: Path) -> Iterator[Postgres]:
    """Run a server until the end, with a database `template` that has our tables."""
    with TemporaryDirectory(prefix="pg-", dir="/tmp") as name:  # a socket's path has at most 107 characters
        folder = Path(name)
        user = _give_away(folder)
        command, data = [str(programs / "pg_ctl"), "-w", "-s", "-D", f"{folder}/data"], f"{folder}/data"
        _run(
            [str(programs / "initdb"), "-D", data, "-U", "digestd", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"], user
        )
        _ask_for_a_password(Path(data), "secretive")
        _run([*command, "-l", f"{folder}/log", "-o", _options(folder), "start"], user)
        try:
            server = Postgres(folder, count(1))
            with open_database(server.make("template"), NOON):
                pass
            server.tell("CREATE ROLE stranger LOGIN", "CREATE ROLE secretive LOGIN SUPERUSER PASSWORD 'open sesame'")
            yield server
        finally:
            _run([*command, "-m", "immediate", "stop"], user)


def _options(folder: Path) -> str:
    settings: Mapping[str, str] = {
        "unix_socket_directories": str(folder),
        "listen_addresses": "''",
        "port": str(_PORT),
        "fsync": "off",
        "shared_buffers": "32MB",
        "max_connections": "40",
        "autovacuum": "off",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _give_away(folder: Path) -> pwd.struct_passwd | None:
    """Let a user who is not root own *folder*; return that user, or None where we are none."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = next(names[name] for name in _USERS if name in names)
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o755)
    return user


def _ask_for_a_password(data: Path, user: str) -> None:
    rules = data / "pg_hba.conf"
    rules.write_text(f"local all {user} scram-sha-256\n{rules.read_text(encoding='utf-8')}", encoding="utf-8")


def _run(command: Sequence[str], user: pwd.struct_passwd | None) -> None:
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_user)  # type: ignore[call-overload]
