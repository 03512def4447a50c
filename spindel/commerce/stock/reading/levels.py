"""Reading stock: what is where, who holds it, and whether it adds up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.catalogue.rules import distance
from spindel.commerce.stock.models import Hold, StockCheck
from spindel.kit import sql
from spindel.shoppers.models import Shopper


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there of a variant in a place. `available` is below zero where more is promised."""

    variant: int
    place: int
    on_hand: int
    held: int

    @property
    def available(self) -> int:
        """What can be held or sold now."""
        return self.on_hand - self.held


# Without the holds that have ended and were not taken back yet.
_LEVELS = """
SELECT l.variant_id, l.place_id, l.on_hand, l.held - coalesce(ended.quantity, 0)
FROM stock_level l
CROSS JOIN LATERAL (
    SELECT sum(h.quantity) AS quantity FROM stock_hold h
    WHERE h.variant_id = l.variant_id AND h.place_id = l.place_id
      AND h.state = 'active' AND h.until <= statement_timestamp()
) ended
WHERE l.variant_id = ANY(%s)
ORDER BY l.variant_id, l.place_id
"""


# Where something can be held or sold, as levels say it.
AVAILABLE = """
SELECT l.variant_id AS variant, l.place_id AS place FROM stock_level l
WHERE l.on_hand > 0 AND (l.on_hand > l.held OR l.on_hand > l.held - coalesce((
    SELECT sum(h.quantity) FROM stock_hold h
    WHERE h.variant_id = l.variant_id AND h.place_id = l.place_id
      AND h.state = 'active' AND h.until <= statement_timestamp()
), 0))
"""


def levels(variants: Collection[int]) -> list[Stock]:
    """The levels of the variants in all places."""
    return [Stock(*row) for row in sql.rows(_LEVELS, [list(variants)])]


def available(variant: int, place: int) -> int:
    """How many of the variant can be held or sold in the place now."""
    found = [one.available for one in levels([variant]) if one.place == place]
    return found[0] if found else 0


def nearest_with(variant: int, quantity: int, near: Place) -> Place | None:
    """The nearest other place that has so many and hands over; None where there is none."""
    has = {one.place for one in levels([variant]) if one.available >= quantity} - {near.pk}
    places = Place.objects.filter(pk__in=has, hands_over=True, closed_at=None)
    return min(places, key=lambda place: (kilometres(near, place), place.code), default=None)


def kilometres(one: Place, other: Place) -> float:
    """How far it is between two places; without positions, as far as can be."""
    ends = (one.latitude, one.longitude, other.latitude, other.longitude)
    if None in ends:
        return float("inf")
    lat, lon, lat2, lon2 = (float(end or 0) for end in ends)
    return distance((lat, lon), (lat2, lon2))


# --- holds ----------------------------------------------------------------------------------------

_LATELY = timedelta(days=30)
_MOST_HOLDS = 50


def holds_of_shopper(shopper: Shopper, identifiers: Collection[int]) -> QuerySet[Hold]:
    """What is held for her, and was lately: in her session, or for what is certainly hers."""
    mine = Q(shopper=shopper) | Q(identifier__in=identifiers)
    lately = Hold.objects.filter(mine, made_at__gt=timezone.now() - _LATELY)
    found = lately.order_by("-made_at", "-pk").values_list("pk", flat=True)[:_MOST_HOLDS]
    shown = Hold.objects.filter(pk__in=list(found)).select_related("variant__product", "place")
    return shown.order_by("-made_at", "-pk")


# --- proving --------------------------------------------------------------------------------------

# In one statement, so of one moment: movements and levels are written together.
_WRONG = """
SELECT coalesce(l.variant_id, m.variant_id, h.variant_id),
       coalesce(l.place_id, m.place_id, h.place_id),
       coalesce(l.on_hand, 0), coalesce(m.on_hand, 0), coalesce(l.held, 0), coalesce(m.held, 0),
       coalesce(h.quantity, 0)
FROM stock_level l
FULL JOIN (
    SELECT variant_id, place_id, sum(on_hand) AS on_hand, sum(held) AS held
    FROM stock_movement GROUP BY variant_id, place_id
) m ON m.variant_id = l.variant_id AND m.place_id = l.place_id
FULL JOIN (
    SELECT variant_id, place_id, sum(quantity) AS quantity
    FROM stock_hold WHERE state = 'active' GROUP BY variant_id, place_id
) h ON h.variant_id = l.variant_id AND h.place_id = l.place_id
WHERE coalesce(l.on_hand, 0) <> coalesce(m.on_hand, 0)
   OR coalesce(l.held, 0) <> coalesce(m.held, 0)
   OR coalesce(l.held, 0) <> coalesce(h.quantity, 0)
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A level that is not what its movements or its holds add up to."""

    variant: int
    place: int
    on_hand: int
    on_hand_moved: int
    held: int
    held_moved: int
    held_by_holds: int


def verify() -> list[Wrong]:
    """The levels that do not add up. Nothing is changed."""
    return [Wrong(*map(int, row)) for row in sql.rows(_WRONG)]


def last_check() -> StockCheck | None:
    """What the background found when it last proved the levels."""
    return StockCheck.objects.first()
