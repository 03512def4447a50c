"""The one place where orders are written: with their stock, their payment and their fact.

A cart, a counter, a quote and an exchange all end here, so a price, a pair and a receipt come to
be in one way. All of it is in the transaction of the action that calls. Locks are taken in one
order: the key, the customer's identifier, her cart or quote, an older order, then levels.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.catalogue.reading import PRICE_NOW
from spindel.catalogue.rules import to_major
from spindel.commerce import held, ledger, numbers, paying, payments, rules, whose
from spindel.commerce.ending import closing_after
from spindel.commerce.facts import OrderCompleted, PaymentInfoEntered, ReservationCollected
from spindel.commerce.ledger import KeyReused, Where
from spindel.commerce.models import (
    Fulfilment,
    Hold,
    Movement,
    Order,
    OrderEvent,
    Payment,
    Shopper,
)
from spindel.commerce.rules import Line, NotEnough, Parcel, Refused
from spindel.identity.rules import normalise
from spindel.kit import sql
from spindel.kit.clock import NEVER
from spindel.timeline.recording import OWN_SOURCE, record

MOST_LINES = 100
# For so many days goods are kept that are paid when they are collected.
KEPT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a variant, and how they come: sent, or from the place. `amount` is what one
    costs, in minor units, where that was agreed; else it is today's price.
    """

    variant: int
    quantity: int
    fulfilment: str = Fulfilment.SHIP
    place: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order to be written. `source` and `key` say which request it is.

    `credit` is what of it is paid by goods that came back. `holds` are of the same customer: they
    are used up. `total` is what she was told that it costs, if it must be that. `at` is when it
    happened, where that was before. `number` is the receipt's, where it has one already.
    """

    source: str
    key: str
    items: Sequence[Item]
    market: str
    currency: str
    language: str
    channel: str
    pay_by: str
    whose: int | None = None
    by: str = ""
    place: int | None = None
    contact: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)
    also: Collection[int] = ()
    holds: Collection[int] = ()
    credit: int = 0
    total: int | None = None
    cart: int | None = None
    shopper: int | None = None
    at: datetime | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """What an order keeps of a variant, and what one costs today; no price: it is not sold."""

    variant: int
    sku: str
    product: str
    name: str
    options: str
    vat_rate: int
    amount: int | None


class Dearer(ValueError):
    """It comes to something else than she was told. `total` is what it comes to."""

    def __init__(self, total: int) -> None:
        super().__init__("The price has changed.")
        self.total = total


# --- once -----------------------------------------------------------------------------------------


def before(draft: Draft) -> Order | None:
    """The order that the same request has written before; whoever else asks now waits.

    Raises KeyReused when the key was used for something else.
    """
    lock_key(draft.source, draft.key)
    found = Order.objects.filter(key=ledger.key(draft.source, draft.key)).first()
    if found is not None and found.content != _content(draft):
        raise KeyReused
    return found


def lock_key(source: str, key: str) -> None:
    """Have whoever asks by the same key wait for the end of the transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("An order is written in the transaction of what it is for.")
    sql.prepared(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s::text, 0))",
        {"key": str(ledger.key(source, key))},
    )


def _content(draft: Draft) -> uuid.UUID:
    """What was asked for, so short that it says nothing: to tell the same key's use again."""
    items = [[one.variant, one.quantity, one.fulfilment, one.place] for one in draft.items]
    return ledger.key(json.dumps(sorted(items, key=str)), f"{draft.pay_by} {draft.cart}")


# --- writing --------------------------------------------------------------------------------------


def write(draft: Draft, goods: Mapping[int, Goods] | None = None) -> Order:
    """Write the order: stock taken, payment to be asked for, fact recorded. All or nothing.

    After `before` has said that there is none yet. `goods` are what the caller has read already.
    Raises Refused, NotEnough, Dearer, and recording.Gone.
    """
    _check(draft)
    goods = goods or read_goods(draft)
    priced = [_priced(one, goods) for one in draft.items]
    sums = rules.totals(priced)
    if draft.total is not None and draft.total != sums.total:
        raise Dearer(sums.total)
    parcels = _take_stock(draft)
    order = _finish(draft, goods, priced, parcels, sums)
    if _goes_now(draft) and not draft.credit:  # an exchange is not written down yet
        paying.take(order)
    return order


def write_told(draft: Draft, told: Collection[ledger.Told]) -> Order:
    """Write a purchase that was made elsewhere, with the movements that it was. Raises Refused."""
    _check(draft)
    goods = read_goods(draft)
    priced = [_priced(one, goods) for one in draft.items]
    ledger.tell(told, draft.by)
    return _finish(draft, goods, priced, [], rules.totals(priced))


def with_receipt(draft: Draft) -> Draft:
    """The draft with a number, and where nobody knows who buys with the receipt as whose it is.

    Before anything is locked: the receipt's identifier is made on a connection of its own, which
    may have to wait for somebody who waits for what is locked here.
    """
    number = draft.number or numbers.new("R")
    receipt = normalise("receipt", f"{OWN_SOURCE}/{number}")
    owner = draft.whose
    if owner is None and receipt is not None:
        owner = whose.identifier("receipt", receipt)
    return replace(draft, number=number, whose=owner)


def _finish(
    draft: Draft,
    goods: Mapping[int, Goods],
    priced: Sequence[rules.Priced],
    parcels: Sequence[_Taken],
    sums: rules.Totals,
) -> Order:
    due = max(0, sums.total - draft.credit)
    awaited = due > 0 and payments.is_awaited(draft.pay_by)
    order = _insert(draft, goods, priced, parcels, sums, due, awaited)
    _tell(order, draft, goods, priced, awaited)
    return order


# Paid when it is written.
_AT_ONCE = frozenset(("till",))
# How goods are paid that are gone when it is written.
_OVER_THE_COUNTER = frozenset(("till", "invoice"))


def _check(draft: Draft) -> None:
    check_items(draft.items)
    if not draft.credit >= 0:
        raise Refused("A credit is not below zero.")
    if _goes_now(draft) and draft.pay_by not in _OVER_THE_COUNTER:
        raise Refused("What is handed over now is paid over the counter, or by invoice.")


def _goes_now(draft: Draft) -> bool:
    return any(one.fulfilment == Fulfilment.HAND_OVER for one in draft.items)


def check_items(items: Sequence[Item]) -> None:
    """Raises Refused for what can't be the lines of an order."""
    if not items:
        raise Refused("There is nothing to order.")
    if len(items) > MOST_LINES:
        raise Refused(f"An order has at most {MOST_LINES} lines.")
    for one in items:
        if not 1 <= one.quantity <= 999:
            raise Refused("A quantity is 1 to 999.")
        if (one.place is None) != (one.fulfilment == Fulfilment.SHIP):
            raise Refused("Goods are sent, or come from a place.")


_GOODS = f"""
SELECT v.id, v.sku, p.number,
       coalesce(p.names->>%(language)s, p.names->>'sv', p.names->>'da', p.names->>'en', p.number),
       (SELECT coalesce(string_agg(value, ', ' ORDER BY key DESC), '')
        FROM jsonb_each_text(v.options)),
       p.vat,
       CASE WHEN v.removed_at IS NULL AND p.removed_at IS NULL THEN price.amount END
FROM catalogue_variant v JOIN catalogue_product p ON p.id = v.product_id
LEFT JOIN LATERAL ({
    PRICE_NOW.format(variant="v.id", market="%(market)s", currency="%(currency)s")
}) price ON true
WHERE v.id = ANY(%(variants)s)
"""  # noqa: S608  # put together from constants


def read_goods(draft: Draft) -> dict[int, Goods]:
    """What the order's variants are and cost today, by their ids. Raises Refused."""
    variants = {one.variant for one in draft.items}
    return goods_of(variants, draft.market, draft.currency, draft.language)


def goods_of(
    variants: Collection[int], market: str, currency: str, language: str
) -> dict[int, Goods]:
    """What the variants are and cost today, by their ids. Raises Refused for those not there."""
    words = {
        "variants": list(variants),
        "language": language,
        "market": market,
        "currency": currency,
    }
    found = {row[0]: Goods(*row) for row in sql.rows(_GOODS, words)}
    if set(variants) - found.keys():
        raise Refused("There are no such goods.")
    return found


def _priced(item: Item, goods: Mapping[int, Goods]) -> rules.Priced:
    known = goods[item.variant]
    amount = known.amount if item.amount is None else item.amount
    if amount is None:
        raise Refused(f"{known.name} is not sold any more.")
    return rules.Priced(item.quantity, amount, known.vat_rate)


# --- stock ----------------------------------------------------------------------------------------

# That may send it: where some is kept for her, then those with the most; one or two are enough.
_PLACES_A_VARIANT = 20

# Not locked: whoever reads this locks what it names, and asks again.
_SENDING = """
SELECT wanted.id, l.place_id
FROM unnest(%(variants)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT l.place_id FROM catalogue_place p
    JOIN commerce_level l ON l.variant_id = wanted.id AND l.place_id = p.id
    WHERE p.ships AND p.closed_at IS NULL AND l.on_hand > 0
    ORDER BY l.place_id = ANY(%(kept)s::bigint[]) DESC, l.on_hand - l.held DESC, l.place_id
    LIMIT %(places)s
) l
"""


_HERS = """
SELECT h.id FROM commerce_hold h
JOIN identity_tenure t ON t.identifier_id = h.identifier_id AND t.since = '1900-01-01Z'
JOIN identity_tenure hers ON hers.identifier_id = %(whose)s AND hers.since = '1900-01-01Z'
WHERE t.customer_id = hers.customer_id AND h.order_line_id IS NULL
  AND h.state = 'active' AND h.until > statement_timestamp()
  AND (h.variant_id, h.place_id) IN (
      SELECT * FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]))
"""


# Of a shopper: what was held in her session, or for whom she has proved to be.
_CERTAINLY_HERS = """
SELECT id FROM commerce_hold
WHERE (shopper_id = %(shopper)s OR identifier_id = ANY(%(certain)s)) AND order_line_id IS NULL
  AND state = 'active' AND until > statement_timestamp()
  AND (variant_id, place_id) IN (
      SELECT * FROM unnest(%(variants)s::bigint[], %(places)s::bigint[]))
"""


def holds_of(draft: Draft) -> list[int]:
    """What is held for whoever buys, of the goods that she buys, where she gets them.

    From home anybody types any address: of a shopper counts what is certainly hers.
    """
    fetched = [(one.variant, one.place) for one in draft.items if one.place is not None]
    if draft.whose is None or not fetched:
        return []
    words: dict[str, object] = {
        "whose": draft.whose,
        "variants": [variant for variant, _ in fetched],
        "places": [place for _, place in fetched],
    }
    if draft.shopper is None:
        return [id for (id,) in sql.rows(_HERS, words)]
    her = Shopper.objects.get(pk=draft.shopper)
    certain = [] if her.identifier_id is None else sorted(whose.proven(her.identifier_id))
    words |= {"shopper": her.pk, "certain": certain}
    return [id for (id,) in sql.rows(_CERTAINLY_HERS, words)]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Goods for a line of the order, by its number: kept in the place, or gone at once."""

    line: int
    variant: int
    place: int
    quantity: int
    until: datetime | None


def _take_stock(draft: Draft) -> list[_Taken]:
    """Lock the levels that the order needs, and say from where each line comes.

    What was held for her counts as there, and is used up. Raises NotEnough.
    """
    holds = list(Hold.objects.filter(pk__in=list(draft.holds))) if draft.holds else []
    return _by_line(draft, _allot(draft.items, holds, draft.by, Hold.State.HANDED_OVER))


def parcels(items: Sequence[Item], instead: Sequence[Hold], by: str) -> list[Parcel]:
    """Lock the levels that the items need, and say how many of what to take from where.

    Whoever calls holds or sells that. What is held already, `instead`, is let go of first. Raises
    Refused, and NotEnough.
    """
    check_items(items)
    found = _allot(items, instead, by, Hold.State.RELEASED)
    return [one for stack in found.values() for one in stack]


def _allot(items: Sequence[Item], holds: Sequence[Hold], by: str, become: Hold.State) -> _Parcels:
    sent: Counter[int] = Counter()
    fetched: Counter[Where] = Counter()
    for one in items:
        if one.place is None:
            sent[one.variant] += one.quantity
        else:
            fetched[one.variant, one.place] += one.quantity
    sending = _sending(sent, holds) if sent else []
    levels = {*sending, *fetched, *((one.variant_id, one.place_id) for one in holds)}
    there = ledger.lock(levels)
    used = _use_up(holds, by, become)
    if used:
        there = ledger.lock(levels)
    parcels = _parcels(sent, fetched, sending, there)
    if parcels is None and ledger.take_back(levels):
        there = ledger.lock(levels)
        parcels = _parcels(sent, fetched, sending, there)
    if parcels is None:
        raise NotEnough(_available(sent, fetched, sending, there))
    return parcels


def _sending(variants: Collection[int], holds: Sequence[Hold]) -> list[Where]:
    words = {
        "variants": sorted(variants),
        "places": _PLACES_A_VARIANT,
        "kept": sorted({one.place_id for one in holds}),
    }
    return [(variant, place) for variant, place in sql.prepared_rows(_SENDING, words)]


def levels(draft: Draft) -> set[Where]:
    """Which levels the order may need, for whoever has others to lock together with them."""
    holds = list(Hold.objects.filter(pk__in=list(draft.holds))) if draft.holds else []
    sent = {one.variant for one in draft.items if one.place is None}
    found = {(one.variant, one.place) for one in draft.items if one.place is not None}
    found.update(_sending(sent, holds) if sent else ())
    return found | {(one.variant_id, one.place_id) for one in holds}


def _use_up(holds: Sequence[Hold], by: str, become: Hold.State) -> bool:
    """Free what was held for her, whose levels are locked; whether anything was."""
    now = timezone.now()
    found = Hold.objects.in_bulk([one.pk for one in holds])  # as they are behind the lock
    used = False
    for one in found.values():
        if one.state == Hold.State.ACTIVE and one.until > now:
            ledger.end(one, become, Movement.Kind.RELEASE, by)
            if become == Hold.State.HANDED_OVER:
                held.tell(ReservationCollected, one)
            used = True
    return used


# What a line may be taken from: its variant, and its place where it is fetched, else None.
_Parcels = dict[tuple[int, int | None], list[Parcel]]


def _parcels(
    sent: Counter[int], fetched: Counter[Where], sending: Sequence[Where], there: dict[Where, int]
) -> _Parcels | None:
    if any(there.get(level, 0) < many for level, many in fetched.items()):
        return None
    # What is fetched from a place that also sends is not sent from there as well.
    free = {level: there.get(level, 0) - fetched.get(level, 0) for level in sending}
    allocated = rules.allocate(dict(sent), free) if sent else []
    if allocated is None:
        return None
    found: _Parcels = defaultdict(list)
    for parcel in allocated:
        found[parcel.variant, None].append(parcel)
    for (variant, place), many in fetched.items():
        found[variant, place].append(Parcel(variant, place, many))
    return found


def _available(
    sent: Counter[int], fetched: Counter[Where], sending: Sequence[Where], there: dict[Where, int]
) -> list[Line]:
    """What there is of that which there is too little of; the place is 0 for what is sent."""
    found = []
    for (variant, place), many in fetched.items():
        if there.get((variant, place), 0) < many:
            found.append(Line(variant, place, max(0, there.get((variant, place), 0))))
    for variant, many in sent.items():
        has = sum(max(0, there.get(level, 0)) for level in sending if level[0] == variant)
        if has < many:
            found.append(Line(variant, 0, has))
    return found


def _by_line(draft: Draft, parcels: _Parcels) -> list[_Taken]:
    """Which of the goods are for which line."""
    taken = []
    for number, (item, until) in enumerate(zip(draft.items, _untils(draft), strict=True)):
        left, stack = item.quantity, parcels[item.variant, item.place]
        while left:
            parcel = stack.pop()
            many = min(left, parcel.quantity)
            taken.append(_Taken(number, item.variant, parcel.place, many, until))
            left -= many
            if parcel.quantity > many:
                stack.append(Parcel(parcel.variant, parcel.place, parcel.quantity - many))
    return taken


def _untils(draft: Draft) -> list[datetime | None]:
    """Until when each line's goods are kept: for ever, or until they must be collected; None for
    what goes over the counter at once.
    """
    untils: list[datetime | None] = []
    for one in draft.items:
        if one.fulfilment == Fulfilment.HAND_OVER:
            untils.append(None)
        elif one.fulfilment == Fulfilment.PICK_UP and draft.pay_by == "store":
            assert one.place is not None
            untils.append(_collect_until(Place.objects.get(pk=one.place)))
        else:
            untils.append(NEVER)
    return untils


def _collect_until(place: Place) -> datetime:
    now = timezone.now()
    return closing_after(place, now, KEPT_DAYS) or now + timedelta(days=KEPT_DAYS)


# --- the rows -------------------------------------------------------------------------------------

# The order with all that belongs to it, in one statement behind the locks on its levels.
_INSERT = f"""
WITH written AS (
    INSERT INTO commerce_order (number, key, content, identifier_id, cart_id, shopper_id, state,
                                channel, place_id, by, market, currency, language, total, vat,
                                contact, address, placed_at)
    VALUES (%(number)s::text, %(key)s::uuid, %(content)s::uuid, %(owner)s::bigint,
            %(cart)s::bigint, %(shopper)s::bigint, %(state)s::text, %(channel)s::text,
            %(place)s::bigint, %(by)s::text, %(market)s::text, %(currency)s::text,
            %(language)s::text, %(total)s::bigint, %(vat)s::bigint, %(contact)s::jsonb,
            %(address)s::jsonb, coalesce(%(at)s::timestamptz, statement_timestamp()))
    RETURNING id, placed_at
), lines AS (
    INSERT INTO commerce_orderline (order_id, line, variant_id, sku, product, name, options,
                                    quantity, amount, list_amount, vat_rate, fulfilment, place_id,
                                    delivered)
    SELECT written.id, t.line, variant, sku, product, name, options, quantity, amount, list_amount,
           vat_rate, fulfilment, place, delivered
    FROM written, unnest(
        %(l_line)s::int[], %(l_variant)s::bigint[], %(l_sku)s::text[], %(l_product)s::text[],
        %(l_name)s::text[], %(l_options)s::text[], %(l_quantity)s::int[], %(l_amount)s::bigint[],
        %(l_list)s::bigint[], %(l_vat)s::int[], %(l_fulfilment)s::text[], %(l_place)s::bigint[],
        %(l_delivered)s::int[]
    ) AS t (line, variant, sku, product, name, options, quantity, amount, list_amount, vat_rate,
            fulfilment, place, delivered)
    RETURNING id, line
), taken AS (
    SELECT t.*, lines.id AS order_line FROM unnest(
        %(t_line)s::int[], %(t_variant)s::bigint[], %(t_place)s::bigint[], %(t_quantity)s::int[],
        %(t_until)s::timestamptz[]
    ) WITH ORDINALITY AS t (line, variant_id, place_id, quantity, until, number)
    JOIN lines ON lines.line = t.line
), kept AS (
    INSERT INTO commerce_hold (variant_id, place_id, quantity, until, channel, by, key, line,
                               content, order_line_id)
    SELECT variant_id, place_id, quantity, until, %(channel)s::text, %(by)s::text, %(kept)s::uuid,
           number, %(content)s::uuid, order_line
    FROM taken WHERE until IS NOT NULL ORDER BY number
    RETURNING id, variant_id, place_id, quantity
), moved AS (
    INSERT INTO commerce_movement (variant_id, place_id, kind, on_hand, held, hold_id, by)
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
    UPDATE commerce_level l SET on_hand = l.on_hand + by_hand, held = l.held + by_held
    FROM sums WHERE l.variant_id = sums.variant_id AND l.place_id = sums.place_id
    RETURNING l.variant_id, l.place_id, l.on_hand, l.held, by_hand, by_held
), events AS ({ledger.EVENTS}), paid AS (
    INSERT INTO commerce_payment (order_id, provider, key, currency, amount, state, authorised,
                                  captured, reference, url)
    SELECT id, %(pay_by)s::text, %(payment)s::uuid, %(currency)s::text, %(due)s::bigint,
           CASE WHEN %(at_once)s::bool THEN 'captured' ELSE 'pending' END,
           CASE WHEN %(at_once)s::bool THEN %(due)s::bigint ELSE 0 END,
           CASE WHEN %(at_once)s::bool THEN %(due)s::bigint ELSE 0 END, '', ''
    FROM written WHERE %(due)s::bigint > 0
), happened AS (
    INSERT INTO commerce_orderevent (order_id, kind, by, why, detail, at)
    SELECT id, kind, %(by)s::text, '', '{{}}', placed_at
    FROM written, unnest(%(events)s::text[]) AS kind
), ordered AS (
    UPDATE commerce_cart SET state = 'ordered', changed_at = statement_timestamp(),
                             version = version + 1
    WHERE id = %(cart)s::bigint
)
SELECT id, placed_at FROM written
"""  # noqa: S608  # put together from constants


def _insert(
    draft: Draft,
    goods: Mapping[int, Goods],
    priced: Sequence[rules.Priced],
    parcels: Sequence[_Taken],
    sums: rules.Totals,
    due: int,
    awaited: bool,
) -> Order:
    at_once = [one.fulfilment == Fulfilment.HAND_OVER for one in draft.items]
    state = Order.State.CONFIRMED
    events = [OrderEvent.Kind.PLACED, OrderEvent.Kind.CONFIRMED]
    if awaited:
        state, events = Order.State.AWAITING_PAYMENT, [OrderEvent.Kind.PLACED]
    elif all(at_once):
        state = Order.State.COMPLETED
        events = [OrderEvent.Kind.PLACED, OrderEvent.Kind.HANDED_OVER]
    order = Order(
        number=draft.number or numbers.new("R"),
        key=ledger.key(draft.source, draft.key),
        content=_content(draft),
        identifier_id=draft.whose,
        cart_id=draft.cart,
        shopper_id=draft.shopper,
        state=state,
        channel=draft.channel,
        place_id=draft.place,
        by=draft.by,
        market=draft.market,
        currency=draft.currency,
        language=draft.language,
        total=sums.total,
        vat=sums.vat,
        contact=dict(draft.contact),
        address=dict(draft.address),
    )
    known = [goods[one.variant] for one in draft.items]
    words: dict[str, object] = {
        "number": order.number,
        "key": order.key,
        "kept": ledger.key("order", order.number),
        "content": order.content,
        "owner": draft.whose,
        "cart": draft.cart,
        "shopper": draft.shopper,
        "state": str(state),
        "channel": draft.channel,
        "place": draft.place,
        "by": draft.by,
        "market": draft.market,
        "currency": draft.currency,
        "language": draft.language,
        "total": sums.total,
        "vat": sums.vat,
        "contact": json.dumps(order.contact),
        "address": json.dumps(order.address),
        "l_line": list(range(len(known))),
        "l_variant": [one.variant for one in known],
        "l_sku": [one.sku for one in known],
        "l_product": [one.product for one in known],
        "l_name": [one.name for one in known],
        "l_options": [one.options for one in known],
        "l_quantity": [one.quantity for one in draft.items],
        "l_amount": [one.amount for one in priced],
        "l_list": [
            max(one.amount or 0, paid.amount) for one, paid in zip(known, priced, strict=True)
        ],
        "l_vat": [one.vat_rate for one in known],
        "l_fulfilment": [str(one.fulfilment) for one in draft.items],
        "l_place": [one.place for one in draft.items],
        "l_delivered": [
            one.quantity if gone else 0 for one, gone in zip(draft.items, at_once, strict=True)
        ],
        "t_line": [one.line for one in parcels],
        "t_variant": [one.variant for one in parcels],
        "t_place": [one.place for one in parcels],
        "t_quantity": [one.quantity for one in parcels],
        "t_until": [one.until for one in parcels],
        "at": draft.at,
        "pay_by": draft.pay_by,
        "payment": uuid.uuid4(),
        "due": due,
        "at_once": draft.pay_by in _AT_ONCE,
        "events": [str(one) for one in events],
    }
    row = sql.prepared(_INSERT, words)
    assert row is not None
    order.pk, order.placed_at = row
    return order


# --- the fact -------------------------------------------------------------------------------------


def _tell(
    order: Order,
    draft: Draft,
    goods: Mapping[int, Goods],
    priced: Sequence[rules.Priced],
    awaited: bool,
) -> None:
    if order.identifier_id is None or (draft.credit and draft.credit >= order.total):
        return  # nobody's; or an exchange, which is told of as one
    if awaited:
        said = PaymentInfoEntered(order_id=order.number, payment_method=draft.pay_by)
        record(said, order.identifier_id, order.channel, also=draft.also)
        return
    products = [
        _product(goods[one.variant], one.quantity, paid.amount, order.currency)
        for one, paid in zip(draft.items, priced, strict=True)
    ]
    discount = sum(
        one.quantity * max(0, (goods[one.variant].amount or 0) - paid.amount)
        for one, paid in zip(draft.items, priced, strict=True)
    )
    fact = completed(order, draft.pay_by, discount, products, draft.credit)
    record(fact, order.identifier_id, order.channel, also=draft.also, at=draft.at)


def completed(
    order: Order, pay_by: str, discount: int, products: list[dict[str, object]], credit: int = 0
) -> OrderCompleted:
    """The fact that an order is settled, as shops tell of theirs.

    What goods that came back have paid of it was told of when they were bought.
    """
    due = order.total - credit
    vat = order.vat * due // order.total if credit else order.vat
    place = Place.objects.filter(pk=order.place_id).first() if order.place_id else None
    return OrderCompleted(
        order_id=order.number,
        affiliation=place.name if place else "",
        store=place.code if place else "",
        total=major(due, order.currency),
        revenue=major(due - vat, order.currency),
        tax=major(vat, order.currency),
        discount=major(discount, order.currency),
        currency=order.currency,
        payment_method=pay_by,
        products=products,
    )


def _product(goods: Goods, quantity: int, amount: int, currency: str) -> dict[str, object]:
    return {
        "product_id": goods.product,
        "sku": goods.sku,
        "name": goods.name,
        "variant": goods.options,
        "quantity": quantity,
        "price": major(amount, currency),
    }


def major(amount: int, currency: str) -> float:
    """An amount for a fact, whose money is a JSON number of whole units, as in Segment's spec."""
    return float(to_major(amount, currency))


def payment_of(order: Order) -> Payment | None:
    """What is to be paid for the order; none where goods that came back have paid it."""
    return Payment.objects.filter(order=order).order_by("pk").first()
