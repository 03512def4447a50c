"""Ways to pay that need nobody to be asked: it is done when it is written down."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from spindel.commerce.payments.interface import Bill, Heard, NotTrue, Page, Seen

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # of the stubs alone


class Books:
    """A provider that does as it is told, at once."""

    awaited = False
    by_books = True

    def __init__(self, name: str, label: _StrPromise) -> None:
        self.name = name
        self.label = label

    def is_open(self) -> bool:
        """Always."""
        return True

    def start(self, bill: Bill, back: str, until: datetime) -> Page:
        """There is no page to pay at: she just goes back."""
        return Page("", back)

    def capture(self, bill: Bill, amount: int, key: uuid.UUID) -> Seen:
        """The money is taken."""
        return Seen(captured=bill.captured + amount)

    def refund(self, bill: Bill, amount: int, key: uuid.UUID, again: bool) -> Seen:
        """It is paid back."""
        return Seen(captured=bill.captured, refunded=bill.refunded + amount)

    def cancel(self, bill: Bill, key: uuid.UUID, unless_paid: bool) -> Seen:
        """Nobody asks for it any more."""
        return Seen(captured=bill.captured, refunded=bill.refunded, ended=True)

    def hear(self, body: bytes, signature: str) -> Heard:
        """Nobody tells anything."""
        raise NotTrue
