"""Who may write: sources by their write keys, kept in memory and fresh.

Changes are heard of at once (`NOTIFY`), and looked up again on a key that is not known.
"""

from __future__ import annotations

import time

from psycopg import AsyncConnection

from spindel.collect.steps import Origin

# Told when a source or one of its keys has changed (`collect.actions`).
NOTIFY_SOURCES = "spindel_sources"

_READ = """
SELECT k.key, s.id, s.slug, s.kind, s.channel, s.country, s.trusted, s.rate_limit
FROM timeline_writekey k JOIN timeline_source s ON s.id = k.source_id
WHERE k.revoked_at IS NULL
"""

_SECONDS_BETWEEN_LOOKUPS = 0.2


class Registry:
    """The sources that may write, by key."""

    def __init__(self) -> None:
        self.by_key: dict[str, Origin] = {}
        self.loaded = False
        self._read_at = 0.0

    async def load(self, connection: AsyncConnection) -> None:
        """Read all keys that are not revoked."""
        self._read_at = time.monotonic()
        cursor = await connection.execute(_READ)
        self.by_key = {key: Origin(*rest) for key, *rest in await cursor.fetchall()}
        self.loaded = True

    def pause(self) -> float:
        """Seconds to wait before the keys are read for an unknown one: a flood shares a read."""
        return max(0.0, self._read_at + _SECONDS_BETWEEN_LOOKUPS - time.monotonic())
