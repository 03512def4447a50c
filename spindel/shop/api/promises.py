"""What she was promised."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from spindel.commerce.promises import reading
from spindel.commerce.promises.api import PromiseOut, PromisesOut
from spindel.identity import identifiers
from spindel.shop.api.key import hers, session

router = Router()


@router.get("/promises", summary="See what was promised", response=PromisesOut, auth=hers)
def get_promises(request: HttpRequest) -> PromisesOut:
    """What she was promised, once she has logged in; before that nothing."""
    her = session(request)
    customer = identifiers.living(her.identifier_id) if her.identifier_id else None
    found = [] if customer is None else reading.of_customer(customer, her.language)
    return PromisesOut(items=[PromiseOut.from_orm(one) for one in found])
