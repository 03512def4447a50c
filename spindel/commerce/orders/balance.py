"""What is to be taken, paid back or let go for an order, decided within what it is decided for.

Nothing here speaks with a provider: what is to be asked of it are rows, which a job asks for after
the commit. The order is locked by whoever calls; payments come after levels, those of an exchange
before those of what was bought first.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from spindel.commerce.orders import rules
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.payments import commands
from spindel.commerce.payments.models import Payment, PaymentCommand

Kind = PaymentCommand.Kind


def worth(order: Order) -> int:
    """What the order comes to without what was cancelled, in minor units."""
    fees = order.fees.filter(cancelled=False).aggregate(sum=Sum("total"))["sum"] or 0
    return sum(map(rules.kept, order.lines.all())) + int(fees)


@dataclass(frozen=True, slots=True)
class Way:
    """So much goes back the way that it was paid: by the provider."""

    provider: str
    amount: int


def payment_of(order: Order) -> Payment | None:
    """What is to be paid for the order; none where goods that came back have paid it."""
    return Payment.objects.filter(order_id=order.pk).order_by("pk").first()


def _exchange_of(order: Order) -> Return | None:
    """What came back for the order's goods, where they were an exchange."""
    return Return.objects.select_related("order").filter(exchange=order).first()


def _credit(order: Order) -> int:
    back = _exchange_of(order)
    return (back.credited if back else 0) + on_card(order)


def on_card(order: Order) -> int:
    """What a gift card has paid of the order beside its payment."""
    return sum(one.amount for one in _beside(order))


def _beside(order: Order) -> list[Payment]:
    """A gift card pays the whole order, as any payment does; or a part, which was taken when the
    order was placed: then it comes after the payment of the rest.
    """
    return list(Payment.objects.filter(order_id=order.pk).order_by("pk")[1:])


def due(order: Order) -> int:
    """What is to be paid of what was not cancelled: what neither goods that came back nor a gift
    card do pay.
    """
    return max(0, worth(order) - _credit(order))


def _payment(order: Order) -> Payment | None:
    return Payment.objects.select_for_update().filter(order_id=order.pk).order_by("pk").first()


def _wanted(payment: Payment, kind: str) -> int:
    asked = payment.commands.filter(kind=kind, failed_at=None)
    found = asked.aggregate(sum=Sum("amount"))["sum"]
    return int(found or 0)


def capture(order: Order) -> None:
    """Have the money taken, now that goods have left; once, for all that is not cancelled."""
    payment = _payment(order)
    if payment is None or payment.captured or _wanted(payment, Kind.CAPTURE):
        return
    amount = min(payment.amount, due(order))
    if amount > 0:
        commands.ask(payment, Kind.CAPTURE, amount)


def take_off(order: Order, value: int) -> int:
    """Have so much less to be paid, or back if it was taken; how much of it goes back."""
    payment = _payment(order)
    if payment is None or payment.captured or _wanted(payment, Kind.CAPTURE):
        return pay_back(order, value)
    # What is not paid yet is paid less.
    if not due(order) and not payment.commands.filter(kind=Kind.CANCEL).exists():
        commands.ask(payment, Kind.CANCEL, 0)
    return _credit_back(order, value)


def _credit_back(order: Order, value: int) -> int:
    """What came back for an order, or a gift card has paid of it, counts for the rest of it: what
    that is more than enough for, now that so much was cancelled, goes back.
    """
    over = _credit(order) - worth(order)
    now = max(0, over) - max(0, over - value)
    return _sum(_back_of_credit(order, now)) if now else 0


def pay_back(order: Order, value: int) -> int:
    """Pay back so much the way it was paid, or what is left of it; how much that is."""
    return _sum(give_back(order, value))


def _sum(ways: list[Way]) -> int:
    return sum(one.amount for one in ways)


def give_back(order: Order, value: int) -> list[Way]:
    """As `pay_back`, and how. What goods that came back have paid goes the way they were paid, and
    what a gift card has paid goes on it again, after what was paid otherwise.
    """
    payment = _payment(order)
    ways = [] if payment is None else _refund(payment, value)
    rest = value - _sum(ways)
    return [*ways, *_back_of_credit(order, rest)] if rest else ways


def _refund(payment: Payment, value: int) -> list[Way]:
    taken = max(payment.captured, _wanted(payment, Kind.CAPTURE))
    left = taken - max(payment.refunded, _wanted(payment, Kind.REFUND))
    amount = max(0, min(value, left))
    if not amount:
        return []
    commands.ask(payment, Kind.REFUND, amount)
    return [Way(payment.provider, amount)]


def _back_of_credit(order: Order, value: int) -> list[Way]:
    """Give so much back of what an order was paid with beside its payment, or what is left."""
    ways: list[Way] = []
    for one in _beside(order):
        ways += _refund(Payment.objects.select_for_update().get(pk=one.pk), value - _sum(ways))
    back = _exchange_of(order) if value > _sum(ways) else None
    if back is not None:
        ways += give_back(back.order, min(value - _sum(ways), back.credited))
    return ways


def wait_for(order: Order, value: int) -> int:
    """Wait for no more money than is left to pay, now that so much was cancelled before it was
    paid; for none where nothing is left. How much goes back of what goods that came back had paid.

    A page that was made asks for what it did. All that is taken in the end is what is left.
    """
    payment, left = _payment(order), due(order)
    if payment is not None and not payment.captured:
        if not left:
            commands.ask(payment, Kind.CANCEL, 0)
        elif payment.ends_at is None and left < payment.amount:
            payment.amount = left
            payment.save(update_fields=["amount"])
    return _credit_back(order, value)
