"""The cart of a shopper's session."""

from __future__ import annotations

from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.models import Cart
from spindel.shoppers.models import Shopper


def cart(shopper: Shopper, market: str = "", currency: str = "") -> carts.CartView:
    """Her cart; an empty one, that nothing is kept of, where she has none yet. As it would be in
    another market, where one is named.
    """
    there = _open_cart(shopper)
    if there is None:
        here = (market, currency) if market else market_of(shopper)
        return carts.CartView(0, 0, *here, 0, 0, 0, [], [], [])
    return carts.view(there.pk, shopper.language, market or None, currency or None)


def _open_cart(shopper: Shopper) -> Cart | None:
    there = carts.still_open(shopper.cart_id)
    if there is None and shopper.identifier_id is not None:
        there = carts.certainly_of(shopper.identifier_id)
    return there


def market_of(shopper: Shopper) -> tuple[str, str]:
    """In which market she buys, and in what money: as her cart says, on all her devices, or the
    one that she had last; before that, as the session began.
    """
    there = _open_cart(shopper) or Cart.objects.filter(pk=shopper.cart_id or 0).first()
    return (shopper.market, shopper.currency) if there is None else (there.market, there.currency)
