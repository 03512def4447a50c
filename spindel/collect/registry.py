"""Who may write: sources by their write keys, kept in memory and fresh.

Changes are heard of at once (`NOTIFY`), and looked up again on a key that is not known.
"""

from __future__ import annotations

import time
from datetime import datetime

from psycopg import AsyncConnection

from spindel.collect.plan import Checker, from_document
from spindel.collect.steps import Origin

# Told when a source or one of its keys has changed (`collect.actions`).
NOTIFY_SOURCES = "spindel_sources"

_READ = """
SELECT k.key, s.id, s.slug, s.kind, s.channel, s.country, s.trusted, s.rate_limit, s.strict, k.id,
       p.changed_at
FROM timeline_writekey k JOIN timeline_source s ON s.id = k.source_id
LEFT JOIN collect_trackingplan p ON p.source_id = s.id AND p.document IS NOT NULL
WHERE k.revoked_at IS NULL AND s.archived_at IS NULL
"""

_READ_PLANS = """
SELECT source_id, changed_at, document FROM collect_trackingplan
WHERE source_id = ANY(%s) AND document IS NOT NULL
"""

# Two collectors write much the same time: whoever finds the row taken leaves it.
_NOTE_USES = """
UPDATE timeline_writekey SET used_at = now() WHERE id IN (
    SELECT id FROM timeline_writekey WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED
)
"""

_SECONDS_BETWEEN_LOOKUPS = 0.2
_SECONDS_BETWEEN_NOTES = 60.0


class Registry:
    """The sources that may write, by key."""

    def __init__(self) -> None:
        self.by_key: dict[str, Origin] = {}
        self.loaded = False
        self.used: set[int] = set()  # the keys that were shown since that was noted
        self._plans: dict[int, tuple[datetime, Checker]] = {}
        self._read_at = 0.0
        self._noted_at = -_SECONDS_BETWEEN_NOTES

    async def load(self, connection: AsyncConnection) -> None:
        """Read all keys that are not revoked, and the plans that have changed."""
        self._read_at = time.monotonic()
        cursor = await connection.execute(_READ)
        rows = await cursor.fetchall()
        await self._load_plans(connection, {row[1]: row[-1] for row in rows if row[-1]})
        self.by_key = {row[0]: Origin(*(*row[1:-1], self._plan(row[1]))) for row in rows}
        self.loaded = True

    async def _load_plans(self, connection: AsyncConnection, versions: dict[int, datetime]) -> None:
        self._plans = {id: known for id, known in self._plans.items() if id in versions}
        stale = [
            id for id, version in versions.items() if self._plans.get(id, (None,))[0] != version
        ]
        if not stale:
            return
        cursor = await connection.execute(_READ_PLANS, [stale])
        for id, version, document in await cursor.fetchall():
            self._plans[id] = (version, Checker(from_document(document)))

    def _plan(self, source: int) -> Checker | None:
        return self._plans[source][1] if source in self._plans else None

    async def note_uses(self, connection: AsyncConnection) -> None:
        """Write down, once a minute, which keys were shown."""
        now = time.monotonic()
        if self.used and now - self._noted_at >= _SECONDS_BETWEEN_NOTES:
            self._noted_at = now
            used, self.used = self.used, set()
            await connection.execute(_NOTE_USES, [list(used)])

    def pause(self) -> float:
        """Seconds to wait before the keys are read for an unknown one: a flood shares a read."""
        return max(0.0, self._read_at + _SECONDS_BETWEEN_LOOKUPS - time.monotonic())
