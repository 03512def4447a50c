"""The facts that commerce records."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.kit.money import to_major
from spindel.timeline.recording import Recorded


def major(amount: int, currency: str) -> float:
    """An amount for a fact, whose money is a JSON number of whole units, as in Segment's spec."""
    return float(to_major(amount, currency))


@dataclass(frozen=True)
class _OfHold:
    """What every fact about a hold tells: its number, the store, the goods, and its end."""

    hold_id: int
    store: str
    store_name: str
    product_id: str
    name: str
    sku: str
    variant: str
    quantity: int
    until: str


@dataclass(frozen=True)
class StockReserved(_OfHold, Recorded):
    """Something is kept for her in a place, until a moment."""


@dataclass(frozen=True)
class ReservationExtended(_OfHold, Recorded):
    """It is kept for longer."""


@dataclass(frozen=True)
class ReservationReady(_OfHold, Recorded):
    """The store has set it aside for her."""


@dataclass(frozen=True)
class ReservationPutBack(_OfHold, Recorded):
    """It does not lie ready after all; it is kept for her still."""


@dataclass(frozen=True)
class ReservationReleased(_OfHold, Recorded):
    """It is not kept any more, because somebody said so."""


@dataclass(frozen=True)
class ReservationExpired(_OfHold, Recorded):
    """It is not kept any more, because its time is up."""


@dataclass(frozen=True)
class ReservationCollected(_OfHold, Recorded):
    """It was handed over to her."""


@dataclass(frozen=True)
class ReservationFailed(_OfHold, Recorded):
    """The store could not find it. `next_store` is the nearest that has it; empty if none has."""

    next_store: str


# --- carts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _OfLine:
    """What every fact about a line of a cart tells; the price is of one, in whole units."""

    cart_id: int
    product_id: str
    sku: str
    name: str
    variant: str
    brand: str
    category: str
    quantity: int
    price: float
    currency: str


@dataclass(frozen=True)
class ProductAdded(_OfLine, Recorded):
    """So many more are in her cart. (Segment e-commerce spec v2.)"""


@dataclass(frozen=True)
class ProductRemoved(_OfLine, Recorded):
    """So many fewer are in it. (Segment e-commerce spec v2.)"""


@dataclass(frozen=True)
class ProductSaved(_OfLine, Recorded):
    """She has put it aside in her cart, for later."""


@dataclass(frozen=True)
class CartMerged(Recorded):
    """What was in another of her carts is in this one, too."""

    cart_id: int
    merged: int


@dataclass(frozen=True)
class CartTakenApart(Recorded):
    """Two carts that had become one are two again, in what was not changed since."""

    cart_id: int
    merged: int
    by: str


@dataclass(frozen=True)
class CartShared(Recorded):
    """She has made a link to what is in it. (Segment e-commerce spec v2.)"""

    cart_id: int
    share_via: str


@dataclass(frozen=True)
class CartAbandoned(Recorded):
    """Nothing has become of it for an hour."""

    cart_id: int
    products: list[dict[str, object]]


@dataclass(frozen=True)
class CartRecovered(Recorded):
    """She has come back to a cart that was abandoned."""

    cart_id: int


@dataclass(frozen=True)
class SignedIn(Recorded):
    """She has proved at a shop who she is."""

    method: str


# --- wishes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _OfWish:
    """What every fact about a wish tells: the goods."""

    product_id: str
    sku: str
    name: str
    variant: str
    brand: str
    category: str


@dataclass(frozen=True)
class ProductAddedToWishlist(_OfWish, Recorded):
    """It is on her wish list. (Segment e-commerce spec v2.)"""

    @classmethod
    def fact_name(cls) -> str:
        """As the spec writes it."""
        return "Product Added to Wishlist"


@dataclass(frozen=True)
class ProductRemovedFromWishlist(_OfWish, Recorded):
    """It is on her wish list no more. (Segment e-commerce spec v2.)"""

    @classmethod
    def fact_name(cls) -> str:
        """As the spec writes it."""
        return "Product Removed from Wishlist"


@dataclass(frozen=True)
class ProductBackInStock(_OfWish, Recorded):
    """She waited until it was back, and was told that it is."""


# --- orders ---------------------------------------------------------------------------------------

Products = list[dict[str, object]]  # product_id, sku, name, variant, quantity, price


@dataclass(frozen=True)
class PaymentInfoEntered(Recorded):
    """She has ordered, and is on her way to pay. (Segment e-commerce spec v2.)"""

    order_id: str
    payment_method: str


@dataclass(frozen=True)
class OrderCompleted(Recorded):
    """The order is settled. Amounts in whole units. (Segment e-commerce spec v2.)"""

    order_id: str
    affiliation: str
    store: str
    total: float
    revenue: float
    tax: float
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


# --- quotes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _OfQuote:
    """What every fact about a quote tells: its number, what it comes to, and the goods."""

    quote_id: str
    total: float
    currency: str
    products: Products


@dataclass(frozen=True)
class QuoteSent(_OfQuote, Recorded):
    """She has been offered goods at a price, until a moment."""

    until: str
    by: str


@dataclass(frozen=True)
class QuoteChanged(_OfQuote, Recorded):
    """What she was offered is something else now."""

    until: str
    by: str


@dataclass(frozen=True)
class QuoteAccepted(_OfQuote, Recorded):
    """She has taken the offer; the order has this number."""

    order_id: str


@dataclass(frozen=True)
class QuoteFailed(_OfQuote, Recorded):
    """She wanted to take the offer and could not: sold_out, changed, expired, withdrawn or
    not_right.
    """

    reason: str


@dataclass(frozen=True)
class QuoteWithdrawn(_OfQuote, Recorded):
    """The offer was taken back."""

    by: str


@dataclass(frozen=True)
class QuoteExpired(_OfQuote, Recorded):
    """Its time was up."""


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
