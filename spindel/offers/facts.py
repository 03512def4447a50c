"""The facts that promises record."""

from __future__ import annotations

from dataclasses import dataclass

from spindel.timeline.recording import Recorded


@dataclass(frozen=True)
class OfferPromised(Recorded):
    """Somebody here has promised her a price, or less than what things cost, until a moment.

    `price` is what one costs, `percent` and `discount` what is taken off: one of them is told. No
    products: it is on all.
    """

    promise_id: int
    name: str
    until: str
    price: float | None
    percent: float | None
    discount: float | None
    currency: str
    products: list[dict[str, str]]
    why: str


@dataclass(frozen=True)
class PromiseKept(Recorded):
    """What she was promised, or had been shown, counts in an order of hers that is settled."""

    promise_id: int
    name: str
    order_id: str
    discount: float
    currency: str


@dataclass(frozen=True)
class PromiseLapsed(Recorded):
    """Its time was up, and she has not bought for it."""

    promise_id: int
    name: str


@dataclass(frozen=True)
class PromiseWithdrawn(Recorded):
    """Somebody here has taken back what was promised."""

    promise_id: int
    name: str
