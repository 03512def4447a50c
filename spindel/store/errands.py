"""What brings a customer to a store today: something is kept for her there, or she gave back."""

from __future__ import annotations

from django.utils import timezone

from spindel.catalogue import posts
from spindel.identity import customers
from spindel.kit import sql
from spindel.staff.models import User

_ERRAND = """
SELECT EXISTS (
    SELECT FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
        AS span (id, since, until)
    WHERE EXISTS (  -- it is kept in a store for her
        SELECT FROM stock_hold h JOIN catalogue_place p ON p.id = h.place_id
        WHERE h.identifier_id = span.id AND h.made_at >= span.since AND h.made_at < span.until
          AND h.state = 'active' AND h.until > statement_timestamp() AND p.hands_over
          AND (%(any)s OR h.place_id = ANY(%(places)s::bigint[]))
    ) OR EXISTS (  -- she has ordered it, and comes to collect it
        SELECT FROM orders_order o
        JOIN orders_orderline l ON l.order_id = o.id AND l.fulfilment = 'pick_up'
        WHERE o.identifier_id = span.id AND o.placed_at >= span.since AND o.placed_at < span.until
          AND o.state = 'confirmed' AND l.delivered + l.cancelled < l.quantity
          AND (%(any)s OR l.place_id = ANY(%(places)s::bigint[]))
    ) OR EXISTS (
        SELECT FROM orders_return r
        WHERE r.identifier_id = span.id AND r.at >= greatest(span.since, %(today)s)
          AND r.at < span.until AND (%(any)s OR r.place_id = ANY(%(places)s::bigint[]))
    ) OR EXISTS (  -- this person has promised her what was not found
        SELECT FROM stock_promise m JOIN stock_hold h ON h.id = m.hold_id
        WHERE m.user_id = %(user)s AND m.seen_at IS NULL AND h.identifier_id = span.id
          AND h.made_at >= span.since AND h.made_at < span.until
    )
)
"""


def has_one(user: User, customer: int) -> bool:
    """Whether the customer has an errand in a store today, or this person owes her an answer.

    For whoever has a store of her own it is an errand there, or where she helps out today.
    """
    spans = customers.spans(customer)
    places = posts.hers(user)
    words = {
        "ids": [id for id, _, _ in spans],
        "since": [since for _, since, _ in spans],
        "until": [until for _, _, until in spans],
        "today": timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0),
        "user": user.pk,
        "any": not places,
        "places": places,
    }
    row = sql.row(_ERRAND, words)
    assert row is not None
    return bool(row[0])
