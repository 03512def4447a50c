"""What can be done where a line of a customer's cart can't be had as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from spindel.catalogue.models import Place, Variant
from spindel.commerce.carts.reading import CartLineView
from spindel.commerce.common import goods
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.stock import customer_holds
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.identity.shown import Opened

_MOST_STORES = 4
_MOST_SIZES = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """Where some of it is kept for the customer already, and until when."""

    code: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Out:
    """Ways out for a line: where it is `kept` for them, which `stores` have enough of it, whether
    it can be `sent`, and which other `sizes` of it come the same way, by their SKUs.
    """

    kept: list[Kept]
    stores: list[tuple[str, str, int]]
    sent: bool
    sizes: list[tuple[str, str]]


def of(her: Opened, lines: Sequence[CartLineView], market: str) -> dict[int, Out]:
    """The ways out for these lines, by their variants, in a fixed number of questions."""
    if not lines:
        return {}
    held = list(customer_holds.holds(her.id))
    same = _same(lines)
    levels = reading_levels.levels([*{one.variant for one in lines}, *(v.pk for v in same)])
    places = Place.objects.in_bulk({one.place for one in levels})
    there = {
        (one.variant, one.place): one.available
        for one in levels
        if one.available > 0 and places[one.place].closed_at is None
    }
    return {line.variant: _out(line, held, same, there, places, market) for line in lines}


def _same(lines: Sequence[CartLineView]) -> list[Variant]:
    """All variants of the lines' products."""
    found = Variant.objects.filter(
        product__variants__in=[one.variant for one in lines],
        removed_at=None,
        product__removed_at=None,
    )
    in_order = found.select_related("product").order_by("product", "position", "pk")
    return list(in_order.distinct()[:_MOST_SIZES])


def _out(
    line: CartLineView,
    held: Sequence[Hold],
    same: Sequence[Variant],
    there: dict[tuple[int, int], int],
    places: dict[int, Place],
    market: str,
) -> Out:
    kept = [
        Kept(one.place.code, one.place.name, one.until)
        for one in held
        if one.variant_id == line.variant
        and one.quantity >= line.quantity
        and one.place.country == market
        and one.place.code != line.place
    ]
    stores = [
        (place.code, place.name, there[line.variant, place.pk])
        for place in sorted(places.values(), key=lambda one: one.name)
        if place.hands_over
        and place.country == market
        and place.code != line.place
        and there.get((line.variant, place.pk), 0) >= line.quantity
    ]
    senders = {one.pk for one in places.values() if one.ships}
    is_sent = line.fulfilment == Fulfilment.SHIP

    def here(variant: int) -> int:
        mine = senders if is_sent else {line.place_id}
        return sum(many for (one, place), many in there.items() if one == variant and place in mine)

    product = next((one.product_id for one in same if one.pk == line.variant), None)
    sent = sum(m for (v, p), m in there.items() if v == line.variant and p in senders)
    return Out(
        kept,
        stores[:_MOST_STORES],
        not is_sent and sent >= line.quantity,
        [
            (one.sku, goods.options(one) or one.sku)
            for one in same
            if one.product_id == product
            and one.pk != line.variant
            and here(one.pk) >= line.quantity
        ],
    )
