"""What customers are called, by what was ordered and offered."""

from __future__ import annotations

from collections.abc import Collection

from spindel.kit import sql

# What was proved, or somebody here has written down, before what anybody has typed; of that the
# newest.
_NAMES = """
SELECT DISTINCT ON (t.customer_id) t.customer_id, told.name
FROM identity_tenure t
LEFT JOIN LATERAL (
    SELECT since FROM identity_tenure
    WHERE identifier_id = t.identifier_id AND since > t.since ORDER BY since LIMIT 1
) later ON true
CROSS JOIN LATERAL (
    (SELECT contact->>'name' AS name, proved, placed_at AS at FROM orders_order
     WHERE identifier_id = t.identifier_id AND placed_at >= t.since
       AND placed_at < coalesce(later.since, 'infinity')
     ORDER BY placed_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT contact->>'name', true, made_at FROM quotes_quote
     WHERE identifier_id = t.identifier_id AND made_at >= t.since
       AND made_at < coalesce(later.since, 'infinity')
     ORDER BY made_at DESC LIMIT %(most)s)
) told
WHERE t.customer_id = ANY(%(customers)s) AND told.name <> ''
ORDER BY t.customer_id, told.proved DESC, told.at DESC
"""
_MOST_NAMED = 5  # of an identifier's newest


def names(customers: Collection[int]) -> dict[int, str]:
    """What those of the customers are called for whom something was ordered, or offered."""
    asked = {"customers": list(customers), "most": _MOST_NAMED}
    return dict(sql.rows(_NAMES, asked))
