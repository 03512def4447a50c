"""What every provider of payments does, however it does it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # of the stubs alone


@dataclass(frozen=True, slots=True)
class Bill:
    """A payment as its provider needs to know it: amounts in minor units, and nothing of her."""

    key: uuid.UUID
    number: str  # the order's
    language: str
    currency: str
    amount: int
    captured: int
    refunded: int
    reference: str  # the provider's own name of it, "" before it has one


@dataclass(frozen=True, slots=True)
class Page:
    """Where she pays, and what the provider calls it."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a payment has come at its provider: the sums so far, in minor units of `currency`,
    which is "" where there are none.

    `refused`: she was turned away, and may try again. `ended`: what is not taken by now never will
    be. None of it is ever taken back, so it does not matter in which order such are learned.
    """

    authorised: int = 0
    captured: int = 0
    refunded: int = 0
    currency: str = ""
    refused: bool = False
    ended: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Disputed:
    """That she wants the money back from her bank: how much, why (a code), and how far that is.

    `state` is one of `PaymentDispute`; an answer counts until `due_by`.
    """

    reference: str
    amount: int
    currency: str
    reason: str
    state: str
    due_by: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a provider has told by itself. `payment` is our key of it, where it named one.

    `page` is set where it is about one page only: another may have been made of the same payment.
    `failed` is the key of what was asked, done, and came to nothing afterwards. `reference` is the
    provider's own name of the payment, where it named no key of ours. `unreadable`: it is from the
    provider, and what it means can't be read.
    """

    event: str
    kind: str
    at: datetime | None
    payment: uuid.UUID | None = None
    page: str = ""
    seen: Seen | None = None
    failed: uuid.UUID | None = None
    reference: str = ""
    disputed: Disputed | None = None
    unreadable: bool = False


class Away(Exception):
    """The provider can't be reached, or wants to be asked later. The text is a code."""


class NotDone(Exception):
    """The provider will not do it, nor later. The text is a code; `seen` is what was learned."""

    def __init__(self, code: str, seen: Seen | None = None) -> None:
        super().__init__(code)
        self.seen = seen


class NotTrue(ValueError):
    """It can't be read, or is not from the provider."""


class Provider(Protocol):
    """A way to pay. What is asked of it again by the same key is done once.

    All but `hear` raise Away; capture, refund and cancel raise NotDone.
    """

    name: str  # as orders call it: `pay_by`
    label: _StrPromise
    awaited: bool  # an order waits for the money before it is settled
    by_books: bool  # nobody is asked: it is done when it is written down

    def is_open(self) -> bool:
        """Whether it is set up."""

    def start(self, bill: Bill, back: str, until: datetime) -> Page:
        """Make the page where she pays, open until then; afterwards she comes back there."""

    def capture(self, bill: Bill, amount: int, key: uuid.UUID) -> Seen:
        """Take so much of what was set aside; the rest is let go."""

    def refund(self, bill: Bill, amount: int, key: uuid.UUID, again: bool) -> Seen:
        """Pay so much back. `again`: it was asked before, and what became of that is unknown."""

    def cancel(self, bill: Bill, key: uuid.UUID, unless_paid: bool) -> Seen:
        """End the page, and let go of what was set aside: with `unless_paid` only if nothing was.

        What it answers is certain: no money comes any more, or it is there.
        """

    def hear(self, body: bytes, signature: str) -> Heard:
        """Read what it has told. Raises NotTrue."""
