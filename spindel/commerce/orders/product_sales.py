"""What was sold of each product lately, for whoever reckons with it (`offers/sales.py`)."""

from __future__ import annotations

SOLD = """
SELECT line.product, o.currency, sum(line.quantity - line.cancelled)::bigint,
       sum(line.total * (line.quantity - line.cancelled) / line.quantity)::bigint
FROM orders_order o JOIN orders_orderline line ON line.order_id = o.id
WHERE o.placed_at > statement_timestamp() - interval '28 days' AND o.state <> 'cancelled'
GROUP BY line.product, o.currency
"""
