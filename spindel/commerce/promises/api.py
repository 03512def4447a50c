"""Promises for machines: given, seen and taken back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from spindel.catalogue.markets import Market
from spindel.commerce.carts.schema import USUAL, Whose, currency, under
from spindel.commerce.common import lookups
from spindel.commerce.common.schema import IdempotencyKey
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Id, Language, Moment, Number, ViewSchema
from spindel.kit.schema import Market as MarketCode
from spindel.offers import promise_actions, promises
from spindel.offers.mandates import ANYTHING
from spindel.offers.promise_actions import Wanted
from spindel.offers.terms import Benefit
from spindel.staff.api import Routes, actor, needs, sent
from spindel.staff.models import Scope
from spindel.timeline.models import Channel

router = Router(tags=["Promises"])
_read, _write = needs(Scope.READ_ORDERS), needs(Scope.WRITE_ORDERS)


class PromiseOut(ViewSchema, view=promises.PromiseView):
    """Something that she was promised or shown: what it gives in words, on which products (none: on
    all), until when, and what has become of it.
    """


class PromisesOut(Schema):
    """What she was promised: what is open first, then the newest, 50 at most."""

    items: list[PromiseOut]


class PromiseIn(Schema):
    """What is promised her. `benefit` is as that of an offer: `percent`, `fixed_price`,
    `amount_each` or `amount`; `products` by number, none for all that she buys.
    """

    benefit: dict[str, object]
    products: Annotated[list[Number], Field(max_length=100)] = []
    until: Moment
    why: Annotated[str, Field(max_length=300)] = ""
    market: MarketCode = USUAL
    language: Language = "sv"
    channel: Channel = Channel.OTHER


@router.get("", summary="List a customer’s promises", response=PromisesOut, auth=_read)
def list_promises(request: HttpRequest, whose: Whose, language: Language = "sv") -> PromisesOut:
    """All that she was promised, under whatever she is known by."""
    return _told(lookups.identifiers(whose), language)


@router.post("", summary="Promise a customer something", response={201: PromiseOut}, auth=_write)
def promise(
    request: HttpRequest, body: PromiseIn, whose: Whose, key: IdempotencyKey
) -> Status[PromiseOut]:
    """Promise her a price, an amount or per cent, for one order: from now on every channel gives
    it. The same key again answers the same promise.
    """
    wanted = Wanted(
        benefit=_benefit(body.benefit), products=body.products, until=body.until, why=body.why
    )
    made = promise_actions.promise_price(
        under(whose, body.market),
        wanted,
        Market(body.market, currency(body.market), body.language),
        ANYTHING,
        actor=actor(request, body.channel),
        request=sent(request, key),
    )
    return Status(201, PromiseOut.from_orm(promises.one(made.pk, body.language)))


@router.post("/{id}/withdraw", summary="Take a promise back", response=PromiseOut, auth=_write)
def withdraw(request: HttpRequest, id: Id, language: Language = "sv") -> PromiseOut:
    """Take back a promise that is open. Again, nothing changes."""
    promise_actions.withdraw(id, actor(request))
    return PromiseOut.from_orm(promises.one(id, language))


def _told(ids: list[int], language: str) -> PromisesOut:
    found = promises.of_identifiers(ids, language)
    return PromisesOut(items=[PromiseOut.from_orm(one) for one in found])


def _benefit(told: dict[str, object]) -> Benefit:
    try:
        return msgspec.convert(told, Benefit)  # type: ignore[no-any-return]  # a union
    except msgspec.ValidationError as error:
        raise Refusal("bad_terms", why=str(error)) from None


ROUTES = (
    Routes("/promises", router, "Promises", "Prices that one customer was promised, until a day."),
)
