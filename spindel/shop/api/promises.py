"""What she was promised."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from spindel.commerce.promises import reading
from spindel.identity import identifiers
from spindel.kit.schema import ViewSchema
from spindel.offers import promises
from spindel.shop.api.key import hers, session

router = Router()


class HerPromiseOut(ViewSchema, view=promises.PromiseView, without=("by", "why")):
    """Something that she was promised or shown: what it gives in words, on which products (none: on
    all), until when, and what has become of it.
    """


class HerPromisesOut(Schema):
    """What she was promised: what is open first, then the newest, 50 at most."""

    items: list[HerPromiseOut]


@router.get("/promises", summary="See what was promised", response=HerPromisesOut, auth=hers)
def get_promises(request: HttpRequest) -> HerPromisesOut:
    """What she was promised, once she has logged in; before that nothing."""
    her = session(request)
    customer = identifiers.living(her.identifier_id) if her.identifier_id else None
    found = [] if customer is None else reading.of_customer(customer, her.language)
    return HerPromisesOut(items=[HerPromiseOut.from_orm(one) for one in found])
