"""What offers take off for whoever comes: for the catalogue, whose lists and feeds know nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from spindel.catalogue.anybody import AnybodysDiscount, Listed
from spindel.offers.basket import Basket, BasketLine, Buyer
from spindel.offers.pricing import price
from spindel.offers.reading import buyer, live, stand


def discounts(goods: Sequence[Listed]) -> list[Sequence[AnybodysDiscount]]:
    """What offers that need no code take off one piece of each. The number of statements grows with
    the currencies at most.
    """
    offers = live(stand(None).edition)
    if not offers.by_id:
        return [()] * len(goods)
    nothing = Basket(market="", currency="", at=timezone.now(), lines=())
    buyers: dict[str, Buyer] = {}
    found: list[Sequence[AnybodysDiscount]] = []
    for one in goods:
        if one.currency not in buyers:
            buyers[one.currency] = buyer(offers, replace(nothing, currency=one.currency), None)
        basket = replace(nothing, market=one.market, currency=one.currency, lines=(_piece(one),))
        (line,) = price(basket, offers, buyers[one.currency]).lines
        found.append(
            [AnybodysDiscount(off.offer.terms.names, -off.amount) for off in line.adjustments]
        )
    return found


def _piece(one: Listed) -> BasketLine:
    product = one.product
    return BasketLine(
        product.pk,
        1,
        product.vat,
        one.price,
        product=product.number,
        brand=product.brand,
        categories=product.categories,
    )
