"""The facts that orders record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.commerce.common.facts import Products
from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class PaymentInfoEntered(Recorded):
    """She has ordered, and is on her way to pay. (Segment e-commerce spec v2.)"""

    order_id: str
    payment_method: str


@dataclass(frozen=True)
class OrderCompleted(Recorded):
    """The order is settled. Amounts in whole units; `shipping` is without VAT, and no part of the
    `revenue`. (Segment e-commerce spec v2.)
    """

    order_id: str
    affiliation: str
    store: str
    total: float
    revenue: float
    tax: float
    shipping: float
    discount: float
    currency: str
    payment_method: str
    products: Products


@dataclass(frozen=True)
class OrderUpdated(Recorded):
    """Some of it will not come. (Segment e-commerce spec v2.)"""

    order_id: str
    total: float
    currency: str
    products: Products


@dataclass(frozen=True)
class OrderCancelled(Recorded):
    """None of it will come. (Segment e-commerce spec v2.)"""

    order_id: str
    total: float
    currency: str
    reason: str
    products: Products


@dataclass(frozen=True)
class OrderShipped(Recorded):
    """A parcel of it is on its way."""

    order_id: str
    carrier: str
    tracking: str
    products: Products


@dataclass(frozen=True)
class OrderCollected(Recorded):
    """Some of it was handed over to her in a store."""

    order_id: str
    store: str
    store_name: str
    products: Products


@dataclass(frozen=True)
class OrderRefunded(Recorded):
    """She gets money back. (Segment e-commerce spec v2.)"""

    order_id: str
    total: float
    currency: str
    products: Products


@dataclass(frozen=True)
class ReceiptClaimed(Recorded):
    """She has shown the receipt of something that nobody knew she had bought."""

    order_id: str
