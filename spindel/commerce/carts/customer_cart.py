"""A customer's cart, for people here."""

from __future__ import annotations

from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.models import Cart
from spindel.identity.shown import Opened


def cart(her: Opened) -> Cart | None:
    """The open cart of whoever is served, as she has it herself; else a browser's that she is
    thought to use.
    """
    who = her.known()
    return carts.of_browser(her.id) if who is None else carts.of_served(who)
