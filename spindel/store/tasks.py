"""What a store has to do today: goods to set aside, to hand over, and stock to look after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.goods import Goods, goods, goods_of
from spindel.commerce.orders import order_holds
from spindel.commerce.orders.models import Order, OrderLine
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.quotes.models import Quote
from spindel.commerce.stock import customer_holds
from spindel.commerce.stock.models import Hold, Promise, StockEvent
from spindel.commerce.stock.reading import shelves
from spindel.kit import sql
from spindel.kit.clock import NEVER
from spindel.staff.models import User

MOST = 100  # tasks of a store that are shown at once
SOON = timedelta(hours=3)
_MOST_FLAGS = 30


@dataclass(frozen=True, slots=True)
class Task:
    """Goods that are kept in the store for somebody. `order` is the number of what was bought,
    `quote` the id of what she was offered.

    `until` is None where they are kept until they are fetched or sent; `customer` for whom, where
    that is known.
    """

    hold: int
    goods: Goods
    quantity: int
    until: datetime | None
    made_at: datetime
    set_aside: bool
    channel: str
    by: str
    order: str
    buyer: str
    sent: bool
    customer: int | None
    quote: int | None

    @property
    def soon(self) -> bool:
        """Whether it is kept for a few hours more only."""
        return self.until is not None and self.until - timezone.now() < SOON


def of_place(place: Place, language: str) -> list[Task]:
    """What is kept in the place for somebody, the first to end first."""
    # What waits for its payment may come to nothing: it is set aside when it is paid.
    lines = OrderLine.objects.filter(pk=OuterRef("order_line_id"))
    unpaid = Exists(lines.filter(order__state=Order.State.AWAITING_PAYMENT))
    found = Hold.objects.filter(
        ~unpaid, place=place, state=Hold.State.ACTIVE, until__gt=timezone.now()
    )
    return _tasks(found.order_by("until", "pk")[:MOST], language)


def of_hold(id: int, language: str) -> Task | None:
    """The task that a hold is, whatever has become of it."""
    found = _tasks(Hold.objects.filter(pk=id), language)
    return found[0] if found else None


def _tasks(found: QuerySet[Hold], language: str) -> list[Task]:
    holds = list(found.select_related("variant__product"))
    lines = order_holds.lines(holds)
    customers = customer_holds.holders([one.pk for one in holds])
    offered = quotes.behind(holds)
    owners = quotes.owners({one.pk for one in offered.values()})
    tasks = []
    for one in holds:
        quote = offered.get(one.pk)
        customer = customers.get(one.pk) or (owners.get(quote.pk) if quote else None)
        tasks.append(_task(one, lines.get(one.pk), customer, quote, language))
    return tasks


def _task(
    hold: Hold, line: OrderLine | None, customer: int | None, quote: Quote | None, language: str
) -> Task:
    contact = line.order.contact if line else quote.contact if quote else {}
    return Task(
        hold.pk,
        goods(hold.variant, language),
        hold.quantity,
        hold.until if hold.until < NEVER else None,
        hold.made_at,
        hold.set_aside_at is not None,
        hold.channel,
        hold.by,
        line.order.number if line else "",
        str(contact.get("name") or ""),
        bool(line and line.fulfilment == Fulfilment.SHIP),
        customer,
        quote.pk if quote else None,
    )


# --- stock ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flag:
    """A level to look after: running low, sold out, or promised more than there is."""

    goods: Goods
    kind: str
    text: str
    since: datetime
    available: int


def flags(place: Place, language: str) -> list[Flag]:
    """The store's levels that run low, what happened last first."""
    low = shelves.running_low(place.pk, "", _MOST_FLAGS).items
    shown = goods_of([one.variant for one in low], language)
    return [
        Flag(
            shown[one.variant],
            one.kind,
            str(StockEvent.Kind(one.kind).label),
            one.since,
            one.available,
        )
        for one in low
        if one.variant in shown
    ]


# --- promises -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that somebody here has promised and that was not found."""

    id: int
    goods: Goods
    quantity: int
    place: str
    next: Place | None
    at: datetime
    customer: int | None


def broken(user: User, language: str) -> list[Broken]:
    """What the person has promised and can't be kept, as far as she has not seen it yet."""
    unseen = Promise.objects.filter(user=user, seen_at=None).order_by("-made_at")
    found = list(unseen.select_related("hold__variant__product", "hold__place", "next")[:20])
    customers = customer_holds.holders([one.hold_id for one in found])
    return [
        Broken(
            one.pk,
            goods(one.hold.variant, language),
            one.hold.quantity,
            one.hold.place.name,
            one.next,
            one.made_at,
            customers.get(one.hold_id),
        )
        for one in found
    ]


# As `of_place` has them, those that do not lie ready yet.
_WAITING = """
SELECT count(*) FROM (
    SELECT FROM stock_hold h
    WHERE h.place_id = %(place)s AND h.state = 'active' AND h.until > statement_timestamp()
      AND h.set_aside_at IS NULL AND NOT EXISTS (
          SELECT FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
          WHERE l.id = h.order_line_id AND o.state = 'awaiting')
    LIMIT %(most)s
) waits
"""


def waiting(place: Place, most: int) -> int:
    """How many things are to be set aside in the place; so many at most."""
    row = sql.row(_WAITING, {"place": place.pk, "most": most})
    return int(row[0]) if row else 0
