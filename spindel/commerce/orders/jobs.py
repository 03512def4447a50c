"""In the background: of holds whose time was up it is told, and payment pages end."""

from __future__ import annotations

from collections.abc import Sequence

from spindel.commerce.orders import actions as orders
from spindel.commerce.orders import payment_changes
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.kit.background import Job, each


def _tell_of_holds() -> bool:
    return each("commerce.holds_told", _untold, _tell_of_hold)


def _untold(most: int, without: Sequence[int]) -> list[int]:
    waiting = Hold.objects.filter(to_tell=True).exclude(pk__in=without).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:most])


def _tell_of_hold(id: int) -> None:
    if Hold.objects.filter(pk=id, order_line_id=None).exists():
        holds.tell_expired(id)
    else:
        orders.lapse(id)


JOBS = (
    Job(name="commerce.holds_told", step=_tell_of_holds),
    Job(name="payments.pages", step=payment_changes.end_pages),
)
