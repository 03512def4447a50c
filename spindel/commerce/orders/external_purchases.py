"""Purchases that other systems have told of: no orders of the book, but facts about a customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.safestring import SafeString

from spindel.commerce.common import numbers
from spindel.commerce.orders.models import Order
from spindel.identity.searching import order_key
from spindel.identity.shown import Found, Opened
from spindel.staff.models import User
from spindel.timeline.diary import sentence
from spindel.timeline.models import Source
from spindel.timeline.reading import LARGEST_PAGE, FactRow, Filters
from spindel.timeline.recording import OWN_SOURCE

BOUGHT = "Order Completed"
# What else is told of one, by its number.
REFUNDED = "Order Refunded"
_CANCELLED, _BACK = "Order Cancelled", "Item Returned"
_LATER = ("Order Updated", _CANCELLED, "Order Shipped", _BACK, REFUNDED)
NAMES = (BOUGHT, *_LATER)
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Line:
    """Some goods of a purchase, as they were told of; `price` is of one, in whole units."""

    name: str
    variant: str
    number: str
    quantity: int
    price: float | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase as another system has told of it. `total`, and `refunded` of it, is in whole units
    of `currency`.

    `later` is what was told of it afterwards, in words; `back` how many came back there, by the
    goods' numbers. `trusted`: what its source says is believed, so that it can come back here.
    """

    fact: UUID
    number: str
    at: datetime
    channel: str
    source: str
    store: str
    total: float | None
    refunded: float
    currency: str
    lines: list[Line]
    later: list[tuple[datetime, SafeString]]
    back: Mapping[str, int]
    cancelled: bool
    trusted: bool

    @property
    def comes_back(self) -> bool:
        """Whether any of it may be taken back or exchanged here."""
        return self.trusted and not self.cancelled and bool(self.number and self.lines)


def of(her: Opened, before: datetime | None = None) -> list[Purchase]:
    """Her purchases that only other systems know of, the newest first: of her newest 200."""
    facts = her.timeline(LARGEST_PAGE, only=Filters(names=NAMES)).items
    found = purchases(facts)
    return [one for one in found if before is None or one.at < before]


def one(her: Opened, fact: UUID) -> Purchase | None:
    """The one that this fact of hers tells of; None where it is none."""
    return next((one for one in of(her) if one.fact == fact), None)


def taken_over(her: Opened, fact: UUID) -> Order | None:
    """The order that this purchase of hers has become, so that whoever asks again comes to it."""
    rows = her.timeline(LARGEST_PAGE, only=Filters(names=NAMES)).items
    number = next((_number(one) for one in rows if one.id == fact and one.name == BOUGHT), "")
    return Order.objects.filter(number=numbers.read(number)).first() if number else None


def by_number(user: User, text: str, people: Sequence[Found]) -> list[tuple[int, Purchase]]:
    """Those with exactly this number, however it is written, with their customers: of the people
    whom `shown.search` has found by the text for this person.
    """
    key = order_key(text)
    found = []
    for hit in people:
        if hit.kind == "order" and order_key(hit.text) == key:
            mine = of(Opened(user, hit.summary.id))
            found += [(hit.summary.id, one) for one in mine if order_key(one.number) == key]
    return found


def purchases(facts: Sequence[FactRow]) -> list[Purchase]:
    """What these facts of somebody's, called NAMES, tell of, the newest first."""
    told = [one for one in facts if one.source != OWN_SOURCE]
    bought = [one for one in told if one.name == BOUGHT]
    ours = _in_the_book(_number(one) for one in bought)
    sources = {one.slug: one for one in Source.objects.all()}
    return [
        _purchase(one, sources.get(one.source), _later(one, told))
        for one in bought
        if _number(one) not in ours
    ]


def _in_the_book(told: Iterable[str]) -> Collection[str]:
    """Which of the numbers are orders here, too: those are in the book as what they are."""
    kept = {number: numbers.read(number) for number in told if number}
    there = set(
        Order.objects.filter(number__in=set(kept.values())).values_list("number", flat=True)
    )
    return {number for number, read in kept.items() if read in there}


def _later(bought: FactRow, told: Sequence[FactRow]) -> list[FactRow]:
    """What was told of the purchase afterwards, the oldest first."""
    number = _number(bought)
    return [
        one for one in reversed(told) if one.name != BOUGHT and number and _number(one) == number
    ]


def _number(fact: FactRow) -> str:
    value = fact.properties.get("order_id")
    return str(value)[:100] if isinstance(value, str | int) else ""


def _purchase(fact: FactRow, source: Source | None, later: Sequence[FactRow]) -> Purchase:
    told = fact.properties
    back: Counter[str] = Counter()
    for one in later:
        if one.name == _BACK:
            line = _line(one.properties)
            back[line.number] += line.quantity
    amounts = (_amount(told.get(name)) for name in ("total", "revenue", "value", "subtotal"))
    products = told.get("products")
    listed = products if isinstance(products, list) else []
    return Purchase(
        fact.id,
        _number(fact),
        fact.occurred_at,
        fact.channel,
        source.name if source else fact.source,
        _word(told.get("store_name")) or _word(told.get("affiliation")),
        next((one for one in amounts if one is not None), None),
        sum(_amount(one.properties.get("total")) or 0 for one in later if one.name == REFUNDED),
        _word(told.get("currency")),
        [_line(one) for one in listed[:_MOST_LINES] if isinstance(one, dict)],
        [(one.occurred_at, sentence(one.name, one.properties)) for one in later],
        back,
        any(one.name == _CANCELLED for one in later),
        source is not None and source.trusted,
    )


def _line(told: dict[str, object]) -> Line:
    quantity = told.get("quantity")
    number = _word(told.get("sku")) or _word(told.get("product_id"))
    return Line(
        _word(told.get("name")) or number,
        _word(told.get("variant")),
        number,
        quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else 1,
        _amount(told.get("price")),
    )


def _word(value: object) -> str:
    return str(value)[:120] if isinstance(value, str | int) else ""


def _amount(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
