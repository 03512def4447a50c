"""What people do at the console that needs more than one of the other actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import history, payment_links
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal


class ChangedMeanwhile(Refusal):
    """More has become of it than whoever asks has seen."""


@action(records="Order Updated")
def cancel_as_seen(
    id: int, some: Sequence[Some], left: Mapping[int, int], *, by: str, why: str
) -> Order:
    """Cancel some of the order, unless other quantities are left of these lines than was seen.

    So a form that is sent twice cancels once. Raises as `orders.cancel`, and ChangedMeanwhile.
    """
    order = history.lock(id)
    now = {one.line: one.quantity - one.delivered - one.cancelled for one in order.lines.all()}
    if any(now.get(one.line) != left.get(one.line) for one in some):
        raise ChangedMeanwhile("order_changed")
    return orders.cancel(id, some, by=by, why=why)


@action(silent="That she is sent the link to her order again says nothing new of her.")
def send_order_link(id: int, request: Request) -> str:
    """Mail the link to the order's page to whoever placed it; the address it goes to.

    The same request again sends nothing. Raises history.NoOrder, and Refusal.
    """
    order = Order.objects.filter(pk=id).first()
    if order is None:
        raise history.NoOrder
    return payment_links.mail_link(order, request)
