"""What was started from home of an order that somebody has locked, and the end of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils import timezone

from spindel.commerce.orders.models import Order, ReturnRequest
from spindel.commerce.stock import ledger, reservation_facts
from spindel.commerce.stock.facts import ReservationReleased
from spindel.commerce.stock.models import Hold, Movement

State = ReturnRequest.State


def open_of(order: Order) -> list[ReturnRequest]:
    """What was started of the locked order and has not come, the oldest first."""
    found = order.return_requests.filter(state=State.OPEN).select_related("hold")
    return list(found.prefetch_related("lines").order_by("pk"))


def coming(requests: Sequence[ReturnRequest]) -> Counter[int]:
    """How many of which lines they announce, by the lines' ids."""
    counted: Counter[int] = Counter()
    for one in requests:
        for line in one.lines.all():
            counted[line.order_line_id] += line.quantity
    return counted


def levels(requests: Sequence[ReturnRequest]) -> set[ledger.Where]:
    """The levels of what they hold, to be locked with all others."""
    return {(one.hold.variant_id, one.hold.place_id) for one in requests if one.hold}


def end(request: ReturnRequest, state: ReturnRequest.State, by: str) -> None:
    """It is over; what it holds still is free. Its level is locked."""
    request.state, request.ended_at = state, timezone.now()
    request.save(update_fields=["state", "ended_at", "taken"])
    if request.hold_id is None:
        return
    hold = Hold.objects.filter(pk=request.hold_id, state=Hold.State.ACTIVE).first()
    if hold is not None:
        ledger.end(hold, Hold.State.RELEASED, Movement.Kind.RELEASE, by)
        reservation_facts.record_hold(ReservationReleased, hold)
