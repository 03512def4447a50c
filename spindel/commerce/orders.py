"""Reading the order book: an order with its lines, its payment, its parcels and its story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils import translation

from spindel.catalogue.models import Place, Variant
from spindel.commerce import links, numbers, rules, shoppers
from spindel.commerce.models import (
    Hold,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Shipment,
    ShipmentLine,
    Shopper,
)
from spindel.kit.clock import NEVER


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


def whole(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders with all that `views` needs, in a fixed number of questions."""
    parts = Prefetch("lines", ShipmentLine.objects.select_related("order_line"))
    parcels = Shipment.objects.order_by("at", "pk").prefetch_related(parts)
    return orders.prefetch_related(
        Prefetch("lines", OrderLine.objects.order_by("line")),
        Prefetch("payments", Payment.objects.order_by("pk")),
        Prefetch("shipments", parcels),
        Prefetch("events", OrderEvent.objects.order_by("at", "pk")),
    )


def view(order: Order, language: str) -> OrderView:
    """The order, in words of the language."""
    return next(views([order.pk], language))


def views(ids: Sequence[int], language: str) -> Iterator[OrderView]:
    """The orders with these ids in this order, in words of the language."""
    found = {one.pk: one for one in whole(Order.objects.filter(pk__in=ids))}
    lines = [line for order in found.values() for line in order.lines.all()]
    pictures = _pictures({line.variant_id for line in lines})
    kept: dict[int, list[Hold]] = defaultdict(list)
    holds = Hold.objects.filter(order_line__in=[line.pk for line in lines], state=Hold.State.ACTIVE)
    for hold in holds:
        kept[hold.order_line_id or 0].append(hold)
    places = Place.objects.in_bulk()
    with translation.override(language):
        for id in ids:
            if id in found:
                yield _view(found[id], places, pictures, kept)


def _pictures(variants: Collection[int]) -> dict[int, str]:
    rows = Variant.objects.filter(pk__in=variants).values_list(
        "pk", "pictures", "product__pictures"
    )
    return {id: (own or products or [""])[0] for id, own, products in rows}


def _view(
    order: Order,
    places: dict[int, Place],
    pictures: dict[int, str],
    kept: dict[int, list[Hold]],
) -> OrderView:
    def place(id: int | None) -> tuple[str, str]:
        found = places.get(id or 0)
        return (found.code, found.name) if found else ("", "")

    lines = list(order.lines.all())
    sums = rules.totals(rules.Priced(one.quantity, one.amount, one.vat_rate) for one in lines)
    code, name = place(order.place_id)
    return OrderView(
        id=order.pk,
        number=order.number,
        number_spaced=numbers.spaced(order.number),
        state=order.state,
        state_text=str(Order.State(order.state).label),
        placed_at=order.placed_at,
        channel=order.channel,
        place=code,
        place_name=name,
        by=order.by,
        market=order.market,
        currency=order.currency,
        language=order.language,
        total=order.total,
        vat=order.vat,
        vat_by_rate=sorted(sums.vat_by_rate.items()),
        contact=order.contact,
        address=order.address,
        identifier=order.identifier_id,
        url=links.page("order-page", "order", order.pk),
        lines=[
            _line(one, *place(one.place_id), pictures.get(one.variant_id, ""), kept[one.pk])
            for one in lines
        ],
        payment=_payment(order),
        shipments=[
            ShipmentView(
                one.pk,
                one.fulfilment,
                place(one.place_id)[1],
                one.carrier,
                one.tracking,
                one.tracking_url,
                one.at,
                one.arrived_at,
                [(each.order_line.line, each.quantity) for each in one.lines.all()],
            )
            for one in order.shipments.all()
        ],
        events=[
            EventView(one.at, one.kind, str(OrderEvent.Kind(one.kind).label), one.by, one.why)
            for one in order.events.all()
        ],
    )


def _line(line: OrderLine, place: str, name: str, picture: str, kept: Sequence[Hold]) -> LineView:
    untils = [one.until for one in kept if one.until < NEVER]
    return LineView(
        line.line,
        line.variant_id,
        line.sku,
        line.product,
        line.name,
        line.options,
        picture,
        line.quantity,
        line.amount,
        line.list_amount,
        line.amount * line.quantity,
        line.vat_rate,
        line.fulfilment,
        place,
        name,
        line.delivered,
        line.cancelled,
        line.returned,
        min(untils, default=None),
        bool(kept) and all(one.set_aside_at for one in kept),
    )


def _payment(order: Order) -> PaymentView | None:
    paid = next(iter(order.payments.all()), None)
    if paid is None:
        return None
    pays = paid.state == Payment.State.PENDING and order.state == Order.State.AWAITING_PAYMENT
    return PaymentView(
        paid.provider,
        paid.state,
        str(Payment.State(paid.state).label),
        paid.amount,
        paid.captured,
        paid.refunded,
        paid.url if pays else "",
    )


# --- whose ----------------------------------------------------------------------------------------


def of_shopper(shopper: Shopper) -> QuerySet[Order]:
    """The orders that a shopper may see: placed in her session, or certainly hers."""
    mine = Q(shopper=shopper) | Q(identifier__in=shoppers.identifiers(shopper))
    return Order.objects.filter(mine).order_by("-placed_at", "-pk")


def of_identifiers(identifiers: Collection[int]) -> QuerySet[Order]:
    """The orders of somebody's identifiers, the newest first."""
    return Order.objects.filter(identifier__in=identifiers).order_by("-placed_at", "-pk")
