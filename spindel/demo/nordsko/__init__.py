"""Nordsko: shoes in Göteborg, Stockholm, København and on the web.

`history` is two years of what its systems would have sent; `shopper_story` is one customer to play
live.
"""

from spindel.demo.nordsko.catalogue import PRODUCTS, STORES, Product, Store, Variant
from spindel.demo.nordsko.habits import history
from spindel.demo.nordsko.messages import SOURCES
from spindel.demo.nordsko.story import Deed, Touch, shopper_story

__all__ = [
    "PRODUCTS",
    "SOURCES",
    "STORES",
    "Deed",
    "Product",
    "Store",
    "Touch",
    "Variant",
    "history",
    "shopper_story",
]
