"""What she sees in the shop's placements, and what she does with it."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from spindel.catalogue.markets import Market
from spindel.commerce.carts import session_cart
from spindel.decide import actions
from spindel.decide.contents import Placement
from spindel.decide.reading import decide
from spindel.decide.schema import SeesIn, SeesOut, sees
from spindel.shop.api.key import hers, session

router = Router()


@router.get("/decide", summary="See what the shopper sees", response=SeesOut, auth=hers)
def get_seen(request: HttpRequest, asked: Query[SeesIn]) -> SeesOut:
    """What she sees in a placement now, the first first: the same wherever she is."""
    her = session(request)
    market = Market(*session_cart.market_of(her), her.language)
    identifier = her.identifier_id or her.browser_id
    found = decide([asked.placement], market, identifier, asked.product)
    return sees(asked, found[asked.placement], her.language)


class DidIn(Schema):
    """What she has done with a content, and where she saw it."""

    content: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]
    placement: Placement
    did: Literal["viewed", "clicked", "dismissed"]


_DO = {"viewed": actions.view, "clicked": actions.click, "dismissed": actions.dismiss}


@router.post("/decide", summary="Say what the shopper did with it", response={204: None}, auth=hers)
def tell(request: HttpRequest, body: DidIn) -> Status[None]:
    """She has seen it, has followed it, or wants to see it no more: then it stays away from now on,
    wherever she is.
    """
    her = session(request)
    identifier = her.identifier_id or her.browser_id
    assert identifier is not None, "as `shoppers.find` says"
    _DO[body.did](body.content, body.placement, identifier, her.channel)
    return Status(204, None)
