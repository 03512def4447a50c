"""Which lines of orders can come back, and until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from spindel.catalogue.models import Variant
from spindel.commerce.orders.models import (
    Order,
    OrderLine,
    ReturnPolicy,
    ShipmentLine,
)
from spindel.commerce.orders.returnable_rules import (
    DEFAULT_POLICY,
    Policy,
    Takeable,
    policy_for,
    takeable,
)

# --- the policy -----------------------------------------------------------------------------------


def policies() -> dict[str, Policy]:
    """By category; the one without a category holds for all others."""
    rows = ReturnPolicy.objects.values_list("category", "days", "damaged")
    kept = {category: Policy(days, damaged) for category, days, damaged in rows}
    return {"": DEFAULT_POLICY} | kept


@dataclass(frozen=True, slots=True)
class Can:
    """What can be said of an order's line: the policy for it, and how many come back."""

    policy: Policy
    takeable: Takeable


def cans(
    lines: Collection[OrderLine], placed_at: Mapping[int, datetime], at: datetime | None = None
) -> dict[int, Can]:
    """What of the lines comes back now, or at the moment, by their ids; `placed_at` is their
    orders', by id.
    """
    now, zone = at or timezone.now(), timezone.get_default_timezone()
    kept = policies()
    categories = dict(
        Variant.objects.filter(pk__in={one.variant_id for one in lines}).values_list(
            "pk", "product__categories"
        )
    )
    left: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    parts = ShipmentLine.objects.filter(order_line__in=[one.pk for one in lines])
    for part in parts.select_related("shipment"):
        at = part.shipment.arrived_at or part.shipment.at
        left[part.order_line_id].append((at, part.quantity))
    found = {}
    for line in lines:
        moments = left[line.pk]
        # What went over the counter when it was bought has no parcel.
        at_once = line.delivered - sum(many for _, many in moments)
        if at_once > 0:
            moments.append((placed_at[line.order_id], at_once))
        policy = policy_for(categories.get(line.variant_id, ()), kept)
        found[line.pk] = Can(policy, takeable(moments, line.returned, policy, now, zone))
    return found


def returnable_until(order: Order) -> datetime | None:
    """Until when some of the order comes back; None where nothing does."""
    return returnable_untils([order]).get(order.pk)


def returnable_untils(orders: Iterable[Order]) -> dict[int, datetime]:
    """The same of several, by their ids; those of which nothing comes back are left out."""
    return untils({one.pk: one.placed_at for one in orders})


def untils(placed_at: Mapping[int, datetime]) -> dict[int, datetime]:
    """The same of orders by their ids, whoever knows when they were placed."""
    if not placed_at:
        return {}
    lines = list(OrderLine.objects.filter(order__in=placed_at))
    said = cans(lines, placed_at)
    found: dict[int, datetime] = {}
    for line in lines:
        takeable = said[line.pk].takeable
        if takeable.can and takeable.until:
            former = found.get(line.order_id, takeable.until)
            found[line.order_id] = max(former, takeable.until)
    return found
