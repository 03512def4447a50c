"""What stores hold for her."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from spindel.catalogue import wording
from spindel.catalogue.closing_times import ends
from spindel.catalogue.models import Place, Variant
from spindel.commerce.common.rules import Line
from spindel.commerce.common.schema import IdempotencyKey
from spindel.commerce.stock import hold_codes
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Id, Name
from spindel.shop import actions as shop_actions
from spindel.shop.actions import MOST_HELD
from spindel.shop.api.key import digest, hers, session
from spindel.shoppers import reading as shoppers

router = Router()


class HerHoldIn(Schema):
    """What to hold where, until `hour` or `tomorrow`: closing time of its next open day."""

    sku: Name
    place: Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^\x00]+$")]
    quantity: Annotated[int, Field(ge=1, le=MOST_HELD)] = 1
    until: Literal["hour", "tomorrow"] = "tomorrow"


class HerHoldOut(Schema):
    """Something that is held for her. `state`: active, released, expired, handed_over, missing.

    `code` is what she shows or says in the store, also where nobody knows who she is: a QR code of
    it is scanned at the tablet.
    """

    id: int
    code: str
    sku: str
    product: str
    name: str
    options: dict[str, str]
    picture: str
    place: str
    place_name: str
    quantity: int
    until: datetime
    state: str
    set_aside: bool


class HerHoldsOut(Schema):
    """What is held for her, and what was lately."""

    items: list[HerHoldOut]


@router.get("/holds", summary="List the shopper’s reservations", response=HerHoldsOut, auth=hers)
def get_holds(request: HttpRequest) -> HerHoldsOut:
    """What is held for her in stores, and what was in the last weeks; the newest first."""
    her = session(request)
    found = levels.holds_of_shopper(her, shoppers.identifiers(her))
    return HerHoldsOut(items=[_hold_out(one, her.language) for one in found])


@router.post(
    "/holds", summary="Reserve something in a store", response={201: HerHoldOut}, auth=hers
)
def hold(request: HttpRequest, body: HerHoldIn, key: IdempotencyKey) -> Status[HerHoldOut]:
    """Hold something in a store for her. The same key again answers the same hold.

    409 `not_enough` where there is too little, `too_many` where much is held for her already.
    """
    her = session(request)
    variant = Variant.objects.filter(sku=body.sku, removed_at=None).first()
    where = Place.objects.filter(code=body.place, closed_at=None, hands_over=True).first()
    if variant is None or where is None:
        raise Refusal("not_held_there")
    try:
        until = ends(body.until, where, timezone.now())
    except ValueError:
        raise Refusal("closed") from None
    line = Line(variant.pk, where.pk, body.quantity)
    made = shop_actions.hold(digest(request), line, until, key=key, asked=body.until)
    return Status(201, _hold_out(_with_goods(made.pk), her.language))


@router.post(
    "/holds/{hold_id}/release",
    summary="Cancel the shopper’s reservation",
    response=HerHoldOut,
    auth=hers,
)
def release(request: HttpRequest, hold_id: Id) -> HerHoldOut:
    """Let others have it. Again, nothing changes."""
    her = session(request)
    mine = levels.holds_of_shopper(her, shoppers.identifiers(her))
    if not mine.filter(pk=hold_id).exists():
        raise Refusal("no_hold_of_yours")
    try:
        holds.release(hold_id, "")
    except holds.Ended:
        raise Refusal("not_held_any_more") from None
    return _hold_out(_with_goods(hold_id), her.language)


def _with_goods(id: int) -> Hold:
    return Hold.objects.select_related("variant__product", "place").get(pk=id)


def _hold_out(hold: Hold, language: str) -> HerHoldOut:
    product = hold.variant.product
    late = hold.state == Hold.State.ACTIVE and hold.until <= timezone.now()
    return HerHoldOut(
        id=hold.pk,
        code=hold_codes.code(hold.pk),
        sku=hold.variant.sku,
        product=product.number,
        picture=(hold.variant.pictures or product.pictures or [""])[0],
        name=wording.in_language(product.names, language, product.number),
        options=hold.variant.options,
        place=hold.place.code,
        place_name=hold.place.name,
        quantity=hold.quantity,
        until=hold.until,
        state=str(Hold.State.EXPIRED if late else hold.state),
        set_aside=hold.set_aside_at is not None,
    )
