"""What waits to be paid at a page, and until when; and whether it can be paid so at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from spindel.commerce.common.rules import Incomplete
from spindel.commerce.orders.models import Order
from spindel.commerce.payments import providers
from spindel.commerce.payments.models import Payment

# So long an order waits whose page could not be made.
WAITS_FOR_PAGE = timedelta(hours=4)
# So long one waits whose customer is asked by a link; Stripe's pages end within a day.
WAITS_FOR_HER = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Due:
    """What she is asked to pay, in minor units, and until when that can be done."""

    amount: int
    until: datetime


def due(order: Order) -> Due | None:
    """What is to be paid of the order at a page, if it waits for that."""
    payment = Payment.objects.filter(order_id=order.pk).order_by("pk").first()
    if payment is None or order.state != Order.State.AWAITING_PAYMENT:
        return None
    until = payment.ends_at or payment.waits_until or payment.made_at + WAITS_FOR_PAGE
    return Due(payment.amount, until)


def check(pay_by: str, email: str) -> None:
    """Raises Incomplete where it can't be paid so by somebody who is not here."""
    check_open(pay_by)
    if providers.is_awaited(pay_by) and not email:
        raise Incomplete("no_mail_to_pay")


def check_open(pay_by: str) -> None:
    """Raises Incomplete for a way to pay that is not set up: an order would wait for nothing."""
    if providers.is_awaited(pay_by) and not providers.named(pay_by).is_open():
        raise Incomplete("cards_not_taken")
