"""What is to be taken, paid back or let go for an order, decided within what it is decided for.

Nothing here speaks with a provider: what is to be asked of it are rows, which a job asks for after
the commit. The order is locked by whoever calls.
"""

from __future__ import annotations

import uuid

from django.db.models import Sum

from spindel.commerce.models import Order, Payment, PaymentCommand

Kind = PaymentCommand.Kind


def worth(order: Order) -> int:
    """What the order comes to without what was cancelled, in minor units."""
    return sum(one.amount * (one.quantity - one.cancelled) for one in order.lines.all())


def _payment(order: Order) -> Payment | None:
    return Payment.objects.select_for_update().filter(order=order).order_by("pk").first()


def _wanted(payment: Payment, kind: str) -> int:
    found = payment.commands.filter(kind=kind).aggregate(sum=Sum("amount"))["sum"]
    return int(found or 0)


def take(order: Order) -> None:
    """Have the money taken, now that goods have left; once, for all that is not cancelled."""
    payment = _payment(order)
    if payment is None or payment.captured or _wanted(payment, Kind.CAPTURE):
        return
    amount = min(payment.amount, worth(order))
    if amount:
        _ask(payment, Kind.CAPTURE, amount)


def take_off(order: Order, value: int) -> int:
    """Have so much less to be paid, or back if it was taken; how much of it goes back."""
    payment = _payment(order)
    if payment is None:
        return 0
    if payment.captured or _wanted(payment, Kind.CAPTURE):
        return pay_back(order, value)
    if worth(order) == 0:
        _ask(payment, Kind.CANCEL, 0)
    return 0


def pay_back(order: Order, value: int) -> int:
    """Pay back so much the way it was paid, or what is left of it; how much that is."""
    payment = _payment(order)
    if payment is None:
        return 0
    taken = max(payment.captured, _wanted(payment, Kind.CAPTURE))
    left = taken - max(payment.refunded, _wanted(payment, Kind.REFUND))
    amount = max(0, min(value, left))
    if amount:
        _ask(payment, Kind.REFUND, amount)
    return amount


def let_go(order: Order) -> None:
    """Ask no more for the money: nothing was taken."""
    payment = _payment(order)
    if payment is not None and not payment.captured:
        _ask(payment, Kind.CANCEL, 0)


def _ask(payment: Payment, kind: PaymentCommand.Kind, amount: int) -> None:
    PaymentCommand.objects.create(payment=payment, kind=kind, amount=amount, key=uuid.uuid4())
