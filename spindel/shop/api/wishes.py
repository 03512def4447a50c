"""Her wish list."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema, Status

from spindel.commerce.wishes import actions as wish_actions
from spindel.commerce.wishes import reading as wishes
from spindel.kit.schema import Name, ViewSchema
from spindel.shop.api.key import digest, hers, session

router = Router()


class WishIn(Schema):
    """`waits`: she is told by mail, once, when it can be sent again."""

    waits: bool = False


class WishOut(ViewSchema, view=wishes.WishView):
    """Something on her wish list. `available` can be sent; no amount: it is not sold now."""


class WishesOut(Schema):
    """Her wish list."""

    items: list[WishOut]


@router.get("/wishes", summary="See the wish list", response=WishesOut, auth=hers)
def get_wishes(request: HttpRequest) -> WishesOut:
    """Her wish list, the newest first; before she has logged in, that of this session."""
    return WishesOut(items=[WishOut.from_orm(one) for one in wishes.view(session(request))])


@router.put("/wishes/{path:sku}", summary="Add to the wish list", response={204: None}, auth=hers)
def wish(request: HttpRequest, sku: Name, body: WishIn) -> Status[None]:
    """Put it on her list. To be told when it is back, she has logged in: else 403 `not_known`."""
    wish_actions.wish(digest(request), sku, waits=body.waits)
    return Status(204, None)


@router.delete(
    "/wishes/{path:sku}", summary="Remove from the wish list", response={204: None}, auth=hers
)
def unwish(request: HttpRequest, sku: Name) -> Status[None]:
    """Take it off her list. Again, nothing changes."""
    wish_actions.unwish(digest(request), sku)
    return Status(204, None)
