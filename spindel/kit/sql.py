"""Plain SQL through Django's connection, and so within its transactions."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import Connection, Cursor, RawCursor

from spindel.kit.waking import is_time_to_wake

Parameters = Sequence[Any] | Mapping[str, Any]  # Any: whatever psycopg adapts
Row = tuple[Any, ...]  # Any: what the statement selects


def rows(statement: str, parameters: Parameters = ()) -> list[Row]:
    """All rows that the statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def many(statement: str, parameters: Parameters = ()) -> list[Row]:
    """As `rows`, of very many: read in PostgreSQL's binary form, which takes a third of the time
    where there are moments among them. What is `jsonb` has to be selected as text.
    """
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters, binary=True).fetchall()


def numbers(several: Iterable[int]) -> str:
    """An array of integers as PostgreSQL reads it; psycopg takes its time over each element."""
    return "{" + ",".join(map(str, several)) + "}"


def row(statement: str, parameters: Parameters = ()) -> Row | None:
    """The first row that the statement answers, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: Row | None = cursor.fetchone()
        return found


def run(statement: str, parameters: Parameters = ()) -> int:
    """Execute a statement that answers no rows; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def notify(channel: str, payload: str = "") -> None:
    """Tell whoever listens on the channel, once the transaction commits."""
    run("SELECT pg_notify(%s, %s)", [channel, payload])


def wake(channel: str) -> None:
    """As `notify`, of what is waited for by looking, too: not each time."""
    if is_time_to_wake(channel):
        notify(channel)


def columns(tuples: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows turned into columns, as `unnest` takes them."""
    return [list(column) for column in zip(*tuples, strict=True)]


def prepared(statement: str, parameters: Mapping[str, Any]) -> Row | None:
    """The first row of a statement that is planned once a connection: for what is called often.

    Its parameters are cast in the statement, so that their types are the same each time.
    """
    found = prepared_rows(statement, parameters)
    return found[0] if found else None


def prepared_rows(statement: str, parameters: Mapping[str, Any]) -> list[Row]:
    """As `prepared`, all rows."""
    return _send(_raw(), statement, parameters).fetchall()


def together(*asked: tuple[str, Mapping[str, Any]]) -> list[list[Row]]:
    """As `prepared_rows`, of statements that are sent one after another before the first answers.

    Waiting is what costs most, on both sides, and so they are waited for once.
    """
    raw = _raw()
    with raw.pipeline():
        sent = [_send(raw, *one) for one in asked]
        return [one.fetchall() for one in sent]


def _raw() -> Connection:
    connection.ensure_connection()
    raw: Connection = connection.connection
    if raw.prepare_threshold is None:  # as Django leaves it; its own cursors prepare nothing
        raw.prepare_threshold = 5
    return raw


def _send(raw: Connection, statement: str, parameters: Mapping[str, Any]) -> RawCursor[Row]:
    text, names = _numbered(statement)
    return RawCursor(raw).execute(text, [parameters[name] for name in names], prepare=True)


@functools.cache
def _numbered(statement: str) -> tuple[bytes, list[str]]:
    """The statement with its parameters as PostgreSQL numbers them, and their names in that order.

    psycopg does so on each call where a statement is long, which costs as much as the call.
    """
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    text = re.sub(r"%\((\w+)\)s", number, statement).replace("%%", "%")
    return text.encode(), names
