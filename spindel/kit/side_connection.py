"""What has to be committed apart from a request's transaction, on connections of its own."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from functools import cache

from psycopg import Connection
from psycopg_pool import ConnectionPool

from spindel.kit import database


def connection() -> AbstractContextManager[Connection]:
    """A connection in autocommit. Its commits are not waited for: what is made on it is earlier in
    the log than whatever names it.
    """
    return _pool(database.url()).connection()


@cache
def _pool(url: str) -> ConnectionPool:
    return ConnectionPool(
        url,
        min_size=0,
        max_size=2,
        timeout=60,  # while somebody with much is forgotten, all wait for that
        max_idle=60,
        check=ConnectionPool.check_connection,
        configure=_configure,
        kwargs={"autocommit": True},
        open=True,
    )


def _configure(connection: Connection) -> None:
    connection.execute("SET synchronous_commit = off")


# A process that was forked has none of the connections.
os.register_at_fork(after_in_child=_pool.cache_clear)
