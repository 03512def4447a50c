"""What is paid for, as payments know it: by a number, and by what the room above says of it here.

Payments know no orders. Whoever has something paid for registers how it is locked and how it
stands, and hears of what becomes of its payment within the transaction in which that is learned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from spindel.commerce.payments.models import Payment


class Standing(StrEnum):
    """How what is paid for stands."""

    AWAITING = "awaiting"  # nothing of it is done before the money is there
    OPEN = "open"  # not all of it has left
    DONE = "done"
    CANCELLED = "cancelled"


class Happened(StrEnum):
    """What has become of a payment, as it is told of."""

    PAID = "paid"
    PAYMENT_FAILED = "payment_failed"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    DISPUTE_OVER = "dispute_over"


class Tell(Protocol):
    """Put on record what has become of the payment; `why` is kept as it is."""

    def __call__(
        self, payment: Payment, what: Happened, why: str = "", **detail: object
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Payable:
    """What a payment asks of what is paid for, by its number there.

    `lock` locks it, before the payment, with all that is locked before it. `changed` does for it
    what follows from what is known of the payment now; both are locked. `page` is the address where
    people here see it.
    """

    lock: Callable[[int], Standing]
    standing: Callable[[int], Standing]
    tell: Tell
    changed: Callable[[Payment], None]
    page: Callable[[int], str]


_REGISTERED: list[Payable] = []


def register(payable: Payable) -> None:
    """Have payments ask and tell there."""
    _REGISTERED[:] = [payable]


def registered() -> Payable:
    """Where payments ask and tell."""
    (payable,) = _REGISTERED
    return payable
