"""Something is taken off what is bought, as offers will: to see what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from spindel.catalogue import pricing
from spindel.catalogue.pricing import Adjustment, Basket, BasketLine, Priced
from spindel.commerce.carts import reading as carts
from spindel.commerce.orders.placement import goods


def take_off(patch: pytest.MonkeyPatch, off: Callable[[BasketLine], int]) -> None:
    """Have so much taken off each line of whatever basket, all its pieces together; nothing off
    what was agreed.
    """

    def price(basket: Basket) -> Priced:
        lines = []
        for one in pricing.price(basket).lines:
            less = 0 if one.line.agreed is not None else min(off(one.line), one.total)
            why = Adjustment(-less, "offer", "Summer", "offer:12")
            lines.append(replace(one, adjustments=[why]) if less else one)
        return Priced(lines)

    for module in (carts, goods):
        patch.setattr(module, "price", price)
