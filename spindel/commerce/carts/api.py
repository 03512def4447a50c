"""Customers' carts for machines that act for anybody: a call centre's system, a till, a bot.

A shop's own pages ask `/api/shop` instead, where each shopper opens her own cart alone.
"""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from spindel.catalogue.models import Place
from spindel.catalogue.reading import currency_of
from spindel.commerce.carts import actions
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.common import naming
from spindel.commerce.common.fields import IdempotencyKey
from spindel.commerce.orders import payment_due as dues
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.api import AddressIn, ContactIn, OrderOut, answer, source
from spindel.commerce.orders.placement import actions as placing
from spindel.commerce.orders.placement.actions import Checkout
from spindel.identity import ownership
from spindel.identity import receivers as whose
from spindel.identity.rules import NOWHERE
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Language, Market, Name
from spindel.shop.api.answers import CartOut, cart_answer
from spindel.shop.api.cart import SetIn
from spindel.staff.api import Routes, caller, needs
from spindel.staff.models import Scope
from spindel.timeline.models import Channel

router = Router(tags=["Carts"])
_read, _write = needs(Scope.READ_ORDERS), needs(Scope.WRITE_ORDERS)

_Whose = Annotated[str, Query(max_length=1000, description="`kind:value`, such as email:a@b.se")]
_USUAL = "SE"  # where no market is said


def _named(text: str, market: str | None) -> tuple[int, int]:
    """The customer whose the identifier is, and it."""
    identifier = naming.identifier(text, market or NOWHERE)
    customer = None if identifier is None else whose.living(identifier)
    if identifier is None or customer is None:
        raise Refusal("nobody_there")
    return customer, identifier


def _under(text: str, market: str | None) -> ownership.Under:
    """The identifier that what is done is written under: it, where it says who she is."""
    return ownership.under(*_named(text, market))


def _currency(market: str) -> str:
    found = currency_of(market)
    if found is None:
        raise Refusal("bad_market")
    return found


@router.get("", summary="See a customer’s cart", response=CartOut, auth=_read)
def get_cart(
    request: HttpRequest, whose: _Whose, market: Market | None = None, language: Language = "en"
) -> HttpResponse:
    """The open cart of whoever has the identifier; an empty one where she has none."""
    customer, identifier = _named(whose, market)
    who = ownership.known(customer, identifier)
    there = carts.of_browser(customer) if who is None else carts.of_served(who)
    market = market or _USUAL
    if there is None:
        return cart_answer(carts.CartView(0, 0, market, _currency(market), 0, 0, 0, []))
    return cart_answer(carts.view(there.pk, language))


@router.put("/lines/{path:sku}", summary="Change a customer’s cart", response=CartOut, auth=_write)
def put(
    request: HttpRequest,
    sku: Name,
    body: SetIn,
    whose: _Whose,
    market: Market | None = None,
    language: Language = "en",
    channel: Channel = Channel.OTHER,
) -> HttpResponse:
    """Change a line of her cart, or put one in; her open pages show it within a second.

    409 `changed` carries the cart as it is, where `version` was told and is not that one's.
    """
    edit = Edit(
        sku,
        quantity=body.quantity,
        fulfilment=body.fulfilment,
        place=body.place,
        saved=body.saved,
        version=body.version,
    )
    return cart_answer(
        actions.change_for(
            _under(whose, market),
            edit,
            market=market or _USUAL,
            currency=_currency(market or _USUAL),
            language=language,
            channel=channel,
        )
    )


class OrderCartIn(Schema):
    """How her cart is ordered. `counter`: all of it is handed over in that place, now."""

    pay_by: Literal["till", "store", "invoice", "card"] = "invoice"
    contact: ContactIn = ContactIn()
    address: AddressIn = AddressIn()
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    total: Annotated[int, Field(ge=0)] | None = None
    counter: Annotated[str, Field(min_length=1, max_length=50)] | None = None


@router.post("/order", summary="Order a customer’s cart", response={201: OrderOut}, auth=_write)
def order(
    request: HttpRequest,
    body: OrderCartIn,
    whose: _Whose,
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
        body.address.plain(market or _USUAL),
        body.version,
        body.total,
    )
    dues.check_open(body.pay_by)
    made = placing.place_cart_for(
        _under(whose, market),
        checkout,
        key=key,
        source=source(request),
        market=market or _USUAL,
        currency=_currency(market or _USUAL),
        language=language,
        channel=channel,
        by=caller(request),
        place=place.pk if place else None,
        at_counter=place is not None,
    )
    return answer(orders.view(made, language), 201)


ROUTES = (
    Routes(
        "/carts",
        router,
        "Carts",
        "A customer’s cart, as people in customer service change it.",
    ),
)
