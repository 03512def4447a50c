"""Paid with a gift card, whole or in part: what goes back goes back on the card."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy as _

from spindel.commerce.payments.interface import Bill, Seen
from spindel.commerce.payments.manual import Books


class _Cards(Books):
    """Our own books of cards: kept in the transaction that pays, or pays back."""

    def refund(self, bill: Bill, amount: int, key: uuid.UUID, again: bool) -> Seen:
        """It is on the card again."""
        from spindel.commerce.payments.giftcard import books  # models: not before Django is ready

        return Seen(captured=bill.captured, refunded=books.put_back(bill.key, amount, key))


PROVIDER = _Cards("giftcard", _("Gift card"))
