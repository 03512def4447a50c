"""Content for machines: said, shown and stopped; and what somebody sees."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import BaseModel, Field

from spindel.catalogue.markets import Market
from spindel.catalogue.reading import currency_of
from spindel.commerce.common import lookups
from spindel.decide import actions, listing, page
from spindel.decide.contents import Says, of
from spindel.decide.models import Content
from spindel.decide.reading import decide
from spindel.decide.schema import DecisionIn, DecisionOut, decided
from spindel.identity import customers
from spindel.kit.refusal import Refusal
from spindel.staff.api import Routes, caller, needs
from spindel.staff.models import Scope

# --- what somebody sees ---------------------------------------------------------------------------

decisions = Router(tags=["Decide"])
decisions.add_router("", page.router)


@decisions.get(
    "", summary="See what a customer sees", response=DecisionOut, auth=needs(Scope.READ_CUSTOMERS)
)
def get_decision(request: HttpRequest, asked: Query[DecisionIn]) -> DecisionOut:
    """What a customer sees in a placement now, in which order, and why; and what she doesn't.

    Without `customer` it is what somebody sees whom nobody knows.
    """
    currency = currency_of(asked.market)
    if currency is None:
        raise Refusal("bad_market")
    market = Market(asked.market, currency, asked.language)
    identifier = _identifier(asked.customer, asked.market)
    found = decide([asked.placement], market, identifier, asked.product)
    return decided(asked, found[asked.placement])


def _identifier(customer: str, market: str) -> int | None:
    if customer.isdecimal():
        return customers.living(int(customer))
    return lookups.identifier(customer, market) if customer else None


# --- content --------------------------------------------------------------------------------------

router = Router(tags=["Content"])
_read, _write = needs(Scope.READ_OFFERS), needs(Scope.WRITE_OFFERS)

Key = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]
_State = Literal["draft", "live", "paused", "ended"]


class ContentOut(Schema):
    """A content; `says` is as it is given to PUT."""

    key: str
    state: _State
    version: int
    says: dict[str, object]


class ContentVersionOut(Schema):
    """What a content said from a moment on, who had it so, and why."""

    number: int
    says: dict[str, object]
    by: str
    why: str
    at: datetime


class OneContentOut(ContentOut):
    """A content with all that it has said, the newest first."""

    versions: list[ContentVersionOut]


class ContentsOut(Schema):
    """Contents, by their keys. `next` is the `after` of the next page; null on the last."""

    items: list[ContentOut]
    next: str | None


class SaysIn(BaseModel):
    """What a content is to say, and why it is changed. docs/decide.md tells of each part."""

    says: dict[str, object]
    why: Annotated[str, Field(max_length=300)] = ""


class ContentStateIn(BaseModel):
    """Whether the content is shown."""

    state: Literal["live", "paused", "ended"]


@router.get("", summary="List content", response=ContentsOut, auth=_read)
def list_contents(
    request: HttpRequest,
    state: _State | None = None,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ContentsOut:
    """All contents or those in a state, by their keys."""
    found = listing.contents(state or "", after, limit + 1)
    items = [ContentOut.from_orm(one) for one in found[:limit]]
    return ContentsOut(items=items, next=items[-1].key if len(found) > limit else None)


@router.get("/{key}", summary="See a content", response=OneContentOut, auth=_read)
def get_content(request: HttpRequest, key: Key) -> OneContentOut:
    """A content with its versions."""
    return _one(key)


@router.put("/{key}", summary="Say a content", response=OneContentOut, auth=_write)
def put_content(request: HttpRequest, key: Key, body: SaysIn) -> OneContentOut:
    """Have the content say this: a draft, where there is none yet. Each change is a version of it;
    the same again is none. It is seen from this second on, in every channel.
    """
    actions.keep(key, _says(body.says), by=caller(request), why=body.why)
    return _one(key)


@router.post("/{key}/state", summary="Show or stop a content", response=OneContentOut, auth=_write)
def set_content_state(request: HttpRequest, key: Key, body: ContentStateIn) -> OneContentOut:
    """Have the content be shown, pause or end. What has ended stays so."""
    actions.set_state(key, Content.State(body.state), caller(request))
    return _one(key)


def _says(told: dict[str, object]) -> Says:
    """Raises Refusal for what is no content."""
    try:
        return of(told)
    except msgspec.ValidationError as error:
        raise Refusal("bad_content", why=str(error)) from None


def _one(key: str) -> OneContentOut:
    found = listing.content(key)
    if found is None:
        raise Refusal("no_such_content")
    return OneContentOut.model_validate(
        {
            **ContentOut.from_orm(found).dict(),
            "versions": [ContentVersionOut.from_orm(one) for one in listing.versions(key)],
        }
    )


ROUTES = (
    Routes(
        "/decide", decisions, "Decide", "What a customer sees in a placement now, and why.", rank=-1
    ),
    Routes("/content", router, "Content", "What is shown: where, to whom, in words and pictures."),
)
