"""How far an order has come, in the one list of words that every page has for it.

An order keeps four states. One that is completed is not there yet while a parcel is under way, and
is over otherwise once all of it came back: that is read from its lines and parcels.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.db.models import Exists, F, OuterRef, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from spindel.commerce.models import Order, OrderLine, Return, Shipment


class Stage(TextChoices):
    """A word for how far an order has come."""

    AWAITING_PAYMENT = "awaiting", _("Waits for the payment")
    CONFIRMED = "confirmed", _("Confirmed")
    ON_ITS_WAY = "on_its_way", _("On its way")
    COMPLETED = "completed", _("Completed")
    GIVEN_BACK = "given_back", _("Given back")
    CANCELLED = "cancelled", _("Cancelled")


class _Line(Protocol):
    @property
    def delivered(self) -> int: ...
    @property
    def returned(self) -> int: ...


class _Shipment(Protocol):
    @property
    def carrier(self) -> str: ...
    @property
    def arrived_at(self) -> datetime | None: ...


def of(state: str, lines: Sequence[_Line], shipments: Sequence[_Shipment]) -> Stage:
    """How far an order in this state, with these lines and parcels, has come."""
    if state != Order.State.COMPLETED:
        return Stage(state)
    if all(one.returned == one.delivered for one in lines):
        return Stage.GIVEN_BACK
    if any(one.carrier and one.arrived_at is None for one in shipments):
        return Stage.ON_ITS_WAY
    return Stage.COMPLETED


def within(stage: str) -> Q:
    """The orders that have come so far, as `of` says it."""
    if stage not in (Stage.ON_ITS_WAY, Stage.COMPLETED, Stage.GIVEN_BACK):
        return Q(state=stage)
    lines = OrderLine.objects.filter(order=OuterRef("pk")).exclude(returned=F("delivered"))
    kept = Q(Exists(lines))
    under_way = Shipment.objects.filter(arrived_at=None).exclude(carrier="")
    completed = Q(state=Order.State.COMPLETED)
    if stage == Stage.GIVEN_BACK:  # few: begin with what came back
        return completed & Q(pk__in=Return.objects.values("order")) & ~kept
    if stage == Stage.ON_ITS_WAY:
        return completed & kept & Q(pk__in=under_way.values("order"))
    return completed & kept & ~Q(Exists(under_way.filter(order=OuterRef("pk"))))
