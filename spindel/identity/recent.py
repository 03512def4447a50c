"""Small reads for the pages: who was seen last, one message as it came, facts by identifier."""

from __future__ import annotations

import json
from collections.abc import Collection
from uuid import UUID

from spindel.identity import customers
from spindel.kit import sql
from spindel.timeline.reading import SEEN, FactRow

# Of the facts that came in last: far fewer rows than all that ever happened.
_LATELY = f"""
SELECT DISTINCT t.customer_id
FROM (
    SELECT f.identifier_id, f.occurred_at FROM timeline_fact f WHERE {SEEN}
    ORDER BY f.transaction DESC, f.sequence DESC LIMIT 400
) f
CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = f.identifier_id AND since <= f.occurred_at
    ORDER BY since DESC LIMIT 1
) t
"""  # noqa: S608  # put together from constants


def seen_last(limit: int) -> list[int]:
    """Of the customers whose facts came in last those who were seen last, the last first."""
    seen = customers.last_seen([customer for (customer,) in sql.rows(_LATELY)])
    return sorted(seen, key=lambda one: (seen[one], one), reverse=True)[:limit]


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


def fact(id: UUID, customer: int) -> FactRow | None:
    """One of the customer's facts as it came; None when it is not hers."""
    row = sql.row(_FACT, [id, customer])
    if row is None:
        return None
    id, name, channel, source, occurred_at, received_at, properties, context, identifier = row
    return FactRow(
        id=id,
        name=name,
        channel=channel,
        source=source,
        occurred_at=occurred_at,
        received_at=received_at,
        properties=json.loads(properties),
        context=json.loads(context) if context else {},
        identifier=identifier,
        cursor="",
    )


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
