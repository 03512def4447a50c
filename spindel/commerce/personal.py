"""What commerce holds about a customer: her carts, what she bought, was offered, and gave back.

What is only hers is deleted. What the law on bookkeeping wants kept stays without her: what was
bought for how much, and what came back, but not by whom, nor where it was sent.
Whoever forgets has taken her identifiers out already; everybody else who writes a row that names
one of them has locked it (`whose.stay`, `record`), so nothing of hers is half-way in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from spindel.commerce.stock import ledger
from spindel.kit import idempotency, sql
from spindel.kit.register import Holding, Subject

_SPAN = """
unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
"""


def _parameters(who: Subject) -> dict[str, object]:
    return {
        "ids": [id for id, _, _ in who.spans],
        "since": [since for _, since, _ in who.spans],
        "until": [until for _, _, until in who.spans],
        "customer": who.customer,
    }


def _hers(table: str, at: str) -> str:
    """The ids of a table's rows that name one of her identifiers while it was hers."""
    return f"""
    SELECT t.id FROM {_SPAN}
    JOIN {table} t ON t.identifier_id = span.id AND t.{at} >= span.since AND t.{at} < span.until
    """  # noqa: S608  # put together from constants


def _ids(statement: str, who: Subject) -> list[int]:
    return [id for (id,) in sql.rows(statement, _parameters(who))]


def _told(
    statement: str, names: Sequence[str], parameters: Mapping[str, object], parsed: str = ""
) -> Iterator[Mapping[str, object]]:
    """The rows with their columns by name; `parsed` is a column of JSON."""
    for row in sql.rows(statement, parameters):
        item = dict(zip(names, row, strict=True))
        if parsed and isinstance(item[parsed], str):
            item[parsed] = json.loads(item[parsed])
        yield item


def _run(statement: str, **words: object) -> int:
    return sql.run(statement, words)


# --- carts ----------------------------------------------------------------------------------------

_CARTS = f"""
{_hers("carts_cart", "made_at")}
UNION SELECT id FROM carts_cart WHERE customer_id = %(customer)s
"""  # noqa: S608  # the same
_TELL_CARTS = f"""
SELECT c.id, c.made_at, c.changed_at, c.state, c.market, (
    SELECT jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', l.quantity, 'saved', l.saved,
                                        'fulfilment', l.fulfilment, 'store_name', p.name,
                                        'added_at', l.added_at) ORDER BY l.added_at, l.id)
    FROM carts_cartline l JOIN catalogue_variant v ON v.id = l.variant_id
    LEFT JOIN catalogue_place p ON p.id = l.place_id WHERE l.cart_id = c.id)
FROM carts_cart c WHERE c.id IN ({_CARTS}) ORDER BY c.made_at, c.id
"""  # noqa: S608  # put together from constants


def _tell_carts(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("cart_id", "at", "changed_at", "state", "market", "lines")
    return _told(_TELL_CARTS, names, _parameters(who), "lines")


def _forget_carts(who: Subject, limit: int | None) -> int:
    carts = _ids(_CARTS, who)
    _run("UPDATE orders_order SET cart_id = NULL WHERE cart_id = ANY(%(ids)s)", ids=carts)
    _run("UPDATE shoppers_shopper SET cart_id = NULL WHERE cart_id = ANY(%(ids)s)", ids=carts)
    _run(
        "UPDATE carts_cart SET merged_into_id = NULL WHERE merged_into_id = ANY(%(ids)s)",
        ids=carts,
    )
    _run(
        "DELETE FROM carts_cartmerge WHERE into_id = ANY(%(ids)s) OR origin_id = ANY(%(ids)s)",
        ids=carts,
    )
    _run("DELETE FROM carts_cartline WHERE cart_id = ANY(%(ids)s)", ids=carts)
    return _run("DELETE FROM carts_cart WHERE id = ANY(%(ids)s)", ids=carts)


# --- sessions -------------------------------------------------------------------------------------

# Of a device that several have used: those that began or were used while it was hers, and in which
# nobody else has proved who she is.
_SESSIONS = f"""
SELECT s.id FROM {_SPAN}
JOIN shoppers_shopper s ON s.identifier_id = span.id OR (
    s.browser_id = span.id
    AND (s.identifier_id IS NULL OR s.identifier_id = ANY(%(ids)s::bigint[])))
WHERE s.used_at >= span.since AND s.made_at < span.until
"""  # noqa: S608  # put together from constants
_TELL_SESSIONS = f"""
SELECT s.made_at, s.used_at, s.ended_at, s.shop, s.channel, s.market, s.language,
       s.identifier_id IS NOT NULL
FROM shoppers_shopper s WHERE s.id IN ({_SESSIONS}) ORDER BY s.made_at, s.id
"""  # noqa: S608  # the same
# Somebody else's, on a device that was hers and is nobody's any more.
_LEAVE_DEVICES = """
UPDATE shoppers_shopper s SET browser_id = NULL WHERE s.browser_id = ANY(%(ids)s::bigint[])
AND NOT EXISTS (SELECT FROM identity_identifier WHERE id = s.browser_id)
"""


def _tell_sessions(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("at", "used_at", "ended_at", "name", "channel", "market", "language", "logged_in")
    return _told(_TELL_SESSIONS, names, _parameters(who))


def _forget_sessions(who: Subject, limit: int | None) -> int:
    sessions = _ids(_SESSIONS, who)
    for table in ("orders_order", "stock_hold"):
        _run(
            f"UPDATE {table} SET shopper_id = NULL WHERE shopper_id = ANY(%(ids)s)",  # noqa: S608  # the same
            ids=sessions,
        )
    _run(
        "UPDATE shoppers_loginlink SET shopper_id = NULL, network = ''"
        " WHERE shopper_id = ANY(%(ids)s)",
        ids=sessions,
    )
    _run("DELETE FROM wishes_wish WHERE shopper_id = ANY(%(ids)s)", ids=sessions)
    count = _run("DELETE FROM shoppers_shopper WHERE id = ANY(%(ids)s)", ids=sessions)
    sql.run(_LEAVE_DEVICES, _parameters(who))
    return count


_LINKS = _hers("shoppers_loginlink", "made_at")
_TELL_LINKS = f"""
SELECT made_at, ends_at, used_at FROM shoppers_loginlink WHERE id IN ({_LINKS}) ORDER BY made_at, id
"""  # noqa: S608  # the same


def _tell_links(who: Subject) -> Iterator[Mapping[str, object]]:
    return _told(_TELL_LINKS, ("at", "ends_at", "used_at"), _parameters(who))


def _forget_links(who: Subject, limit: int | None) -> int:
    return sql.run(f"DELETE FROM shoppers_loginlink WHERE id IN ({_LINKS})", _parameters(who))  # noqa: S608  # the same


# --- wishes ---------------------------------------------------------------------------------------

_WISHES = _hers("wishes_wish", "made_at")
_TELL_WISHES = f"""
SELECT w.made_at, v.sku, w.waits, w.told_at
FROM wishes_wish w JOIN catalogue_variant v ON v.id = w.variant_id
WHERE w.id IN ({_WISHES}) ORDER BY w.made_at, w.id
"""  # noqa: S608  # the same


def _tell_wishes(who: Subject) -> Iterator[Mapping[str, object]]:
    return _told(_TELL_WISHES, ("at", "name", "waits", "told_at"), _parameters(who))


def _forget_wishes(who: Subject, limit: int | None) -> int:
    return sql.run(f"DELETE FROM wishes_wish WHERE id IN ({_WISHES})", _parameters(who))  # noqa: S608  # the same


# --- orders, quotes: those that are hers, and others that name her address ------------------------


_WITH_CONTACT = """
SELECT id FROM {table}
WHERE contact_email = ANY(%(emails)s) OR contact_phone = ANY(%(phones)s)
"""


def _naming_her(table: str, who: Subject) -> list[int]:
    """The rows whose contact has an address or a number that is hers alone."""
    keys = {
        "emails": [value for kind, value in who.keys if kind == "email"],
        "phones": [value for kind, value in who.keys if kind == "phone"],
    }
    return [id for (id,) in sql.rows(_WITH_CONTACT.format(table=table), keys)]


_ORDERS = _hers("orders_order", "placed_at")
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
_ORDER_PARTS = ("address", "lines", "events", "shipments", "payments")
_TELL_NAMING = """
SELECT number, placed_at, contact FROM orders_order WHERE id = ANY(%(orders)s)
ORDER BY placed_at, id
"""


def _tell_orders(who: Subject) -> Iterator[Mapping[str, object]]:
    orders = _ids(_ORDERS, who)
    for item in _told(_TELL_ORDERS, (*_ORDER, *_ORDER_PARTS), {"orders": orders}):
        yield dict(item) | {name: _parsed(item[name]) for name in ("contact", *_ORDER_PARTS)}
    # Of what somebody else has bought she is told that it names her, and no more.
    others = sorted(set(_naming_her("orders_order", who)) - set(orders))
    for item in _told(_TELL_NAMING, ("name", "at", "contact"), {"orders": others}):
        yield dict(item) | {"contact": _parsed(item["contact"])}


def _parsed(told: object) -> object:
    return json.loads(told) if isinstance(told, str) else told


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
)


def _forget_orders(who: Subject, limit: int | None) -> int:
    hers = _ids(_ORDERS, who)
    every = sorted({*hers, *_naming_her("orders_order", who)})
    for statement in _EMPTY_ORDERS:
        _run(statement, hers=hers, all=every)
    return len(every)


_QUOTES = _hers("quotes_quote", "made_at")
_TELL_QUOTES = """
SELECT q.number, q.made_at, q.state, q.until, q.sent_at, q.seen_at, q.ended_at, q.by, q.note,
       q.contact, q.address, (
           SELECT jsonb_agg(jsonb_build_object('sku', v.sku, 'quantity', l.quantity,
                                               'amount', l.amount) ORDER BY l.line)
           FROM quotes_quoteline l JOIN catalogue_variant v ON v.id = l.variant_id
           WHERE l.quote_id = q.id)
FROM quotes_quote q WHERE q.id = ANY(%(quotes)s) ORDER BY q.made_at, q.id
"""
_QUOTE = ("name", "at", "state", "until", "sent_at", "seen_at", "ended_at", "by", "note")
_QUOTE_PARTS = ("contact", "address", "lines")


def _quotes(who: Subject) -> list[int]:
    return sorted({*_ids(_QUOTES, who), *_naming_her("quotes_quote", who)})


def _tell_quotes(who: Subject) -> Iterator[Mapping[str, object]]:
    for item in _told(_TELL_QUOTES, (*_QUOTE, *_QUOTE_PARTS), {"quotes": _quotes(who)}):
        yield dict(item) | {name: _parsed(item[name]) for name in _QUOTE_PARTS}


_FORGET_QUOTES = (
    """
UPDATE quotes_quote SET identifier_id = NULL, contact = '{}', contact_email = '',
                          contact_phone = '', address = '{}', note = ''
WHERE id = ANY(%(quotes)s) AND state = 'accepted'
""",
    """
DELETE FROM quotes_quoteline l USING quotes_quote q
WHERE q.id = l.quote_id AND q.id = ANY(%(quotes)s) AND q.state <> 'accepted'
""",
    "DELETE FROM quotes_quote WHERE id = ANY(%(quotes)s) AND state <> 'accepted'",
)


_KEEPING = """
SELECT id, revision FROM quotes_quote
WHERE id = ANY(%(quotes)s) AND holds AND state <> 'accepted'
"""
_KEPT = """
SELECT id, variant_id, place_id FROM stock_hold WHERE key = ANY(%(keys)s) AND state = 'active'
"""
# From this moment it does not count any more; the job takes it back.
_END_KEPT = """
UPDATE stock_hold SET until = least(until, statement_timestamp())
WHERE id = ANY(%(holds)s) AND state = 'active'
"""


def _let_go(quotes: Sequence[int]) -> None:
    """Keep nothing for quotes that nobody will accept any more."""
    found = sql.rows(_KEEPING, {"quotes": list(quotes)})
    keys = [idempotency.key("quote", f"{id}.{revision}") for id, revision in found]
    kept = sql.rows(_KEPT, {"keys": keys})
    ledger.lock({(variant, place) for _, variant, place in kept})
    _run(_END_KEPT, holds=[id for id, _, _ in kept])


def _forget_quotes(who: Subject, limit: int | None) -> int:
    quotes = _quotes(who)
    _let_go(quotes)
    for statement in _FORGET_QUOTES:
        _run(statement, quotes=quotes)
    return len(quotes)


# --- returns --------------------------------------------------------------------------------------

_RETURNS = _hers("orders_return", "at")
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
    return _told(_TELL_RETURNS, (*_RETURN, "lines"), _parameters(who), "lines")


def _forget_returns(who: Subject, limit: int | None) -> int:
    return sql.run(_FORGET_RETURNS, _parameters(who))


# What was started of her orders: whose it is, the order says.
_TELL_STARTED = f"""
SELECT q.number, q.made_at, o.number, q.state, q.reason, q.until, q.by_parcel, v.sku
FROM returns_returnrequest q JOIN orders_order o ON o.id = q.order_id
LEFT JOIN catalogue_variant v ON v.id = q.wanted_id
WHERE q.order_id IN ({_ORDERS}) ORDER BY q.made_at, q.id
"""  # noqa: S608  # the same


def _tell_started(who: Subject) -> Iterator[Mapping[str, object]]:
    names = ("name", "at", "order", "state", "reason", "until", "by_parcel", "sku")
    return _told(_TELL_STARTED, names, _parameters(who))


def _forget_started(who: Subject, limit: int | None) -> int:
    return len(_ids(_STARTED, who))  # nothing in it says whose it is


_STARTED = f"SELECT id FROM returns_returnrequest WHERE order_id IN ({_ORDERS})"  # noqa: S608  # the same


# --- what is held ---------------------------------------------------------------------------------

_HOLDS = _hers("stock_hold", "made_at")
_TELL_HOLDS = f"""
SELECT h.id, h.made_at, v.sku, p.name, h.quantity, h.until, h.state, h.ended_at, h.channel
FROM stock_hold h
JOIN catalogue_variant v ON v.id = h.variant_id
JOIN catalogue_place p ON p.id = h.place_id
WHERE h.id IN ({_HOLDS}) ORDER BY h.made_at, h.id
"""  # noqa: S608  # put together from constants
_HOLD = ("hold_id", "at", "sku", "store_name", "quantity", "until", "state", "ended_at", "channel")
_FORGET_HOLDS = f"""
UPDATE stock_hold SET identifier_id = NULL, shopper_id = NULL,
                         to_tell = to_tell AND order_line_id IS NOT NULL
WHERE id IN ({_HOLDS})
"""  # noqa: S608  # the same


def _tell_holds(who: Subject) -> Iterator[Mapping[str, object]]:
    return _told(_TELL_HOLDS, _HOLD, _parameters(who))


def _forget_holds(who: Subject, limit: int | None) -> int:
    return sql.run(_FORGET_HOLDS, _parameters(who))


# --- the register ---------------------------------------------------------------------------------


def _say_goods(item: Mapping[str, object]) -> SafeString:
    """What it was about: "2 × vinga-38, 1 × vinga-39"."""
    lines = item.get("lines")
    told = [
        f"{one['quantity']} × {one.get('name') or one['sku']}"
        for one in (lines if isinstance(lines, list) else [])
    ]
    return format_html("{}", " · ".join(filter(None, [str(item.get("name", "")), ", ".join(told)])))


def _say_hold(item: Mapping[str, object]) -> SafeString:
    return format_html("{} × {} · {}", item["quantity"], item["sku"], item["store_name"])


HOLDINGS = (
    Holding(
        name=_("Carts"),
        tables=("carts_cart", "carts_cartline", "carts_cartmerge"),
        tell=_tell_carts,
        forget=_forget_carts,
        say=_say_goods,
    ),
    Holding(
        name=_("Visits to shops"),
        tables=("shoppers_shopper",),
        tell=_tell_sessions,
        forget=_forget_sessions,
    ),
    Holding(
        name=_("Links to log in by"),
        tables=("shoppers_loginlink",),
        tell=_tell_links,
        forget=_forget_links,
    ),
    Holding(
        name=_("Wish list"),
        tables=("wishes_wish",),
        tell=_tell_wishes,
        forget=_forget_wishes,
    ),
    Holding(
        name=_("Orders of this customer"),
        tables=(
            "orders_order",
            "orders_orderline",
            "orders_orderlineadjustment",
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
        say=_say_goods,
        kept=_(
            "Orders and how they were paid stay in the books, without saying whose they were, nor"
            " where to send them: send or cancel first what is still open."
        ),
    ),
    Holding(
        name=_("Quotes for this customer"),
        tables=("quotes_quote", "quotes_quoteline"),
        tell=_tell_quotes,
        forget=_forget_quotes,
        say=_say_goods,
        kept=_("Quotes that became orders stay with them, without saying for whom."),
    ),
    Holding(
        name=_("What was given back"),
        tables=("orders_return", "orders_returnline"),
        tell=_tell_returns,
        forget=_forget_returns,
        say=_say_goods,
        kept=_("That goods came back stays in the books, without saying from whom."),
    ),
    Holding(
        name=_("Returns started from home"),
        tables=("returns_returnrequest", "returns_returnrequestline"),
        tell=_tell_started,
        forget=_forget_started,
        kept=_("That goods were to come back stays with the order, without saying whose it was."),
    ),
    Holding(
        name=_("What was held in stores"),
        tables=("stock_hold",),
        tell=_tell_holds,
        forget=_forget_holds,
        say=_say_hold,
        kept=_("That goods were held stays in the books of the stock, without saying for whom."),
    ),
)
FREE = {
    "stock_level": "how much of what is where",
    "stock_movement": "why that changed; sales by a hash of their number",
    "stock_stockevent": "what ran out, and what is back",
    "stock_stockcheck": "whether the books add up",
    "wishes_stockcursor": "how far stock events were read",
    "common_notice": "what is still to be told by mail, by the number of an order or a hold",
    "stock_promise": "which colleague is to hear of a hold that failed, by the hold's number",
    "orders_savedview": "filters of the list of orders that somebody here has named",
    "catalogue_post": "in which store somebody works",
    "orders_returnpolicy": "for how long goods of a category are taken back",
}
