"""What is noted of orders, for the mails that tell of it."""

from __future__ import annotations

from spindel.commerce.common.notices import Kind, note
from spindel.commerce.orders.models import Order, Return
from spindel.kit import sql


def note_settled(order: Order) -> None:
    """Have her told that the order is settled; of an exchange, that it is exchanged."""
    back = Return.objects.filter(exchange=order).values_list("pk", flat=True).first()
    if back is None:
        note(Kind.CONFIRMED, order.pk)
    else:
        note(Kind.EXCHANGED, back)


# Whether all of it does lies with the mail to see: here others may be at it, whom nobody sees yet.
_NOTE_READY = """
INSERT INTO common_notice (kind, about)
SELECT 'ready', min(h.id) FROM orders_orderline l JOIN stock_hold h ON h.order_line_id = l.id
WHERE l.order_id = %s AND l.fulfilment = 'pick_up' AND h.state = 'active'
GROUP BY h.place_id
"""


def note_ready(order: int) -> None:
    """Have her told of each place where all of the order lies ready that she fetches there, now
    that it waits for less.
    """
    sql.run(_NOTE_READY, [order])
