"""One connection that all requests of an event loop share.

A request that opened one of its own would let anybody use up the database's.
"""

from __future__ import annotations

import asyncio
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection

from spindel.kit import database

Row = tuple[Any, ...]  # Any: what the statement selects

_LONGEST = 5.0  # seconds that a question waits for those before it, and for its answer


class SharedConnection:
    """Answers one question after the other, on a connection that is opened for the first."""

    def __init__(self, name: str) -> None:
        """`name` is what the database's list of connections calls it."""
        self._name = name
        self._one_at_a_time = asyncio.Lock()
        self._connection: AsyncConnection | None = None

    async def rows(self, query: LiteralString, parameters: list[object]) -> list[Row]:
        """The rows of a query. Raises psycopg.Error and OSError; TimeoutError is one."""
        async with asyncio.timeout(_LONGEST), self._one_at_a_time:
            kept = self._connection
            try:
                return await self._ask(query, parameters)
            except psycopg.OperationalError:
                if kept is None:
                    raise
            # The server may have been started anew since the question before.
            return await self._ask(query, parameters)

    async def _ask(self, query: LiteralString, parameters: list[object]) -> list[Row]:
        try:
            if self._connection is None:
                self._connection = await AsyncConnection.connect(
                    database.url(),
                    autocommit=True,
                    connect_timeout=3,
                    application_name=self._name,
                )
            return await (await self._connection.execute(query, parameters)).fetchall()
        except BaseException:
            await self.close()  # what state it is in is not known
            raise

    async def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
