"""The facts that wish lists record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded

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
