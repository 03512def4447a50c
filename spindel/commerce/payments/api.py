"""Gift cards for machines."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from spindel.commerce.common.schema import IdempotencyKey
from spindel.commerce.payments.giftcard import cards
from spindel.commerce.payments.giftcard.cards import Making
from spindel.staff.api import Routes, caller, needs, sent
from spindel.staff.models import Scope

router = Router(tags=["Gift cards"])
_write = needs(Scope.WRITE_ORDERS)


class MakingIn(BaseModel):
    """So many gift cards with so much on each, in minor units. `expires_on` is the last day on
    which they pay; null: there is none.
    """

    amount: Annotated[int, Field(ge=1, le=cards.MOST_AMOUNT)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    many: Annotated[int, Field(ge=1, le=cards.MOST_AT_ONCE)] = 1
    expires_on: date | None = None


@router.post("", summary="Make gift cards", auth=_write)
def make(request: HttpRequest, body: MakingIn, key: IdempotencyKey) -> HttpResponse:
    """Make gift cards, and answer their codes, one a line: this once, as nobody can read them
    later. The same key again makes no more: 409 `gift_cards_made`.
    """
    making = Making(body.many, body.amount, body.currency, body.expires_on)
    made = cards.make(making, caller(request), sent(request, key))
    return HttpResponse("\n".join(made) + "\n", content_type="text/csv")


ROUTES = (Routes("/gift-cards", router, "Gift cards", "A way to pay: money that was paid before."),)
