"""Who was forgotten, without saying who: so that late messages don't build her up again.

Of each identifier a keyed hash stays, with the time that its messages are turned away for. The key
is sealed by the vault, so neither the database alone nor a copy of it tells whose they were.
No Django here: the collector asks on every message with an identifier it has not met lately.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b

from psycopg import AsyncConnection, Connection

from spindel.identity.rules import Key
from spindel.kit import vault

Period = tuple[datetime, datetime]  # from when, until when

# Held shared by whoever appends facts, and alone by whoever forgets: while she is forgotten no
# message of hers is half-way in.
APPENDING = 5_073_116

HOLD = "SELECT pg_advisory_xact_lock_shared(%s)"

_KEY = "SELECT epoch, key FROM identity_forgetting"

_FIND = """
SELECT digest, since, until FROM identity_forgotten WHERE digest = ANY(%s)
"""


def digest(key: bytes, identifier: Key) -> bytes:
    """What stays of an identifier: 32 bytes that say nothing to whoever has not the key."""
    kind, value = identifier
    text = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
    return blake2b(text, key=key, digest_size=32).digest()


class Outdated(Exception):
    """Somebody was forgotten meanwhile: what is remembered of identifiers is void."""


async def lock_shared(connection: AsyncConnection) -> None:
    """Keep whoever forgets waiting to the end of the transaction. Read the epoch afterwards."""
    await connection.execute(HOLD, [APPENDING])


async def check(connection: AsyncConnection, epoch: int | None) -> None:
    """Raises Outdated unless the epoch is still this one. For whoever holds."""
    cursor = await connection.execute("SELECT epoch FROM identity_forgetting")
    found = await cursor.fetchone()
    if (None if found is None else found[0]) != epoch:
        raise Outdated


class Tombstones:
    """What a process that appends knows of who was forgotten.

    The epoch says how often somebody has been; None for never. An appender compares it within its
    transaction: whatever it remembers of identifiers is void when it has changed.
    """

    def __init__(self) -> None:
        self.epoch: int | None = None
        self._key = b""

    async def load(self, connection: AsyncConnection) -> None:
        """Read the epoch and the key. Raises vault.CantUnseal where we lack the vault's keys."""
        cursor = await connection.execute(_KEY)
        found = await cursor.fetchone()
        if found is not None:
            self.epoch, self._key = found[0], bytes.fromhex(vault.unseal(found[1]))

    async def find(
        self, connection: AsyncConnection, identifiers: Collection[Key]
    ) -> dict[Key, list[Period]]:
        """Those of the identifiers that were forgotten, and for what time."""
        if not self._key or not identifiers:
            return {}
        by_digest = {digest(self._key, one): one for one in identifiers}
        cursor = await connection.execute(_FIND, [list(by_digest)])
        found: dict[Key, list[Period]] = {}
        for known, since, until in await cursor.fetchall():
            found.setdefault(by_digest[bytes(known)], []).append((since, until))
        return found


def is_forgotten(connection: Connection, identifier: Key, at: datetime) -> tuple[int | None, bool]:
    """The epoch, and whether what is told of the identifier at that time is turned away."""
    epoch, forgotten = forgotten_of(connection, [identifier], at)
    return epoch, bool(forgotten)


def forgotten_of(
    connection: Connection, identifiers: Collection[Key], at: datetime
) -> tuple[int | None, set[Key]]:
    """The epoch, and those of the identifiers of which what is told at that time is turned away."""
    kept = connection.execute(_KEY).fetchone()
    if kept is None:
        return None, set()
    key = bytes.fromhex(vault.unseal(kept[1]))
    by_digest = {digest(key, one): one for one in identifiers}
    periods = connection.execute(_FIND, [list(by_digest)]).fetchall()
    found = {by_digest[bytes(one)] for one, since, until in periods if since <= at < until}
    return kept[0], found
