"""Returns that were started from home, for whoever starts them and whoever takes them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import segno
from django.utils import translation
from django.utils.http import urlencode

from spindel.catalogue.models import Place
from spindel.commerce.common import goods as common_goods
from spindel.commerce.common import numbers
from spindel.commerce.orders import rules
from spindel.commerce.orders.models import ReturnRequest
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels as reading_levels

if TYPE_CHECKING:
    from collections.abc import Iterable


def parcels_go_to(market: str) -> Place | None:
    """Where goods of the market are sent back to: a warehouse there, else another that sends."""
    found = Place.objects.filter(closed_at=None, ships=True).exclude(street="")
    return min(
        found,
        key=lambda one: (one.country != market, one.kind != Place.Kind.WAREHOUSE, one.pk),
        default=None,
    )


def sender_of(variant: int, many: int) -> int | None:
    """The place that so many of it would be sent from: the one that has most."""
    senders = set(Place.objects.filter(ships=True, closed_at=None).values_list("pk", flat=True))
    levels = [one for one in reading_levels.levels([variant]) if one.place in senders]
    best = max(levels, key=lambda one: (one.available, -one.place), default=None)
    return best.place if best and best.available >= many else None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """So many of an order's line, in words as they were bought."""

    line: int
    name: str
    options: str
    quantity: int
    amount: int
    value: int  # of all of them


@dataclass(frozen=True, slots=True)
class RequestView:
    """A return on its way. `wanted` is what they want instead, in words; `held` until when that is
    kept for them, None where it is not any more.
    """

    id: int
    number: str
    number_spaced: str
    order: int
    order_number: str
    state: str
    state_text: str
    reason: str
    lines: list[RequestLine]
    currency: str
    wanted: str
    wanted_variant: int | None
    held: datetime | None
    by_parcel: bool
    place: Place | None
    until: datetime
    made_at: datetime
    taken: str

    @property
    def is_open(self) -> bool:
        """Whether it is still to come."""
        return self.state == ReturnRequest.State.OPEN

    @property
    def value(self) -> int:
        """What comes back had cost."""
        return sum(one.value for one in self.lines)

    @property
    def choice(self) -> str:
        """What was chosen, as the pages of a counter and the console have it in their address."""
        told = [("chosen", "1"), ("request", self.number), ("reason", self.reason)]
        for one in self.lines:
            told += [("line", str(one.line)), (f"many-{one.line}", str(one.quantity))]
        told.append(("for", str(self.wanted_variant) if self.wanted_variant else "money"))
        if self.by_parcel and self.wanted_variant:
            told.append(("how", "ship"))
        if self.place is not None:
            told.append(("place", self.place.code))
        return urlencode(told)

    def qr(self) -> segno.QRCode:
        """Its number, as a scanner reads it."""
        return segno.make(self.number, error="m", micro=False)


def by_number(text: str) -> ReturnRequest | None:
    """The one with this number, however it was typed or scanned."""
    number = numbers.read(text)
    if not number.startswith("A"):
        return None
    return ReturnRequest.objects.filter(number=number).first()


def of_orders(orders: Iterable[int], language: str) -> list[RequestView]:
    """Those of the orders that are still to come, the newest first."""
    found = ReturnRequest.objects.filter(order__in=list(orders), state=ReturnRequest.State.OPEN)
    return views(list(found.order_by("-pk")[:100]), language)


def view(request: ReturnRequest, language: str) -> RequestView:
    """One of them."""
    return views([request], language)[0]


def views(requests: Sequence[ReturnRequest], language: str) -> list[RequestView]:
    """Them, whole, in words of the language, in a fixed number of questions."""
    found = (
        ReturnRequest.objects.filter(pk__in=[one.pk for one in requests])
        .select_related("order", "wanted__product", "place", "hold", "taken")
        .prefetch_related("lines__order_line")
        .in_bulk()
    )
    with translation.override(language):
        return [_view(found[one.pk], language) for one in requests if one.pk in found]


def _view(one: ReturnRequest, language: str) -> RequestView:
    goods = common_goods.goods(one.wanted, language) if one.wanted else None
    active = one.hold is not None and one.hold.state == Hold.State.ACTIVE
    lines = sorted(one.lines.all(), key=lambda line: line.order_line.line)
    return RequestView(
        one.pk,
        one.number,
        numbers.spaced(one.number),
        one.order_id,
        one.order.number,
        one.state,
        str(ReturnRequest.State(one.state).label),
        one.reason,
        [
            RequestLine(
                line.order_line.line,
                line.order_line.name,
                line.order_line.options,
                line.quantity,
                line.order_line.amount,
                rules.returning(line.order_line, line.quantity),
            )
            for line in lines
        ],
        one.order.currency,
        ", ".join(part for part in (goods.name, goods.options) if part) if goods else "",
        one.wanted_id,
        one.hold.until if active and one.hold else None,
        one.by_parcel,
        one.place,
        one.until,
        one.made_at,
        one.taken.number if one.taken else "",
    )
