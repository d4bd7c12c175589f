"""Insert rows by the hundred, and ask for keys by the hundred, without SQLAlchemy's work for each one.

A first sweep brings a hundred rows an account: to bind them one by one took longer than to fetch and to store them.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ColumnElement, Dialect, Table, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from monitor.store import Transaction
from monitor.store.columns import Base

Row = tuple[Any, ...]

_Process = Callable[[Any], Any]


def insert_rows(tx: Transaction, into: type[Base], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, whose values stand in the order of the column names, in their order.

    A column without any value is left to its default.
    """
    if not rows:
        return
    table = into.metadata.tables[into.__tablename__]
    told = [
        (name, values)
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
        if any(value is not None for value in values)
    ]
    connection = tx.connection()
    if connection.dialect.name == "postgresql":
        _insert_as_json(tx, table, told)
        return
    columns = [_bound(connection.dialect, table, name, values) for name, values in told]
    listed, marks = ", ".join(f'"{name}"' for name, _ in told), ", ".join("?" * len(told))
    statement = f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})'  # noqa: S608 - names of our own columns
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _bound(dialect: Dialect, table: Table, name: str, values: Row) -> Iterable[Any]:
    process: _Process | None = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return _each_once(process, values) if process else values


def _each_once(process: _Process, values: Row) -> Iterable[Any]:
    """Process each distinct value once: of most columns there are few."""
    try:
        processed = {value: process(value) for value in set(values)}
    except TypeError:  # of JSON, which may hold what is not hashable
        return map(process, values)
    return map(processed.__getitem__, values)


def _insert_as_json(tx: Transaction, table: Table, told: Sequence[tuple[str, Row]]) -> None:
    """Send all rows as one value, which PostgreSQL reads with the table's own types.

    Source: postgresql.org/docs/current/functions-json.html, json_populate_recordset.
    """
    names = [name for name, _ in told]
    columns = [
        values if isinstance(table.c[name].type, JSON) else _each_once(_plain, values)
        for name, values in told
    ]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    listed = ", ".join(f'"{name}"' for name in names)
    statement = (
        f'INSERT INTO "{table.name}" ({listed}) '  # noqa: S608 - names of our own columns
        f'SELECT {listed} FROM json_populate_recordset(NULL::"{table.name}", %s::json)'
    )
    tx.connection().exec_driver_sql(statement, (json.dumps(rows),))


def _plain(value: Any) -> Any:
    """Write a time as PostgreSQL reads it; naive ones are refused, as `UtcDateTime` does."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value}")
    return value.isoformat()


class _EachOf(FunctionElement[str]):
    """The texts of one parameter, as a list to look in."""

    inherit_cache = True
    type = Text()


def is_among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition that the column is among the texts of a parameter, written by `as_texts`.

    One parameter, however many texts: a list of parameters is written out anew for each statement.
    """
    texts = _EachOf(bindparam(name, type_=Text()))
    return column.op("IN", is_comparison=True, return_type=Boolean())(texts)


def as_texts(texts: Iterable[str]) -> str:
    """Write texts for `is_among`."""
    return json.dumps(list(texts))


@compiles(_EachOf)
def _on_sqlite(element: _EachOf, compiler: SQLCompiler, **options: Any) -> str:
    given = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({given}))"  # noqa: S608 - what is given is a parameter


@compiles(_EachOf, "postgresql")
def _on_postgresql(element: _EachOf, compiler: SQLCompiler, **options: Any) -> str:
    given = compiler.process(element.clauses, **options)
    return f"(SELECT json_array_elements_text(CAST({given} AS json)))"
