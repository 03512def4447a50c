"""What is held of what a customer gave back, or is to.

That goods came back stays in the books, but not from whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.commerce.common.personal import say_goods
from spindel.commerce.orders.personal import ORDERS
from spindel.kit import sql
from spindel.kit.register import Holding, Subject, ids_of, rows_naming_her, told

_RETURNS = rows_naming_her("orders_return", "at")
_TELL_RETURNS = f"""
SELECT r.number, r.at, o.number, p.name, r.channel, r.refund, r.credited, r.by, r.overruled, (
    SELECT jsonb_agg(jsonb_build_object(
        'sku', b.sku, 'name', b.name, 'quantity', l.quantity, 'condition', l.condition,
        'reason', l.reason, 'amount', l.amount) ORDER BY l.id)
    FROM orders_returnline l JOIN orders_orderline b ON b.id = l.order_line_id
    WHERE l.back_id = r.id)
FROM orders_return r JOIN orders_order o ON o.id = r.order_id
JOIN catalogue_place p ON p.id = r.place_id
WHERE r.id IN ({_RETURNS}) ORDER BY r.at, r.id
"""  # noqa: S608  # put together from constants
_RETURN = ("name", "at", "order", "store_name", "channel", "refund", "credited", "by", "overruled")
# That it was overruled stays; why is free text.
_FORGET_RETURNS = f"""
UPDATE orders_return
SET identifier_id = NULL, overruled = CASE WHEN overruled = '' THEN '' ELSE '-' END
WHERE id IN ({_RETURNS})
"""  # noqa: S608  # the same


def _tell_returns(who: Subject) -> Iterator[Mapping[str, object]]:
    return told(_TELL_RETURNS, (*_RETURN, "lines"), who.parameters, ["lines"])


def _forget_returns(who: Subject, limit: int | None) -> int:
    return sql.run(_FORGET_RETURNS, who.parameters)


# What was started of her orders: whose it is, the order says.
_TELL_STARTED = f"""
SELECT q.number, q.made_at, o.number, q.state, q.reason, q.until, q.by_parcel, v.sku
FROM orders_returnrequest q JOIN orders_order o ON o.id = q.order_id
LEFT JOIN catalogue_variant v ON v.id = q.wanted_id
WHERE q.order_id IN ({ORDERS}) ORDER BY q.made_at, q.id
"""  # noqa: S608  # the same


def _tell_started(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("name", "at", "order", "state", "reason", "until", "by_parcel", "sku")
    return told(_TELL_STARTED, names, who.parameters)


def _forget_started(who: Subject, limit: int | None) -> int:
    return len(ids_of(_STARTED, who))  # nothing in it says whose it is


_STARTED = f"SELECT id FROM orders_returnrequest WHERE order_id IN ({ORDERS})"  # noqa: S608  # the same


HOLDINGS = (
    Holding(
        name=_("What was given back"),
        tables=("orders_return", "orders_returnline"),
        tell=_tell_returns,
        forget=_forget_returns,
        say=say_goods,
        kept=_("That goods came back stays in the books, without saying from whom."),
        rank=7,
    ),
    Holding(
        name=_("Returns started from home"),
        tables=("orders_returnrequest", "orders_returnrequestline"),
        tell=_tell_started,
        forget=_forget_started,
        kept=_("That goods were to come back stays with the order, without saying whose it was."),
        rank=8,
    ),
)
FREE: Mapping[str, str] = {}
