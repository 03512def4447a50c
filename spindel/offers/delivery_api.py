"""What delivery costs, for machines."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from spindel.offers import actions
from spindel.offers.models import DeliveryFee
from spindel.staff.api import caller, needs
from spindel.staff.models import Scope

router = Router(tags=["Delivery"])
_read, _write = needs(Scope.READ_OFFERS), needs(Scope.WRITE_OFFERS)

_Minor = Annotated[int, Field(ge=0, le=10**15)]


class Fee(Schema):
    """What it costs that goods of so much (`worth`, at list prices) or more come by a method; in
    minor units, VAT included. Of several the one with the largest `worth` holds.
    """

    market: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    method: Literal["ship", "pick_up"]
    worth: _Minor = 0
    amount: _Minor
    vat_rate: Annotated[int, Field(ge=0, le=10_000)] = 2_500


class Fees(Schema):
    """All the fees. Where there is none, delivery costs nothing."""

    items: Annotated[list[Fee], Field(max_length=1_000)]


@router.get("/fees", summary="See what delivery costs", response=Fees, auth=_read)
def get_fees(request: HttpRequest) -> Fees:
    """What delivery costs, by market and method."""
    found = DeliveryFee.objects.order_by("market", "currency", "method", "worth")
    return Fees(items=[Fee.from_orm(one) for one in found])


@router.put("/fees", summary="Replace what delivery costs", response=Fees, auth=_write)
def put_fees(request: HttpRequest, body: Fees) -> Fees:
    """Have these be all the fees: in every cart from this second on, not in what was ordered."""
    actions.replace_fees([DeliveryFee(**one.dict()) for one in body.items], caller(request))
    return get_fees(request)
