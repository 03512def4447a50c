"""Reading the order book: an order with its lines, its payment, its parcels and its story."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.models import Place
from spindel.commerce import links, numbers, rules
from spindel.commerce.models import (
    Fulfilment,
    Movement,
    Order,
    OrderEvent,
    Payment,
    Return,
    Shopper,
)
from spindel.commerce.reading import shoppers, stages
from spindel.kit import sql
from spindel.kit.clock import NEVER
from spindel.timeline.sentences import apart


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as it was agreed, and how far it has come. `until`: when it must be collected."""

    line: int
    variant: int
    sku: str
    product: str
    name: str
    options: str
    picture: str
    quantity: int
    amount: int
    list_amount: int
    total: int
    vat_rate: int
    fulfilment: str
    place: str
    place_name: str
    delivered: int
    cancelled: int
    returned: int
    until: datetime | None
    set_aside: bool


@dataclass(frozen=True, slots=True)
class PaymentView:
    """How it is paid, and how far that has come; `url` is where she pays, while she can."""

    id: int
    provider: str
    state: str
    state_text: str
    amount: int
    captured: int
    refunded: int
    url: str


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """A parcel on its way, or goods that were handed over."""

    id: int
    fulfilment: str
    place_name: str
    carrier: str
    tracking: str
    tracking_url: str
    at: datetime
    arrived_at: datetime | None
    lines: list[tuple[int, int]]  # which line, how many


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to it, in a word for machines and one for people."""

    at: datetime
    kind: str
    text: str
    by: str
    why: str
    why_text: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order, whole, in words of a language. Amounts are in minor units, VAT included."""

    id: int
    number: str
    number_spaced: str
    state: str
    state_text: str
    placed_at: datetime
    channel: str
    place: str
    place_name: str
    by: str
    market: str
    currency: str
    language: str
    total: int
    vat: int
    vat_by_rate: list[tuple[int, int]]
    contact: dict[str, str]
    address: dict[str, str]
    identifier: int | None
    url: str
    lines: list[LineView]
    payment: PaymentView | None
    shipments: list[ShipmentView]
    events: list[EventView]

    @property
    def cancellable(self) -> bool:
        """Whether something of it has neither left nor was cancelled."""
        return any(one.quantity > one.delivered + one.cancelled for one in self.lines)


# All of an order in one question, as a page of twenty is read, and each order that was just placed.
_VIEWS = f"""
SELECT jsonb_build_object(
    'id', o.id, 'number', o.number, 'state', o.state, 'placed_at', o.placed_at,
    'channel', o.channel, 'place', coalesce(p.code, ''), 'place_name', coalesce(p.name, ''),
    'by', o.by, 'market', o.market, 'currency', o.currency, 'language', o.language,
    'total', o.total, 'vat', o.vat, 'contact', o.contact, 'address', o.address,
    'identifier', o.identifier_id,
    'lines', (
        SELECT jsonb_agg(jsonb_build_object(
            'line', l.line, 'variant', l.variant_id, 'sku', l.sku, 'product', l.product,
            'name', l.name, 'options', l.options,
            'picture', coalesce(v.pictures[1], g.pictures[1], ''),
            'quantity', l.quantity, 'amount', l.amount, 'list_amount', l.list_amount,
            'total', l.amount * l.quantity, 'vat_rate', l.vat_rate, 'fulfilment', l.fulfilment,
            'place', coalesce(at.code, ''), 'place_name', coalesce(at.name, ''),
            'delivered', l.delivered, 'cancelled', l.cancelled, 'returned', l.returned,
            'until', kept.until, 'set_aside', coalesce(kept.set_aside, false)) ORDER BY l.line)
        FROM commerce_orderline l
        JOIN catalogue_variant v ON v.id = l.variant_id
        JOIN catalogue_product g ON g.id = v.product_id
        LEFT JOIN catalogue_place at ON at.id = l.place_id
        CROSS JOIN LATERAL (
            SELECT min(h.until) FILTER (WHERE h.until < '{NEVER.isoformat()}') AS until,
                   bool_and(h.set_aside_at IS NOT NULL) AS set_aside
            FROM commerce_hold h WHERE h.order_line_id = l.id AND h.state = 'active'
        ) kept
        WHERE l.order_id = o.id),
    'payment', (
        SELECT jsonb_build_object(
            'id', y.id, 'provider', y.provider, 'state', y.state, 'amount', y.amount,
            'captured', y.captured, 'refunded', y.refunded,
            'url', CASE WHEN y.state IN ('pending', 'failed') AND o.state = 'awaiting'
                        THEN y.url ELSE '' END)
        FROM commerce_payment y WHERE y.order_id = o.id ORDER BY y.id LIMIT 1),
    'shipments', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', s.id, 'fulfilment', s.fulfilment, 'place_name', coalesce(f.name, ''),
            'carrier', s.carrier, 'tracking', s.tracking, 'tracking_url', s.tracking_url,
            'at', s.at, 'arrived_at', s.arrived_at, 'lines', (
                SELECT coalesce(jsonb_agg(jsonb_build_array(l.line, e.quantity) ORDER BY l.line),
                                '[]')
                FROM commerce_shipmentline e JOIN commerce_orderline l ON l.id = e.order_line_id
                WHERE e.shipment_id = s.id)) ORDER BY s.at, s.id), '[]')
        FROM commerce_shipment s LEFT JOIN catalogue_place f ON f.id = s.place_id
        WHERE s.order_id = o.id),
    'events', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'at', e.at, 'kind', e.kind, 'by', e.by, 'why', e.why,
            'swaps', coalesce(e.detail->'swaps', '[]')) ORDER BY e.at, e.id), '[]')
        FROM commerce_orderevent e WHERE e.order_id = o.id))::text
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, number)
JOIN commerce_order o ON o.id = wanted.id
LEFT JOIN catalogue_place p ON p.id = o.place_id
ORDER BY wanted.number
"""  # noqa: S608  # put together from constants


# So many of one thing for another: names, and options in words.
Swap = tuple[int, str, str, str, str]


def swap_in_words(swap: Swap) -> str:
    """What was exchanged for what: "Vinga, 38 → 39"."""
    many, name, options, other, others = swap
    if name == other:
        before, after = apart(options, others)
    else:
        before, after = options, f"{other}, {others}" if others else other
    words = f"{name}, {before} → {after}" if before else f"{name} → {after}"
    return f"{many} × {words}" if many > 1 else words


# Why something happened of itself, as it is kept, in words; what somebody has typed stays as it is.
WHY = {
    "too small": _("too small"),
    "too large": _("too large"),
    "changed her mind": _("changed her mind"),
    "faulty": _("faulty"),
    "other": _("another reason"),
    "not found": _("It could not be found."),
    "not collected": _("It was not collected in time."),
    "not paid": _("It was not paid."),
    "the payment was let go": _("The bank let the payment go."),
    "the card was refused": _("The card was refused."),
    "the money came after the order was cancelled, and goes back": _(
        "The money came after the order was cancelled, and goes back."
    ),
    "the bank did not take the money back": _("The bank did not take the money back."),
    "the money was paid back at the bank, and not from here": _("The money was paid back."),
    "money came in another currency": _("Money came in another currency."),
    "the bank has decided for the shop": _("It stays with the shop."),
    "rung up by mistake": _("It was rung up by mistake."),
    "the bank has decided for the customer": _("The money goes back to the customer."),
}


class _Payment(msgspec.Struct):
    id: int
    provider: str
    state: str
    amount: int
    captured: int
    refunded: int
    url: str


class _Shipment(msgspec.Struct):
    id: int
    fulfilment: str
    place_name: str
    carrier: str
    tracking: str
    tracking_url: str
    at: datetime
    arrived_at: datetime | None
    lines: list[tuple[int, int]]


class _Event(msgspec.Struct):
    at: datetime
    kind: str
    by: str
    why: str
    swaps: list[Swap]


class _Order(msgspec.Struct):
    """An order as the statement answers it."""

    id: int
    number: str
    state: str
    placed_at: datetime
    channel: str
    place: str
    place_name: str
    by: str
    market: str
    currency: str
    language: str
    total: int
    vat: int
    contact: dict[str, str]
    address: dict[str, str]
    identifier: int | None
    lines: list[LineView]
    payment: _Payment | None
    shipments: list[_Shipment]
    events: list[_Event]


_read = msgspec.json.Decoder(_Order).decode


def behind_link(id: int) -> Order | None:
    """The order behind its customer's link; none where she was forgotten, and it is the shop's book
    alone.
    """
    return Order.objects.filter(pk=id, identifier__isnull=False).first()


def view(order: Order, language: str) -> OrderView:
    """The order, in words of the language."""
    return next(views([order.pk], language))


def views(ids: Sequence[int], language: str) -> Iterator[OrderView]:
    """The orders with these ids in this order, in words of the language."""
    rows = sql.prepared_rows(_VIEWS, {"ids": list(ids)})
    with translation.override(language):
        yield from [_view(_read(text)) for (text,) in rows]


def _view(order: _Order) -> OrderView:
    sums = rules.totals(rules.Priced(one.quantity, one.amount, one.vat_rate) for one in order.lines)
    paid = order.payment
    return OrderView(
        id=order.id,
        number=order.number,
        number_spaced=numbers.spaced(order.number),
        state=order.state,
        state_text=str(stages.of(order.state, order.lines, order.shipments).label),
        placed_at=order.placed_at,
        channel=order.channel,
        place=order.place,
        place_name=order.place_name,
        by=order.by,
        market=order.market,
        currency=order.currency,
        language=order.language,
        total=order.total,
        vat=order.vat,
        vat_by_rate=sorted(sums.vat_by_rate.items()),
        contact=order.contact,
        address=order.address,
        identifier=order.identifier,
        url=links.page("order-page", "order", order.id),
        lines=order.lines,
        payment=None
        if paid is None
        else PaymentView(
            paid.id,
            paid.provider,
            paid.state,
            str(Payment.State(paid.state).label),
            paid.amount,
            paid.captured,
            paid.refunded,
            paid.url,
        ),
        shipments=[
            ShipmentView(
                one.id,
                one.fulfilment,
                one.place_name,
                one.carrier,
                one.tracking,
                one.tracking_url,
                one.at,
                one.arrived_at,
                one.lines,
            )
            for one in order.shipments
        ],
        events=[
            EventView(
                one.at,
                one.kind,
                _event_in_words(one),
                one.by,
                one.why,
                str(WHY.get(one.why, one.why)),
            )
            for one in order.events
        ],
    )


def _event_in_words(event: _Event) -> str:
    text = str(OrderEvent.Kind(event.kind).label)
    return ": ".join([text, *([", ".join(map(swap_in_words, event.swaps))] if event.swaps else [])])


def without_links(view: OrderView) -> OrderView:
    """The order without the links by which its customer sees it, pays it and cancels it."""
    payment = replace(view.payment, url="") if view.payment else None
    return replace(view, url="", payment=payment)


def masked(view: OrderView) -> OrderView:
    """The order without who it is for, and what somebody has written of her in her own words."""
    told = {name: view.address[name] for name in ("city", "country") if view.address.get(name)}
    return replace(
        view,
        contact={},
        address=told,
        shipments=[replace(one, tracking="", tracking_url="") for one in view.shipments],
        events=[
            one if one.why in WHY else replace(one, why="", why_text="") for one in view.events
        ],
    )


# --- what can be undone ---------------------------------------------------------------------------


def is_of_a_till(order: Order) -> bool:
    """Whether a till has told of it, and has given it its number."""
    return Movement.objects.filter(key=order.key).exists()  # the goods by the purchase's own key


def is_voidable(order: Order, place: int) -> bool:
    """Whether it is a sale over the counter of the place, of today, of which all is out still."""
    if order.place_id != place or order.state != Order.State.COMPLETED:
        return False
    all_out = all(
        one.fulfilment == Fulfilment.HAND_OVER
        and (one.delivered, one.returned) == (one.quantity, 0)
        for one in order.lines.all()
    )
    if not all_out or is_of_a_till(order) or Return.objects.filter(exchange=order).exists():
        return False
    zone = ZoneInfo(Place.objects.get(pk=place).time_zone)
    return timezone.localdate(order.placed_at, zone) == timezone.localdate(timezone=zone)


# --- whose ----------------------------------------------------------------------------------------


def of_shopper(shopper: Shopper) -> QuerySet[Order]:
    """The orders that a shopper may see: placed in her session, or certainly hers."""
    mine = Q(shopper=shopper) | Q(identifier__in=shoppers.identifiers(shopper))
    return Order.objects.filter(mine).order_by("-placed_at", "-pk")


def of_identifiers(identifiers: Collection[int]) -> QuerySet[Order]:
    """The orders of somebody's identifiers, the newest first."""
    return Order.objects.filter(identifier__in=identifiers).order_by("-placed_at", "-pk")
