"""Reading the order book: an order with its lines, its payment, its parcels and its story."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.models import Place
from spindel.commerce.common import links, numbers
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders import delivery, stages
from spindel.commerce.orders.delivery import Expected
from spindel.commerce.orders.models import Order, OrderEvent, Return
from spindel.commerce.orders.stages import Reader
from spindel.commerce.stock.models import Movement
from spindel.kit import money, sql
from spindel.kit.clock import NEVER
from spindel.kit.money import VatOfRate
from spindel.kit.options import stored_text
from spindel.offers import explaining
from spindel.offers.explaining import Discount
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.timeline.phrases import apart


@dataclass(frozen=True, slots=True)
class LineView:
    """A line as it was agreed, and how far it has come, in words and in numbers.

    `until`: when it must be collected; `set_aside_at`: when it was packed, or lay ready, if all of
    it is; `exchanged`: how many of the `returned` were exchanged. `discounts` are in the `total`.
    """

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
    exchanged: int
    until: datetime | None
    set_aside: bool
    set_aside_at: datetime | None
    discounts: list[Discount] = field(default_factory=list)
    state_text: str = ""


@dataclass(frozen=True, slots=True)
class FeeView:
    """What it costs that the goods come by a method; `discounts` are in the `total`. `cancelled`:
    it is not to be paid after all; `returned`: it was given back.
    """

    fulfilment: str
    amount: int
    total: int
    vat_rate: int
    discounts: list[Discount]
    cancelled: bool
    returned: bool
    name: str = ""


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
    state_text: str


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
class BackView:
    """What came back of an order, and what was given for it: "Vinga: 38 → 39".

    `order` and `exchange` are the numbers of what was bought and, if anything was, of what was
    given.
    """

    number: str
    at: datetime
    order: str
    exchange: str
    text: str


@dataclass(frozen=True, slots=True)
class PickUpView:
    """A store where some of it is fetched: whether that lies ready, since when, until when it is
    kept, and when the store is open today, in words.
    """

    place: Place
    place_code: str
    place_name: str
    address: str
    hours_text: str
    ready: bool
    ready_at: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order, whole, in words of a language. Amounts are in minor units, VAT included.

    `backs` is what came back of it; `exchange_of` what came back for it, where it is an exchange.
    `gift_card_paid` is what a gift card has paid beside the `payment`, and `gift_card_back` what of
    it is on the card again. `expected`: when what is still to come by a carrier does; `pick_ups`:
    where some waits.
    """

    id: int
    number: str
    number_spaced: str
    state: str
    state_text: str
    placed_at: datetime
    channel: str
    channel_text: str
    place: str
    place_name: str
    by: str
    market: str
    currency: str
    language: str
    total: int
    vat: int
    vat_by_rate: list[VatOfRate]
    contact: dict[str, str]
    address: dict[str, str]
    identifier: int | None
    url: str
    lines: list[LineView]
    payment: PaymentView | None
    shipments: list[ShipmentView]
    events: list[EventView]
    backs: list[BackView]
    exchange_of: BackView | None
    expected: Expected | None = None
    expected_text: str = ""
    pick_ups: Sequence[PickUpView] = ()
    fees: Sequence[FeeView] = ()
    gift_card_paid: int = 0
    gift_card_back: int = 0

    @property
    def stage(self) -> stages.Stage:
        """How far it has come, in a word by which people look for orders."""
        return stages.of(self.state, self.lines, self.shipments)

    @property
    def cancellable(self) -> bool:
        """Whether something of it has neither left nor was cancelled."""
        return any(one.quantity > one.delivered + one.cancelled for one in self.lines)


# How many of a line l others were given for, which were not cancelled after.
_EXCHANGED = """
SELECT coalesce(sum(b.quantity), 0) FROM orders_returnline b
JOIN orders_return r ON r.id = b.back_id JOIN orders_order x ON x.id = r.exchange_id
WHERE b.order_line_id = l.id AND x.state <> 'cancelled'
"""

# What came back of an order o, or for it; of what, and what was given, how many of which goods.
_BACKS = """
SELECT coalesce(jsonb_agg(jsonb_build_object(
    'number', r.number, 'at', r.at, 'order', f.number, 'exchange', coalesce(x.number, ''),
    'came', (
        SELECT jsonb_agg(jsonb_build_object(
            'name', l.name, 'options', l.options, 'quantity', b.quantity) ORDER BY l.line, b.id)
        FROM orders_returnline b JOIN orders_orderline l ON l.id = b.order_line_id
        WHERE b.back_id = r.id),
    'given', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', l.name, 'options', l.options, 'quantity', l.quantity) ORDER BY l.line), '[]')
        FROM orders_orderline l WHERE l.order_id = r.exchange_id)
    ) ORDER BY r.at, r.id), '[]')
FROM orders_return r JOIN orders_order f ON f.id = r.order_id
LEFT JOIN orders_order x ON x.id = r.exchange_id
WHERE {of}
"""

# All of an order in one question, as a page of twenty is read, and each order that was just placed.
_VIEWS = f"""
SELECT jsonb_build_object(
    'id', o.id, 'number', o.number, 'state', o.state, 'placed_at', o.placed_at,
    'channel', o.channel, 'place', coalesce(p.code, ''), 'place_name', coalesce(p.name, ''),
    'by', o.by, 'market', o.market, 'currency', o.currency, 'language', o.language,
    'total', o.total, 'vat', o.vat, 'contact', o.contact, 'address', o.address,
    'identifier', o.identifier_id,
    'lines', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'line', l.line, 'variant', l.variant_id, 'sku', l.sku, 'product', l.product,
            'name', l.name, 'options', l.options,
            'picture', coalesce(v.pictures[1], g.pictures[1], ''),
            'quantity', l.quantity, 'amount', l.amount, 'list_amount', l.list_amount,
            'total', l.total, 'vat_rate', l.vat_rate, 'fulfilment', l.fulfilment,
            'place', coalesce(at.code, ''), 'place_name', coalesce(at.name, ''),
            'delivered', l.delivered, 'cancelled', l.cancelled, 'returned', l.returned,
            'exchanged', ({_EXCHANGED}),
            'until', kept.until, 'set_aside', coalesce(kept.set_aside, false),
            'set_aside_at', CASE WHEN kept.set_aside IS NOT false THEN kept.set_aside_at END,
            'discounts', (
                SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.label, 'amount', -a.amount)
                                          ORDER BY a.id), '[]')
                FROM orders_orderlineadjustment a WHERE a.order_line_id = l.id)
            ) ORDER BY l.line), '[]')
        FROM orders_orderline l
        JOIN catalogue_variant v ON v.id = l.variant_id
        JOIN catalogue_product g ON g.id = v.product_id
        LEFT JOIN catalogue_place at ON at.id = l.place_id
        CROSS JOIN LATERAL (
            SELECT min(h.until) FILTER (WHERE h.until < '{NEVER.isoformat()}'
                                          AND h.state = 'active') AS until,
                   bool_and(h.set_aside_at IS NOT NULL) FILTER (WHERE h.state = 'active')
                       AS set_aside,
                   max(h.set_aside_at) AS set_aside_at
            FROM stock_hold h
            WHERE h.order_line_id = l.id AND h.state IN ('active', 'handed_over')
        ) kept
        WHERE l.order_id = o.id),
    'fees', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'fulfilment', e.method, 'amount', e.amount, 'total', e.total, 'vat_rate', e.vat_rate,
            'discounts', e.discounts, 'cancelled', e.cancelled, 'returned', e.returned)
            ORDER BY e.id), '[]')
        FROM orders_orderfee e WHERE e.order_id = o.id),
    'payment', (
        SELECT jsonb_build_object(
            'id', y.id, 'provider', y.provider, 'state', y.state, 'amount', y.amount,
            'captured', y.captured, 'refunded', y.refunded,
            'url', CASE WHEN y.state IN ('pending', 'failed') AND o.state = 'awaiting'
                        THEN y.url ELSE '' END)
        FROM payments_payment y WHERE y.order_id = o.id ORDER BY y.id LIMIT 1),
    'gift_card', (
        SELECT jsonb_build_array(coalesce(sum(c.captured), 0), coalesce(sum(c.refunded), 0))
        FROM (SELECT captured, refunded FROM payments_payment WHERE order_id = o.id
              ORDER BY id OFFSET 1) c),
    'shipments', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', s.id, 'fulfilment', s.fulfilment, 'place_name', coalesce(f.name, ''),
            'carrier', s.carrier, 'tracking', s.tracking, 'tracking_url', s.tracking_url,
            'at', s.at, 'arrived_at', s.arrived_at, 'lines', (
                SELECT coalesce(jsonb_agg(jsonb_build_array(l.line, e.quantity) ORDER BY l.line),
                                '[]')
                FROM orders_shipmentline e JOIN orders_orderline l ON l.id = e.order_line_id
                WHERE e.shipment_id = s.id)) ORDER BY s.at, s.id), '[]')
        FROM orders_shipment s LEFT JOIN catalogue_place f ON f.id = s.place_id
        WHERE s.order_id = o.id),
    'events', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'at', e.at, 'kind', e.kind, 'by', e.by, 'why', e.why,
            'back', CASE WHEN e.kind = 'exchanged' THEN e.detail->>'number' END
            ) ORDER BY e.at, e.id), '[]')
        FROM orders_orderevent e WHERE e.order_id = o.id),
    'backs', ({_BACKS.format(of="r.order_id = o.id")}),
    'exchange_of', ({_BACKS.format(of="r.exchange_id = o.id")}))::text
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, number)
JOIN orders_order o ON o.id = wanted.id
LEFT JOIN catalogue_place p ON p.id = o.place_id
ORDER BY wanted.number
"""  # noqa: S608  # put together from constants


# Why something happened of itself, as it is kept, in words; what somebody has typed stays as it is.
WHY = {
    "too small": _("too small"),
    "too large": _("too large"),
    "changed their mind": _("changed their mind"),
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
    back: str | None


class _Goods(msgspec.Struct):
    name: str
    options: str
    quantity: int


class _Back(msgspec.Struct):
    number: str
    at: datetime
    order: str
    exchange: str
    came: list[_Goods]
    given: list[_Goods]


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
    fees: list[FeeView]
    payment: _Payment | None
    gift_card: tuple[int, int]
    shipments: list[_Shipment]
    events: list[_Event]
    backs: list[_Back]
    exchange_of: list[_Back]


_read = msgspec.json.Decoder(_Order).decode


def behind_link(id: int) -> Order | None:
    """The order behind its customer's link; none where she was forgotten, and it is the shop's book
    alone.
    """
    return Order.objects.filter(pk=id, identifier__isnull=False).first()


def view(order: Order, language: str, reader: Reader = Reader.CUSTOMER) -> OrderView:
    """The order, in words of the language, for the customer or for a colleague."""
    return next(views([order.pk], language, reader))


def views(
    ids: Sequence[int], language: str, reader: Reader = Reader.CUSTOMER
) -> Iterator[OrderView]:
    """The orders with these ids in this order, in words as for `view`."""
    rows = sql.prepared_rows(_VIEWS, {"ids": list(ids)})
    with translation.override(language):
        found = [_view(_read(text), reader) for (text,) in rows]
        yield from _with_delivery(found)


def _with_delivery(found: Sequence[OrderView]) -> Iterator[OrderView]:
    """The orders with when what is sent comes, and where what is fetched waits."""
    codes = {line.place for one in found for line in _waiting(one)}
    places = {one.code: one for one in Place.objects.filter(code__in=codes)} if codes else {}
    days = delivery.promised()
    coming = {
        one.id
        for one in found
        if one.market in days and stages.under_way(one.state, one.lines, one.shipments)
    }
    closed = delivery.closed_days() if coming else set()
    for one in found:
        expected = _expected(one, days[one.market], closed) if one.id in coming else None
        yield replace(
            one,
            expected=expected,
            expected_text=stages.said_of_days(expected) if expected else "",
            pick_ups=_pick_ups(one, places),
        )


def _expected(order: OrderView, days: tuple[int, int], closed: Collection[date]) -> Expected | None:
    """When it comes; None where that is over, and it has not come: then nobody knows."""
    at = next((one.at for one in order.events if one.kind == OrderEvent.Kind.CONFIRMED), None)
    found = delivery.expected(timezone.localdate(at or order.placed_at), days, closed)
    today = timezone.localdate()
    return None if found.last < today else replace(found, first=max(found.first, today))


def _waiting(order: OrderView) -> list[LineView]:
    """The lines of which some is still to be fetched."""
    return [
        one
        for one in order.lines
        if one.fulfilment == Fulfilment.PICK_UP and one.quantity > one.delivered + one.cancelled
    ]


def _pick_ups(order: OrderView, places: Mapping[str, Place]) -> list[PickUpView]:
    lines = _waiting(order)
    found = []
    for code in sorted({one.place for one in lines} & places.keys()):
        here = [one for one in lines if one.place == code]
        place = places[code]
        town = " ".join(one for one in (place.postcode, place.city) if one)
        ready = all(one.set_aside for one in here)
        found.append(
            PickUpView(
                place,
                code,
                place.name,
                ", ".join(one for one in (place.street, town) if one),
                stages.said_of_hours(place),
                ready,
                max((one.set_aside_at for one in here if one.set_aside_at), default=None)
                if ready
                else None,
                min((one.until for one in here if one.until), default=None),
            )
        )
    return found


def _view(order: _Order, reader: Reader) -> OrderView:
    sums = money.totals(
        [
            *((one.total, one.vat_rate) for one in order.lines),
            *((one.total, one.vat_rate) for one in order.fees),
        ]
    )
    paid, parcels = order.payment, order.shipments
    backs = {one.number: _back(one) for one in order.backs}
    return OrderView(
        id=order.id,
        number=order.number,
        number_spaced=numbers.spaced(order.number),
        state=order.state,
        state_text=stages.said(order.state, order.lines, parcels, reader),
        placed_at=order.placed_at,
        channel=order.channel,
        channel_text=stages.said_of_channel(order.channel, order.place_name),
        place=order.place,
        place_name=order.place_name,
        by=order.by,
        market=order.market,
        currency=order.currency,
        language=order.language,
        total=order.total,
        vat=order.vat,
        vat_by_rate=sums.rates,
        contact=order.contact,
        address=order.address,
        identifier=order.identifier,
        url=links.page("order-page", "order", order.id),
        lines=[
            replace(one, state_text=stages.said(order.state, [one], parcels, reader))
            for one in order.lines
        ],
        payment=None
        if paid is None
        else PaymentView(
            paid.id,
            paid.provider,
            paid.state,
            stages.said_of_payment(paid.provider, paid.state, paid.captured, paid.refunded, reader),
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
                stages.said_of_parcel(one, reader),
            )
            for one in order.shipments
        ],
        events=[
            EventView(
                one.at,
                one.kind,
                _happened(one, backs),
                one.by,
                one.why,
                str(WHY.get(one.why, one.why)),
            )
            for one in order.events
        ],
        backs=list(backs.values()),
        exchange_of=next(map(_back, order.exchange_of), None),
        gift_card_paid=order.gift_card[0],
        gift_card_back=order.gift_card[1],
        fees=[replace(one, name=explaining.method_name(one.fulfilment)) for one in order.fees],
    )


def _happened(event: _Event, backs: Mapping[str, BackView]) -> str:
    words = str(OrderEvent.Kind(event.kind).label)
    back = backs.get(event.back or "")
    return f"{words}: {back.text}" if back else words


def _back(back: _Back) -> BackView:
    return BackView(back.number, back.at, back.order, back.exchange, _exchanged(back))


def _exchanged(back: _Back) -> str:
    """What came back and what was given: of one and the same product only what differs."""
    if len(back.came) == len(back.given) == 1:
        came, given = back.came[0], back.given[0]
        if (came.name, came.quantity) == (given.name, given.quantity):
            before, after = map(stored_text, apart(came.options, given.options))
            return f"{_goods(came.name, '', came.quantity)}: {before} → {after}"
    sides = (
        ", ".join(_goods(one.name, one.options, one.quantity) for one in some)
        for some in (back.came, back.given)
    )
    return " → ".join(one for one in sides if one)


def _goods(name: str, options: str, quantity: int) -> str:
    many = f"{quantity}\N{NO-BREAK SPACE}× " if quantity > 1 else ""
    return f"{many}{name} ({stored_text(options)})" if options else f"{many}{name}"


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


VOIDED = "rung up by mistake"  # why an order was cancelled


@dataclass(frozen=True, slots=True)
class Voided:
    """What became of the holds that a sale had used up, now that it was none."""

    kept: list[int]
    not_kept: list[int]


def voided(order: Order) -> Voided:
    """What a sale that was none has left of what was held."""
    detail = order.events.get(kind=OrderEvent.Kind.CANCELLED, why=VOIDED).detail
    return Voided(detail.get("kept", []), detail.get("not_kept", []))


# --- whose ----------------------------------------------------------------------------------------


def of_shopper(shopper: Shopper) -> QuerySet[Order]:
    """The orders that a shopper may see: placed in her session, or certainly hers."""
    mine = Q(shopper=shopper) | Q(identifier__in=shoppers.identifiers(shopper))
    return Order.objects.filter(mine).order_by("-placed_at", "-pk")


def of_identifiers(identifiers: Collection[int]) -> QuerySet[Order]:
    """The orders of somebody's identifiers, the newest first."""
    return Order.objects.filter(identifier__in=identifiers).order_by("-placed_at", "-pk")
