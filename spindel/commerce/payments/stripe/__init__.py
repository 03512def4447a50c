"""Paid by card, at a page that Stripe hosts: no card number ever comes near Spindel."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from spindel.commerce.payments.interface import Bill, Heard, NotTrue, Page, Seen
from spindel.kit import environment


class _Card:
    """Stripe Checkout. Its library takes half a second to load, so it is when it is needed."""

    name = "card"
    label = _("Card")
    awaited = True
    by_books = False

    def is_open(self) -> bool:
        return bool(environment.value("SPINDEL_STRIPE_KEY"))

    def start(self, bill: Bill, back: str, until: datetime) -> Page:
        from spindel.commerce.payments.stripe import client

        return client.start(bill, back, until)

    def capture(self, bill: Bill, amount: int, key: uuid.UUID) -> Seen:
        from spindel.commerce.payments.stripe import client

        return client.capture(bill, amount, key)

    def refund(self, bill: Bill, amount: int, key: uuid.UUID, again: bool) -> Seen:
        from spindel.commerce.payments.stripe import client

        return client.refund(bill, amount, key, again)

    def cancel(self, bill: Bill, key: uuid.UUID, unless_paid: bool) -> Seen:
        from spindel.commerce.payments.stripe import client

        if not bill.reference:
            return Seen(ended=True)  # nobody was ever given a page to pay at
        return client.cancel(bill, key, unless_paid)

    def hear(self, body: bytes, signature: str) -> Heard:
        secret = environment.value("SPINDEL_STRIPE_WEBHOOK_SECRET")
        if not secret:
            raise NotTrue
        from spindel.commerce.payments.stripe import webhooks

        return webhooks.read(body, signature, secret)


PROVIDER = _Card()
