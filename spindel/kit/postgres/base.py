"""Django's PostgreSQL, except for when a connection of the pool is asked whether it is still well.

Django asks at each request, which is a round trip more. A server that goes away closes its
connections, and that is seen here without asking. What can't be seen so, such as a network that
swallows everything, is asked for every half minute.
"""

from __future__ import annotations

import select
import time
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool

_SECONDS = 30.0
_asked: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the database, out of the pool."""

    @property
    def pool(self) -> ConnectionPool[Any] | None:  # Any: of whichever connections Django makes
        """The pool of this process, made when it is first needed; None where none is set."""
        found: ConnectionPool[Any] | None = super().pool
        if found is not None:
            found._check = partial(check, found)  # Django leaves no other way to say so
        return found


def check(pool: ConnectionPool[Any], connection: Connection) -> None:  # Any: as above
    """Raises psycopg.Error when the connection can't be used any more."""
    now = time.monotonic()
    # Nobody waits for an answer: whatever there is to read tells of an end.
    if _is_readable(connection) or now - _asked.get(connection, 0.0) > _SECONDS:
        try:
            ConnectionPool.check_connection(connection)
        except psycopg.Error:
            # It is seldom the only one, and the pool waits a second, then two, then four
            # between one that is broken and the next: longer than anybody waits for a page.
            pool.check()
            raise
        _asked[connection] = now


def _is_readable(connection: Connection) -> bool:
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))
