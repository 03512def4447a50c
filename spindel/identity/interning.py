"""Interning: every identifier is one row with a small number, made when it is first met."""

from __future__ import annotations

from collections.abc import Collection

from psycopg import AsyncConnection, Connection

from spindel.identity.rules import Key
from spindel.identity.tombstones import APPENDING, HOLD, check, lock_shared
from spindel.kit.clock import BEGINNING

# In the order of the unique index: two processes that meet the same identifiers at the same time
# would deadlock in different orders. An identifier that another process is just inserting is
# waited for, skipped by ON CONFLICT, and found by the next statement, which sees its commit.
_MAKE_WHERE = """
WITH made AS (
    INSERT INTO identity_identifier (kind, value)
    SELECT kind, value FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS t (kind, value)
    {where}
    ORDER BY kind, value
    ON CONFLICT (kind, value) DO NOTHING
    RETURNING id
), customers AS (
    INSERT INTO identity_customer (id) SELECT id FROM made
)
INSERT INTO identity_tenure (identifier_id, since, customer_id)
SELECT id, %(beginning)s, id FROM made
"""

_MAKE = _MAKE_WHERE.format(where="")
_MAKE_IN_EPOCH = _MAKE_WHERE.format(
    where="WHERE (SELECT epoch FROM identity_forgetting) IS NOT DISTINCT FROM %(epoch)s::bigint"
)

_FIND = """
SELECT i.kind, i.value, i.id
FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS t (kind, value)
JOIN identity_identifier i ON i.kind = t.kind AND i.value = t.value
"""


async def intern(
    connection: AsyncConnection, keys: Collection[Key], epoch: int | None = None
) -> dict[Key, int]:
    """The ids of the identifiers, which are made where they don't exist yet.

    On a connection in autocommit, outside a transaction: the identifiers outlive whatever
    happens to the facts that named them, so ids may be remembered at once, for as long as the
    epoch of the tombstones lasts. Raises tombstones.Outdated when it is another already.
    """
    ordered = sorted(keys)
    parameters = {
        "kinds": [kind for kind, _ in ordered],
        "values": [value for _, value in ordered],
        "beginning": BEGINNING,
    }
    found = await _find(connection, parameters)
    if len(found) < len(keys):
        missing = [key for key in ordered if key not in found]
        parameters["kinds"] = [kind for kind, _ in missing]
        parameters["values"] = [value for _, value in missing]
        # Needs no flush of its own: it is earlier in the log than any fact that names it.
        async with connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = off")
            await lock_shared(connection)
            await check(connection, epoch)
            await connection.execute(_MAKE, parameters)
        found |= await _find(connection, parameters)
    return found


async def _find(connection: AsyncConnection, parameters: dict[str, object]) -> dict[Key, int]:
    cursor = await connection.execute(_FIND, parameters)
    return {(kind, value): id for kind, value, id in await cursor.fetchall()}


def make(connection: Connection, key: Key, epoch: int | None) -> int | None:
    """As `intern`, of one that a request has met, waiting once. None when the epoch has changed."""
    return make_each(connection, [key], epoch).get(key)


def make_each(connection: Connection, keys: Collection[Key], epoch: int | None) -> dict[Key, int]:
    """As `make`, of many; when the epoch has changed, those that were there already."""
    ordered = sorted(keys)
    words = {
        "kinds": [kind for kind, _ in ordered],
        "values": [value for _, value in ordered],
        "beginning": BEGINNING,
        "epoch": epoch,
    }
    with connection.pipeline():  # and so one transaction: what is held is held to the end
        connection.execute(HOLD, [APPENDING])
        connection.execute(_MAKE_IN_EPOCH, words)
        found = connection.execute(_FIND, words).fetchall()
    return {(kind, value): int(id) for kind, value, id in found}
