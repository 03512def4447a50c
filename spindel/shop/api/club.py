"""Her club."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema, Status

from spindel.club import actions, cards, reading, settings
from spindel.club.api import MemberOut
from spindel.commerce.carts import session_cart
from spindel.commerce.common.schema import IdempotencyKey
from spindel.identity import identifiers
from spindel.identity.ownership import under
from spindel.shop.actions import NotKnown
from spindel.shop.api.key import hers, session
from spindel.shoppers import reading as shoppers
from spindel.shoppers.models import Shopper
from spindel.staff.actors import Actor

router = Router()


class TierOut(Schema):
    """A level: its name in her language, and how many points of a year make it."""

    key: str
    name: str
    points: int


class ClubOut(Schema):
    """The club, and what she has in it: `member` is null where it is not certain that she is one.
    `qr` is her number as a drawing (SVG), and `picture` as an image that she can keep (a data URI).
    A reward takes `reward_points`, and is `reward_amount` off in her market's money, or nothing.
    """

    is_open: bool
    per_point: int | None
    reward_points: int
    reward_amount: int | None
    currency: str
    tiers: list[TierOut]
    member: MemberOut | None
    qr: str
    picture: str


@router.get("/club", summary="See the shopper’s club", response=ClubOut, auth=hers)
def get_club(request: HttpRequest) -> ClubOut:
    """How the club works, and her card and points, once she has logged in."""
    return _club(session(request))


@router.post("/club", summary="Join the club", response={201: ClubOut}, auth=hers)
def join(request: HttpRequest) -> Status[ClubOut]:
    """Have her be a member; whoever is one already stays it. 403 `not_known` before she has logged
    in.
    """
    her = session(request)
    if her.identifier_id is None:
        raise NotKnown
    customer = _customer(her)
    actions.join(
        under(customer, her.identifier_id),
        actor=Actor(channel=her.channel),
        certain=shoppers.identifiers(her),
    )
    return Status(201, _club(her))


@router.post("/club/rewards", summary="Make a reward", response={201: ClubOut}, auth=hers)
def reward(request: HttpRequest, key: IdempotencyKey) -> Status[ClubOut]:
    """Make a reward of her points: it comes off her next basket. The same key again makes none."""
    her = session(request)
    if her.identifier_id is None:
        raise NotKnown
    actions.take_reward(
        _customer(her),
        actor=Actor(channel=her.channel),
        request=shoppers.request(her.pk, key),
        certain=shoppers.identifiers(her),
    )
    return Status(201, _club(her))


def _customer(her: Shopper) -> int:
    found = identifiers.living(her.identifier_id) if her.identifier_id is not None else None
    if found is None:
        raise NotKnown
    return found


def _club(her: Shopper) -> ClubOut:
    terms = settings.terms()
    _, currency = session_cart.market_of(her)
    found = reading.of_identifiers(shoppers.identifiers(her), her.language)
    return ClubOut(
        is_open=terms.is_open,
        per_point=terms.per_point.get(currency),
        reward_points=terms.reward.points,
        reward_amount=terms.reward.amounts.get(currency),
        currency=currency,
        tiers=[
            TierOut(key=one.key, name=one.name(her.language), points=one.points)
            for one in terms.tiers
        ],
        member=MemberOut.from_orm(found) if found else None,
        qr=cards.drawing(found.number) if found else "",
        picture=cards.picture(found.number) if found else "",
    )
