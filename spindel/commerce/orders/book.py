"""The order book in pages, for people here: filtered, searched, the newest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Greatest
from django.utils import timezone

from spindel.catalogue.models import Place
from spindel.commerce.common import numbers
from spindel.commerce.orders import customer_orders, return_requests, stages
from spindel.commerce.orders.models import Order, OrderLine, ReturnLine
from spindel.identity import countries
from spindel.identity.rules import NOWHERE, normalise
from spindel.identity.searching import order_key
from spindel.identity.shown import NOBODY as NOBODY  # whose an order is, is asked here
from spindel.identity.shown import Found
from spindel.identity.shown import Who as Who
from spindel.identity.shown import who as who
from spindel.kit import pagination, texts
from spindel.kit.pagination import Page, Position
from spindel.staff.models import User
from spindel.staff.permissions import may

_MOST_OF_ONE = 100  # orders of a customer who was searched for
_LEAST_OF_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Question:
    """Which orders; what is empty matters not. `place` is where they were sold, or come from.

    `since` and `until` are whole days, in the time zone of the market, else in the shop's.
    """

    text: str = ""
    state: str = ""
    channel: str = ""
    place: int | None = None
    market: str = ""
    since: date | None = None
    until: date | None = None


def page(
    user: User, question: Question, limit: int, before: str = "", people: Sequence[Found] = ()
) -> Page[Order]:
    """The newest orders that answer the question, as somebody here asks it. Raises BadCursor.

    `people` are the customers whom `shown.search` has found by its text for this person.
    """
    found = pagination.older(
        matching(user, question, people), "placed_at", pagination.position(before)
    )
    return pagination.page(
        found[: limit + 1], limit, lambda order: pagination.cursor(order.placed_at, order.pk)
    )


def matching(user: User, question: Question, people: Sequence[Found] = ()) -> QuerySet[Order]:
    """All orders that answer the question, as somebody here asks it."""
    found = Order.objects.all()
    if question.text:
        found = found.filter(_meant(user, question.text, people))
    if question.state:
        found = found.filter(stages.within(question.state))
    if question.channel:
        found = found.filter(channel=question.channel)
    if question.place is not None:
        lines = OrderLine.objects.filter(order=OuterRef("pk"), place=question.place)
        found = found.filter(Q(place=question.place) | Exists(lines))
    if question.market:
        found = found.filter(market=question.market)
    zone = zone_of(question.market)
    if question.since:
        found = found.filter(placed_at__gte=_midnight(question.since, zone))
    if question.until:
        day_after = question.until + timedelta(days=1)
        found = found.filter(placed_at__lt=_midnight(day_after, zone))
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def zone_of(market: str) -> ZoneInfo:
    """By which clock the market's days are: that of its first place; without one, the shop's."""
    found = Place.objects.filter(country=market).order_by("pk") if market else Place.objects.none()
    name = found.values_list("time_zone", flat=True).first()
    return ZoneInfo(name or timezone.get_default_timezone_name())


# --- what they come to ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sums:
    """What orders of a currency come to, in minor units: `returned` of it came back, and `saved`
    is how much less it was than everybody paid.
    """

    currency: str
    number: int
    total: int
    returned: int
    saved: int

    @property
    def average(self) -> int:
        """What one comes to."""
        return round(self.total / self.number)

    @property
    def usual(self) -> int:
        """What all of it would have cost everybody else."""
        return self.total + self.saved


# Of the orders as they are at one moment, whichever lines they have.
_RETURNED = Subquery(
    ReturnLine.objects.filter(back__order=OuterRef("pk"))
    .order_by()
    .values("back__order")
    .annotate(sum=Sum("amount"))
    .values("sum")
)
_SAVED = Subquery(
    OrderLine.objects.filter(order=OuterRef("pk"))
    .order_by()
    .values("order")
    .annotate(
        sum=Sum(
            Greatest(F("quantity") * F("list_amount") - F("total"), 0),
            output_field=BigIntegerField(),
        )
    )
    .values("sum")
)


def sums(orders: QuerySet[Order]) -> list[Sums]:
    """What the orders come to, by currency: in one question, so that it is true of one moment."""
    each = orders.annotate(back=_RETURNED, less=_SAVED).values("currency")
    found = each.annotate(
        number=Count("pk"), sum=Sum("total"), returned=Sum("back"), saved=Sum("less")
    ).order_by("currency")
    return [
        Sums(
            one["currency"],
            one["number"],
            int(one["sum"]),
            int(one["returned"] or 0),
            int(one["saved"] or 0),
        )
        for one in found
    ]


def ids(orders: QuerySet[Order], most: int, part: int) -> Iterator[list[int]]:
    """The ids of the orders, the newest first, in parts: each is asked for when it is wanted, and
    whatever is ordered meanwhile comes before them.
    """
    last: Position | None = None
    for _start in range(0, most, part):
        rest = pagination.older(orders, "placed_at", last)
        rows = [Position(*row) for row in rest.values_list("placed_at", "pk")[:part]]
        if not rows:
            return
        yield [row.id for row in rows]
        last = rows[-1]


def _meant(user: User, text: str, people: Sequence[Found]) -> Q:
    """The orders whose number begins so, or whose customer or contact is meant."""
    text = texts.plain(text, 200)
    ids: set[int] = set()
    for one in people:
        if one.kind not in _BY_NUMBER:
            ids.update(customer_orders.orders(one.summary.id, _MOST_OF_ONE))
    meant = _numbered(text, people) | Q(pk__in=ids)
    if may(user, "contacts.see"):
        meant |= Q(pk__in=_by_contact(text))
    return meant


_BY_NUMBER = ("order", "receipt")


def _numbered(text: str, people: Sequence[Found]) -> Q:
    """The orders whose number begins so, however it is spaced: not all that a customer has bought
    who is known by it.
    """
    number = numbers.read(text)
    meant = Q(pk__in=[])
    if len(number) >= _LEAST_OF_NUMBER:
        meant |= Q(number__startswith=number)
        typed = re.sub(r"[\s-]", "", number).upper()
        if typed != number:
            meant |= Q(number__startswith=typed)
    theirs: set[int] = set()
    for one in people:
        if one.kind in _BY_NUMBER:
            theirs.update(customer_orders.orders(one.summary.id, _MOST_OF_ONE))
    if started := return_requests.by_number(text):
        theirs.add(started.order_id)
        meant |= Q(pk=started.order_id)
    key = order_key(text)
    kept = Order.objects.filter(pk__in=theirs).values_list("pk", "number")
    return meant | Q(pk__in=[pk for pk, known in kept if order_key(known).startswith(key)])


def by_number(text: str, people: Sequence[Found], limit: int) -> list[Order]:
    """The newest orders whose number begins so; `people` are whom the text was found to mean."""
    return list(Order.objects.filter(_numbered(text, people)).order_by("-placed_at", "-pk")[:limit])


def _by_contact(text: str) -> list[int]:
    """The newest orders with the address or the number in them, of any country of the shop's."""
    orders = Order.objects.order_by("-pk").values_list("pk", flat=True)
    if "@" in text:
        address = normalise("email", text, NOWHERE)
        return list(orders.filter(contact_email=address)[:_MOST_OF_ONE]) if address else []
    meant = {normalise("phone", text, country) for country in [NOWHERE, *countries.known()]}
    return list(orders.filter(contact_phone__in=meant - {None})[:_MOST_OF_ONE])
