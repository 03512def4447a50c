"""Connections of the pool are asked whether they are well when there is reason to doubt it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from spindel.kit import sql
from spindel.kit.postgres import base


@pytest.fixture
def asked(database: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The connections that were asked."""
    found: list[object] = []
    ask = ConnectionPool.check_connection

    def note(one: psycopg.Connection) -> None:
        found.append(one)
        ask(one)

    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(note))
    return found


def backend() -> int:
    """The server's process for the next request's connection."""
    connection.close()  # back to the pool, as after a request
    row = sql.row("SELECT pg_backend_pid()")
    assert row is not None
    return int(row[0])


def test_requests_one_after_another_do_not_ask(asked: list[object]) -> None:
    for _ in range(10):  # the pool hands them out in turn
        backend()
    asked.clear()
    for _ in range(10):
        backend()
    assert not asked


def test_after_half_a_minute_one_asks(asked: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    backend()
    asked.clear()
    monkeypatch.setattr(base, "_SECONDS", 0.0)
    backend()
    assert len(asked) == 1


def test_what_the_server_has_closed_is_replaced_before_anybody_notices(
    database: str, full_pool: set[int]
) -> None:
    with psycopg.connect(database, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid", [list(full_pool)]
        )
    assert backend() not in full_pool


@pytest.fixture
def full_pool(database: str) -> Iterator[set[int]]:
    """The server's processes for the idle connections of a pool that has been busy."""
    connection.close()
    pool = connection.pool
    size = pool.min_size, pool.max_size
    pool.resize(8, 8)
    pool.wait()
    held = [pool.getconn() for _ in range(8)]
    for one in held:
        pool.putconn(one)
    yield {one.info.backend_pid for one in held}
    pool.resize(*size)
