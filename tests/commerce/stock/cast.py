"""Short words for what the tests do to stock."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from spindel.commerce.common.rules import Line
from spindel.commerce.stock.actions import holds, movements
from spindel.commerce.stock.actions.movements import Move
from spindel.commerce.stock.models import Hold, Movement
from spindel.commerce.stock.reading import levels
from spindel.kit.idempotency import Request
from spindel.staff.actors import Actor

_numbers = itertools.count()


def soon() -> datetime:
    """An hour from now."""
    return timezone.now() + timedelta(hours=1)


def deliver(variant: int, place: int, quantity: int) -> None:
    """So many come."""
    arrived = Move(
        f"d{next(_numbers)}", Movement.Kind.DELIVERY, variant, place, quantity, timezone.now()
    )
    assert movements.move([arrived], "ERP", "erp") == 1


def reserve(
    *lines: Line | tuple[int, int, int],
    key: str = "",
    whose: int | None = None,
    until: datetime | None = None,
) -> list[Hold]:
    """Hold the lines for an hour."""
    wanted: Iterable[Line] = [one if isinstance(one, Line) else Line(*one) for one in lines]
    return holds.reserve(
        list(wanted),
        until or soon(),
        request=Request("web", key or f"k{next(_numbers)}"),
        actor=Actor("test"),
        whose=whose,
        asked="an hour",
    )


def there(variant: int, place: int) -> tuple[int, int, int]:
    """On hand, held, and available."""
    for one in levels.levels([variant]):
        if one.place == place:
            return one.on_hand, one.held, one.available
    return 0, 0, 0


def let_time_pass(hold: Hold) -> None:
    """The hold's time is up."""
    Hold.objects.filter(pk=hold.pk).update(until=timezone.now() - timedelta(seconds=1))
