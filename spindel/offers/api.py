"""Offers for machines: said, given, stopped, and their codes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import BaseModel, Field

from spindel.kit.refusal import Refusal
from spindel.kit.schema import ViewSchema
from spindel.offers import actions, delivery_api, list_api, listing, shown
from spindel.offers.models import Offer
from spindel.offers.terms import Terms, of
from spindel.staff.api import Routes, caller, needs
from spindel.staff.models import Scope

router = Router(tags=["Offers"])
_read, _write = needs(Scope.READ_OFFERS), needs(Scope.WRITE_OFFERS)

Key = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]


class OfferOut(Schema):
    """An offer, and what has come of it: how many orders have it, what it has taken off, and
    what the goods of those orders cost, in minor units by currency. `stage` is the state with the
    times of the terms in it. `terms` are as they are given to PUT.
    """

    key: str
    state: Literal["draft", "live", "paused", "ended"]
    stage: Literal["draft", "scheduled", "live", "paused", "ended"]
    version: int
    terms: dict[str, object]
    uses: int
    given: dict[str, int]
    goods: dict[str, int]


class VersionOut(Schema):
    """What an offer said from a moment on, who had it so, and why."""

    number: int
    terms: dict[str, object]
    by: str
    why: str
    at: datetime


class OneOfferOut(OfferOut):
    """An offer with all that it has said, the newest first."""

    versions: list[VersionOut]


class OffersOut(Schema):
    """Offers, by their keys. `next` is the `after` of the next page; null on the last."""

    items: list[OfferOut]
    next: str | None


class TermsIn(BaseModel):
    """What an offer is to say, and why it is changed. docs/offers.md tells of each term. `seen` is
    the version that was read before; 0: it is to be new. Where there is another, it is refused.
    """

    terms: dict[str, object]
    why: Annotated[str, Field(max_length=300)] = ""
    seen: Annotated[int, Field(ge=0, le=10**9)] | None = None


class StateIn(BaseModel):
    """Whether the offer is given, and why."""

    state: Literal["live", "paused", "ended"]
    why: Annotated[str, Field(max_length=300)] = ""


class CodeIn(BaseModel):
    """A code that anybody may be told. `uses_left` null: as often as the offer says."""

    code: Annotated[str, Field(max_length=80)]
    uses_left: Annotated[int, Field(ge=0, le=10**9)] | None = None


class RevokeIn(BaseModel):
    """A code that is no longer to count."""

    code: Annotated[str, Field(max_length=80)]


class ShownOut(ViewSchema, view=shown.Shown):
    """How many customers keep an offer, until when, and what that costs by currency."""


class ManyIn(BaseModel):
    """How many codes are to be made, each for one use."""

    many: Annotated[int, Field(ge=1, le=actions.MOST_AT_ONCE)]


@router.get("", summary="List offers", response=OffersOut, auth=_read)
def list_offers(
    request: HttpRequest,
    state: Literal["draft", "live", "paused", "ended"] | None = None,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> OffersOut:
    """All offers or those in a state, by their keys."""
    found = listing.offers(state or "", after, limit + 1)
    more = len(found) > limit
    items = [_out(one) for one in found[:limit]]
    return OffersOut(items=items, next=items[-1].key if more else None)


@router.get("/{key}", summary="See an offer", response=OneOfferOut, auth=_read)
def get(request: HttpRequest, key: Key) -> OneOfferOut:
    """An offer with its versions."""
    return _one(key)


@router.put("/{key}", summary="Say an offer", response=OneOfferOut, auth=_write)
def put(request: HttpRequest, key: Key, body: TermsIn) -> OneOfferOut:
    """Have the offer say these terms: a draft, where there is none yet. Each change is a version of
    it; the same again is none. It counts from this second on, in every channel.
    """
    terms = _terms(body.terms)
    actions.keep(key, terms, by=caller(request), why=body.why, seen=body.seen)
    return _one(key)


@router.post("/{key}/state", summary="Give or stop an offer", response=OneOfferOut, auth=_write)
def set_state(request: HttpRequest, key: Key, body: StateIn) -> OneOfferOut:
    """Have the offer be given, pause or end. What has ended stays so."""
    actions.set_state(key, Offer.State(body.state), caller(request), body.why)
    return _one(key)


@router.put("/{key}/codes", summary="Give an offer a code", response={204: None}, auth=_write)
def put_code(request: HttpRequest, key: Key, body: CodeIn) -> tuple[int, None]:
    """Give the offer a code. The same again changes how often it can still be used."""
    actions.add_code(key, body.code, body.uses_left, caller(request))
    return 204, None


@router.post("/{key}/codes/revoke", summary="Revoke a code", response={204: None}, auth=_write)
def revoke_code(request: HttpRequest, key: Key, body: RevokeIn) -> tuple[int, None]:
    """Have a code count no more, whether all were told it or one customer. Orders keep it."""
    actions.revoke_code(key, body.code, caller(request))
    return 204, None


@router.post("/{key}/codes", summary="Make codes for one use each", auth=_write)
def make_codes(request: HttpRequest, key: Key, body: ManyIn) -> HttpResponse:
    """Make so many codes, and answer them, one a line: this once, as nobody can read them later."""
    made = actions.make_codes(key, body.many, caller(request))
    return HttpResponse("\n".join(made) + "\n", content_type="text/csv")


class ShownIn(BaseModel):
    """To which list of customers it was sent."""

    list: Key


@router.post(
    "/{key}/shown", summary="Say whom an offer was sent to", response=ShownOut, auth=_write
)
def show(request: HttpRequest, key: Key, body: ShownIn) -> ShownOut:
    """It was sent to all who are on the list: they keep it for as long as it says now, should it be
    stopped or changed before. Answers how many customers have been shown it in all.
    """
    actions.show(key, body.list, by=caller(request))
    return get_shown(request, key)


@router.get("/{key}/shown", summary="See how many keep an offer", response=ShownOut, auth=_read)
def get_shown(request: HttpRequest, key: Key) -> ShownOut:
    """How many customers would keep it if it were stopped now, until when, and what that costs
    should each of them buy as those have who used it.
    """
    return ShownOut.from_orm(shown.to_whom(listing.named(key)))


def _terms(told: dict[str, object]) -> Terms:
    """Raises Refusal for what is no terms."""
    try:
        return of(told)
    except msgspec.ValidationError as error:
        raise Refusal("bad_terms", why=str(error)) from None


def _out(one: listing.OfferView) -> OfferOut:
    return OfferOut.from_orm(one)


def _one(key: str) -> OneOfferOut:
    found = listing.offer(key)
    if found is None:
        raise Refusal("no_such_offer")
    return OneOfferOut.model_validate(
        {
            **_out(found).dict(),
            "versions": [VersionOut.from_orm(one) for one in listing.versions(key)],
        }
    )


ROUTES = (
    Routes("/offers", router, "Offers", "Discounts: for whom, on what, when, and their codes."),
    Routes("/delivery", delivery_api.router, "Delivery", "What it costs that goods come."),
    Routes("/lists", list_api.router, "Lists", "Customers who are named one by one, for offers."),
)
