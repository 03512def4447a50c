"""The club for machines: a till, an app's server, a call centre's."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Header, Query, Router, Schema, Status
from pydantic import Field

from spindel.catalogue.models import Place
from spindel.club import actions, reading
from spindel.identity import customers, identifiers
from spindel.identity.ownership import under
from spindel.identity.rules import NOWHERE
from spindel.identity.searching import parse_identifier
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.kit.schema import Language, Name, ViewSchema
from spindel.kit.schema import Market as MarketCode
from spindel.offers.models import PricePromise
from spindel.staff.actors import Actor
from spindel.staff.api import Routes, caller, needs
from spindel.staff.models import Scope
from spindel.timeline.models import Channel

router = Router(tags=["Club"])
_read, _write = needs(Scope.READ_CLUB), needs(Scope.WRITE_CLUB)

_Whose = Annotated[str, Field(max_length=1000)]
_Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class MemberOut(ViewSchema, view=reading.MemberView):
    """A membership."""


class JoinIn(Schema):
    """Who joins, by `kind:value`: phone:070 174 06 05 (of the market), email:anna@example.com, or
    a card that she has already; and where.
    """

    identifier: _Whose
    market: MarketCode | None = None
    channel: Literal["web", "app", "store", "phone", "chat", "service", "other"] = "other"
    place: Name | None = None


class RewardIn(Schema):
    """Whose points become a reward, by `kind:value`."""

    identifier: _Whose


class RewardOut(Schema):
    """A reward: a promise, which comes off her next basket in every channel."""

    promise_id: int
    until: str
    member: MemberOut


@router.get("/member", summary="See a membership", response=MemberOut, auth=_read)
def get_member(
    request: HttpRequest,
    identifier: Annotated[str, Query(max_length=1000)],
    language: Language = "en",
) -> MemberOut:
    """What whoever has the identifier has in the club: `card:` and the number that was scanned, or
    any other. 404 `no_member`.
    """
    return _of(_customer(identifier), language)


@router.post("/members", summary="Have somebody join", response={201: MemberOut}, auth=_write)
def join(request: HttpRequest, body: JoinIn) -> Status[MemberOut]:
    """Have somebody be a member. Whoever is one already has the card that they have."""
    parsed = parse_identifier(body.identifier, body.market or NOWHERE)
    if parsed is None or parsed[0] not in ("email", "phone", "user_id", "card"):
        raise Refusal("bad_contact")
    found = identifiers.identifier(*parsed)
    customer = None if found is None else identifiers.living(found)
    if customer is None:
        raise Refusal("forgotten")
    place = Place.objects.filter(code=body.place).first() if body.place else None
    if body.place and place is None:
        raise Refusal("no_such_place", names=body.place)
    actor = Actor(caller(request), None, body.channel, place.pk if place else None)
    actions.join(under(customer, found), actor=actor)
    return Status(201, _of(customer, "en"))


@router.post("/rewards", summary="Make a reward of points", response={201: RewardOut}, auth=_write)
def reward(request: HttpRequest, body: RewardIn, key: _Key) -> Status[RewardOut]:
    """Make a reward of a member's points. The same key again answers the same reward."""
    customer = _customer(body.identifier)
    made = actions.take_reward(
        customer,
        actor=Actor(caller(request), None, Channel.OTHER),
        request=Request(caller(request), key),
    )
    return Status(201, reward_out(made, _of(customer, "en")))


def reward_out(made: PricePromise, member: MemberOut) -> RewardOut:
    """A reward as it is answered."""
    return RewardOut(promise_id=made.pk, until=made.until.isoformat(), member=member)


def _customer(text: str) -> int:
    parsed = parse_identifier(text, NOWHERE)
    if parsed is None:
        raise Refusal("bad_identifier")
    found = customers.by_identifier(*parsed)
    if found is None:
        raise Refusal("no_member")
    return found


def _of(customer: int, language: str) -> MemberOut:
    found = reading.of_customer(customer, language)
    if found is None:
        raise Refusal("no_member")
    return MemberOut.from_orm(found)


ROUTES = (
    Routes(
        "/club", router, "Club", "Members, their cards and points: joined and spent in any channel."
    ),
)
