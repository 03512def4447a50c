"""The order book for machines: everybody's orders, and what is done with them."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from spindel.catalogue.models import Variant
from spindel.catalogue.reading import currency_of
from spindel.commerce.common import lookups, numbers, rules
from spindel.commerce.common.schema import IdempotencyKey, Whose
from spindel.commerce.orders import actions, cart_api, payment_due
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.actions import Tracking
from spindel.commerce.orders.models import Order, Shipment
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.draft import MOST_LINES, Dearer, Draft, Item
from spindel.commerce.orders.placement.placing import Bought, Purchase
from spindel.commerce.orders.schema import (
    AddressIn,
    Before,
    ContactIn,
    ItemIn,
    Limit,
    OrderOut,
    OrdersOut,
    SomeIn,
    _Text,
    answer,
    like_verbs,
    page,
    some,
)
from spindel.commerce.orders.stages import Reader
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
from spindel.staff.api import Routes, actor, caller, has, needs, sent, source
from spindel.staff.models import Scope
from spindel.timeline.models import Channel
from spindel.timeline.recording import Gone

router = Router(tags=["Orders"])
_read, _write = needs(Scope.READ_ORDERS), needs(Scope.WRITE_ORDERS)


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
        found = found.filter(identifier__in=lookups.identifiers(identifier))
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
    variants = lookups.variants({one.sku for one in body.items})
    places = lookups.places({name for name in (body.place, *(i.place for i in body.items)) if name})
    currency = currency_of(body.market)
    if currency is None:
        raise Refusal("bad_market")
    payment_due.check_open(body.pay_by)
    order = placing.sell(
        Draft(
            request=sent(request, key),
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
            whose=lookups.identifier(body.whose, lookups.country(body)) if body.whose else None,
            contact=body.contact.plain(),
            address=body.address.plain(body.market),
            market=body.market,
            currency=currency,
            language=body.language,
            actor=actor(request, body.channel, places[body.place].pk if body.place else None),
            pay_by=body.pay_by,
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
    variants = lookups.variants({one.sku for one in body.lines})
    where = lookups.places([body.place])[body.place]
    currency = body.currency or currency_of(where.country) or ""
    purchase = Purchase(
        body.number,
        [Bought(variants[one.sku], one.quantity, one.amount) for one in body.lines],
        where,
        currency,
        at=body.at,
        whose=lookups.identifier(body.whose, where.country) if body.whose else None,
    )
    order = placing.tell_purchase(purchase, actor(request), source(request))
    return _shown(order, 201)


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
    where = lookups.places([body.place])[body.place]
    actions.ship(
        _order(number).pk,
        where.pk,
        some(body.lines),
        Tracking(body.carrier, body.tracking, body.tracking_url),
        actor=actor(request),
        request=sent(request, key),
    )
    return _shown(_order(number))


@router.post(
    "/{path:number}/hand-over", summary="Report an order as fetched", response=OrderOut, auth=_write
)
def hand_over(
    request: HttpRequest, number: Number, body: HandOverIn, key: IdempotencyKey
) -> HttpResponse:
    """Say that she has collected it in a place. The same key again changes nothing."""
    where = lookups.places([body.place])[body.place]
    actions.hand_over(
        _order(number).pk,
        where.pk,
        some(body.lines),
        actor=actor(request),
        request=sent(request, key),
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
    identifier = lookups.identifier(body.whose, _order(number).market)
    if identifier is None:
        raise Gone
    actions.claim(number, identifier, actor(request, Channel.STORE))
    return _shown(_order(number))


# --- one order ------------------------------------------------------------------------------------


# Below all others: a number may have anything in it, also what stands in an address.
@router.get("/{path:number}", summary="See an order", response=OrderOut, auth=_read)
def get_order(request: HttpRequest, number: Number) -> HttpResponse:
    """An order, by its number."""
    shown = orders.view(_order(number), "en", Reader.COLLEAGUE)
    return answer(shown if has(request, Scope.WRITE_ORDERS) else orders.without_links(shown))


like_verbs(router, "/{path:number}", get_order, ("cancel", "ship", "hand-over", "claim"), _read)


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
    Routes("/carts", cart_api.router, "Carts"),
    Routes(
        "/orders",
        router,
        "Orders",
        "Orders of every channel: place, send, hand over and cancel them.",
    ),
)
