"""What an order's delivery costs, after it was ordered.

A fee stays as it was agreed, whatever part of its goods is cancelled or comes back. It falls away
with the last of them: whoever gives all of it back has paid for nothing. What was exchanged for
other goods has come, and is no part of that.
"""

from __future__ import annotations

from typing import Literal

from django.db.models import F, Q

from spindel.commerce.orders.models import Order, ReturnLine
from spindel.kit.money import vat_in


def without_vat(order: Order) -> int:
    """What is to be paid for it, without VAT, in minor units."""
    found = order.fees.filter(cancelled=False)
    return sum(one.total - vat_in(one.total, one.vat_rate) for one in found)


def fall_away(order: Order, how: Literal["cancelled", "returned"]) -> int:
    """Have those fall away whose goods have all been cancelled or come back; how much that is.

    The order is locked, and its lines say by now what has become of them.
    """
    value = 0
    for fee in order.fees.filter(cancelled=False, returned=False).order_by("pk"):
        lines = order.lines.filter(fulfilment=fee.method)
        stays = lines.filter(Q(quantity__gt=F("cancelled") + F("returned")))
        if stays.exists() or has_exchanged(order, fee.method):
            continue
        setattr(fee, how, True)
        fee.save(update_fields=[how])
        value += fee.total
    return value


def has_exchanged(order: Order, method: str = "") -> bool:
    """Whether other goods were given for some of them; of those that came so, or of all."""
    backs = ReturnLine.objects.filter(order_line__order=order, back__exchange__isnull=False)
    if method:
        backs = backs.filter(order_line__fulfilment=method)
    return backs.exclude(back__exchange__state=Order.State.CANCELLED).exists()
