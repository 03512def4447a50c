"""What is held of what a customer has bought, and of what she has paid for it.

What the law on bookkeeping wants kept stays without her: what was bought for how much, but not by
whom, nor where it was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.commerce.common.personal import naming_her, say_goods
from spindel.kit import sql
from spindel.kit.register import Holding, Subject, ids_of, rows_naming_her, told

ORDERS = rows_naming_her("orders_order", "placed_at")
_TELL_ORDERS = """
SELECT o.number, o.placed_at, o.state, o.channel, o.market, o.currency, o.total, o.vat, o.contact,
       o.address, (
           SELECT jsonb_agg(jsonb_build_object(
               'sku', l.sku, 'name', l.name, 'options', l.options, 'quantity', l.quantity,
               'amount', l.amount, 'total', l.total, 'delivered', l.delivered,
               'cancelled', l.cancelled, 'returned', l.returned, 'adjustments', (
                   SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'amount', a.amount, 'label', a.label) ORDER BY a.id), '[]')
                   FROM orders_orderlineadjustment a WHERE a.order_line_id = l.id))
               ORDER BY l.line)
           FROM orders_orderline l WHERE l.order_id = o.id), (
           SELECT coalesce(jsonb_agg(jsonb_build_object(
               'method', f.method, 'amount', f.amount, 'total', f.total,
               'adjustments', f.discounts, 'cancelled', f.cancelled, 'returned', f.returned)
               ORDER BY f.id), '[]')
           FROM orders_orderfee f WHERE f.order_id = o.id), (
           SELECT jsonb_agg(jsonb_build_object('kind', e.kind, 'at', e.at, 'by', e.by, 'why', e.why)
                            ORDER BY e.id)
           FROM orders_orderevent e WHERE e.order_id = o.id), (
           SELECT jsonb_agg(jsonb_build_object(
               'carrier', s.carrier, 'tracking', s.tracking, 'at', s.at,
               'arrived_at', s.arrived_at) ORDER BY s.id)
           FROM orders_shipment s WHERE s.order_id = o.id), (
           SELECT jsonb_agg(jsonb_build_object(
               'provider', p.provider, 'state', p.state, 'amount', p.amount,
               'captured', p.captured, 'refunded', p.refunded, 'reference', p.reference)
               ORDER BY p.id)
           FROM payments_payment p WHERE p.order_id = o.id)
FROM orders_order o WHERE o.id = ANY(%(orders)s) ORDER BY o.placed_at, o.id
"""
_ORDER = ("name", "at", "state", "channel", "market", "currency", "total", "vat", "contact")
_ORDER_PARTS = ("address", "lines", "fees", "events", "shipments", "payments")
_TELL_NAMING = """
SELECT number, placed_at, contact FROM orders_order WHERE id = ANY(%(orders)s)
ORDER BY placed_at, id
"""


def _tell_orders(who: Subject) -> Iterator[Mapping[str, object]]:
    orders, parsed = ids_of(ORDERS, who), ("contact", *_ORDER_PARTS)
    yield from told(_TELL_ORDERS, (*_ORDER, *_ORDER_PARTS), {"orders": orders}, parsed)
    # Of what somebody else has bought she is told that it names her, and no more.
    others = sorted(set(naming_her("orders_order", who)) - set(orders))
    yield from told(_TELL_NAMING, ("name", "at", "contact"), {"orders": others}, ["contact"])


_EMPTY_ORDERS = (
    """
UPDATE orders_order SET contact = '{}', contact_email = '', contact_phone = '', address = '{}'
WHERE id = ANY(%(all)s)
""",
    """
UPDATE orders_order SET identifier_id = NULL, shopper_id = NULL, cart_id = NULL
WHERE id = ANY(%(hers)s)
""",
    # Why something was done is free text; a parcel's number leads to an address.
    """
UPDATE orders_orderevent SET why = '', detail = detail - 'tracking' WHERE order_id = ANY(%(all)s)
""",
    """
UPDATE orders_shipment SET tracking = '', tracking_url = '' WHERE order_id = ANY(%(all)s)
""",
    "UPDATE payments_payment SET url = '' WHERE order_id = ANY(%(all)s)",
    # How much was taken off stays, and for which kind of reason; in which words may be about her.
    """
UPDATE orders_orderlineadjustment a SET label = '' FROM orders_orderline l
WHERE l.id = a.order_line_id AND l.order_id = ANY(%(all)s)
""",
    "UPDATE orders_orderfee SET discounts = '[]' WHERE order_id = ANY(%(all)s)",
)


def _forget_orders(who: Subject, limit: int | None) -> int:
    hers = ids_of(ORDERS, who)
    every = sorted({*hers, *naming_her("orders_order", who)})
    for statement in _EMPTY_ORDERS:
        sql.run(statement, {"hers": hers, "all": every})
    return len(every)


HOLDINGS = (
    Holding(
        name=_("Orders of this customer"),
        tables=(
            "orders_order",
            "orders_orderline",
            "orders_orderlineadjustment",
            "orders_orderfee",
            "orders_orderevent",
            "orders_shipment",
            "orders_shipmentline",
            "payments_payment",
            "payments_paymentcommand",
            "payments_paymentevent",
            "payments_paymentdispute",
        ),
        tell=_tell_orders,
        forget=_forget_orders,
        say=say_goods,
        kept=_(
            "Orders and how they were paid stay in the books, without saying whose they were, nor"
            " where to send them: send or cancel first what is still open."
        ),
        rank=5,
    ),
)
FREE = {
    "payments_giftcard": "gift cards, not who has them",
    "payments_giftcardentry": "what came on a gift card and left it; payments are told with orders",
    "orders_savedview": "filters of the list of orders that somebody here has named",
    "orders_returnpolicy": "for how long goods of a category are taken back",
}
