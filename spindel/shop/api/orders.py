"""Her orders: placed from the cart, paid, looked at, cancelled, and claimed by a receipt."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Literal
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from spindel.commerce.carts import session_cart
from spindel.commerce.common import links, numbers
from spindel.commerce.common.fast_json import written
from spindel.commerce.common.schema import IdempotencyKey, Version
from spindel.commerce.orders import actions as order_actions
from spindel.commerce.orders import purchase_import, shopper_purchases
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.api import CancelIn
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.orders.schema import (
    AddressIn,
    Before,
    ContactIn,
    GiftCardCode,
    GiftCardOut,
    Limit,
    OrderOut,
    OrdersOut,
    answer,
    like_verbs,
    page,
    some,
)
from spindel.commerce.payments import checkout_page, providers
from spindel.commerce.payments.actions import NotOpen
from spindel.commerce.payments.giftcard import cards
from spindel.commerce.payments.providers import Away, NotDone
from spindel.kit import environment
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Number, ViewSchema
from spindel.shop.api.key import digest, hers, session
from spindel.shoppers.models import Shopper
from spindel.staff.actors import Actor

router = Router()


class CheckoutIn(Schema):
    """How the cart is ordered. `version` and `total` are what she saw; if they no longer hold,
    409 `changed` carries the cart as it is. A gift card pays as far as it goes, by its code, and
    the rest is paid as `pay_by` says.
    """

    pay_by: Literal["store", "invoice", "card"]
    contact: ContactIn
    address: AddressIn = AddressIn()
    version: Version | None = None
    total: Annotated[int, Field(ge=0)] | None = None
    gift_card: GiftCardCode = ""


@router.post("/orders", summary="Order the cart", response={201: OrderOut}, auth=hers)
def place(request: HttpRequest, body: CheckoutIn, key: IdempotencyKey) -> HttpResponse:
    """Order what is in the cart. The same key again answers the same order.

    Where it is paid at a provider's page, `payment.url` leads there. 409 `not_enough` says what is
    `available` of what lacks; then nothing was ordered.
    """
    checkout = Checkout(
        *(body.pay_by, body.contact.plain(), body.address.plain(), body.version, body.total),
        body.gift_card,
    )
    if body.gift_card:
        her = session(request)
        cards.look(body.gift_card, session_cart.market_of(her)[1], f"session {her.pk}")
    if body.pay_by == "card" and not providers.named("card").is_open():
        raise Refusal("cards_not_taken")
    order = placing.place_cart_of_shopper(digest(request), checkout, key=key)
    return answer(_with_page(order, order.language), 201)


def _with_page(order: Order, language: str) -> orders.OrderView:
    """The order, with the page where it is paid. Where the provider is away the order stands, and
    `…/pay` asks again.
    """
    shown = orders.view(order, language)
    if shown.payment is None or shown.state != "awaiting" or shown.payment.url:
        return shown
    with suppress(Away, NotDone, NotOpen):
        checkout_page.start(shown.payment.id, _back(order))
    return orders.view(order, language)


def _back(order: Order) -> str:
    """Where the provider's page leads back to: the shop, else the order's own page."""
    shop = environment.value("SPINDEL_SHOP_URL").rstrip("/")
    if shop:
        return f"{shop}/orders/{quote(order.number, safe='')}"
    return links.page("order-page", "order", order.pk)


@router.post("/orders/{path:number}/pay", summary="Pay for an order", response=OrderOut, auth=hers)
def pay(request: HttpRequest, number: Number) -> HttpResponse:
    """The order with the page where it is paid, made anew where there is none yet."""
    order, her = _my_order(request, number)
    return answer(_with_page(order, her.language))


class GiftCardIn(Schema):
    """The code of a gift card as it was typed."""

    code: Annotated[str, Field(min_length=1, max_length=80)]


@router.post("/gift-card", summary="See what is on a gift card", response=GiftCardOut, auth=hers)
def see_gift_card(request: HttpRequest, body: GiftCardIn) -> GiftCardOut:
    """What is on the gift card, if it pays in the market. After ten codes that are none within ten
    minutes no more are looked up (429).
    """
    her = session(request)
    found = cards.look(body.code, session_cart.market_of(her)[1], f"session {her.pk}")
    return GiftCardOut.from_orm(found)


class PayByOut(Schema):
    """How the cart can be paid as it stands."""

    pay_by: list[str]


@router.get("/payments", summary="List the ways to pay", response=PayByOut, auth=hers)
def get_payments(request: HttpRequest) -> PayByOut:
    """How the cart can be paid as it stands: card, invoice, store."""
    cart = session_cart.cart(session(request))
    return PayByOut(pay_by=providers.choices([one.fulfilment for one in cart.open_lines]))


@router.get("/orders", summary="List the shopper’s orders", response=OrdersOut, auth=hers)
def get_orders(request: HttpRequest, before: Before = None, limit: Limit = 20) -> HttpResponse:
    """Her orders, the newest first: from this session and, once she has logged in, from all
    channels.
    """
    her = session(request)
    return page(orders.of_shopper(her), before, limit, her.language, links=True)


class ToldLineOut(ViewSchema, view=shopper_purchases.ToldLine):
    pass


class ToldOut(ViewSchema, view=shopper_purchases.Told):
    """A purchase that another system, `source`, has told of. `total`: in minor units, if told.
    `comes_back`: it may be returned and exchanged here.
    """

    lines: list[ToldLineOut]


class ToldsOut(Schema):
    """Purchases that other systems have told of, the newest first."""

    items: list[ToldOut]


@router.get("/purchases", summary="List purchases from elsewhere", response=ToldsOut, auth=hers)
def get_purchases(request: HttpRequest) -> HttpResponse:
    """What other systems have told that she bought, and is no order: once she has logged in."""
    her = session(request)
    return written({"items": shopper_purchases.of_shopper(her, her.language)})


@router.post(
    "/purchases/{path:number}/back",
    summary="Make a told purchase an order",
    response=OrderOut,
    auth=hers,
)
def take_over(request: HttpRequest, number: Number) -> HttpResponse:
    """Have a purchase that another system has told of be an order, so that it can come back: its
    `url` with `back/` behind it is where a return is started. Only what a trusted source has told.
    """
    her = session(request)
    order = orders.of_shopper(her).filter(number=numbers.read(number)).first()
    found = shopper_purchases.purchase_of(her, number) if order is None else None
    if found is not None:
        order = purchase_import.take_over(found)
    if order is None:
        raise Refusal("no_purchase_of_yours")
    return answer(orders.view(order, her.language))


def _my_order(request: HttpRequest, number: str) -> tuple[Order, Shopper]:
    her = session(request)
    found = orders.of_shopper(her).filter(number=numbers.read(number)).first()
    if found is None:
        raise Refusal("no_order_of_yours")
    return found, her


@router.post(
    "/orders/{path:number}/cancel",
    summary="Cancel the shopper’s order",
    response=OrderOut,
    auth=hers,
)
def cancel(request: HttpRequest, number: Number, body: CancelIn) -> HttpResponse:
    """Cancel what has not left yet, or some of it."""
    order, her = _my_order(request, number)
    order_actions.cancel(order.pk, some(body.lines), by="", why=body.why)
    return answer(orders.view(order, her.language))


# Below the others: a number may have anything in it, also what stands in an address.
@router.get(
    "/orders/{path:number}", summary="See the shopper’s order", response=OrderOut, auth=hers
)
def get_order(request: HttpRequest, number: Number) -> HttpResponse:
    """One of her orders."""
    order, her = _my_order(request, number)
    return answer(orders.view(order, her.language))


like_verbs(router, "/orders/{path:number}", get_order, ("pay", "cancel"), hers)


class ReceiptIn(Schema):
    """The number on a receipt that she holds."""

    number: Number


@router.post("/claims", summary="Claim a purchase by its receipt", response=OrderOut, auth=hers)
def claim(request: HttpRequest, body: ReceiptIn) -> HttpResponse:
    """Put a purchase on her page, by its receipt. She has logged in for that.

    Only by a number that Spindel has given out: those of tills can be guessed.
    """
    her = session(request)
    if her.identifier_id is None:
        raise Refusal("not_known")
    if not numbers.is_ours(body.number):
        raise Refusal("no_such_receipt")
    order = order_actions.claim(
        body.number, her.identifier_id, Actor(channel=her.channel), certainly=True
    )
    return answer(orders.view(order, her.language))
