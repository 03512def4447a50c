"""Returns that customers start from home: what they send or bring, and what they want for it.

Nothing comes back here, and no money moves: that is `actions.returns`, when the goods are there.
The order is locked before anything is read, so of two tabs the second finds what the first has
started.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.catalogue.models import Variant
from spindel.commerce.common import contacts, notices, numbers
from spindel.commerce.common.models import Notice
from spindel.commerce.common.rules import Line, NotEnough
from spindel.commerce.orders import returnable
from spindel.commerce.orders.history import TooMany, happened, lock, products_of
from spindel.commerce.orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    ReturnRequest,
    ReturnRequestLine,
)
from spindel.commerce.orders.placement.draft import Item
from spindel.commerce.orders.return_requests import parcels_go_to, sender_of
from spindel.commerce.returns import open_requests
from spindel.commerce.returns import reading as returns
from spindel.commerce.returns.facts import ReturnCalledOff, ReturnStarted
from spindel.commerce.stock import ledger
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.kit import idempotency
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.staff.actors import Actor
from spindel.timeline.models import Channel
from spindel.timeline.recording import record

State = ReturnRequest.State
STAYS = timedelta(days=14)  # as long as anything is held
MOST_OPEN = 20  # of one order


@dataclass(frozen=True, slots=True)
class Asked:
    """What comes back, so many of which lines and why; `wanted` instead, else its price.

    `store` is where it is brought and the other is fetched; None with `by_parcel`, and where money
    is wanted and any store will do.
    """

    lines: dict[int, int]
    reason: str
    by_parcel: bool
    wanted: int | None = None
    store: int | None = None


@action(records="Return Started")
def start(order_id: int, asked: Asked, request: Request) -> ReturnRequest:
    """Start the return, and hold what is wanted instead. The same request again answers the same.

    Raises NoOrder, TooMany, Refusal, NotEnough where somebody else has the last one by now,
    KeyReused, and recording.Gone.
    """
    content = idempotency.fingerprint(
        *(order_id, sorted(asked.lines.items()), asked.reason),
        *(asked.by_parcel, asked.wanted, asked.store),
    )
    if done := idempotency.before(ReturnRequest.objects.all(), request.id, content):
        return done
    order = lock(order_id)
    lines = _checked(order, asked)
    place = _place(order, asked)
    until = timezone.now() + STAYS - timedelta(minutes=1)
    made = ReturnRequest.objects.create(
        number=numbers.new("A"),
        key=request.id,
        content=content,
        order=order,
        reason=asked.reason,
        wanted_id=asked.wanted,
        hold=_hold(order, asked, until, Request("return request", str(request.id))),
        by_parcel=asked.by_parcel,
        place_id=place,
        until=until,
    )
    ReturnRequestLine.objects.bulk_create(
        ReturnRequestLine(request=made, order_line=line, quantity=many) for line, many in lines
    )
    happened(order, OrderEvent.Kind.RETURN_STARTED, why=asked.reason, number=made.number)
    notices.note(notices.Kind.STARTED, made.pk)
    if order.identifier_id is not None:
        fact = ReturnStarted(
            order_id=order.number,
            return_id=made.number,
            reason=asked.reason,
            method="parcel" if asked.by_parcel else "store",
            products=products_of(order, lines),
            wanted=Variant.objects.get(pk=asked.wanted).sku if asked.wanted else "",
        )
        record(fact, order.identifier_id, Channel.WEB)
    return made


def _checked(order: Order, asked: Asked) -> list[tuple[OrderLine, int]]:
    """The lines that come back. Raises TooMany, and Refusal."""
    if not asked.lines:
        raise Refusal("nothing_comes_back")
    if asked.reason not in returns.REASONS:
        raise Refusal("no_reason")
    there = {one.line: one for one in order.lines.all()}
    if asked.lines.keys() - there.keys():
        raise TooMany("no_such_line")
    open_ = open_requests.open_of(order)
    if len(open_) >= MOST_OPEN:
        raise Refusal("too_many_returns")
    on_the_way = open_requests.coming(open_)
    said = returnable.cans([there[one] for one in asked.lines], {order.pk: order.placed_at})
    for number, many in asked.lines.items():
        line = there[number]
        if not 1 <= many <= said[line.pk].takeable.can - on_the_way[line.pk]:
            raise TooMany("started_already")
    return [(there[number], many) for number, many in sorted(asked.lines.items())]


def _place(order: Order, asked: Asked) -> int | None:
    """Where it goes. Raises Refusal."""
    if not asked.by_parcel:
        if asked.wanted is not None and asked.store is None:
            raise Refusal("no_store_said")
        return asked.store
    place = parcels_go_to(order.market)
    if place is None:
        raise Refusal("nothing_by_parcel")
    if asked.wanted is not None and not contacts.is_address(order.address, order.market):
        raise Refusal("nowhere_to_send")
    return place.pk


def _hold(order: Order, asked: Asked, until: datetime, request: Request) -> Hold | None:
    """What is wanted instead, held where it will come from. Raises NotEnough, and Refusal."""
    if asked.wanted is None:
        return None
    many = sum(asked.lines.values())
    item = Item(asked.wanted, many)
    returns.reckon(order, asked.lines, [item])  # it is sold in the market
    place = asked.store or sender_of(asked.wanted, many)
    if place is None:
        raise NotEnough([Line(asked.wanted, 0, 0)])
    (hold,) = holds.reserve(
        [Line(asked.wanted, place, many)],
        until,
        actor=Actor(channel=Channel.WEB),
        request=request,
        whose=order.identifier_id,
        asked="return request",
    )
    # The mail about the return tells of it.
    Notice.objects.filter(kind=notices.Kind.HELD, about=hold.pk).delete()
    return hold


@action(records="Return Called Off")
def call_off(number: str) -> ReturnRequest:
    """They keep the goods after all: what is held for them is free. Again: nothing.

    Raises Refusal where it was taken in, NoOrder, and recording.Gone.
    """
    order_id = ReturnRequest.objects.values_list("order", flat=True).get(number=number)
    order = lock(order_id)
    request = ReturnRequest.objects.select_related("hold").get(number=number)
    if request.state == State.OFF:
        return request
    if request.state != State.OPEN:
        raise Refusal("back_already")
    ledger.lock(open_requests.levels([request]))
    open_requests.end(request, State.OFF, by="")
    happened(order, OrderEvent.Kind.RETURN_OFF, number=request.number)
    if order.identifier_id is not None:
        fact = ReturnCalledOff(order_id=order.number, return_id=request.number)
        record(fact, order.identifier_id, Channel.WEB)
    return request
