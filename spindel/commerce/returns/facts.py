"""The facts that returns and exchanges record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.commerce.common.facts import Products
from spindel.timeline.recording import Recorded

# --- returns --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReturnStarted(Recorded):
    """She sends or brings something back, and wants its price, or `wanted`, an SKU. `method` is
    parcel or store.
    """

    order_id: str
    return_id: str
    reason: str
    method: str
    products: Products
    wanted: str


@dataclass(frozen=True)
class ReturnCalledOff(Recorded):
    """She keeps it after all."""

    order_id: str
    return_id: str


@dataclass(frozen=True)
class ItemReturned(Recorded):
    """Something that she had bought came back. `price` is what one had cost, in whole units."""

    order_id: str
    store: str
    store_name: str
    product_id: str
    sku: str
    name: str
    variant: str
    quantity: int
    price: float
    currency: str
    condition: str
    reason: str


@dataclass(frozen=True)
class ItemExchanged(Recorded):
    """Something came back, and she got or gets something else for it.

    `value` is what had been paid for what came back, `difference` how much more the other costs,
    or less; of all the pieces, in whole units.
    """

    order_id: str
    new_order_id: str
    store: str
    store_name: str
    product_id: str
    sku: str
    name: str
    variant: str
    returned_product_id: str
    returned_sku: str
    returned_name: str
    returned_variant: str
    quantity: int
    value: float
    difference: float
    currency: str
    condition: str
    reason: str
