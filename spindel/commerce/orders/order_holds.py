"""What stock holds for orders, with the lines that it is for: a hold knows the line's id alone."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet
from django.urls import reverse

from spindel.commerce.orders.models import OrderLine
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.ordered import NamedOrder
from spindel.kit import sql

_HOLDERS = """
SELECT h.id, (
    SELECT customer_id FROM identity_tenure
    WHERE identifier_id = o.identifier_id AND since <= o.placed_at ORDER BY since DESC LIMIT 1
)
FROM stock_hold h JOIN orders_orderline l ON l.id = h.order_line_id
JOIN orders_order o ON o.id = l.order_id
WHERE h.id = ANY(%s)
"""


def holders(holds: Collection[int]) -> dict[int, int]:
    """For whom holds of order lines are, by their ids: for whoever placed the order."""
    rows = sql.rows(_HOLDERS, [list(holds)])
    return {hold: customer for hold, customer in rows if customer is not None}


def of_order(order: int) -> QuerySet[Hold]:
    """All that was ever held for an order, by its id."""
    lines = OrderLine.objects.filter(order=order).values("pk")
    return Hold.objects.filter(order_line_id__in=lines)


def lines(holds: Collection[Hold]) -> dict[int, OrderLine]:
    """The lines that holds are for, with their orders, by the holds' ids; without what no order
    has.
    """
    wanted = {one.order_line_id for one in holds} - {None}
    found = OrderLine.objects.select_related("order").in_bulk(wanted) if wanted else {}
    return {one.pk: found[one.order_line_id] for one in holds if one.order_line_id in found}


def orders(holds: Collection[Hold]) -> dict[int, NamedOrder]:
    """The orders that holds are for, as pages of stock name them, by the holds' ids."""
    return {
        hold: NamedOrder(line.order.number, reverse("order", args=[line.order_id]))
        for hold, line in lines(holds).items()
    }
