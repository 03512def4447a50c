"""What is open for a customer, for people here: what she holds, has ordered, and has looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from spindel.catalogue.models import Place, Product, Variant
from spindel.catalogue.reading import currency_of
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.models import Cart
from spindel.commerce.orders.models import Order
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels as stock
from spindel.identity import customers
from spindel.identity.shown import Opened
from spindel.kit import sql
from spindel.kit.clock import NEVER
from spindel.kit.folding import fold
from spindel.kit.register import Span
from spindel.timeline.reading import FactRow

_MOST_HOLDS = 50


def cart(her: Opened) -> Cart | None:
    """The open cart of whoever is served, as she has it herself; else a browser's that she is
    thought to use.
    """
    who = her.known()
    return carts.of_browser(her.id) if who is None else carts.of_served(who)


# What was done while the identifier was hers.
_HOLDS = """
SELECT h.id FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
JOIN stock_hold h ON h.identifier_id = span.id AND h.made_at >= span.since
    AND h.made_at < span.until
WHERE h.state = 'active' AND h.until > statement_timestamp() AND h.order_line_id IS NULL
ORDER BY h.until, h.id LIMIT %(limit)s
"""

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


def _spans(spans: Sequence[Span], limit: int) -> dict[str, object]:
    return {
        "ids": [id for id, _, _ in spans],
        "since": [since for _, since, _ in spans],
        "until": [until for _, _, until in spans],
        "limit": limit,
    }


def holds(customer: int) -> QuerySet[Hold]:
    """What is kept for her now and is not ordered, the first to end first."""
    found = sql.rows(_HOLDS, _spans(customers.spans(customer), _MOST_HOLDS))
    shown = Hold.objects.filter(pk__in=[id for (id,) in found])
    return shown.select_related("variant__product", "place").order_by("until", "pk")


def orders(customer: int, limit: int, before: datetime = NEVER) -> list[int]:
    """Her orders, the newest first, by their ids: those that were placed before the moment."""
    asked = _spans(customers.spans(customer), limit) | {"before": before}
    return [id for (id,) in sql.rows(_ORDERS, asked)]


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


_HOLDERS = """
SELECT h.id, coalesce((
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = h.identifier_id AND since <= h.made_at ORDER BY since DESC LIMIT 1
), (
    SELECT t.customer_id FROM orders_orderline l
    JOIN orders_order o ON o.id = l.order_id
    JOIN identity_tenure t ON t.identifier_id = o.identifier_id AND t.since <= o.placed_at
    WHERE l.id = h.order_line_id ORDER BY t.since DESC LIMIT 1
))
FROM stock_hold h WHERE h.id = ANY(%s)
"""


def holders(holds: Collection[int]) -> dict[int, int]:
    """For whom the holds are, by their ids; those of an order are for whoever placed it."""
    rows = sql.rows(_HOLDERS, [list(holds)])
    return {hold: customer for hold, customer in rows if customer is not None}


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


# --- what she has looked at -----------------------------------------------------------------------

_LOOKS = ("Product Viewed", "Product Clicked", "Product Added", "Product Added to Wishlist")
_MOST_LOOKS = 60  # of her newest such facts
_MOST_GOODS = 4


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A product that she has looked at, and in which variant, if the fact says so."""

    product: Product
    variant: int | None


def looked_at(her: Opened) -> list[LookedAt]:
    """The products that she has looked at last, the newest first, as far as they are sold."""
    facts = her.timeline(_MOST_LOOKS, names=_LOOKS).items
    return _goods(facts, _MOST_GOODS)


def _goods(facts: Iterable[FactRow], most: int) -> list[LookedAt]:
    told = [(_word(one, "product_id"), _word(one, "sku")) for one in facts]
    numbers = {number for number, _ in told if number}
    skus = {sku for pair in told for sku in pair if sku}
    variants = {
        one.sku: one
        for one in Variant.objects.filter(sku__in=skus, removed_at=None).select_related("product")
    }
    products = {one.number: one for one in Product.objects.filter(number__in=numbers)}
    found: dict[int, LookedAt] = {}
    for number, sku in told:
        variant = variants.get(sku) or variants.get(number)
        product = variant.product if variant else products.get(number)
        if product is None or product.removed_at is not None or len(found) >= most:
            continue
        # She looks at the shoe first and chooses the size then: a size counts, whenever it was.
        known = found.get(product.pk)
        if known is None or (known.variant is None and variant):
            found[product.pk] = LookedAt(product, variant.pk if variant else None)
    return list(found.values())


def _word(fact: FactRow, name: str) -> str:
    value = fact.properties.get(name)
    return str(value)[:64] if isinstance(value, str | int) else ""


# --- where she is ---------------------------------------------------------------------------------


def near(her: Opened) -> Place | None:
    """The store that she lives by, as far as is known: in her city, else where she went last."""
    stores = list(Place.objects.filter(closed_at=None, hands_over=True).order_by("pk"))
    city = fold(customers.city(her.profile().traits))
    if city:
        for one in stores:
            if fold(one.city or one.name) == city:
                return one
    ids = orders(her.id, 10)
    last = Order.objects.filter(pk__in=ids, place__in=stores).order_by("-placed_at").first()
    return next((one for one in stores if last and one.pk == last.place_id), None)


@dataclass(frozen=True, slots=True)
class Nearby:
    """A store that has some of a variant, and how far that is, if it is known."""

    place: Place
    available: int
    kilometres: float | None


def stores_with(
    variant: int, here: Place | None, levels: Sequence[stock.Stock] | None = None
) -> list[Nearby]:
    """The stores that can put some of it aside, the nearest first; by its levels, if known."""
    levels = stock.levels([variant]) if levels is None else levels
    there = {
        one.place: one.available for one in levels if one.variant == variant and one.available > 0
    }
    places = Place.objects.filter(pk__in=there, hands_over=True, closed_at=None)
    found = [
        Nearby(one, there[one.pk], _far(here, one))
        for one in places.order_by("country", "city", "name", "pk")
    ]
    return sorted(found, key=lambda one: (one.kilometres is None, one.kilometres or 0.0))


def _far(here: Place | None, there: Place) -> float | None:
    if here is None:
        return None
    far = stock.kilometres(here, there)
    return None if far == float("inf") else far


# --- where she buys -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Market:
    """Where she buys, in what money and language."""

    market: str
    currency: str
    language: str


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
