"""Ordering a customer's cart, for machines that act for anybody: listed with what carts answer."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from spindel.catalogue import markets
from spindel.catalogue.models import Place
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.schema import USUAL, Whose, currency, under
from spindel.commerce.common.schema import IdempotencyKey
from spindel.commerce.orders import payment_due
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.orders.schema import (
    AddressIn,
    ContactIn,
    GiftCardCode,
    OrderOut,
    answer,
)
from spindel.commerce.payments.giftcard import cards
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Language, Market
from spindel.staff.api import actor, caller, needs, sent
from spindel.staff.models import Scope
from spindel.timeline.models import Channel

router = Router(tags=["Carts"])
_write = needs(Scope.WRITE_ORDERS)


class OrderCartIn(Schema):
    """How her cart is ordered. `counter`: all of it is handed over in that place, now. A gift card
    pays as far as it goes, by its code, and the rest is paid as `pay_by` says.
    """

    pay_by: Literal["till", "store", "invoice", "card"] = "invoice"
    contact: ContactIn = ContactIn()
    address: AddressIn = AddressIn()
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    total: Annotated[int, Field(ge=0)] | None = None
    counter: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    gift_card: GiftCardCode = ""


@router.post("/order", summary="Order a customer’s cart", response={201: OrderOut}, auth=_write)
def order(
    request: HttpRequest,
    body: OrderCartIn,
    whose: Whose,
    key: IdempotencyKey,
    market: Market | None = None,
    language: Language = "sv",
    channel: Channel = Channel.OTHER,
) -> HttpResponse:
    """Order what is in her cart. The same key again answers the same order."""
    place = None
    if body.counter is not None:
        place = Place.objects.filter(code=body.counter, hands_over=True, closed_at=None).first()
        if place is None:
            raise Refusal("no_such_counter")
    checkout = Checkout(
        body.pay_by,
        body.contact.plain(),
        body.address.plain(market or USUAL),
        body.version,
        body.total,
        body.gift_card,
    )
    who = under(whose, market)
    if body.gift_card:
        there = carts.of_served(who) if place is None else None
        pays_in = there.currency if there else currency(market or USUAL)
        cards.look(body.gift_card, pays_in, caller(request))
    payment_due.check_open(body.pay_by)
    made = placing.place_cart_for(
        who,
        checkout,
        request=sent(request, key),
        market=markets.Market(market or USUAL, currency(market or USUAL), language),
        actor=actor(request, channel, place.pk if place else None),
        at_counter=place is not None,
    )
    return answer(orders.view(made, language), 201)
