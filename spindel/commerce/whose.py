"""Whose a hold is, when a machine names somebody whom nothing has told of yet."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from psycopg import AsyncConnection

from spindel.identity.interning import intern
from spindel.identity.models import Identifier
from spindel.identity.rules import Key
from spindel.identity.tombstones import Tombstones
from spindel.kit import database


def identifier(kind: str, value: str) -> int | None:
    """The id of the identifier, in its normal form; it is made if it is new.

    None for somebody who was forgotten for good: what is done for her is nobody's.
    """
    found = Identifier.objects.filter(kind=kind, value=value).values_list("pk", flat=True).first()
    return found if found is not None else asyncio.run(_make((kind, value)))


async def _make(key: Key) -> int | None:
    connection = await AsyncConnection.connect(database.url(), autocommit=True)
    async with connection:
        tombstones = Tombstones()
        await tombstones.load(connection)
        now = datetime.now(UTC)
        for periods in (await tombstones.find(connection, [key])).values():
            if any(since <= now < until for since, until in periods):
                return None
        return (await intern(connection, [key], tombstones.epoch))[key]
