"""What a customer has been worth to the shop: what she has bought here, and what others tell of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from spindel.commerce.orders import customer_orders, external_purchases
from spindel.commerce.orders.models import Return
from spindel.identity.shown import Opened
from spindel.kit import sql
from spindel.kit.money import share, to_major

_MOST = 1_000  # of her newest orders

# Lines that are whole together, the others each; an exchange is no purchase of its own.
_BOUGHT = """
SELECT o.currency, count(DISTINCT o.id) FILTER (WHERE NOT o.exchanged), min(o.placed_at),
       coalesce(sum(l.total) FILTER (WHERE l.cancelled + l.returned = 0), 0)::bigint,
       coalesce(array_agg(ARRAY[l.total, l.quantity, l.cancelled, l.returned])
                FILTER (WHERE l.cancelled + l.returned > 0), '{}')
FROM (
    SELECT id, currency, placed_at,
           EXISTS (SELECT FROM orders_return r WHERE r.exchange_id = o.id) AS exchanged
    FROM orders_order o WHERE id = ANY(%s) AND state IN ('confirmed', 'completed')
) o JOIN orders_orderline l ON l.order_id = o.id
GROUP BY o.currency
"""


@dataclass(frozen=True, slots=True)
class Worth:
    """Of one currency, in whole units: what was spent, less what came back, in how many purchases
    since when, and how often something came back.
    """

    currency: str
    spent: Decimal
    purchases: int
    since: datetime
    returns: int

    @property
    def average(self) -> Decimal:
        """What a purchase came to, rounded."""
        return (self.spent / max(self.purchases, 1)).quantize(Decimal(1))


def of(her: Opened) -> list[Worth]:
    """By currency, that of the most purchases first; of her newest thousand orders."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    many: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    since: dict[str, datetime] = {}
    ids = customer_orders.orders(her.id, _MOST)
    for currency, count, first, whole, parts in sql.rows(_BOUGHT, [ids]):
        left = sum(share(total, of, back, of - gone - back) for total, of, gone, back in parts)
        spent[currency], many[currency] = to_major(whole + left, currency), count
        since[currency] = first
    for one in Return.objects.filter(order__in=ids).values_list("order__currency", flat=True):
        back[one] += 1
    for told in external_purchases.of(her):
        if told.total is None or not told.currency:
            continue
        currency = told.currency.upper()
        spent[currency] += Decimal(str(told.total)) - Decimal(str(told.refunded))
        many[currency] += 1
        back[currency] += told.refunded > 0
        since[currency] = min(told.at, since.get(currency, told.at))
    found = [Worth(one, spent[one], many[one], since[one], back[one]) for one in since]
    return sorted(found, key=lambda one: (-one.purchases, one.currency))
