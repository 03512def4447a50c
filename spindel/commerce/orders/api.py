"""The order book for machines: everybody's orders, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from spindel.catalogue.models import Variant
from spindel.catalogue.reading import currency_of
from spindel.commerce.common import contacts, naming, numbers, rules
from spindel.commerce.common.answering import only, written
from spindel.commerce.common.fields import IdempotencyKey, Whose
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders import actions
from spindel.commerce.orders import payment_due as dues
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.models import Order, Shipment
from spindel.commerce.orders.placement import actions as placing
from spindel.commerce.orders.placement.actions import Bought
from spindel.commerce.orders.placement.draft import MOST_LINES, Dearer, Draft, Item
from spindel.commerce.orders.stages import Reader
from spindel.commerce.returns import reading as returns
from spindel.kit import pagination
from spindel.kit.pagination import Position
from spindel.kit.refusal import Refusal
from spindel.kit.saying import beside
from spindel.kit.schema import (
    Amount,
    Currency,
    Happened,
    Id,
    Language,
    Market,
    Name,
    Number,
    Quantity,
)
from spindel.staff.api import Routes, caller, has, needs
from spindel.staff.models import ApiToken, Scope
from spindel.timeline.models import Channel
from spindel.timeline.recording import Gone

router = Router(tags=["Orders"])
_read, _write = needs(Scope.READ_ORDERS), needs(Scope.WRITE_ORDERS)

_Text = Annotated[str, Field(max_length=300)]


class ContactIn(Schema):
    """How to reach whoever ordered."""

    name: Annotated[str, Field(max_length=contacts.CONTACT["name"])] = ""
    email: Annotated[str, Field(max_length=contacts.CONTACT["email"], pattern=r"^\S*$")] = ""
    phone: Annotated[str, Field(max_length=contacts.CONTACT["phone"])] = ""

    def plain(self) -> dict[str, str]:
        """In its normal form."""
        return contacts.contact(self.dict())


class AddressIn(Schema):
    """Where it is sent; in the market where it says no country. What is needed is the country's:
    422 `bad_address` says which `field`.
    """

    street: Annotated[str, Field(max_length=contacts.ADDRESS["street"])] = ""
    postcode: Annotated[str, Field(max_length=contacts.ADDRESS["postcode"])] = ""
    city: Annotated[str, Field(max_length=contacts.ADDRESS["city"])] = ""
    country: Annotated[str, Field(max_length=2, pattern=r"^([A-Z]{2})?$")] = ""

    def plain(self, market: str = "") -> dict[str, str]:
        """In its normal form."""
        return contacts.address(self.dict(), market)


class OrderLineOut(Schema):
    """A line as it was agreed, and how far it has come, in words and in numbers.

    `until`: when it must be collected; `set_aside_at`: when it was packed, or lay ready, if all of
    it is; `exchanged`: how many of the `returned` were exchanged.
    """

    line: int
    sku: str
    product: str
    name: str
    options: str
    picture: str
    quantity: int
    amount: int
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
    state_text: str


class PaymentOut(Schema):
    """How it is paid, and how far that has come; `url` is where she pays, while she can."""

    provider: str
    state: str
    state_text: str
    amount: int
    captured: int
    refunded: int
    url: str


class ShipmentOut(Schema):
    """A parcel on its way, or goods that were handed over."""

    id: int
    fulfilment: str
    place_name: str
    carrier: str
    tracking: str
    tracking_url: str
    at: datetime
    arrived_at: datetime | None
    state_text: str


class EventOut(Schema):
    """Something that happened to the order."""

    at: datetime
    kind: str
    text: str
    by: str
    why: str
    why_text: str


class BackOut(Schema):
    """What came back of an order, and what was given for it: "Vinga: 38 → 39".

    `order` and `exchange` are the numbers of what was bought and, if anything was, of what was
    given.
    """

    number: str
    at: datetime
    order: str
    exchange: str
    text: str


class PickUpOut(Schema):
    """A store where some of the order is fetched: where it is, when it is open today, whether what
    is fetched lies ready, since when, and until when it is kept.
    """

    place_code: str
    place_name: str
    address: str
    hours_text: str
    ready: bool
    ready_at: datetime | None
    until: datetime | None


class ExpectedOut(Schema):
    """The first and the last day on which it may come."""

    first: date
    last: date


class VatOut(Schema):
    """The VAT of a rate, in hundredths of a percent."""

    rate: int
    amount: int


class OrderOut(Schema):
    """An order, whole. Amounts in minor units, VAT included.

    `url` is its page, where its owner pays and cancels: told to herself, and to tokens with the
    scope `orders:write`; empty for others, as is the `url` of the payment. What ends in `_text` is
    for people, in the language of the session; for machines in English. `exchange_of`: what came
    back for it. `expected`: when what is still sent comes, as `SPINDEL_DELIVERY_DAYS` promises.
    """

    number: str
    state: str
    state_text: str
    placed_at: datetime
    channel: str
    channel_text: str
    place: str
    place_name: str
    market: str
    currency: str
    total: int
    vat: int
    vat_by_rate: list[VatOut]
    contact: dict[str, str]
    address: dict[str, str]
    url: str
    cancellable: bool
    returnable_until: datetime | None
    lines: list[OrderLineOut]
    payment: PaymentOut | None
    shipments: list[ShipmentOut]
    events: list[EventOut]
    backs: list[BackOut]
    exchange_of: BackOut | None
    expected: ExpectedOut | None
    expected_text: str
    pick_ups: list[PickUpOut]


_LINE, _PAYMENT, _SHIPMENT, _EVENT, _BACK, _DAYS, _PICK_UP = (
    tuple(schema.model_fields)
    for schema in (
        *(OrderLineOut, PaymentOut, ShipmentOut, EventOut, BackOut, ExpectedOut, PickUpOut),
    )
)
_PARTS = {
    *("returnable_until", "vat_by_rate", "lines", "payment", "shipments", "events", "backs"),
    *("exchange_of", "expected", "pick_ups"),
}
_PLAIN = tuple(name for name in OrderOut.model_fields if name not in _PARTS)


def plain(shown: Sequence[orders.OrderView]) -> list[dict[str, object]]:
    """What is answered of orders. Only of those that were handed over is asked until when."""
    out = [one for one in shown if any(line.delivered > line.returned for line in one.lines)]
    untils = returns.untils({one.id: one.placed_at for one in out})
    return [
        {
            **only(one, _PLAIN),
            "returnable_until": untils.get(one.id),
            "vat_by_rate": [{"rate": rate, "amount": amount} for rate, amount in one.vat_by_rate],
            "lines": [only(line, _LINE) for line in one.lines],
            "payment": only(one.payment, _PAYMENT) if one.payment else None,
            "shipments": [only(shipment, _SHIPMENT) for shipment in one.shipments],
            "events": [only(event, _EVENT) for event in one.events],
            "backs": [only(back, _BACK) for back in one.backs],
            "exchange_of": only(one.exchange_of, _BACK) if one.exchange_of else None,
            "expected": only(one.expected, _DAYS) if one.expected else None,
            "pick_ups": [only(where, _PICK_UP) for where in one.pick_ups],
        }
        for one in shown
    ]


def answer(shown: orders.OrderView, status: int = 200) -> HttpResponse:
    """An order, as an answer."""
    return written(plain([shown])[0], status)


class OrdersOut(Schema):
    """Orders, the newest first. `next` is the `before` of the next page; null on the last."""

    items: list[OrderOut]
    next: str | None


def page(
    found: QuerySet[Order],
    before: str | None,
    limit: int,
    language: str,
    *,
    links: bool,
    reader: Reader = Reader.CUSTOMER,
) -> HttpResponse:
    """A page of orders, newest first, from the one with the number on; `links`: with their own."""
    last = None
    if before is not None:
        order = Order.objects.filter(number=numbers.read(before)).first()
        if order is None:
            raise Refusal("bad_before")
        last = Position(order.placed_at, order.pk)
    rows = pagination.older(found, "placed_at", last).values_list("pk", "number")
    some = pagination.page(rows[: limit + 1], limit, lambda row: row[1])
    shown = list(orders.views([pk for pk, _number in some.items], language, reader))
    if not links:
        shown = [orders.without_links(one) for one in shown]
    return written({"items": plain(shown), "next": some.next})


Limit = Annotated[int, Query(ge=1, le=100)]
Before = Annotated[Name | None, Query()]


@router.get("", summary="List orders", response=OrdersOut, auth=_read)
def get_orders(
    request: HttpRequest,
    identifier: Annotated[str | None, Query(max_length=1000)] = None,
    state: Annotated[Order.State | None, Query()] = None,
    before: Before = None,
    limit: Limit = 20,
) -> HttpResponse:
    """Orders, the newest first: all, of a state, or of whoever has an identifier (`kind:value`)."""
    found = Order.objects.all()
    if identifier is not None:
        found = found.filter(identifier__in=naming.identifiers(identifier))
    if state is not None:
        found = found.filter(state=state)
    links = has(request, Scope.WRITE_ORDERS)
    return page(found, before, limit, "en", links=links, reader=Reader.COLLEAGUE)


def _order(number: str) -> Order:
    found = Order.objects.filter(number=numbers.read(number)).first()
    if found is None:
        raise Refusal("no_such_order")
    return found


def _shown(order: Order, status: int = 200) -> HttpResponse:
    return answer(orders.view(order, "en", Reader.COLLEAGUE), status)


# --- placing --------------------------------------------------------------------------------------


class ItemIn(Schema):
    """So many of a variant, and how they come. `amount` is what one costs, if that was agreed."""

    sku: Name
    quantity: Quantity = 1
    fulfilment: Fulfilment = Fulfilment.SHIP
    place: Name | None = None
    amount: Amount | None = None


class OrderIn(Schema):
    """An order to be placed. `whose` is `kind:value`; without it the receipt says whose it is."""

    items: Annotated[list[ItemIn], Field(min_length=1, max_length=MOST_LINES)]
    whose: Whose | None = None
    pay_by: Literal["till", "store", "invoice", "card"] = "invoice"
    market: Market = "SE"
    language: Language = "sv"
    channel: Channel = Channel.OTHER
    place: Name | None = None
    contact: ContactIn = ContactIn()
    address: AddressIn = AddressIn()


@router.post("", summary="Place an order", response={201: OrderOut}, auth=_write)
def place(request: HttpRequest, body: OrderIn, key: IdempotencyKey) -> HttpResponse:
    """Place an order for somebody. The same key again answers the same order.

    409 `not_enough` says what is `available` of what lacks; then nothing was ordered.
    """
    variants = naming.variants({one.sku for one in body.items})
    places = naming.places({name for name in (body.place, *(i.place for i in body.items)) if name})
    currency = currency_of(body.market)
    if currency is None:
        raise Refusal("bad_market")
    dues.check_open(body.pay_by)
    order = placing.sell(
        Draft(
            source=source(request),
            key=key,
            items=[
                Item(
                    variants[one.sku],
                    one.quantity,
                    one.fulfilment,
                    places[one.place].pk if one.place else None,
                    one.amount,
                )
                for one in body.items
            ],
            whose=naming.identifier(body.whose, naming.country(body)) if body.whose else None,
            contact=body.contact.plain(),
            address=body.address.plain(body.market),
            market=body.market,
            currency=currency,
            language=body.language,
            channel=body.channel,
            pay_by=body.pay_by,
            by=caller(request),
            place=places[body.place].pk if body.place else None,
        )
    )
    return _shown(order, 201)


class PurchaseLineIn(Schema):
    """A line of a purchase: what was paid for one, in minor units, VAT included."""

    sku: Name
    quantity: Quantity = 1
    amount: Amount


class PurchaseIn(Schema):
    """A purchase that a till has made. `number` is its receipt's, unique among all your tills."""

    number: Number
    place: Name
    at: Happened | None = None
    whose: Whose | None = None
    currency: Currency | None = None
    lines: Annotated[list[PurchaseLineIn], Field(min_length=1, max_length=MOST_LINES)]


@router.post(
    "/purchases", summary="Report a purchase at a till", response={201: OrderOut}, auth=_write
)
def tell_purchase(request: HttpRequest, body: PurchaseIn) -> HttpResponse:
    """Tell of a purchase at a till, as it happens, or later from one that was offline.

    It is taken off the stock, and can be given back anywhere. Told again, it counts once.
    """
    variants = naming.variants({one.sku for one in body.lines})
    where = naming.places([body.place])[body.place]
    currency = body.currency or currency_of(where.country) or ""
    order = placing.tell_purchase(
        body.number,
        [Bought(variants[one.sku], one.quantity, one.amount) for one in body.lines],
        place=where,
        at=body.at,
        who=naming.identifier(body.whose, where.country) if body.whose else None,
        currency=currency,
        by=caller(request),
        source=source(request),
    )
    return _shown(order, 201)


# --- what becomes of it ---------------------------------------------------------------------------


class SomeIn(Schema):
    """So many of the line with this number."""

    line: Annotated[int, Field(ge=0, le=MOST_LINES)]
    quantity: Quantity


_Lines = Annotated[list[SomeIn], Field(min_length=1, max_length=MOST_LINES)] | None


class CancelIn(Schema):
    """What to cancel: without lines all that has not left."""

    lines: _Lines = None
    why: _Text = ""


class ShipIn(Schema):
    """What is sent from where: without lines all that is kept there for the order."""

    place: Name
    carrier: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]+$")]
    tracking: Annotated[str, Field(max_length=120)] = ""
    tracking_url: Annotated[str, Field(max_length=500, pattern=r"^(https?://[^\s\x00]+)?$")] = ""
    lines: _Lines = None


class HandOverIn(Schema):
    """What is handed over where: without lines all that waits there."""

    place: Name
    lines: _Lines = None


class ClaimIn(Schema):
    """Whose page it is put on, as `kind:value`."""

    whose: Whose


@router.post("/{path:number}/cancel", summary="Cancel an order", response=OrderOut, auth=_write)
def cancel(request: HttpRequest, number: Number, body: CancelIn) -> HttpResponse:
    """Cancel what has not left yet, or some of it. Its goods are free, its money goes back."""
    actions.cancel(_order(number).pk, some(body.lines), by=caller(request), why=body.why)
    return _shown(_order(number))


@router.post(
    "/{path:number}/ship", summary="Report a parcel as sent", response=OrderOut, auth=_write
)
def ship(request: HttpRequest, number: Number, body: ShipIn, key: IdempotencyKey) -> HttpResponse:
    """Say that a parcel has left a place. The same key again changes nothing."""
    where = naming.places([body.place])[body.place]
    actions.ship(
        _order(number).pk,
        where.pk,
        some(body.lines),
        carrier=body.carrier,
        tracking=body.tracking,
        tracking_url=body.tracking_url,
        by=caller(request),
        source=source(request),
        key=key,
    )
    return _shown(_order(number))


@router.post(
    "/{path:number}/hand-over", summary="Report an order as fetched", response=OrderOut, auth=_write
)
def hand_over(
    request: HttpRequest, number: Number, body: HandOverIn, key: IdempotencyKey
) -> HttpResponse:
    """Say that she has collected it in a place. The same key again changes nothing."""
    where = naming.places([body.place])[body.place]
    actions.hand_over(
        _order(number).pk,
        where.pk,
        some(body.lines),
        by=caller(request),
        source=source(request),
        key=key,
    )
    return _shown(_order(number))


@router.post(
    "/{path:number}/shipments/{shipment_id}/arrived",
    summary="Report a parcel as arrived",
    response=OrderOut,
    auth=_write,
)
def arrived(request: HttpRequest, number: Number, shipment_id: Id) -> HttpResponse:
    """Say that a parcel has arrived. Again, nothing changes."""
    order = _order(number)
    if not Shipment.objects.filter(pk=shipment_id, order=order).exists():
        raise Refusal("no_such_shipment")
    actions.arrive(shipment_id, caller(request))
    return _shown(order)


@router.post(
    "/{path:number}/claim",
    summary="Assign a purchase to a customer",
    response=OrderOut,
    auth=_write,
)
def claim(request: HttpRequest, number: Number, body: ClaimIn) -> HttpResponse:
    """Put a purchase on the page of whoever has shown its receipt."""
    identifier = naming.identifier(body.whose, _order(number).market)
    if identifier is None:
        raise Gone
    actions.claim(number, identifier, by=caller(request))
    return _shown(_order(number))


# --- one order ------------------------------------------------------------------------------------


# Below all others: a number may have anything in it, also what stands in an address.
@router.get("/{path:number}", summary="See an order", response=OrderOut, auth=_read)
def get_order(request: HttpRequest, number: Number) -> HttpResponse:
    """An order, by its number."""
    shown = orders.view(_order(number), "en", Reader.COLLEAGUE)
    return answer(shown if has(request, Scope.WRITE_ORDERS) else orders.without_links(shown))


_Read = Callable[[HttpRequest, str], HttpResponse]


def like_verbs(router: Router, path: str, read: _Read, verbs: Sequence[str], auth: object) -> None:
    """Have `read` answer also where a number ends like the address of a verb: Django takes the
    first address that fits, whatever is to be done there.
    """

    def reader(verb: str) -> _Read:
        def get(request: HttpRequest, number: Number) -> HttpResponse:
            return read(request, f"{number}/{verb}")

        return get

    for verb in verbs:
        answering = router.get(
            f"{path}/{verb}", response=OrderOut, auth=auth, include_in_schema=False
        )
        answering(reader(verb))


like_verbs(router, "/{path:number}", get_order, ("cancel", "ship", "hand-over", "claim"), _read)


# --- shared ---------------------------------------------------------------------------------------


def source(request: HttpRequest) -> str:
    """Whose keys they are: each token's are its own."""
    token = getattr(request, "auth", None)
    return f"token {token.pk}" if isinstance(token, ApiToken) else ""


def some(lines: list[SomeIn] | None) -> list[Some] | None:
    """The lines that were named, for an action."""
    return None if lines is None else [Some(one.line, one.quantity) for one in lines]


# --- what is told beside a refusal ----------------------------------------------------------------


@beside.register
def _available(no: rules.NotEnough) -> dict[str, object]:
    variants = Variant.objects.filter(pk__in=[one.variant for one in no.available])
    skus = dict(variants.values_list("pk", "sku"))
    return {
        "available": [{"sku": skus[one.variant], "available": one.quantity} for one in no.available]
    }


@beside.register
def _total(no: Dearer) -> dict[str, object]:
    return {"total": no.total}


@beside.register
def _field(no: rules.Incomplete) -> dict[str, object]:
    return {"field": no.field} if no.field else {}


ROUTES = (
    Routes(
        "/orders",
        router,
        "Orders",
        "Orders of every channel: place, send, hand over and cancel them.",
    ),
)
