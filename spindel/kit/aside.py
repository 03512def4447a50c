"""What has to be committed apart from a request's transaction, on connections of its own.

A loop in a thread runs it: connecting anew would take longer than most requests.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import cache
from typing import TypeVar

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from spindel.kit import database

T = TypeVar("T")


def run(work: Coroutine[object, object, T]) -> T:
    """The outcome of the work."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="aside", daemon=True).start()
    return loop


@cache
def _pool() -> AsyncConnectionPool:
    return AsyncConnectionPool(
        database.url(),
        min_size=0,
        max_size=2,
        timeout=60,  # while somebody with much is forgotten, all wait for that
        max_idle=60,
        check=AsyncConnectionPool.check_connection,
        kwargs={"autocommit": True},
        open=False,
    )


@asynccontextmanager
async def connection() -> AsyncIterator[AsyncConnection]:
    """A connection in autocommit, for the work that `run` runs."""
    pool = _pool()
    await pool.open()
    async with pool.connection() as found:
        yield found


def _forget() -> None:
    """A process that was forked has neither the thread nor the connections."""
    _loop.cache_clear()
    _pool.cache_clear()


os.register_at_fork(after_in_child=_forget)
