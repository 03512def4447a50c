"""Her cart: what is in it, and what she shares of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Header, Router, Schema
from pydantic import BaseModel, Field

from spindel.catalogue.reading import currency_of
from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import code_actions, session_cart
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.schema import (
    CartLineOut,
    CartOut,
    CodeIn,
    PlaceCode,
    SetIn,
    TypedCode,
    cart_answer,
    plain,
    taken,
)
from spindel.commerce.common import links
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.schema import Version
from spindel.kit import idempotency
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Market, Name
from spindel.shop.api.key import digest, hers, session

router = Router()

_MaybeKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class AddIn(BaseModel):  # not ninja's, which can read objects, and takes its time for that
    """So many more of a variant. `version`: of the cart that she saw, if that matters."""

    sku: Name
    quantity: Annotated[int, Field(ge=1, le=cart_actions.MOST_OF_ONE)] = 1
    fulfilment: Fulfilment | None = None
    place: PlaceCode | None = None
    version: Version | None = None


@router.get("/cart", summary="See the cart", response=CartOut, auth=hers)
def get_cart(request: HttpRequest, market: Market | None = None) -> HttpResponse:
    """The cart as it stands now, whatever device it was filled on; or as it would be in another
    `market`, before it goes there by `PUT /session`.
    """
    her = session(request)
    if market is None:
        return cart_answer(session_cart.cart(her))
    currency = currency_of(market)
    if currency is None:
        raise Refusal("bad_market")
    return cart_answer(session_cart.cart(her, market, currency))


@router.post("/cart/lines", summary="Put something into the cart", response=CartOut, auth=hers)
def add(request: HttpRequest, body: AddIn, key: _MaybeKey = None) -> HttpResponse:
    """Put something into the cart, on top of what is there. The same key again adds nothing.

    409 `changed` carries the cart as it is, where `version` was told and is not that one's.
    """
    return _changed(
        request,
        Edit(
            body.sku,
            quantity=body.quantity,
            add=True,
            fulfilment=body.fulfilment,
            place=body.place,
            version=body.version,
            key=idempotency.key("cart", key) if key else None,
        ),
    )


@router.put(
    "/cart/lines/{path:sku}", summary="Change a line of the cart", response=CartOut, auth=hers
)
def put(request: HttpRequest, sku: Name, body: SetIn) -> HttpResponse:
    """Change a line: how many, how they come, or save it for later. 409 `changed` as above."""
    return _changed(
        request,
        Edit(
            sku,
            quantity=body.quantity,
            fulfilment=body.fulfilment,
            place=body.place,
            saved=body.saved,
            version=body.version,
        ),
    )


@router.delete(
    "/cart/lines/{path:sku}", summary="Remove a line from the cart", response=CartOut, auth=hers
)
def remove(request: HttpRequest, sku: Name) -> HttpResponse:
    """Take a line out. Again: nothing."""
    return _changed(request, Edit(sku, quantity=0))


@router.post("/cart/codes", summary="Enter a code", response=CartOut, auth=hers)
def enter_code(request: HttpRequest, body: CodeIn) -> HttpResponse:
    """Put a code of an offer into the cart. One that counts when there is more in the cart stays in
    it, and says what it takes. 409 `code_denied` says why it is not taken: in `reason`, in words.
    """
    return cart_answer(taken(code_actions.enter(digest(request), body.code)))


@router.delete("/cart/codes/{code}", summary="Remove a code", response=CartOut, auth=hers)
def remove_code(request: HttpRequest, code: TypedCode) -> HttpResponse:
    """Take a code out of the cart. Again: nothing."""
    return cart_answer(code_actions.take_out(digest(request), code))


def _changed(request: HttpRequest, edit: Edit) -> HttpResponse:
    return cart_answer(cart_actions.change_of_shopper(digest(request), edit))


class ShareOut(Schema):
    """What stands in a link to what is in the cart, and until when it shows it."""

    code: str
    until: datetime


class SharedOut(Schema):
    """What somebody has shared, as it was then, at what it costs now; it is shown `until` then."""

    lines: list[CartLineOut]
    currency: str
    until: datetime


@router.post("/cart/share", summary="Share the cart", response=ShareOut, auth=hers)
def share(request: HttpRequest) -> ShareOut:
    """A code by which others see for 30 days what is in the cart now, and can put it into theirs.

    What is done to the cart afterwards they don't see.
    """
    code, until = cart_actions.share(digest(request))
    return ShareOut(code=code, until=until)


@router.get("/shared/{code}", summary="See a shared cart", response=SharedOut, auth=hers)
def get_shared(request: HttpRequest, code: str) -> dict[str, object]:
    """What somebody has shared."""
    her = session(request)
    shown = carts.shared(code, her.language, *session_cart.market_of(her))
    until = links.shared(code).until
    return {"lines": plain(shown)["lines"], "currency": shown.currency, "until": until}


@router.post("/cart/from/{code}", summary="Take over a shared cart", response=CartOut, auth=hers)
def add_shared(request: HttpRequest, code: str) -> HttpResponse:
    """Put what somebody has shared into the cart, where it is not in it already."""
    session(request)
    return cart_answer(cart_actions.add_shared(digest(request), code))
