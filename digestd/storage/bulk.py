"""What both databases say each in its own words: many rows at once, and rows that may be there already.

Values are what the columns take: an aware datetime for an Instant. SQLAlchemy spends longer on a row than the database does, so
that many rows go straight to the driver, and many values travel in one parameter.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Subquery,
    Table,
    Text,
    bindparam,
    column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from digestd.storage.schema import Words

Insert = sqlite.Insert | postgresql.Insert

_VALUE: Column[Any] = Column("value", Words)  # one for all: a compiled statement is found again by the very types in it


def insert(connection: Connection, table: Table) -> Insert:
    """Return an INSERT that knows `on_conflict_do_nothing()`, `on_conflict_do_update(index_elements=…, set_=…)`, `excluded`."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def add(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert *rows*, in the order of the table's columns; a key that is taken is an error."""
    _send(connection, table, rows, "")


def add_each(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], of: Column[Any]) -> None:
    """Insert a row for each of the texts that *rows* list in the column *of*; a key that is taken is an error.

    A file takes each list as one parameter: that is half the time of a row for each text.
    """
    at = table.columns.keys().index(of.name)
    if connection.dialect.name != "sqlite" or not rows:
        add(connection, table, [(*row[:at], text, *row[at + 1 :]) for row in rows for text in row[at]])
        return
    names = table.columns.keys()
    values = ", ".join("listed.value" if name == of.name else f"?{place}" for place, name in enumerate(names, 1))
    lists = [_fitting(of.type, list(row[at]), connection.dialect) for row in rows]
    others = _fitted(
        [column.type for column in table.columns if column is not of],
        [row[:at] + row[at + 1 :] for row in rows],
        connection.dialect,
    )
    others.insert(at, list(map(json.dumps, lists)))
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM json_each(?{at + 1}) AS listed",  # noqa: S608
        list(zip(*others, strict=True)),
    )


def put(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, renew: Sequence[str] = ()) -> None:
    """Insert *rows*, in the order of the table's columns; where the key is taken, only the columns of *renew* change."""
    key = [column.name for column in table.primary_key]
    then = f"UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in renew)}" if renew else "NOTHING"
    _send(connection, table, _last_of_each_key(table, rows) if renew else rows, f" ON CONFLICT ({', '.join(key)}) DO {then}")


def among(column: Column[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that *column* is one of *values*, however many."""
    return column.in_(select(listed(values)))


def listed(values: Iterable[str]) -> ColumnElement[Any]:
    """Return a column of *values*, however many."""
    return given([_VALUE], [(one,) for one in values]).c.value


def given(columns: Sequence[Column[Any]], rows: Iterable[tuple[Any, ...]]) -> Subquery:
    """Return *rows*, however many, to select, join, update or delete from; their columns are called as *columns*."""
    whole, kinds = list(rows), [one.type for one in columns]
    arrays = [bindparam(None, [row[at] for row in whole], _Array(kind), unique=True) for at, kind in enumerate(kinds)]
    return _sent_as(columns, arrays, bindparam(None, whole, _Json(tuple(kinds)), unique=True))


def gathered(column: Column[Any]) -> ColumnElement[str]:
    """Return the texts of a column in a group, as JSON: a driver takes ten times longer for as many rows."""
    return _Gathered(column)


def awaited(columns: Sequence[Column[Any]], name: str) -> Subquery:
    """Return rows as `given` does, to be handed over under *name* when the statement is executed: it is built once."""
    kinds = [one.type for one in columns]
    arrays = [bindparam(f"{name}{at}", type_=_Array(kind)) for at, kind in enumerate(kinds)]
    return _sent_as(columns, arrays, bindparam(name, type_=_Json(tuple(kinds))))


def handed(name: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """Return the parameters with which rows, at least one, are handed over to a statement that awaits them."""
    arrays = {f"{name}{at}": list(values) for at, values in enumerate(zip(*rows, strict=True))}
    return {name: rows} | arrays


def _sent_as(columns: Sequence[Column[Any]], arrays: Sequence[BindParameter[Any]], whole: BindParameter[Any]) -> Subquery:
    names = [column(f"c{at}", one.type) for at, one in enumerate(columns)]
    sent = _Sent(*arrays, whole).table_valued(*names)
    return select(*(sent.c[f"c{at}"].label(one.name) for at, one in enumerate(columns))).subquery()


def _send(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], then: str) -> None:
    """Insert *rows*, as rows on a connection to a file, as arrays to a server. All names are our own; values are parameters."""
    if not rows:
        return
    lists = _fitted([column.type for column in table.columns], rows, connection.dialect)
    into = f"INSERT INTO {table.name} ({', '.join(table.columns.keys())})"
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in table.columns)
        connection.exec_driver_sql(f"{into} VALUES ({marks}){then}", list(zip(*lists, strict=True)))
        return
    arrays = ", ".join(f"%s::{column.type.compile(connection.dialect)}[]" for column in table.columns)
    connection.exec_driver_sql(f"{into} SELECT * FROM unnest({arrays}){then}", tuple(lists))  # noqa: S608


class _Sent(FunctionElement[Any]):
    """Rows sent as parameters: an array a column, and after these all rows as JSON. Each database is sent what it reads."""

    inherit_cache = True


@compiles(_Sent, "postgresql")
def _arrays(sent: _Sent, compiler: SQLCompiler, **_: Any) -> str:
    *arrays, _json = sent.clauses
    names = ", ".join(f"c{at}" for at in range(len(arrays)))
    values = ", ".join(map(compiler.process, arrays))
    return f"(SELECT * FROM unnest({values}) AS sent ({names}))"  # noqa: S608


@compiles(_Sent, "sqlite")
def _json_rows(sent: _Sent, compiler: SQLCompiler, **_: Any) -> str:
    *arrays, rows = sent.clauses
    parts = ["value"] if len(arrays) == 1 else [f"json_extract(value, '$[{at}]')" for at in range(len(arrays))]
    names = ", ".join(f"{part} AS c{at}" for at, part in enumerate(parts))
    return f"(SELECT {names} FROM json_each({compiler.process(rows)}))"  # noqa: S608


class _Gathered(FunctionElement[str]):
    """The texts of a group, as a list in JSON."""

    inherit_cache = True
    type = Text()


@compiles(_Gathered, "postgresql")
def _agg(gathered: _Gathered, compiler: SQLCompiler, **_: Any) -> str:
    return f"json_agg({compiler.process(gathered.clauses)})::text"


@compiles(_Gathered, "sqlite")
def _group_array(gathered: _Gathered, compiler: SQLCompiler, **_: Any) -> str:
    return f"json_group_array({compiler.process(gathered.clauses)})"


class _Array(TypeDecorator[Any]):
    """The values of one column, as an array."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(self.kind).dialect_impl(dialect)


class _Json(TypeDecorator[Any]):
    """Rows, as JSON: a list of lists, or of values where there is one column."""

    impl = Text
    cache_ok = True

    def __init__(self, kinds: tuple[TypeEngine[Any], ...]) -> None:
        super().__init__()
        self.kinds = kinds

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        lists = _fitted(self.kinds, value, dialect)
        return json.dumps(lists[0] if len(lists) == 1 else list(zip(*lists, strict=True)))


def _fitted(kinds: Sequence[TypeEngine[Any]], rows: Sequence[tuple[Any, ...]], dialect: Dialect) -> list[list[Any]]:
    """Return *rows* column by column, as the driver takes them."""
    return [_fitting(kind, [row[at] for row in rows], dialect) for at, kind in enumerate(kinds)]


def _fitting(kind: TypeEngine[Any], values: list[Any], dialect: Dialect) -> list[Any]:
    """Return *values* as the driver takes them; texts, nearly all of which go as they are, are not looked at one by one."""
    if isinstance(kind, Words) and "\0" not in "".join(filter(None, values)):
        return values
    fit = kind.dialect_impl(dialect).bind_processor(dialect)
    return list(map(fit, values)) if fit else values


def _last_of_each_key(table: Table, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows that stay: PostgreSQL renews no row twice in a statement."""
    key = [table.columns.keys().index(one.name) for one in table.primary_key]
    return list({tuple(row[at] for at in key): row for row in rows}.values())
