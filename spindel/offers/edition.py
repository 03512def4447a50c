"""In which edition offers are, and content about them: processes keep what they have read of it."""

from __future__ import annotations

from spindel.kit import sql

_CHANGED = """
INSERT INTO offers_edition (id, number)
VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
ON CONFLICT (id) DO UPDATE SET number = greatest(offers_edition.number + 1, excluded.number)
"""


def changed() -> None:
    """Have every process read them anew from when this commits."""
    sql.run(_CHANGED)
