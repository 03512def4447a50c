"""What the catalogue says: prices now, products whole, places from near to far."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime

from babel.numbers import get_territory_currencies
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from spindel.catalogue.models import Place, Price, Product, Variant
from spindel.catalogue.pricing import Kept, PriceNow, price_at
from spindel.catalogue.rules import Position, distance
from spindel.kit import sql

_HOLDING = """
SELECT variant_id, market, currency, id, amount, sale, since, until FROM catalogue_price
WHERE variant_id = ANY(%(variants)s) AND since <= %(at)s AND (until IS NULL OR until > %(at)s)
  AND (%(market)s::text IS NULL OR market = %(market)s)
"""

# The list prices of {variant} that hold now, for inside another statement: the regular one and that
# of a sale, each NULL where there is none. `pricing.list_price` says which of them one pays.
LIST_PRICES = """
SELECT (
    SELECT amount FROM catalogue_price
    WHERE variant_id = {variant} AND market = {market} AND currency = {currency} AND NOT sale
      AND since <= statement_timestamp() AND (until IS NULL OR until > statement_timestamp())
    ORDER BY since DESC LIMIT 1
) AS regular, (
    SELECT amount FROM catalogue_price
    WHERE variant_id = {variant} AND market = {market} AND currency = {currency} AND sale
      AND since <= statement_timestamp() AND (until IS NULL OR until > statement_timestamp())
    ORDER BY since DESC LIMIT 1
) AS sale OFFSET 0  -- without OFFSET 0 they are asked anew wherever they are named
"""

MarketPrices = dict[tuple[str, str], PriceNow]  # by market and currency


def prices_now(
    variants: Collection[int], market: str | None = None, at: datetime | None = None
) -> dict[int, MarketPrices]:
    """What variants cost at the moment, in one market or in all, in one question for them all.

    A variant without a price is left out.
    """
    at = at or timezone.now()
    series: dict[tuple[int, str, str], list[Kept]] = {}
    parameters = {"variants": list(variants), "at": at, "market": market}
    for variant, where, currency, *price in sql.rows(_HOLDING, parameters):
        series.setdefault((variant, where, currency), []).append(Kept(*price))
    found: dict[int, MarketPrices] = {}
    for (variant, where, currency), prices in sorted(series.items()):
        now = price_at(prices, at)
        if now is not None:
            found.setdefault(variant, {})[where, currency] = now
    return found


def currency_of(market: str) -> str | None:
    """The currency that people pay with in the country; None for what is no country."""
    return next(iter(get_territory_currencies(market)), None)


# From market to market along the index, however many prices each has.
_COUNTRIES = """
WITH RECURSIVE markets (market) AS (
    SELECT min(market) FROM catalogue_price
  UNION ALL
    SELECT (SELECT min(market) FROM catalogue_price WHERE market > markets.market)
    FROM markets WHERE market IS NOT NULL
)
SELECT market FROM markets WHERE market IS NOT NULL
UNION SELECT country FROM catalogue_place WHERE closed_at IS NULL
"""


def countries() -> list[str]:
    """Where something is sold: in a market, or a store."""
    return [country for (country,) in sql.rows(_COUNTRIES)]


def with_variants(products: QuerySet[Product]) -> QuerySet[Product]:
    """The products with those of their variants that are sold, in their order, as `on_sale`."""
    variants = Variant.objects.filter(removed_at=None).order_by("position", "pk")
    return products.prefetch_related(Prefetch("variants", variants, to_attr="on_sale"))


def in_given_order(ids: list[int]) -> list[Product]:
    """The products of these ids with their variants, in this order."""
    found = {one.pk: one for one in with_variants(Product.objects.filter(pk__in=ids))}
    return [found[id] for id in ids if id in found]


def price_history(variants: Collection[int], most: int = 200) -> list[Price]:
    """The prices that variants have had and will have, the newest first."""
    found = Price.objects.filter(variant__in=list(variants)).select_related("variant")
    return list(found.order_by("-since", "market", "variant__position", "pk")[:most])


def places(near: Position | None = None) -> list[tuple[Place, float | None]]:
    """The places that are not closed for good, with their distance in km.

    The nearest first; those without a position last. Without `near` by country, city and name.
    """
    found = list(Place.objects.filter(closed_at=None).order_by("country", "city", "name", "pk"))
    if near is None:
        return [(place, None) for place in found]
    away = [(place, _away(place, near)) for place in found]
    return sorted(away, key=lambda one: math.inf if one[1] is None else one[1])


def _away(place: Place, near: Position) -> float | None:
    if place.latitude is None or place.longitude is None:
        return None
    return distance(near, (place.latitude, place.longitude))
