"""Carts as the API has them: how one is asked for, as it stands now, and what was refused."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.http import HttpResponse
from ninja import Query
from pydantic import BaseModel, Field

from spindel.catalogue.reading import currency_of
from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Changed
from spindel.commerce.carts.code_actions import CodeDenied, Entered
from spindel.commerce.common import lookups
from spindel.commerce.common.fast_json import only, written
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.schema import Version
from spindel.identity import identifiers, ownership
from spindel.identity.rules import NOWHERE
from spindel.kit.refusal import Refusal
from spindel.kit.saying import beside
from spindel.kit.schema import ViewSchema
from spindel.offers import explaining

Whose = Annotated[str, Query(max_length=1000, description="`kind:value`, such as email:a@b.se")]
USUAL = "SE"  # where no market is said


def named(text: str, market: str | None) -> tuple[int, int]:
    """The customer whose the identifier is, and it."""
    identifier = lookups.identifier(text, market or NOWHERE)
    customer = None if identifier is None else identifiers.living(identifier)
    if identifier is None or customer is None:
        raise Refusal("nobody_there")
    return customer, identifier


def under(text: str, market: str | None) -> ownership.Under:
    """The identifier that what is done is written under: it, where it says who she is."""
    return ownership.under(*named(text, market))


def currency(market: str) -> str:
    """What one pays with in the market. Raises Refusal."""
    found = currency_of(market)
    if found is None:
        raise Refusal("bad_market")
    return found


PlaceCode = Annotated[str, Field(max_length=50)]


class NoteOut(ViewSchema, view=carts.Note):
    """What she has to know of a line: gone, sold_out, short, dearer or cheaper; and in words."""


class DiscountOut(ViewSchema, view=explaining.Discount):
    """What an offer takes off, in minor units, and what the offer is called."""


class CodeOut(ViewSchema, view=explaining.CodeView):
    """A code that was entered, and whether it counts now. If not, `reason` says why in a word, and
    `text` in a sentence for the shopper.
    """


class CartLineOut(
    ViewSchema, view=carts.CartLineView, without=("variant", "vat_rate", "place_id", "priced")
):
    """A line as it stands now. Amounts in minor units; none where it is not sold any more."""

    discounts: list[DiscountOut]
    notes: list[NoteOut]


class DeliveryOut(ViewSchema, view=carts.DeliveryView):
    """What it costs that the goods come by a method, in minor units: `amount`, and `total` after
    discounts. `chosen`: some of the lines come so, and `total` is in the cart's. `cart_total` is
    what the cart comes to if all of them come so. `text` says for how much more (`missing`) one has
    to buy for it to cost less.
    """

    discounts: list[DiscountOut]


class CartOut(ViewSchema, view=carts.CartView, without=("id", "fees")):
    """The cart. `count`, `total` and `vat` are of the lines that are not saved for later, the last
    two with their delivery; what `discounts` take off is in them already. `deliveries` are the
    methods of which one can be chosen for a line, where any costs something in the market.
    """

    discounts: list[DiscountOut]
    codes: list[CodeOut]
    lines: list[CartLineOut]
    deliveries: list[DeliveryOut]


def plain(cart: carts.CartView) -> dict[str, object]:
    """The cart as it is answered; the schema above describes it."""
    return only(cart, CartOut)


def cart_answer(cart: carts.CartView) -> HttpResponse:
    """The cart, as an answer."""
    return written(plain(cart))


@beside.register
def _now(no: Changed) -> dict[str, object]:
    return {"cart": msgspec.to_builtins(plain(no.cart))}


@beside.register
def _denied(no: CodeDenied) -> dict[str, object]:
    return {"reason": no.reason, "cart": msgspec.to_builtins(plain(no.cart))}


def taken(entered: Entered) -> carts.CartView:
    """The cart with the code in it. Raises CodeDenied, which is no failure of the action: that it
    was denied stands on the timeline.
    """
    if entered.denied is not None:
        raise CodeDenied(entered, entered.denied)
    return entered.cart


TypedCode = Annotated[str, Field(min_length=1, max_length=80)]


class CodeIn(BaseModel):
    """A code as it was typed; capitals and gaps make no difference."""

    code: TypedCode


class SetIn(BaseModel):
    """What a line is to be; what is left out stays as it is. A quantity of 0 takes it out."""

    quantity: Annotated[int, Field(ge=0, le=cart_actions.MOST_OF_ONE)] | None = None
    fulfilment: Fulfilment | None = None
    place: PlaceCode | None = None
    saved: bool | None = None
    version: Version | None = None
