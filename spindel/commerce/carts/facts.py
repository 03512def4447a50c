"""The facts that carts record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded

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
class _OfCoupon:
    """What every fact about a code tells."""

    cart_id: int
    coupon_id: str


@dataclass(frozen=True)
class CouponApplied(_OfCoupon, Recorded):
    """A code is in her cart. (Segment e-commerce spec v2.)"""


@dataclass(frozen=True)
class CouponRemoved(_OfCoupon, Recorded):
    """It is there no more. (Segment e-commerce spec v2.)"""


@dataclass(frozen=True)
class CouponDenied(_OfCoupon, Recorded):
    """A code was not taken: `reason` says why. (Segment e-commerce spec v2.)"""

    reason: str
