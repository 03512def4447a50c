"""A customer's orders, for people here; and where she buys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from spindel.catalogue.markets import Market
from spindel.catalogue.models import Place
from spindel.catalogue.near import near
from spindel.catalogue.reading import currency_of
from spindel.commerce.carts.models import Cart
from spindel.commerce.orders.models import Order
from spindel.identity import customers
from spindel.identity.shown import Opened
from spindel.kit import sql
from spindel.kit.clock import NEVER

_ORDERS = """
SELECT o.id FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
CROSS JOIN LATERAL (
    SELECT id, placed_at FROM orders_order
    WHERE identifier_id = span.id AND placed_at >= span.since
      AND placed_at < least(span.until, %(before)s)
    ORDER BY placed_at DESC, id DESC LIMIT %(limit)s
) o
ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s
"""


def orders(customer: int, limit: int, before: datetime = NEVER) -> list[int]:
    """Her orders, the newest first, by their ids: those that were placed before the moment."""
    asked = customers.span_words(customer) | {"before": before, "limit": limit}
    return [id for (id,) in sql.rows(_ORDERS, asked)]


def last_store(customer: int, stores: Sequence[Place]) -> int | None:
    """In which of the stores she bought last."""
    found = Order.objects.filter(pk__in=orders(customer, 10), place__in=stores)
    return found.order_by("-placed_at").values_list("place", flat=True).first()


_OWNERS = """
SELECT o.id, (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = o.identifier_id AND since <= o.placed_at ORDER BY since DESC LIMIT 1
)
FROM orders_order o WHERE o.id = ANY(%s)
"""


def owners(orders: Collection[int]) -> dict[int, int]:
    """Whose the orders are, by their ids; without those whose owner was forgotten."""
    rows = sql.rows(_OWNERS, [list(orders)])
    return {order: customer for order, customer in rows if customer is not None}


_SPOKEN = """
SELECT DISTINCT ON (identifier_id) identifier_id, placed_at, language
FROM orders_order WHERE identifier_id = ANY(%s) AND proved ORDER BY identifier_id, placed_at DESC
"""


def last_spoken(identifiers: Collection[int]) -> dict[int, tuple[datetime, str]]:
    """When each has ordered last, having proved who she is, and in which language."""
    rows = sql.rows(_SPOKEN, [list(identifiers)])
    return {id: (at, language) for id, at, language in rows}


_LANGUAGES = ("sv", "da", "en")


def market(her: Opened, cart: Cart | None) -> Market:
    """Where she buys: as her cart or her last order says, else where the store near her is."""
    traits = {one.name: one.value for one in her.profile().traits}
    language = str(traits.get("language") or traits.get("locale") or "")[:2].lower()
    last = Order.objects.filter(pk__in=orders(her.id, 1)).first()
    if language not in _LANGUAGES:
        language = last.language[:2] if last else ""
    known = cart or last
    if known is not None:
        country, currency = known.market, known.currency
    else:
        told, store = str(traits.get("country") or "").upper(), near(her)
        country = told if len(told) == 2 and currency_of(told) else store.country if store else ""
        country = country or "SE"
        currency = currency_of(country) or "SEK"
    usual = {"SE": "sv", "DK": "da"}.get(country, "en")
    return Market(country, currency, language if language in _LANGUAGES else usual)
