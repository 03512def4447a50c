"""Returns and exchanges for machines: a till or a store's own system takes goods back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from spindel.catalogue.models import Place
from spindel.commerce.common import lookups, numbers
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.schema import IdempotencyKey, Whose
from spindel.commerce.orders import payment_changes, returnable
from spindel.commerce.orders.balance import Way
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.orders.placement.draft import MOST_LINES, Item
from spindel.commerce.orders.returnable_rules import Policy
from spindel.commerce.orders.schema import AddressIn, ContactIn
from spindel.commerce.returns import actions
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns.actions import AgainstPolicy, Back, HandedIn, Wanted
from spindel.identity import searching
from spindel.kit import pagination
from spindel.kit.refusal import Refusal
from spindel.kit.saying import beside
from spindel.kit.schema import Name, Number, Quantity, ViewSchema
from spindel.staff import audit
from spindel.staff.api import Routes, actor, caller, needs, sent
from spindel.staff.models import Scope
from spindel.timeline.models import Channel

router = Router(tags=["Returns"])
_read, _write = needs(Scope.READ_ORDERS), needs(Scope.WRITE_ORDERS)


# --- finding --------------------------------------------------------------------------------------


class PurchaseLineOut(ViewSchema, view=returns.Line, without=("variant",)):
    """A line, and how many of it come back: `can` by the policy, `open` if a person overrules it.

    `why` is what is in the way: not_delivered, cancelled, returned, too_late, never.
    """


class PurchaseOut(ViewSchema, view=returns.Purchase, without=("id",)):
    """Something that was bought, in any channel. Amounts in minor units, VAT included."""

    can: bool
    until: datetime | None
    lines: list[PurchaseLineOut]


class PurchasesOut(Schema):
    """Purchases, the newest first; at most twenty."""

    items: list[PurchaseOut]


@router.get("/purchases", summary="Find purchases to return", response=PurchasesOut, auth=_read)
def find_purchases(
    request: HttpRequest,
    q: Annotated[str, Query(min_length=2, max_length=300)],
    product: Annotated[str, Query(max_length=200)] = "",
) -> PurchasesOut:
    """Find purchases: by a receipt's or order's number, what its QR code says, an e-mail address,
    a telephone, a card, or a name; with `product` those with such goods.
    """

    def people(text: str) -> list[int]:
        found = [hit.customer for hit in searching.search(text, 10)]
        if found:
            audit.note_shown(caller(request), "customers.searched", found)
        return found

    found = returns.find(q, people, product)
    return PurchasesOut(items=[PurchaseOut.from_orm(one) for one in found])


@router.get(
    "/purchases/{path:number}", summary="See what can be returned", response=PurchaseOut, auth=_read
)
def get_purchase(request: HttpRequest, number: Number) -> PurchaseOut:
    """What of an order can come back, and until when."""
    return PurchaseOut.from_orm(returns.purchase(_order(number).pk))


def _order(number: str) -> Order:
    found = Order.objects.filter(number=numbers.read(number)).first()
    if found is None:
        raise Refusal("no_such_order")
    return found


# --- taking back ----------------------------------------------------------------------------------


class BackIn(Schema):
    """So many of the order's line with this number. Usual reasons: too small, too large, changed
    her mind, faulty.
    """

    line: Annotated[int, Field(ge=0, le=MOST_LINES)]
    quantity: Quantity = 1
    condition: Literal["good", "damaged"] = "good"
    reason: Annotated[str, Field(max_length=40)] = ""


_Backs = Annotated[list[BackIn], Field(min_length=1, max_length=MOST_LINES)]


class ReturnIn(Schema):
    """What comes back of which order, and over which counter. `whose`: who shows the receipt, as
    `kind:value`; one that was nobody's is put on her page.
    """

    order: Number
    place: Name
    lines: _Backs
    channel: Channel = Channel.STORE
    whose: Whose | None = None


class WantedIn(Schema):
    """So many of a variant, given for what came back: here, in another store, or by mail."""

    sku: Name
    quantity: Quantity = 1
    fulfilment: Fulfilment = Fulfilment.HAND_OVER
    place: Name | None = None


_Wanted = Annotated[list[WantedIn], Field(min_length=1, max_length=MOST_LINES)]


class ExchangeIn(ReturnIn):
    """A return, and what is wanted for it. `difference` is what she was told: above zero what she
    pays, below what she gets back.
    """

    wanted: _Wanted
    pay_by: Literal["till", "store", "invoice", "card"] = "till"
    difference: int | None = None
    contact: ContactIn | None = None
    address: AddressIn | None = None


class ReckonIn(Schema):
    """What would come back of which order, and what is wanted for it."""

    order: Number
    place: Name
    lines: _Backs
    wanted: _Wanted


class ReckonOut(Schema):
    """What an exchange comes to: what counts for what comes back, what the new goods cost, and
    who owes whom.
    """

    value: int
    total: int
    to_pay: int
    to_refund: int
    currency: str


class WayOut(ViewSchema, view=Way):
    """Money that goes back by the provider that it was paid by."""


class ReturnLineOut(ViewSchema, view=returns.ToldLine):
    """So many of a line that came back, and what they count for."""


class ReturnOut(ViewSchema, view=returns.Told, without=("id", "place_name")):
    """A return. `exchange` is the number of the order of what was given for it, or empty.

    `value` is what counts for what came back: `credited` of it pays for the exchange, and
    `refunded` goes back, as `ways` says.
    """

    ways: list[WayOut]
    lines: list[ReturnLineOut]


@router.post("", summary="Register a return", response={201: ReturnOut}, auth=_write)
def take_back(request: HttpRequest, body: ReturnIn, key: IdempotencyKey) -> Status[ReturnOut]:
    """Take goods back: into the place's stock, and their money the way it came.

    The same key again answers the same return. 409 `policy`: the policy says no, and `why` says
    what is in the way; a person who may can overrule it.
    """
    place = lookups.places([body.place])[body.place]
    order = _order(body.order)
    who, which = actor(request, body.channel, place.pk), sent(request, key)
    done = actions.take_back(order.pk, _handed_in(body, place), who, which)
    return Status(201, ReturnOut.from_orm(returns.told(done)))


@router.post("/reckon", summary="Price an exchange", response=ReckonOut, auth=_read)
def reckon(request: HttpRequest, body: ReckonIn) -> ReckonOut:
    """Say what an exchange would come to, without doing it."""
    order = _order(body.order)
    sums: dict[int, int] = {}
    for one in body.lines:
        sums[one.line] = sums.get(one.line, 0) + one.quantity
    balance = returns.reckon(order, sums, _items(body.wanted, body.place)).balance
    return ReckonOut(
        value=balance.value,
        total=balance.total,
        to_pay=balance.to_pay,
        to_refund=balance.to_refund,
        currency=order.currency,
    )


@router.post("/exchanges", summary="Register an exchange", response={201: ReturnOut}, auth=_write)
def exchange(request: HttpRequest, body: ExchangeIn, key: IdempotencyKey) -> Status[ReturnOut]:
    """Take goods back and give others for them. `exchange` of the answer is the order of those.

    Another size or colour of the same product is even; another product costs today's price less
    what was paid. By `card`: she is mailed a link to pay it, and her goods are kept until then.
    409 `changed`: the difference is not what she was told; `not_enough`: nothing is done. Else as
    taking back.
    """
    place = lookups.places([body.place])[body.place]
    order = _order(body.order)
    wanted = Wanted(
        _items(body.wanted, body.place),
        body.pay_by,
        contact=body.contact.plain() if body.contact else None,
        address=body.address.plain(order.market) if body.address else None,
        difference=body.difference,
    )
    who, which = actor(request, body.channel, place.pk), sent(request, key)
    done = actions.exchange(order.pk, _handed_in(body, place), wanted, who, which)
    if done.exchange is not None:
        payment_changes.begin(done.exchange)
    return Status(201, ReturnOut.from_orm(returns.told(done)))


def _handed_in(body: ReturnIn | ExchangeIn, place: Place) -> HandedIn:
    lines = [Back(one.line, one.quantity, one.condition, one.reason) for one in body.lines]
    return HandedIn(lines, lookups.identifier(body.whose, place.country) if body.whose else None)


def _items(wanted: Sequence[WantedIn], counter: str) -> list[Item]:
    """What is wanted; what is handed over now comes from the counter unless it says otherwise."""
    variants = lookups.variants({one.sku for one in wanted})
    named = [_place_of(one, counter) for one in wanted]
    places = lookups.places({name for name in named if name})
    return [
        Item(variants[one.sku], one.quantity, one.fulfilment, places[name].pk if name else None)
        for one, name in zip(wanted, named, strict=True)
    ]


def _place_of(one: WantedIn, counter: str) -> str | None:
    if one.place is None and one.fulfilment == Fulfilment.HAND_OVER:
        return counter
    return one.place


@beside.register
def _why(no: AgainstPolicy) -> dict[str, object]:
    return {"why": [{"line": line, "why": code} for line, code in sorted(no.why.items())]}


# --- what came back -------------------------------------------------------------------------------


class ReturnsOut(Schema):
    """Returns, the newest first. `next` is the `before` of the next page; null on the last."""

    items: list[ReturnOut]
    next: str | None


@router.get("", summary="List returns", response=ReturnsOut, auth=_read)
def get_returns(
    request: HttpRequest,
    place: Annotated[Name | None, Query()] = None,
    before: Annotated[Name | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ReturnsOut:
    """What came back, the newest first: everywhere, or over a place's counter."""
    where: Place | None = lookups.places([place])[place] if place else None
    found = Return.objects.order_by("-pk")
    if where is not None:
        found = found.filter(place=where)
    if before is not None:
        found = found.filter(pk__lt=_return(before).pk)
    some = pagination.page(found[: limit + 1], limit, lambda back: back.number)
    shown = [ReturnOut.from_orm(one) for one in returns.all_told(some.items)]
    return ReturnsOut(items=shown, next=some.next)


class PolicyIn(Schema):
    """For how many days goods of a category are taken back, 0 for not at all; and whether damaged
    ones are. The category "" is all others.
    """

    category: Annotated[str, Field(max_length=200)] = ""
    days: Annotated[int, Field(ge=0, le=3_650)]
    damaged: bool = False


class Policies(Schema):
    """The policy: of the categories that apply to goods the one that says most exactly counts."""

    items: Annotated[list[PolicyIn], Field(max_length=500)]


@router.get("/policy", summary="See the return policy", response=Policies, auth=_read)
def get_policy(request: HttpRequest) -> Policies:
    """What is taken back, and for how long."""
    return Policies(
        items=[
            PolicyIn(category=category, days=one.days, damaged=one.damaged)
            for category, one in sorted(returnable.policies().items())
        ]
    )


@router.put("/policy", summary="Replace the return policy", response=Policies, auth=_write)
def put_policy(request: HttpRequest, body: Policies) -> Policies:
    """Have these be the whole policy; without the category "" 30 days hold for all others."""
    policies = {one.category: Policy(one.days, one.damaged) for one in body.items}
    actions.replace_policy(policies, caller(request))
    return get_policy(request)


@router.get("/{number}", summary="See a return", response=ReturnOut, auth=_read)
def get_return(request: HttpRequest, number: Number) -> ReturnOut:
    """A return, by its number."""
    return ReturnOut.from_orm(returns.told(_return(number)))


def _return(number: str) -> Return:
    found = Return.objects.filter(number=numbers.read(number)).first()
    if found is None:
        raise Refusal("no_such_return")
    return found


ROUTES = (
    Routes(
        "/returns",
        router,
        "Returns",
        "What comes back, what is exchanged, and the rules for it.",
    ),
)
