"""What is so of the whole installation: that its database came from a copy, that the mail server is left alone, and such."""

from sqlalchemy import Connection, select

from digestd.model.records import Mark
from digestd.storage.bulk import put
from digestd.storage.engine import Database
from digestd.storage.schema import marks

RESTORED = "restored"  # this database came from a copy of that time: nothing goes out unasked


class MarkStore:
    """The marks of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> Mark | None:
        with self._database.reading() as connection:
            return find_mark(connection, name)

    def set(self, mark: Mark) -> None:
        with self._database.writing() as connection:
            set_mark(connection, mark)

    def clear(self, name: str) -> None:
        with self._database.writing() as connection:
            connection.execute(marks.delete().where(marks.c.name == name))


def find_mark(connection: Connection, name: str) -> Mark | None:
    row = connection.execute(select(marks).where(marks.c.name == name)).first()
    return Mark(row.name, row.at, row.until, row.note) if row else None


def set_mark(connection: Connection, mark: Mark) -> None:
    put(connection, marks, [(mark.name, mark.at, mark.until, mark.note)], renew=["at", "until", "note"])
