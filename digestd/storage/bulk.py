"""Many rows at once, straight to the driver: SQLAlchemy spends longer on a row than the database does."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

Item = TypeVar("Item")

_AT_ONCE = 5_000  # SQLite takes 32,766 parameters in a statement; a row here has at most four


def among(column: Column[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that *column* is one of *values*, however many: they travel as one parameter."""
    return column.in_(select(listed(values)))


def listed(values: Iterable[str]) -> ColumnElement[Any]:
    """Return a column of *values*, however many: they travel as one parameter."""
    return func.json_each(json.dumps(list(values))).table_valued("value").c.value


def put(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, renew: Sequence[str] = ()) -> None:
    """Insert *rows*, in the order of the table's columns; where the key is taken, only the columns of *renew* change."""
    if not rows:
        return
    columns, key = ", ".join(table.columns.keys()), ", ".join(column.name for column in table.primary_key)
    then = f"UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in renew)}" if renew else "NOTHING"
    marks = ", ".join("?" for _ in table.columns)
    # Our own names of tables and columns; every value is a parameter.
    insert = f"INSERT INTO {table.name} ({columns}) VALUES ({marks}) ON CONFLICT ({key}) DO {then}"  # noqa: S608
    connection.exec_driver_sql(insert, list(rows))


def batches(whole: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield *whole* in pieces that one statement can carry."""
    rest = iter(whole)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
