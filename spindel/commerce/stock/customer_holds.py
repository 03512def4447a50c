"""For whom things are held, for people here."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from spindel.commerce.stock import ordered
from spindel.commerce.stock.models import Hold
from spindel.identity import customers
from spindel.kit import sql

_MOST_HOLDS = 50


# What was done while the identifier was hers.
_HOLDS = """
SELECT h.id FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
JOIN stock_hold h ON h.identifier_id = span.id AND h.made_at >= span.since
    AND h.made_at < span.until
WHERE h.state = 'active' AND h.until > statement_timestamp() AND h.order_line_id IS NULL
ORDER BY h.until, h.id LIMIT %(limit)s
"""


def holds(customer: int) -> QuerySet[Hold]:
    """What is kept for her now and is not ordered, the first to end first."""
    found = sql.rows(_HOLDS, customers.span_words(customer) | {"limit": _MOST_HOLDS})
    shown = Hold.objects.filter(pk__in=[id for (id,) in found])
    return shown.select_related("variant__product", "place").order_by("until", "pk")


_HOLDERS = """
SELECT h.id, (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = h.identifier_id AND since <= h.made_at ORDER BY since DESC LIMIT 1
)
FROM stock_hold h WHERE h.id = ANY(%s)
"""


def holders(holds: Collection[int]) -> dict[int, int]:
    """For whom the holds are, by their ids; those of an order are for whoever placed it."""
    rows = sql.rows(_HOLDERS, [list(holds)])
    found = {hold: customer for hold, customer in rows if customer is not None}
    left = [hold for hold in holds if hold not in found]
    return found | (ordered.registered().holders(left) if left else {})
