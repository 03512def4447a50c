"""So much is taken off what is bought as a test says: to see what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from spindel.offers import actions, pricing, reading
from spindel.offers.basket import Adjustment, Basket, BasketLine, Buyer, Offer, Priced
from spindel.offers.eligible import Offers
from spindel.offers.terms import PercentOff, Terms

_SUMMER = Terms(names={"en": "Summer"}, benefit=PercentOff(1))


def take_off(patch: pytest.MonkeyPatch, off: Callable[[BasketLine], int]) -> None:
    """Have so much taken off each line of whatever basket, all its pieces together; nothing off
    what was agreed.
    """
    offer = Offer(actions.keep("summer", _SUMMER, by="astrid").pk, 1, _SUMMER)

    def price(basket: Basket, offers: Offers, buyer: Buyer) -> Priced:
        lines = []
        for one in pricing.price(basket).lines:
            less = 0 if one.line.agreed is not None else min(off(one.line), one.total)
            taken = [Adjustment(-less, offer)]
            lines.append(replace(one, adjustments=taken) if less else one)
        return Priced(lines)

    patch.setattr(reading, "price", price)
