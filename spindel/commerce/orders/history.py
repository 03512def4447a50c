"""What every change of the order book begins and ends with: its lock, its story, its goods."""

from __future__ import annotations

from collections.abc import Iterable

from spindel.commerce.common.facts import Products, major
from spindel.commerce.orders.facts import OrderRefunded
from spindel.commerce.orders.models import Order, OrderEvent, OrderLine
from spindel.kit import sql
from spindel.kit.refusal import Refusal
from spindel.kit.saying import NotThere
from spindel.timeline.recording import record


class NoOrder(NotThere):
    """There is no such order."""

    code = "no_such_order"


class TooMany(Refusal):
    """More of a line than there is left of it."""


def lock(id: int) -> Order:
    """The order, which nobody else changes meanwhile; its customer is not forgotten either."""
    found = Order.objects.filter(pk=id).first()
    if found is None:
        raise NoOrder
    if found.identifier_id is not None:
        sql.rows(_KEEP_IDENTIFIER, [found.identifier_id])
    return Order.objects.select_for_update().get(pk=id)


_KEEP_IDENTIFIER = "SELECT FROM identity_identifier WHERE id = %s FOR KEY SHARE"


def happened(
    order: Order, kind: OrderEvent.Kind, by: str = "", why: str = "", **detail: object
) -> OrderEvent:
    """Add to the order's story."""
    return OrderEvent.objects.create(order=order, kind=kind, by=by, why=why[:300], detail=detail)


def products_of(order: Order, many: Iterable[tuple[OrderLine, int]]) -> Products:
    """So many of the lines, as facts tell of goods."""
    return [
        {
            "product_id": line.product,
            "sku": line.sku,
            "name": line.name,
            "variant": line.options,
            "quantity": quantity,
            "price": major(line.total // line.quantity, order.currency),
        }
        for line, quantity in many
    ]


def tell_refund(order: Order, back: int, products: Products, channel: str = "") -> None:
    """Record that she gets so much back; on the order's channel, unless it was on another."""
    if order.identifier_id is None:
        return
    fact = OrderRefunded(
        order_id=order.number,
        total=major(back, order.currency),
        currency=order.currency,
        products=products,
    )
    record(fact, order.identifier_id, channel or order.channel)
