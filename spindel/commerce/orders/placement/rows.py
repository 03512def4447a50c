"""The rows of an order: it, its lines, what is taken for them, its payment, its history."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

from spindel.commerce.common import numbers, rules
from spindel.commerce.orders.models import Order, OrderEvent
from spindel.commerce.orders.placement.allocation import Taken
from spindel.commerce.orders.placement.draft import Draft, goes_now
from spindel.commerce.orders.placement.goods import Costs, Sold
from spindel.commerce.stock import ledger
from spindel.kit import idempotency, money, sql
from spindel.offers.basket import PricedLine

# Paid when it is written.
_AT_ONCE = frozenset(("till", "elsewhere"))


# The order with all that belongs to it, in one statement behind the locks on its levels.
_INSERT = f"""
WITH written AS (
    INSERT INTO orders_order (number, key, content, identifier_id, cart_id, shopper_id, state,
                                channel, place_id, by, market, currency, language, total, vat,
                                proved, contact, contact_email, contact_phone, address, placed_at)
    VALUES (%(number)s::text, %(key)s::uuid, %(content)s::uuid, %(owner)s::bigint,
            %(cart)s::bigint, %(shopper)s::bigint, %(state)s::text, %(channel)s::text,
            %(place)s::bigint, %(by)s::text, %(market)s::text, %(currency)s::text,
            %(language)s::text, %(total)s::bigint, %(vat)s::bigint, %(proved)s::bool,
            %(contact)s::jsonb, %(email)s::text, %(phone)s::text, %(address)s::jsonb,
            coalesce(%(at)s::timestamptz, statement_timestamp()))
    RETURNING id, placed_at
), lines AS (
    INSERT INTO orders_orderline (order_id, line, variant_id, sku, product, name, options,
                                  quantity, amount, list_amount, total, vat_rate, fulfilment,
                                  place_id, delivered)
    SELECT written.id, t.line, variant, sku, product, name, options, quantity, amount, list_amount,
           total, vat_rate, fulfilment, place, delivered
    FROM written, unnest(
        %(l_line)s::int[], %(l_variant)s::bigint[], %(l_sku)s::text[], %(l_product)s::text[],
        %(l_name)s::text[], %(l_options)s::text[], %(l_quantity)s::int[], %(l_amount)s::bigint[],
        %(l_list)s::bigint[], %(l_total)s::bigint[], %(l_vat)s::int[], %(l_fulfilment)s::text[],
        %(l_place)s::bigint[], %(l_delivered)s::int[]
    ) AS t (line, variant, sku, product, name, options, quantity, amount, list_amount, total,
            vat_rate, fulfilment, place, delivered)
    RETURNING id, line
), adjusted AS (
    INSERT INTO orders_orderlineadjustment (order_line_id, amount, reason, label, source)
    SELECT lines.id, amount, reason, label, source
    FROM unnest(
        %(a_line)s::int[], %(a_amount)s::bigint[], %(a_reason)s::text[], %(a_label)s::text[],
        %(a_source)s::text[]
    ) WITH ORDINALITY AS a (line, amount, reason, label, source, number)
    JOIN lines ON lines.line = a.line ORDER BY number
), fees AS (
    INSERT INTO orders_orderfee (order_id, method, amount, total, vat_rate, discounts)
    SELECT written.id, method, amount, total, vat_rate, discounts
    FROM written, unnest(
        %(f_method)s::text[], %(f_amount)s::bigint[], %(f_total)s::bigint[], %(f_vat)s::int[],
        %(f_discounts)s::jsonb[]
    ) AS f (method, amount, total, vat_rate, discounts)
), taken AS (
    SELECT t.*, lines.id AS order_line FROM unnest(
        %(t_line)s::int[], %(t_variant)s::bigint[], %(t_place)s::bigint[], %(t_quantity)s::int[],
        %(t_until)s::timestamptz[]
    ) WITH ORDINALITY AS t (line, variant_id, place_id, quantity, until, number)
    JOIN lines ON lines.line = t.line
), kept AS (
    INSERT INTO stock_hold (variant_id, place_id, quantity, until, channel, by, key, line,
                               content, order_line_id)
    SELECT variant_id, place_id, quantity, until, %(channel)s::text, %(by)s::text, %(kept)s::uuid,
           number, %(content)s::uuid, order_line
    FROM taken WHERE until IS NOT NULL ORDER BY number
    RETURNING id, variant_id, place_id, quantity
), moved AS (
    INSERT INTO stock_movement (variant_id, place_id, kind, on_hand, held, hold_id, by)
    SELECT variant_id, place_id, 'hold', 0, quantity, id, %(by)s::text FROM kept
    UNION ALL
    SELECT variant_id, place_id, 'sale', -quantity, 0, NULL, %(by)s::text
    FROM taken WHERE until IS NULL
), sums AS (
    SELECT variant_id, place_id,
           (-coalesce(sum(quantity) FILTER (WHERE until IS NULL), 0))::int AS by_hand,
           coalesce(sum(quantity) FILTER (WHERE until IS NOT NULL), 0)::int AS by_held
    FROM taken GROUP BY variant_id, place_id
), changed AS (
    UPDATE stock_level l SET on_hand = l.on_hand + by_hand, held = l.held + by_held
    FROM sums WHERE l.variant_id = sums.variant_id AND l.place_id = sums.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, by_hand, by_held
), events AS ({ledger.EVENTS}), paid AS (
    INSERT INTO payments_payment (order_id, number, language, provider, key, currency, amount,
                                  state, authorised, captured, reference, url)
    SELECT id, %(number)s::text, %(language)s::text, %(pay_by)s::text, %(payment)s::uuid,
           %(currency)s::text, %(due)s::bigint,
           CASE WHEN %(at_once)s::bool THEN 'captured' ELSE 'pending' END,
           CASE WHEN %(at_once)s::bool THEN %(due)s::bigint ELSE 0 END,
           CASE WHEN %(at_once)s::bool THEN %(due)s::bigint ELSE 0 END, '', ''
    FROM written WHERE %(due)s::bigint > 0
), happened AS (
    INSERT INTO orders_orderevent (order_id, kind, by, why, detail, at)
    SELECT id, kind, %(by)s::text, '',
           CASE WHEN kind = 'placed' THEN %(placed)s::jsonb ELSE '{{}}' END, placed_at
    FROM written, unnest(%(events)s::text[]) AS kind
), ordered AS (
    UPDATE carts_cart SET state = 'ordered', changed_at = statement_timestamp(),
                             version = version + 1
    WHERE id = %(cart)s::bigint
), noticed AS (
    INSERT INTO common_notice (kind, about)
    SELECT 'confirmed', id FROM written WHERE %(mails)s::bool
)
SELECT id, placed_at FROM written
"""  # noqa: S608  # put together from constants


def insert(
    draft: Draft,
    costs: Costs,
    taken: Sequence[Taken],
    used: Sequence[int],
    sums: money.Totals,
    due: int,
    *,
    awaited: bool,
) -> Order:
    """Write the order with all that belongs to it.

    `used` are the holds that it has used up, and `due` is what is to be paid for it.
    """
    state, events = _beginning(draft, awaited)
    keys = rules.contact_keys(draft.contact, draft.address, draft.market)
    order = Order(
        number=draft.number or numbers.new("R"),
        key=draft.request.id,
        content=draft.content,
        identifier_id=draft.whose,
        cart_id=draft.cart,
        shopper_id=draft.shopper,
        state=state,
        channel=draft.actor.channel,
        place_id=draft.actor.place,
        by=draft.actor.by,
        market=draft.market,
        currency=draft.currency,
        language=draft.language,
        total=sums.total,
        vat=sums.vat,
        proved=draft.proved,
        contact=dict(draft.contact),
        contact_email=keys.get("email", ""),
        contact_phone=keys.get("phone", ""),
        address=dict(draft.address),
    )
    words = {
        "number": order.number,
        "key": order.key,
        "kept": idempotency.key("order", order.number),
        "content": order.content,
        "owner": draft.whose,
        "cart": draft.cart,
        "shopper": draft.shopper,
        "state": str(state),
        "channel": draft.actor.channel,
        "place": draft.actor.place,
        "by": draft.actor.by,
        "market": draft.market,
        "currency": draft.currency,
        "language": draft.language,
        "total": sums.total,
        "vat": sums.vat,
        "proved": draft.proved,
        "contact": json.dumps(order.contact),
        "email": order.contact_email,
        "phone": order.contact_phone,
        "address": json.dumps(order.address),
        "at": draft.at,
        "pay_by": draft.pay_by,
        "payment": uuid.uuid4(),
        "due": due,
        "at_once": draft.pay_by in _AT_ONCE,
        "events": [str(one) for one in events],
        "placed": json.dumps({"holds": list(used)} if used else {}),
        # Of what happened before she was told then, and of an exchange as one.
        "mails": state == Order.State.CONFIRMED and draft.at is None and not draft.anywhere,
    }
    parts = _of_lines(costs.lines) | _of_adjustments(costs.lines, draft.language)
    parts |= _of_fees(costs.fees, draft.language) | _of_taken(taken)
    row = sql.prepared(_INSERT, words | parts)
    assert row is not None
    order.pk, order.placed_at = row
    return order


def _beginning(draft: Draft, awaited: bool) -> tuple[Order.State, list[OrderEvent.Kind]]:
    """The state that the order is written in, and what has happened to it by then."""
    if awaited:
        return Order.State.AWAITING_PAYMENT, [OrderEvent.Kind.PLACED]
    if all(goes_now(one) for one in draft.items):
        return Order.State.COMPLETED, [OrderEvent.Kind.PLACED, OrderEvent.Kind.HANDED_OVER]
    return Order.State.CONFIRMED, [OrderEvent.Kind.PLACED, OrderEvent.Kind.CONFIRMED]


def _of_lines(lines: Sequence[Sold]) -> dict[str, object]:
    return {
        "l_line": list(range(len(lines))),
        "l_variant": [one.goods.variant for one in lines],
        "l_sku": [one.goods.sku for one in lines],
        "l_product": [one.goods.product for one in lines],
        "l_name": [one.goods.name for one in lines],
        "l_options": [one.goods.options for one in lines],
        "l_quantity": [one.item.quantity for one in lines],
        "l_amount": [one.amount for one in lines],
        "l_list": [one.priced.usual for one in lines],
        "l_total": [one.priced.total for one in lines],
        "l_vat": [one.goods.vat_rate for one in lines],
        "l_fulfilment": [str(one.item.fulfilment) for one in lines],
        "l_place": [one.item.place for one in lines],
        "l_delivered": [one.item.quantity if goes_now(one.item) else 0 for one in lines],
    }


def _of_adjustments(lines: Sequence[Sold], language: str) -> dict[str, object]:
    found = [(line, one) for line, sold in enumerate(lines) for one in sold.priced.adjustments]
    return {
        "a_line": [line for line, _ in found],
        "a_amount": [one.amount for _, one in found],
        "a_reason": ["code" if one.code else "offer" for _, one in found],
        "a_label": [one.offer.terms.name(language) for _, one in found],
        "a_source": [one.offer.source for _, one in found],
    }


def _of_fees(fees: Sequence[PricedLine], language: str) -> dict[str, object]:
    return {
        "f_method": [one.line.delivery for one in fees],
        "f_amount": [one.amount or 0 for one in fees],
        "f_total": [one.total for one in fees],
        "f_vat": [one.line.vat_rate for one in fees],
        "f_discounts": [
            json.dumps(
                [
                    {
                        "name": each.offer.terms.name(language),
                        "amount": -each.amount,
                        "source": each.offer.source,
                    }
                    for each in one.adjustments
                ]
            )
            for one in fees
        ],
    }


def _of_taken(taken: Sequence[Taken]) -> dict[str, object]:
    return {
        "t_line": [one.line for one in taken],
        "t_variant": [one.variant for one in taken],
        "t_place": [one.place for one in taken],
        "t_quantity": [one.quantity for one in taken],
        "t_until": [one.until for one in taken],
    }
