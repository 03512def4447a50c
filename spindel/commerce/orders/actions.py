"""What becomes of an order: settled, sent, handed over, cancelled, put on somebody's page.

Locks are taken in one order: the order, then levels, then what is held for it. Whatever is asked
again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.common import notices, numbers
from spindel.commerce.common.facts import major
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.rules import Line, NotEnough
from spindel.commerce.orders import balance, fees, reading, rules
from spindel.commerce.orders import notices as orders_notices
from spindel.commerce.orders.facts import (
    OrderCancelled,
    OrderCollected,
    OrderShipped,
    OrderUpdated,
    ReceiptClaimed,
)
from spindel.commerce.orders.history import NoOrder as NoOrder
from spindel.commerce.orders.history import TooMany as TooMany
from spindel.commerce.orders.history import happened, lock, products_of, tell_refund
from spindel.commerce.orders.models import Order, OrderEvent, OrderLine, Shipment, ShipmentLine
from spindel.commerce.orders.placement.fact import completed
from spindel.commerce.orders.reading import VOIDED
from spindel.commerce.stock import ledger
from spindel.commerce.stock import reservation_facts as held
from spindel.commerce.stock.actions.holds import Ended, Missing, NoHold
from spindel.commerce.stock.facts import StockReserved
from spindel.commerce.stock.models import Hold, Movement
from spindel.commerce.stock.reading import levels
from spindel.identity import identifiers
from spindel.identity.models import Identifier
from spindel.identity.rules import KINDS
from spindel.kit import idempotency, sql
from spindel.kit.actions import action
from spindel.kit.idempotency import Request
from spindel.kit.refusal import Refusal
from spindel.offers import uses
from spindel.staff.actors import Actor
from spindel.timeline.models import Channel
from spindel.timeline.recording import record

Kind = OrderEvent.Kind
State = Order.State


# --- settled, or not ------------------------------------------------------------------------------


@action(records="Order Completed")
def confirm(id: int, by: str = "", why: str = "") -> Order:
    """It is settled: its payment is certain. One that is settled stays so. Raises NoOrder, Refusal.

    Refusal where it was cancelled before: whoever has the money gives it back.
    """
    order = lock(id)
    if order.state in (State.CONFIRMED, State.COMPLETED):
        return order
    if order.state == State.CANCELLED:
        raise Refusal("order_cancelled")
    order.state = State.CONFIRMED
    _save(order)
    happened(order, Kind.CONFIRMED, by, why)
    orders_notices.note_settled(order)
    due = min(balance.due(order) + balance.on_card(order), balance.worth(order))
    if order.identifier_id is not None and due:  # an even exchange is told of as one
        many = _left(order)  # some may have been cancelled meanwhile
        discount = sum(n * one.list_amount - rules.leaving(one, n) for one, n in many)
        payment = balance.payment_of(order)
        fact = completed(
            order,
            payment.provider if payment else "",
            discount,
            products_of(order, many),
            order.total - due,
            fees.without_vat(order),
        )
        record(fact, order.identifier_id, order.channel)
        uses.record_kept(order.number, order.identifier_id, order.channel)
    return order


@action(records="Order Cancelled")
def give_up(id: int, by: str = "", why: str = "") -> Order:
    """Let go of an order whose payment did not come, and of what was kept for it.

    One that is settled or cancelled stays as it is. Raises NoOrder.
    """
    order = lock(id)
    if order.state == State.AWAITING_PAYMENT:
        _take_off(order, _left(order), by, why)
    return order


# --- cancelled ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Some:
    """So many of the order's line with this number."""

    line: int
    quantity: int


@action(records="Order Updated")
def cancel(id: int, some: Sequence[Some] | None, *, by: str, why: str = "") -> Order:
    """Cancel what has not left yet: all of it, or some. Its goods are free, its money goes back.

    Nothing left to cancel: nothing. Raises NoOrder, and TooMany.
    """
    order = lock(id)
    left = _left(order)
    if some is not None:
        wanted = _of(order, some)
        known = {line.pk: many for line, many in left}
        if any(many > known.get(line.pk, 0) for line, many in wanted):
            raise TooMany("not_left_to_cancel")
        left = wanted
    _take_off(order, left, by, why)
    return order


def _left(order: Order) -> list[tuple[OrderLine, int]]:
    """Of each line what has neither left nor was cancelled."""
    lines = order.lines.order_by("line")
    found = [(one, one.quantity - one.delivered - one.cancelled) for one in lines]
    return [(line, many) for line, many in found if many]


def _of(order: Order, some: Sequence[Some]) -> list[tuple[OrderLine, int]]:
    lines = {one.line: one for one in order.lines.all()}
    sums: dict[int, int] = {}
    for one in some:
        if one.line not in lines or one.quantity < 1:
            raise TooMany("no_such_line")
        sums[one.line] = sums.get(one.line, 0) + one.quantity
    return [(lines[line], many) for line, many in sorted(sums.items())]


def _take_off(order: Order, many: Sequence[tuple[OrderLine, int]], by: str, why: str) -> None:
    if not many:
        return
    was_awaited = order.state == State.AWAITING_PAYMENT
    _free(many, by)
    value = sum(rules.cancelling(line, quantity) for line, quantity in many)
    for line, quantity in many:
        line.cancelled += quantity
        line.save(update_fields=["cancelled"])
    value += fees.fall_away(order, "cancelled")
    lines = list(order.lines.order_by("line"))
    gone = all(one.cancelled == one.quantity for one in lines)
    if gone:
        order.state = State.CANCELLED
    elif all(one.cancelled + one.delivered == one.quantity for one in lines):
        order.state = State.COMPLETED
    _save(order)
    event = happened(order, Kind.CANCELLED, by, why, lines=[[line.line, n] for line, n in many])
    back = balance.wait_for(order, value) if was_awaited else balance.take_off(order, value)
    if gone:
        uses.give_back(order.number)
    notices.note(notices.Kind.CANCELLED, event.pk, back, together=order.pk)
    if order.identifier_id is not None:
        products = products_of(order, many)
        if gone:
            fact: OrderCancelled | OrderUpdated = OrderCancelled(
                order_id=order.number,
                total=major(order.total, order.currency),
                currency=order.currency,
                reason=why,
                products=products,
            )
        else:
            fact = OrderUpdated(
                order_id=order.number,
                total=major(balance.worth(order), order.currency),
                currency=order.currency,
                products=products,
            )
        record(fact, order.identifier_id, order.channel)
        if back:
            tell_refund(order, back, products)
    if was_awaited and not gone and not balance.due(order):
        confirm(order.pk, by)  # goods that came back pay for all that is left
    elif not was_awaited and not gone:
        orders_notices.note_ready(order.pk)  # what it waited for may be what does not come


def _free(many: Sequence[tuple[OrderLine, int]], by: str) -> None:
    """Let go of what is kept for the lines, as far as they are cancelled."""
    for hold, quantity in _held_for(many):
        ledger.end(hold, Hold.State.RELEASED, Movement.Kind.RELEASE, by)
        _keep_rest(hold, hold.quantity - quantity, by)


def _held_for(
    many: Sequence[tuple[OrderLine, int]], place: int | None = None
) -> list[tuple[Hold, int]]:
    """What is kept for the lines, its levels locked: as much of each hold as they need.

    Where there is less than they need it has ended, or never was: then that is all.
    """
    ids = [line.pk for line, _ in many]
    held = Hold.objects.filter(order_line_id__in=ids, state=Hold.State.ACTIVE)
    ledger.lock([(one.variant_id, one.place_id) for one in held])
    held = Hold.objects.filter(order_line_id__in=ids, state=Hold.State.ACTIVE).order_by("pk")
    if place is not None:
        held = held.filter(place=place)
    by_line: dict[int, list[Hold]] = {}
    for hold in held:
        by_line.setdefault(hold.order_line_id or 0, []).append(hold)
    found = []
    for line, wanted in many:
        left = wanted
        for hold in by_line.get(line.pk, []):
            take = min(left, hold.quantity)
            if take:
                found.append((hold, take))
                left -= take
    return found


def _keep_rest(hold: Hold, rest: int, by: str) -> None:
    """Go on keeping what is left of a hold that has just ended, behind the same lock."""
    if not rest:
        return
    again = Hold.objects.create(
        variant_id=hold.variant_id,
        place_id=hold.place_id,
        quantity=rest,
        until=hold.until,
        channel=hold.channel,
        by=hold.by,
        key=uuid.uuid4(),
        line=0,
        content=hold.content,
        order_line_id=hold.order_line_id,
        set_aside_at=hold.set_aside_at,
    )
    ledger.hold([again], by)


@action(records="Order Cancelled")
def lapse(hold: int) -> None:
    """Cancel what was kept in a store to be collected and paid there, and was not in time."""
    found = Hold.objects.get(pk=hold)
    line = OrderLine.objects.get(pk=found.order_line_id or 0)
    order = lock(line.order_id)
    found = Hold.objects.select_for_update().get(pk=hold)
    if not found.to_tell:
        return
    found.to_tell = False
    found.save(update_fields=["to_tell"])
    line.refresh_from_db()
    left = min(found.quantity, line.quantity - line.delivered - line.cancelled)
    if left:
        _take_off(order, [(line, left)], "", "not collected")


# --- on its way -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tracking:
    """Who carries a parcel, its number there, and where that says how far it has come."""

    carrier: str
    number: str = ""
    url: str = ""


@action(records="Order Shipped")
def ship(
    id: int,
    place: int,
    some: Sequence[Some] | None,
    tracking: Tracking,
    *,
    actor: Actor,
    request: Request,
) -> Shipment:
    """Send a parcel from the place: what is kept there for the order, or some of it.

    The same request again answers the same parcel. Raises NoOrder, TooMany, Refusal, and KeyReused.
    """
    order = lock(id)
    content = idempotency.fingerprint(
        *(id, place, some, tracking.carrier, tracking.number, tracking.url)
    )
    if done := _parcel(order, request.id, content):
        return done
    if order.state != State.CONFIRMED:
        raise Refusal("not_to_be_sent")
    many = _to_leave(order, place, some, Fulfilment.SHIP)
    parcel = Shipment(
        order=order,
        key=request.id,
        content=content,
        place_id=place,
        fulfilment=Fulfilment.SHIP,
        carrier=tracking.carrier[:60],
        tracking=tracking.number[:120],
        tracking_url=tracking.url[:500],
        by=actor.by,
    )
    _leave(parcel, many)
    happened(order, Kind.SHIPPED, actor.by, carrier=tracking.carrier, tracking=tracking.number)
    notices.note(notices.Kind.SENT, parcel.pk)
    if order.identifier_id is not None:
        fact = OrderShipped(
            order_id=order.number,
            carrier=tracking.carrier,
            tracking=tracking.number,
            products=products_of(order, many),
        )
        record(fact, order.identifier_id, order.channel)
    return parcel


@action(records="Order Collected")
def hand_over(
    id: int, place: int, some: Sequence[Some] | None, *, actor: Actor, request: Request
) -> Shipment:
    """Hand over what she came to collect in the place; it is paid by now, or at this counter.

    The same request again answers the same. Raises NoOrder, TooMany, Refusal, and KeyReused.
    """
    order = lock(id)
    content = idempotency.fingerprint(id, place, some)
    if done := _parcel(order, request.id, content):
        return done
    if order.state != State.CONFIRMED:
        raise Refusal("not_to_be_handed_over")
    many = _to_leave(order, place, some, Fulfilment.PICK_UP)
    parcel = Shipment(
        order=order,
        key=request.id,
        content=content,
        place_id=place,
        fulfilment=Fulfilment.PICK_UP,
        by=actor.by,
    )
    _leave(parcel, many)
    store = Place.objects.get(pk=place)
    happened(order, Kind.HANDED_OVER, actor.by, store=store.name)
    if order.identifier_id is not None:
        fact = OrderCollected(
            order_id=order.number,
            store=store.code,
            store_name=store.name,
            products=products_of(order, many),
        )
        record(fact, order.identifier_id, order.channel)
    return parcel


def _parcel(order: Order, key: uuid.UUID, content: uuid.UUID) -> Shipment | None:
    """What the same request has let go before. Raises KeyReused, and Refusal if it was undone."""
    found = Shipment.objects.filter(key=key).first()
    if found is not None:
        idempotency.check(found.content, content)
    elif order.events.filter(kind=Kind.UNDONE, detail__key=str(key)).exists():
        raise Refusal("hand_over_undone")
    return found


def _to_leave(
    order: Order, place: int, some: Sequence[Some] | None, fulfilment: Fulfilment
) -> list[tuple[OrderLine, int]]:
    """Which of the order's goods are to leave the place now. Raises TooMany, and Refusal."""
    if some is not None:
        many = _of(order, some)
        if any(line.fulfilment != fulfilment for line, _ in many):
            raise Refusal("leaves_otherwise")
        return many
    lines = {one.pk: one for one in order.lines.filter(fulfilment=fulfilment)}
    held = Hold.objects.filter(order_line_id__in=lines, state=Hold.State.ACTIVE, place=place)
    kept: dict[int, int] = {}
    for one in held:
        kept[one.order_line_id or 0] = kept.get(one.order_line_id or 0, 0) + one.quantity
    if not kept:
        raise TooMany("nothing_waits_here")
    return [(line, kept[id]) for id, line in lines.items() if id in kept]


def _leave(parcel: Shipment, many: Sequence[tuple[OrderLine, int]]) -> None:
    """Let the goods go with the new parcel: what was kept is sold, and its money is taken."""
    order, by = parcel.order, parcel.by
    taken: dict[int, int] = {}
    for hold, quantity in _held_for(many, parcel.place_id):
        if hold.until <= timezone.now():
            raise Refusal("keeping_over")
        rest = hold.quantity - quantity
        if rest:  # what stays is kept on: first all is let go, then the rest is kept again
            ledger.end(hold, Hold.State.RELEASED, Movement.Kind.RELEASE, by)
            _keep_rest(hold, rest, by)
            hold = _kept_apart(hold, quantity, by)
        ledger.end(hold, Hold.State.HANDED_OVER, Movement.Kind.SALE, by)
        taken[hold.order_line_id or 0] = taken.get(hold.order_line_id or 0, 0) + quantity
    for line, quantity in many:
        if taken.get(line.pk, 0) < quantity:
            raise TooMany("not_so_many_wait")
        line.delivered += quantity
        line.save(update_fields=["delivered"])
    parcel.save(force_insert=True)
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=parcel, order_line=line, quantity=quantity) for line, quantity in many
    )
    lines = order.lines.all()
    if all(one.delivered + one.cancelled == one.quantity for one in lines):
        order.state = State.COMPLETED
    _save(order)
    balance.capture(order)


def _kept_apart(hold: Hold, quantity: int, by: str) -> Hold:
    _keep_rest(hold, quantity, by)
    found = Hold.objects.filter(order_line_id=hold.order_line_id, state=Hold.State.ACTIVE)
    return found.order_by("-pk")[0]


@action(silent="That a parcel has arrived is the carrier’s to tell; the order’s own page says so.")
def arrive(shipment: int, by: str) -> Shipment:
    """The parcel has arrived. Again: nothing."""
    parcel = Shipment.objects.get(pk=shipment)
    order = lock(parcel.order_id)
    parcel.refresh_from_db()
    if parcel.arrived_at is None:
        parcel.arrived_at = timezone.now()
        parcel.save(update_fields=["arrived_at"])
        happened(order, Kind.ARRIVED, by, carrier=parcel.carrier)
    return parcel


# --- taken back, where somebody has tapped the wrong thing ----------------------------------------


@action(records="Order Updated")
def undo_hand_over(id: int, shipment: int, *, by: str) -> Order:
    """What was handed over in a store has not left it after all: it waits there again, set aside.

    What was paid stays paid. Again: nothing. Raises NoOrder, and Refusal where it was sent, or has
    come back since.
    """
    order = lock(id)
    if order.events.filter(kind=Kind.UNDONE, detail__shipment=shipment).exists():
        return order
    parcel = Shipment.objects.filter(pk=shipment, order=order).first()
    if parcel is None:
        raise NoOrder
    if parcel.fulfilment != Fulfilment.PICK_UP:
        raise Refusal("sent_already")
    many = [(one.order_line, one.quantity) for one in _of_parcel(parcel)]
    if any(line.delivered - quantity < line.returned for line, quantity in many):
        raise Refusal("back_since")
    _back_on_hand(idempotency.key("undo", str(parcel.key)), parcel.place_id, many, by)
    for line, quantity in many:
        kept = Hold.objects.filter(order_line_id=line.pk, state=Hold.State.HANDED_OVER)
        _keep_rest(kept.order_by("-pk")[0], quantity, by)
        line.delivered -= quantity
        line.save(update_fields=["delivered"])
    parcel.delete()
    order.state = State.CONFIRMED
    _save(order)
    happened(order, Kind.UNDONE, by, shipment=shipment, key=str(parcel.key))
    if order.identifier_id is not None:
        fact = OrderUpdated(
            order_id=order.number,
            total=major(balance.worth(order), order.currency),
            currency=order.currency,
            products=products_of(order, many),
        )
        record(fact, order.identifier_id, Channel.STORE)
    return order


def _of_parcel(parcel: Shipment) -> QuerySet[ShipmentLine]:
    return parcel.lines.select_related("order_line").order_by("order_line__line")


@action(records="Order Cancelled")
def void(id: int, place: int, *, by: str) -> Order:
    """A sale over the counter of the place was none: the goods are in its stock, the money goes
    back over the till.

    On its day, while nothing of it has come back or was exchanged: later it is a return. What it
    has used up that was held is held again, as far as that can be: `reading.voided` says so. Again:
    nothing. Raises NoOrder, and Refusal.
    """
    used = _used_up(id)
    order = lock(id)
    if order.events.filter(kind=Kind.CANCELLED, why=VOIDED).exists():
        return order
    if not reading.is_voidable(order, place):
        raise Refusal("not_of_today")
    many = [(line, line.quantity) for line in order.lines.order_by("line")]
    ledger.lock({(line.variant_id, place) for line, _ in many} | {_level(one) for one in used})
    _back_on_hand(idempotency.key("void", str(order.pk)), place, many, by)
    kept = [one for one in used if ledger.revive(one, by)]
    for one in kept:
        held.record_hold(StockReserved, one)
    for line, quantity in many:
        line.delivered, line.cancelled = 0, quantity
        line.save(update_fields=["delivered", "cancelled"])
    order.state = State.CANCELLED
    _save(order)
    happened(
        order,
        Kind.CANCELLED,
        by,
        VOIDED,
        lines=[[line.line, n] for line, n in many],
        kept=[one.pk for one in kept],
        not_kept=[one.pk for one in used if one not in kept],
    )
    back = balance.pay_back(order, order.total)
    uses.give_back(order.number)
    if order.identifier_id is not None:
        products = products_of(order, many)
        fact = OrderCancelled(
            order_id=order.number,
            total=major(order.total, order.currency),
            currency=order.currency,
            reason=VOIDED,
            products=products,
        )
        record(fact, order.identifier_id, order.channel)
        if back:
            tell_refund(order, back, products)
    return order


def _used_up(order: int) -> list[Hold]:
    """The holds that the order has used up, whose customers are not forgotten meanwhile."""
    placed = OrderEvent.objects.filter(order=order, kind=Kind.PLACED).first()
    used = placed.detail.get("holds", []) if placed else []
    if used:  # before the order is locked, as whoever forgets them does
        sql.rows(_KEEP_IDENTIFIERS, {"order": order, "holds": used})
    return list(Hold.objects.filter(pk__in=used).order_by("pk"))


_KEEP_IDENTIFIERS = """
SELECT FROM identity_identifier WHERE id IN (
    SELECT identifier_id FROM stock_hold WHERE id = ANY(%(holds)s)
    UNION SELECT identifier_id FROM orders_order WHERE id = %(order)s
) ORDER BY id FOR KEY SHARE
"""


def _level(hold: Hold) -> ledger.Where:
    return hold.variant_id, hold.place_id


def _back_on_hand(
    key: uuid.UUID, place: int, many: Sequence[tuple[OrderLine, int]], by: str
) -> None:
    """The goods are in the place again, as they were before they left."""
    told = [
        ledger.Told(key, number, line.variant_id, place, Movement.Kind.RETURN, quantity, None)
        for number, (line, quantity) in enumerate(many)
    ]
    ledger.post(told, by)


# --- not where it should be -----------------------------------------------------------------------


@action(records="Order Cancelled")
def not_found(hold: int, by: str) -> Missing:
    """What is kept for an order is not where it should be: the stock is put right.

    What is to be sent is kept in another place that sends, or cancelled where none has it. What is
    to be collected waits for somebody's word (`keep_elsewhere`); the next nearest place is named.
    Again: nothing but the place. Raises NoHold, and Ended.
    """
    found = Hold.objects.filter(pk=hold, order_line_id__isnull=False).first()
    if found is None:
        raise NoHold
    line = OrderLine.objects.get(pk=found.order_line_id or 0)
    order = lock(line.order_id)
    sends = line.fulfilment == Fulfilment.SHIP
    others = _other_places(found) if sends else []
    ledger.lock([(found.variant_id, one) for one in (found.place_id, *others)])
    found = Hold.objects.get(pk=hold)
    here = Place.objects.get(pk=found.place_id)
    if found.state == Hold.State.ACTIVE:
        ledger.end(found, Hold.State.MISSING, Movement.Kind.COUNT, by)
        happened(order, Kind.NOT_FOUND, by, place=here.name, line=line.line)
        # What was seen there without a lock may be somebody else's by now.
        if sends and not any(_keep_at(found, one, by) for one in others):
            line.refresh_from_db()
            _take_off(order, [(line, found.quantity)], by, "not found")
    elif found.state != Hold.State.MISSING:
        raise Ended(found)
    found.refresh_from_db()
    next_ = None if sends else levels.nearest_with(found.variant_id, found.quantity, here)
    return Missing(found, next_)


_MOST_PLACES = 20


def _other_places(hold: Hold) -> list[int]:
    """Other places that send and have as many, by what is seen without a lock; the most first."""
    sending = set(Place.objects.filter(ships=True, closed_at=None).values_list("pk", flat=True))
    found = [
        one
        for one in levels.levels([hold.variant_id])
        if one.place in sending and one.place != hold.place_id and one.available >= hold.quantity
    ]
    found.sort(key=lambda one: -one.available)
    return [one.place for one in found[:_MOST_PLACES]]


def _keep_at(lost: Hold, place: int, by: str) -> bool:
    """Keep as many in the other place, whose level is locked; whether there was enough."""
    level = (lost.variant_id, place)
    there = ledger.lock([level]).get(level, 0)
    if there < lost.quantity and ledger.expire([level]):
        there = ledger.lock([level]).get(level, 0)
    if there < lost.quantity:
        return False
    kept = Hold.objects.create(
        variant_id=lost.variant_id,
        place_id=place,
        quantity=lost.quantity,
        until=lost.until,
        channel=lost.channel,
        by=by,
        key=idempotency.key("instead", str(lost.pk)),
        line=0,
        content=lost.content,
        order_line_id=lost.order_line_id,
    )
    ledger.hold([kept], by)
    return True


@action(records="Order Updated")
def keep_elsewhere(hold: int, place: int, by: str) -> Hold:
    """Keep in another store what a customer was to collect here, and could not be found.

    Again: the same. Raises NoHold, Refusal where it is not missing, and rules.NotEnough.
    """
    found = Hold.objects.filter(pk=hold, order_line_id__isnull=False).first()
    if found is None:
        raise NoHold
    line = OrderLine.objects.get(pk=found.order_line_id or 0)
    order = lock(line.order_id)
    done = Hold.objects.filter(key=idempotency.key("instead", str(hold))).first()
    if done is not None:
        return done
    line.refresh_from_db()
    still = line.quantity - line.delivered - line.cancelled
    if found.state != Hold.State.MISSING or found.quantity > still:
        raise Refusal("not_missing")
    if not Place.objects.filter(pk=place, closed_at=None, hands_over=True).exists():
        raise Refusal("nothing_collected_there")
    ledger.lock([(found.variant_id, place)])
    if not _keep_at(found, place, by):
        raise NotEnough([Line(found.variant_id, place, 0)])
    line.place_id = place
    line.save(update_fields=["place"])
    order.save(update_fields=["changed_at"])
    orders_notices.note_ready(order.pk)
    if order.identifier_id is not None:
        fact = OrderUpdated(
            order_id=order.number,
            total=major(balance.worth(order), order.currency),
            currency=order.currency,
            products=products_of(order, [(line, found.quantity)]),
        )
        record(fact, order.identifier_id, order.channel)
    return Hold.objects.get(key=idempotency.key("instead", str(hold)))


# --- whose it is ----------------------------------------------------------------------------------


class SomebodyElses(Refusal):
    """The receipt is on somebody's page already."""


@action(records="Receipt Claimed")
def claim(number: str, identifier: int, actor: Actor, *, certainly: bool = False) -> Order:
    """Put a purchase on the page of whoever shows its receipt.

    One that is on her page is there already; `certainly`: what she is only thought to have bought
    is not hers, and the number of a till, which can be guessed, proves nothing. Raises NoOrder, and
    SomebodyElses.
    """
    found = Order.objects.filter(number=numbers.read(number)).first()
    if found is None:
        raise NoOrder
    order = lock(found.pk)
    owner = Identifier.objects.filter(pk=order.identifier_id or 0).first()
    if owner is None:
        raise SomebodyElses("buyer_unknown")
    if certainly and owner.pk in identifiers.proven(identifier):
        return order
    if certainly and reading.is_of_a_till(order):
        raise NoOrder
    if not certainly and identifiers.living(owner.pk) == identifiers.living(identifier):
        return order
    if KINDS[owner.kind].device and identifiers.living(owner.pk) == identifiers.living(identifier):
        return _bought_before_login(order, identifier, actor)
    if owner.kind != "receipt" or _is_claimed(owner.pk):
        raise SomebodyElses("claimed_already")
    record(ReceiptClaimed(order_id=order.number), owner.pk, actor.channel, also=[identifier])
    happened(order, Kind.CLAIMED, actor.by)
    return order


def _bought_before_login(order: Order, identifier: int, actor: Actor) -> Order:
    """What was sold to whoever had a browser is hers who has logged in there, by its receipt: a
    browser alone proves nothing, and so it is on nobody's page.
    """
    record(ReceiptClaimed(order_id=order.number), identifier, actor.channel)
    order.identifier_id = identifier
    order.save(update_fields=["identifier"])
    happened(order, Kind.CLAIMED, actor.by)
    return order


def _is_claimed(identifier: int) -> bool:
    """Whether the receipt is known to be anybody's, or will be when identity comes to it."""
    row = sql.row(
        "SELECT 1 FROM timeline_fact WHERE identifier_id = %s AND name = 'Receipt Claimed' LIMIT 1",
        [identifier],
    )
    return row is not None


def _save(order: Order) -> None:
    order.changed_at = timezone.now()
    order.save(update_fields=["state", "changed_at"])
