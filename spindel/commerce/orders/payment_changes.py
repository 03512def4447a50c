"""What becomes of an order when its payment changes: settled, given up, cancelled.

While an order waits for its payment its goods are kept, however long that takes: it is given up
only when it is certain that no money comes.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.urls import reverse
from django.utils.translation import gettext_noop

from spindel.commerce.common import links
from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import history, payment_due
from spindel.commerce.orders.models import Order, OrderEvent
from spindel.commerce.payments import actions as payment_actions
from spindel.commerce.payments import checkout_page, commands, providers
from spindel.commerce.payments.actions import NotOpen
from spindel.commerce.payments.models import Payment, PaymentCommand
from spindel.commerce.payments.payable import Happened, Payable, Standing
from spindel.kit import sql
from spindel.kit.background import each

log = structlog.get_logger("spindel.commerce")

# Kept as they are, and translated where they are shown.
NOT_PAID = gettext_noop("not paid")
_LET_GO = gettext_noop("the payment was let go")
_BACK = gettext_noop("the money was paid back at the bank, and not from here")

_STANDING = {
    Order.State.AWAITING_PAYMENT: Standing.AWAITING,
    Order.State.CONFIRMED: Standing.OPEN,
    Order.State.COMPLETED: Standing.DONE,
    Order.State.CANCELLED: Standing.CANCELLED,
}


def _lock(order: int) -> Standing:
    return _STANDING[Order.State(history.lock(order).state)]


def _standing(order: int) -> Standing:
    return _STANDING[Order.State(Order.objects.values_list("state", flat=True).get(pk=order))]


def _tell(payment: Payment, what: Happened, why: str = "", **detail: object) -> None:
    kind = OrderEvent.Kind(what)
    OrderEvent.objects.create(order_id=payment.order_id, kind=kind, why=why, detail=detail)


def _changed(payment: Payment) -> None:
    standing = _standing(payment.order_id)
    is_over = payment.state == Payment.State.CANCELLED
    if standing == Standing.AWAITING:
        if is_over:
            orders.give_up(payment.order_id, why=NOT_PAID)
        elif commands.is_back(payment):
            orders.give_up(payment.order_id, why=_BACK)
        elif max(payment.authorised, payment.captured) >= payment.amount:
            orders.confirm(payment.order_id)
    elif standing == Standing.OPEN:
        # A bank keeps for some days what it has set aside, and then lets go of it by itself.
        asked = payment.commands.filter(kind=PaymentCommand.Kind.CANCEL)
        if is_over and not asked.exists():
            orders.cancel(payment.order_id, None, by="", why=_LET_GO)
        elif commands.is_back(payment) and commands.refunded_elsewhere(payment):
            orders.cancel(payment.order_id, None, by="", why=_BACK)


def _page(order: int) -> str:
    return reverse("order", args=[order])


PAYABLE = Payable(lock=_lock, standing=_standing, tell=_tell, changed=_changed, page=_page)


# --- the page where it is paid --------------------------------------------------------------------


def begin(order: Order) -> None:
    """Have the page made where the order is paid, if it waits for that; she comes back to its own.

    Where the provider can't be reached it is made later, from the order's page.
    """
    if order.state != Order.State.AWAITING_PAYMENT:
        return
    for payment in Payment.objects.filter(order_id=order.pk).order_by("pk")[:1]:
        try:
            checkout_page.start(payment.pk, links.page("order-page", "order", order.pk))
        except (NotOpen, providers.Away, providers.NotDone) as error:
            log.warning("payment_page_later", order=order.pk, error=type(error).__name__)


# Nobody has paid by then: what has become of the page is to be asked, once.
_OVER = """
SELECT p.id FROM orders_order o JOIN payments_payment p ON p.order_id = o.id
WHERE o.state = 'awaiting' AND p.state <> 'captured'
  AND coalesce(p.ends_at, p.waits_until, p.made_at + %(waits)s) < now()
  AND (p.reference <> '' OR coalesce(p.waits_until, p.made_at + %(waits)s) < now())
  AND NOT EXISTS (SELECT FROM payments_paymentcommand c
                  WHERE c.payment_id = p.id AND c.kind = 'cancel')
  AND p.id <> ALL(%(without)s::bigint[])
ORDER BY p.id LIMIT %(most)s
"""


def end_pages() -> bool:
    """Have it asked how pages ended whose time is over; whether there may be more."""
    return each("payments.pages", _over, payment_actions.end_page)


def _over(most: int, without: Sequence[int]) -> list[int]:
    words = {"waits": payment_due.WAITS_FOR_PAGE, "most": most, "without": list(without)}
    return [payment for (payment,) in sql.rows(_OVER, words)]
