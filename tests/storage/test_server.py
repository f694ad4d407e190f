"""What is of PostgreSQL alone: how it is reached, what it says when it is not, and several daemons at once."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from digestd.model.records import Beat
from digestd.model.source import Cursor, Fetched
from digestd.storage import Database, DatabaseTrouble, OutboxStore, PaperStore, RecordStore, Server, open_database
from tests.support.builders import NOON, digest, paper
from tests.support.outbox import claim_from
from tests.support.postgres import Postgres

LEASE = timedelta(minutes=10)


@pytest.fixture
def server(postgres: Postgres) -> Server:
    return postgres.make(like="template")


def trouble(server: Server) -> DatabaseTrouble:
    """Return what is said when this database is opened and written to."""
    with pytest.raises(DatabaseTrouble) as caught, open_database(server, NOON) as database:
        RecordStore(database).beat(Beat("poll", NOON, "{}"))
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
    return caught.value


def test_a_server_that_is_down_is_temporary_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = trouble(Server(f"postgresql://u@127.0.0.1:{port}/x", "hunter2"))

    assert said.temporary
    assert str(said).startswith(f"database postgresql://u@127.0.0.1:{port}/x: ")
    assert str(said).endswith("See that its server runs and can be reached; try again.")


@pytest.mark.parametrize(
    ("user", "name", "says"),
    [
        pytest.param("digestd", "nowhere", "Make the user and the database", id="no_such_database"),
        pytest.param("nobody", "template", "Make the user and the database", id="no_such_user"),
        pytest.param("secretive", "template", "Set the password", id="no_password"),
        pytest.param("stranger", "template", "Let its user make and change tables", id="no_right_to_write"),
    ],
)
def test_a_user_who_is_not_let_in_is_told_what_to_do(postgres: Postgres, user: str, name: str, says: str) -> None:
    said = trouble(Server(postgres.address(name).url.replace("digestd@", f"{user}@"), "hunter2"))

    assert says in str(said)
    assert not said.temporary


def test_a_server_that_takes_no_writes_is_named(postgres: Postgres, server: Server) -> None:
    postgres.tell(f'ALTER DATABASE "{name_of(server)}" SET default_transaction_read_only = on')

    assert "It takes no writes" in str(trouble(server))


def name_of(server: Server) -> str:
    return server.url.partition("@/")[2].partition("?")[0]


def test_a_writer_waits_for_another_and_then_gives_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestd.storage.engine._SERVER_SETTINGS", ("SET lock_timeout = 100",))
    with open_database(server, NOON) as first, first.writing():
        said = trouble(server)

    assert said.temporary
    assert "Another program holds it; try again." in str(said)


def test_all_connections_taken_is_temporary_trouble(postgres: Postgres, server: Server) -> None:
    postgres.tell("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0")

    assert trouble(Server(server.url.replace("digestd@", "crowd@"))).temporary


def test_a_connection_that_broke_while_nobody_used_it_is_made_anew(postgres: Postgres, server: Server) -> None:
    with open_database(server, NOON) as database:
        RecordStore(database).beats()
        break_all(postgres, server)

        assert RecordStore(database).beats() == []


def test_a_connection_that_breaks_in_a_transaction_loses_it_whole(postgres: Postgres, server: Server) -> None:
    with open_database(server, NOON) as database:
        with pytest.raises(DatabaseTrouble) as caught:
            break_in_the_middle(database, lambda: break_all(postgres, server))
        assert caught.value.temporary
        assert RecordStore(database).beats() == []


def break_in_the_middle(database: Database, break_it: Callable[[], None]) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO beats VALUES ('poll', 0, '')"))
        break_it()
        connection.execute(text("INSERT INTO beats VALUES ('compose', 0, '')"))


def break_all(postgres: Postgres, server: Server) -> None:
    postgres.tell(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(server)}'")


def test_claimants_do_not_wait_for_each_other(server: Server) -> None:
    with open_database(server, NOON) as one, open_database(server, NOON) as other:
        OutboxStore(one).enqueue([digest(f"reader{number}") for number in range(20)], NOON)
        with one.claiming() as connection:
            locked = connection.execute(text("SELECT subscriber FROM outbox ORDER BY subscriber LIMIT 5 FOR UPDATE")).scalars()
            held = set(locked)
            claimed = {claim.key.subscriber for claim in claim_from(OutboxStore(other), NOON, LEASE, 100)}

    assert len(held) == 5
    assert claimed.isdisjoint(held)
    assert len(claimed) == 15


def test_daemons_that_compose_at_once_tell_each_paper_once(server: Server) -> None:
    together = Barrier(4)

    def daemon(number: int) -> int:
        with open_database(server, NOON) as database:
            together.wait()
            stored = PaperStore(database).record(f"source{number}", Fetched(tuple(map(paper, range(50))), Cursor()), NOON)
            digests = [digest(f"reader{reader}", paper(reader % 50), day=f"2026-03-0{number + 1}") for reader in range(100)]
            return len(stored) + 1_000 * OutboxStore(database).enqueue(digests, NOON)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(daemon, range(4))) == 50 + 100_000


def test_every_text_is_sorted_by_its_code_points(server: Server) -> None:
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'text' AND collation_name IS NULL"
    with open_database(server, NOON) as database, database.reading() as connection:
        in_the_servers_language = connection.execute(text(f"{query} AND table_schema = 'public'")).all()

    assert in_the_servers_language == []


def test_a_password_comes_from_where_libpq_looks(postgres: Postgres, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "wrong")
    url = server.url.replace("digestd@", "secretive@")
    assert "Set the password" in str(trouble(Server(url)))

    monkeypatch.setenv("PGPASSWORD", "open sesame")
    with open_database(Server(url), NOON) as database:
        assert RecordStore(database).beats() == []
    with open_database(Server(url, "open sesame"), NOON) as database:
        assert "sesame" not in f"{database.address} {database.address!r}"
