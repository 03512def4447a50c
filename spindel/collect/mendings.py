"""Counting how messages were mended, in memory, until it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from psycopg import AsyncConnection

from spindel.collect.steps import Draft

Mending = tuple[int, str]  # source, one of mending.MENDINGS

_COUNT = """
INSERT INTO collect_mending (source_id, kind, hour, process, count)
SELECT source_id, kind, date_trunc('hour', now()), %(process)s, count
FROM unnest(%(sources)s::bigint[], %(kinds)s::text[], %(counts)s::bigint[])
     AS t (source_id, kind, count)
ON CONFLICT (source_id, kind, hour, process)
DO UPDATE SET count = collect_mending.count + excluded.count
"""


class Mendings:
    """Those of one process that are not in the database yet."""

    def __init__(self) -> None:
        self._counts: Counter[Mending] = Counter()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def note(self, drafts: Iterable[Draft]) -> None:
        """Count the kept ones that were mended, each way of mending once a message."""
        for draft in drafts:
            if draft.mended and not draft.refused:
                self._counts.update((draft.origin.id, kind) for kind in set(draft.mended))

    def take(self) -> Counter[Mending]:
        """What is to be written next; given back with `put_back` when that fails."""
        taken, self._counts = self._counts, Counter()
        return taken

    def put_back(self, counts: Counter[Mending]) -> None:
        """Have them written another time."""
        self._counts += counts

    async def write(self, connection: AsyncConnection, counts: Counter[Mending]) -> None:
        """Add the counts to the table, within the caller's transaction."""
        if counts:
            await connection.execute(
                _COUNT,
                {
                    "process": connection.info.backend_pid,
                    "sources": [source for source, _ in counts],
                    "kinds": [kind for _, kind in counts],
                    "counts": list(counts.values()),
                },
            )
