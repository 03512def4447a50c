"""She is to pay: the page for it is made, once the order is written."""

from __future__ import annotations

import structlog

from spindel.commerce import links, payments
from spindel.commerce.actions import payments as actions
from spindel.commerce.actions.payments import NotOpen
from spindel.commerce.models import Order, Payment
from spindel.commerce.payments import keeping

__all__ = ["NotOpen", "begin", "start"]

log = structlog.get_logger("spindel.commerce.payments")


def start(payment: int, back: str) -> Payment:
    """The payment with the address where it is paid; asked for again, the same one.

    Speaks with the provider, so never within a transaction. She comes back to `back` afterwards.
    Raises NotOpen, and Away or NotDone: then the order waits on, and can be paid later.
    """
    found = actions.ready_page(payment)
    if found.url:
        return found
    assert found.ends_at is not None
    provider = payments.named(found.provider)
    page = provider.start(keeping.bill(found, found.order), back, found.ends_at)
    kept = actions.keep_page(payment, page)
    if not kept.url:
        raise NotOpen("nothing_to_pay")
    return kept


def begin(order: Order) -> None:
    """Have the page made where the order is paid, if it waits for that; she comes back to its own.

    Where the provider can't be reached it is made later, from the order's page.
    """
    if order.state != Order.State.AWAITING_PAYMENT:
        return
    for payment in Payment.objects.filter(order=order).order_by("pk")[:1]:
        try:
            start(payment.pk, links.page("order-page", "order", order.pk))
        except (NotOpen, payments.Away, payments.NotDone) as error:
            log.warning("payment_page_later", order=order.pk, error=type(error).__name__)
