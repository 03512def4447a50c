"""Small reads for the pages: who was seen last, one message as it came, facts by identifier."""

from __future__ import annotations

import json
from collections.abc import Collection
from uuid import UUID

from spindel.identity import customers
from spindel.identity.customers import Summary
from spindel.kit import sql

# Of the newest facts those of different customers: far fewer rows than all that ever happened.
_SEEN_LAST = """
SELECT customer_id FROM (
    SELECT DISTINCT ON (t.customer_id) t.customer_id, f.transaction, f.sequence
    FROM (SELECT * FROM timeline_fact ORDER BY transaction DESC, sequence DESC LIMIT 400) f
    CROSS JOIN LATERAL (
        SELECT customer_id FROM identity_tenure
        WHERE identifier_id = f.identifier_id AND since <= f.occurred_at
        ORDER BY since DESC LIMIT 1
    ) t
    ORDER BY t.customer_id, f.transaction DESC, f.sequence DESC
) seen ORDER BY transaction DESC, sequence DESC LIMIT %s
"""


def seen_last(limit: int) -> list[Summary]:
    """The customers whose facts came in last."""
    ids = [row[0] for row in sql.rows(_SEEN_LAST, [limit])]
    people = customers.summaries(ids)
    return [people[id] for id in ids if id in people]


_FACT = """
SELECT f.id, f.name, f.channel, s.name, f.occurred_at, f.received_at, f.properties, f.context,
       i.kind || ':' || i.value
FROM timeline_fact f
JOIN timeline_source s ON s.id = f.source_id
JOIN identity_identifier i ON i.id = f.identifier_id
WHERE f.id = %s AND %s = (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = f.identifier_id AND since <= f.occurred_at ORDER BY since DESC LIMIT 1
)
"""


def fact(id: UUID, customer: int) -> dict[str, object] | None:
    """One of the customer's facts as it came; None when it is not hers."""
    row = sql.row(_FACT, [id, customer])
    if row is None:
        return None
    names = ("id", "name", "channel", "source", "occurred_at", "received_at")
    found: dict[str, object] = dict(zip(names, row, strict=False))
    found["properties"] = json.loads(row[6])
    found["context"] = json.loads(row[7]) if row[7] else None
    found["identifier"] = row[8]
    return found


_COUNTED = 10_000


def facts_by_identifier(ids: Collection[int]) -> dict[int, int]:
    """How many facts are filed under each identifier, counted up to 10,000."""
    rows = sql.rows(
        "SELECT id, (SELECT count(*) FROM (SELECT 1 FROM timeline_fact"
        " WHERE identifier_id = asked.id LIMIT %s) counted)"
        " FROM unnest(%s::bigint[]) AS asked (id)",
        [_COUNTED, list(ids)],
    )
    return dict(rows)
