"""A cart moves to another market."""

from __future__ import annotations

from dataclasses import replace

from spindel.commerce.carts import ownership
from spindel.kit import sql

_MOVE = """
UPDATE carts_cart SET market = %s, currency = %s, version = version + 1, changed_at = now()
WHERE id = %s
"""


def move(cart: ownership.Held, market: str, currency: str) -> ownership.Held:
    """Have the locked cart be of this market: everything in it costs what it costs there."""
    if (cart.market, cart.currency) == (market, currency):
        return cart
    sql.run(_MOVE, [market, currency, cart.id])
    # What she has seen was other money: nothing has become dearer or cheaper.
    sql.run("UPDATE carts_cartline SET seen_amount = NULL WHERE cart_id = %s", [cart.id])
    return replace(cart, market=market, currency=currency, version=cart.version + 1)
