"""What was bought and what came back on a day, in every channel, whoever told of it.

A day that is over is read once and kept for a while: what a till that was offline tells of late
comes in with the next look.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from django.core.cache import cache
from django.utils import timezone

from spindel.commerce.orders.external_purchases import BOUGHT
from spindel.kit import sql

_KEPT_FOR = timedelta(hours=1)
_CAME_BACK = ("Item Returned", "Item Exchanged", "Order Refunded")
_HOURS = 24


@dataclass(slots=True)
class Day:
    """A day by the shop's clock. `revenue` is by currency, in whole units, with tax; `returns` of
    how many orders something came back; `people` is how many customers were there, by channel.
    """

    day: date
    orders: int = 0
    by_hour: list[int] = field(default_factory=lambda: [0] * _HOURS)
    revenue: dict[str, Decimal] = field(default_factory=dict)
    returns: int = 0
    people: dict[str, int] = field(default_factory=dict)


def bounds(day: date) -> tuple[datetime, datetime]:
    """When a day begins and ends by the shop's clock; it may have 23 hours, or 25."""
    start, end = (datetime.combine(one, time()) for one in (day, day + timedelta(days=1)))
    return timezone.make_aware(start), timezone.make_aware(end)


def of(day: date) -> Day:
    """What was done on a day that is over."""
    key = f"day-{day.isoformat()}-{timezone.get_current_timezone_name()}"
    found: Day | None = cache.get(key)
    if found is None:
        found = _read(day)
        cache.set(key, found, _KEPT_FOR.total_seconds())
    return found


# What is told cannot have happened later than it was told (`collect` turns it away), so whatever
# was received before the day need not be looked at.
_TRADE = """
SELECT f.name, f.occurred_at, f.properties->>'order_id',
       coalesce(f.properties->>'total', f.properties->>'revenue', f.properties->>'value'),
       upper(f.properties->>'currency')
FROM timeline_fact f
WHERE f.received_at >= %(start)s AND f.occurred_at >= %(start)s AND f.occurred_at < %(end)s
  AND f.name = ANY(%(names)s)
ORDER BY f.occurred_at
"""

# A customer who was there under two of her identifiers was there once.
_PEOPLE = """
SELECT seen.channel, count(DISTINCT hers.customer_id) FROM (
    SELECT DISTINCT f.channel, f.identifier_id FROM timeline_fact f
    WHERE f.received_at >= %(start)s AND f.occurred_at >= %(start)s AND f.occurred_at < %(end)s
      AND f.channel NOT IN ('service', 'other')
) seen CROSS JOIN LATERAL (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = seen.identifier_id ORDER BY since DESC LIMIT 1
) hers GROUP BY 1 ORDER BY 2 DESC, 1
"""


def _read(day: date) -> Day:
    start, end = bounds(day)
    found = Day(day)
    orders: set[str] = set()
    returns: set[str] = set()
    revenue: dict[str, Decimal] = defaultdict(Decimal)
    words = {"start": start, "end": end, "names": [BOUGHT, *_CAME_BACK]}
    for name, at, order, total, currency in sql.rows(_TRADE, words):
        number = order or at.isoformat()
        if name != BOUGHT:
            returns.add(number)
        elif number not in orders:  # a till and the shop may both tell of it
            orders.add(number)
            found.by_hour[timezone.localtime(at).hour] += 1
            if (amount := _amount(total)) is not None and currency:
                revenue[currency] += amount
    found.orders, found.returns, found.revenue = len(orders), len(returns), dict(revenue)
    found.people = dict(sql.rows(_PEOPLE, {"start": start, "end": end}))
    return found


def _amount(text: str | None) -> Decimal | None:
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < 10**12 else None
