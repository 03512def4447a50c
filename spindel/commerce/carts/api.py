"""Customers' carts for machines that act for anybody: a call centre's system, a till, a bot.

A shop's own pages ask `/api/shop` instead, where each shopper opens her own cart alone.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from spindel.catalogue import markets
from spindel.commerce.carts import actions, code_actions
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.schema import (
    USUAL,
    CartOut,
    CodeIn,
    SetIn,
    TypedCode,
    Whose,
    cart_answer,
    currency,
    named,
    taken,
    under,
)
from spindel.identity import ownership
from spindel.kit.schema import Language, Market, Name
from spindel.staff.api import Routes, needs
from spindel.staff.models import Scope
from spindel.timeline.models import Channel

router = Router(tags=["Carts"])
_read, _write = needs(Scope.READ_ORDERS), needs(Scope.WRITE_ORDERS)


@router.get("", summary="See a customer’s cart", response=CartOut, auth=_read)
def get_cart(
    request: HttpRequest, whose: Whose, market: Market | None = None, language: Language = "en"
) -> HttpResponse:
    """The open cart of whoever has the identifier; an empty one where she has none."""
    customer, identifier = named(whose, market)
    who = ownership.known(customer, identifier)
    there = carts.of_browser(customer) if who is None else carts.of_served(who)
    market = market or USUAL
    if there is None:
        return cart_answer(carts.CartView(0, 0, market, currency(market), 0, 0, 0, [], [], []))
    return cart_answer(carts.view(there.pk, language))


@router.put("/lines/{path:sku}", summary="Change a customer’s cart", response=CartOut, auth=_write)
def put(
    request: HttpRequest,
    sku: Name,
    body: SetIn,
    whose: Whose,
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
            under(whose, market),
            edit,
            market=markets.Market(market or USUAL, currency(market or USUAL), language),
            channel=channel,
        )
    )


@router.post("/codes", summary="Enter a code for a customer", response=CartOut, auth=_write)
def enter_code(
    request: HttpRequest,
    body: CodeIn,
    whose: Whose,
    market: Market | None = None,
    language: Language = "en",
    channel: Channel = Channel.OTHER,
) -> HttpResponse:
    """Put a code of an offer into her cart, as the shop's own endpoint does. 409 `code_denied` says
    why it is not taken.
    """
    where = markets.Market(market or USUAL, currency(market or USUAL), language)
    entered = code_actions.enter_for(under(whose, market), body.code, where, channel)
    return cart_answer(taken(entered))


@router.delete(
    "/codes/{code}", summary="Remove a code of a customer", response=CartOut, auth=_write
)
def remove_code(
    request: HttpRequest,
    code: TypedCode,
    whose: Whose,
    market: Market | None = None,
    language: Language = "en",
    channel: Channel = Channel.OTHER,
) -> HttpResponse:
    """Take a code out of her cart. Again: nothing."""
    where = markets.Market(market or USUAL, currency(market or USUAL), language)
    return cart_answer(code_actions.take_out_for(under(whose, market), code, where, channel))


ROUTES = (
    Routes(
        "/carts",
        router,
        "Carts",
        "A customer’s cart, as people in customer service change it.",
    ),
)
