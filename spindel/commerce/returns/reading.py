"""Reading what can come back: a purchase found at any counter, and what an exchange comes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from spindel.catalogue.models import Place, Variant
from spindel.catalogue.rules import gtin14
from spindel.commerce.common import links, numbers
from spindel.commerce.orders import customer_orders, return_requests
from spindel.commerce.orders.balance import Way
from spindel.commerce.orders.history import NoOrder, TooMany
from spindel.commerce.orders.models import (
    Order,
    OrderLine,
    Return,
    ReturnLine,
)
from spindel.commerce.orders.placement.draft import Item, check_items
from spindel.commerce.orders.placement.goods import Goods, goods_of, priced
from spindel.commerce.orders.returnable import Can, cans
from spindel.commerce.orders.returnable_rules import (
    Takeable,
)
from spindel.commerce.returns.rules import Asked, Balance, Came, NotSold, came_of, evened, value_of
from spindel.identity import customers
from spindel.kit import sql, texts
from spindel.kit.refusal import Refusal
from spindel.kit.register import Span

# Why goods come back, as people mostly say; whatever else they say is kept, too.
REASONS = ("too small", "too large", "changed their mind", "faulty", "other")

# What is in the way.
WHY = {
    "not_delivered": _("Not handed over yet: it can be cancelled instead"),
    "cancelled": _("Cancelled"),
    "returned": _("Came back already"),
    "too_late": _("The time to bring it back is over"),
    "never": _("Goods like this are not taken back"),
    "damaged": _("Damaged goods are not taken back"),
}
# Which of several is said of a purchase as a whole.
_WEIGHT = ("too_late", "never", "not_delivered", "returned", "cancelled")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a purchase, and how many of it come back: `can` by the policy, `open` if somebody
    overrules it. `why` is what is in the way, a key of WHY; `damaged`: damaged ones come back, too.
    """

    line: int
    variant: int
    sku: str
    product: str
    name: str
    options: str
    picture: str
    amount: int
    quantity: int
    delivered: int
    returned: int
    can: int
    open: int
    until: datetime | None
    why: str
    damaged: bool


@dataclass(frozen=True, slots=True)
class Purchase:
    """Something that was bought, in any channel, with what of it can come back."""

    id: int
    number: str
    placed_at: datetime
    channel: str
    place_name: str
    currency: str
    total: int
    buyer: str
    customer: int | None
    lines: list[Line]

    @property
    def can(self) -> bool:
        """Whether any of it comes back now."""
        return any(one.can for one in self.lines)

    @property
    def open(self) -> bool:
        """Whether any of it is out, so that somebody may overrule what the policy says."""
        return any(one.open for one in self.lines)

    @property
    def why_text(self) -> str:
        """Why nothing of it comes back now, in the language that is on; else empty."""
        whys = set() if self.can else {one.why for one in self.lines}
        return next((str(WHY[one]) for one in _WEIGHT if one in whys), "")

    @property
    def until(self) -> datetime | None:
        """Until when some of it comes back."""
        return max((one.until for one in self.lines if one.can and one.until), default=None)


# --- finding a purchase ---------------------------------------------------------------------------

MOST_FOUND = 20
_MOST_PEOPLE = 10
_PAGE = re.compile(r"/o/([^/?#\s]{1,200})/?(?:[?#].*)?$")

# What was bought while the identifier was hers.
_OF_CUSTOMER = """
SELECT o.id
FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (id, since, until)
CROSS JOIN LATERAL (
    SELECT id, placed_at FROM orders_order
    WHERE identifier_id = span.id AND placed_at >= span.since AND placed_at < span.until
      AND (%(gtin)s::text IS NULL OR EXISTS (
          SELECT FROM orders_orderline l LEFT JOIN catalogue_variant v ON v.id = l.variant_id
          WHERE l.order_id = orders_order.id
            AND (v.gtin = %(gtin)s
                 OR concat_ws(' ', l.name, l.options, l.sku, l.product) ILIKE ALL(%(words)s))))
    ORDER BY placed_at DESC, id DESC LIMIT %(limit)s
) o
ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s
"""


def find(text: str, people: Callable[[str], Sequence[int]], product: str = "") -> list[Purchase]:
    """The purchases that the text may mean, newest first; at most MOST_FOUND.

    It is a number of an order, a receipt or a return as it was typed or scanned, the link of an
    order's page, or what `people` finds customers by. `product` leaves those with such goods.
    """
    text = texts.plain(text, 300)
    if not text:
        return []
    by_number = _by_number(text)
    if by_number:
        return _purchases(by_number)
    found = [id for one in people(text)[:_MOST_PEOPLE] for id in _ids_of(one, product)]
    shown = _purchases(found)
    return sorted(shown, key=lambda one: (one.placed_at, one.id), reverse=True)[:MOST_FOUND]


def _by_number(text: str) -> list[int]:
    number = numbers.read(text)
    order = Order.objects.filter(number=number).values_list("pk", flat=True).first()
    if order is not None:
        return [order]
    page = _PAGE.search(text)
    if page:
        try:
            return [links.read("order", page[1])]
        except links.NoSuchLink:
            return []
    if started := return_requests.by_number(number):
        return [started.order_id]
    back = Return.objects.filter(number=number).first()
    return [] if back is None else [id for id in (back.exchange_id, back.order_id) if id]


def _ids_of(customer: int, product: str) -> list[int]:
    spans = customers.spans(customer)
    words = [f"%{_literal(word)}%" for word in texts.plain(product, 200).split()[:8]]
    asked: dict[str, object] = {
        **_columns(spans),
        "gtin": _gtin(product) if words else None,
        "words": words,
        "limit": MOST_FOUND,
    }
    return [id for (id,) in sql.rows(_OF_CUSTOMER, asked)]


def _columns(spans: Sequence[Span]) -> dict[str, object]:
    return {
        "ids": [id for id, _, _ in spans],
        "since": [since for _, since, _ in spans],
        "until": [until for _, _, until in spans],
    }


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _gtin(text: str) -> str:
    try:
        return gtin14(text)
    except ValueError:
        return ""


def of_customer(customer: int, product: str = "") -> list[Purchase]:
    """What the customer has bought, newest first; at most MOST_FOUND."""
    return _purchases(_ids_of(customer, product))


def purchase(id: int, at: datetime | None = None) -> Purchase:
    """The order as something that was bought; what comes back now, or at the moment. Raises
    NoOrder.
    """
    found = _purchases([id], at)
    if not found:
        raise NoOrder
    return found[0]


def _purchases(ids: Sequence[int], at: datetime | None = None) -> list[Purchase]:
    in_order = Prefetch("lines", OrderLine.objects.order_by("line"))
    orders = Order.objects.filter(pk__in=ids).prefetch_related(in_order).in_bulk()
    lines = [line for order in orders.values() for line in order.lines.all()]
    said = cans(lines, {one.pk: one.placed_at for one in orders.values()}, at)
    pictures = {
        id: (own or products or [""])[0]
        for id, own, products in Variant.objects.filter(
            pk__in={one.variant_id for one in lines}
        ).values_list("pk", "pictures", "product__pictures")
    }
    places = Place.objects.in_bulk([one.place_id for one in orders.values() if one.place_id])
    owners = customer_orders.owners(orders)
    found = []
    for id in dict.fromkeys(ids):
        if order := orders.get(id):
            place = places.get(order.place_id or 0)
            found.append(
                Purchase(
                    order.pk,
                    order.number,
                    order.placed_at,
                    order.channel,
                    place.name if place else "",
                    order.currency,
                    order.total,
                    str(order.contact.get("name", "")),
                    owners.get(order.pk),
                    [
                        _line(one, said[one.pk], pictures.get(one.variant_id, ""))
                        for one in order.lines.all()
                    ],
                )
            )
    return found


def _line(line: OrderLine, said: Can, picture: str) -> Line:
    takeable = said.takeable
    return Line(
        line.line,
        line.variant_id,
        line.sku,
        line.product,
        line.name,
        line.options,
        picture,
        line.amount,
        line.quantity,
        line.delivered,
        line.returned,
        takeable.can,
        takeable.open,
        takeable.until,
        _why(line, takeable),
        said.policy.damaged,
    )


def _why(line: OrderLine, takeable: Takeable) -> str:
    if takeable.can or takeable.why:
        return takeable.why
    if line.cancelled == line.quantity:
        return "cancelled"
    return "returned" if line.delivered else "not_delivered"


# --- what an exchange comes to --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What an exchange comes to: the new goods at their prices, and who owes whom."""

    balance: Balance
    items: list[Item]
    goods: dict[int, Goods]


def reckon(order: Order, backs: Mapping[int, int], wanted: Sequence[Item]) -> Reckoned:
    """What it comes to when so many of the order's lines come back for what is wanted.

    `backs` are quantities by the lines' numbers. Raises TooMany, and Refusal.
    """
    lines = {one.line: one for one in order.lines.order_by("line")}
    came: list[Came] = []
    for number, many in sorted(backs.items()):
        line = lines.get(number)
        if line is None or not 1 <= many <= line.delivered - line.returned:
            raise TooMany("not_so_many_back")
        came += came_of(line, line.product, many)
    if wanted:
        check_items(wanted)
    goods = goods_of({one.variant for one in wanted}, order.market, order.currency, order.language)
    asked = [
        Asked(goods[one.variant].product, one.quantity, goods[one.variant].amount) for one in wanted
    ]
    try:
        prices = evened(came, asked)
    except NotSold as error:
        name = goods[wanted[error.index].variant].name
        raise Refusal("not_sold", name=name) from None
    items = [
        Item(one.variant, many, one.fulfilment, one.place, amount)
        for one, parts in zip(wanted, prices, strict=True)
        for many, amount in parts
    ]
    new = priced(items, goods, order.market, order.currency, order.identifier_id)
    return Reckoned(Balance(value_of(came), new.totals.total), items, goods)


# --- what came back -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToldLine:
    """So many of a line that came back."""

    line: int
    sku: str
    name: str
    options: str
    quantity: int
    condition: str
    reason: str
    amount: int


@dataclass(frozen=True, slots=True)
class Told:
    """What came back, and what was given for it. `ways` is how money goes back: by which provider,
    how much. `exchange` is the number of the order of what was given, or empty.
    """

    id: int
    number: str
    at: datetime
    place: str
    place_name: str
    channel: str
    by: str
    order: str
    exchange: str
    currency: str
    value: int
    credited: int
    to_pay: int
    refunded: int
    ways: list[Way]
    overruled: str
    lines: list[ToldLine]


def told(back: Return) -> Told:
    """A return, whole."""
    return all_told([back])[0]


def all_told(backs: Sequence[Return]) -> list[Told]:
    """Returns, whole, in a fixed number of questions."""
    ids = [one.pk for one in backs]
    lines = Prefetch("lines", ReturnLine.objects.select_related("order_line").order_by("pk"))
    found = (
        Return.objects.filter(pk__in=ids)
        .select_related("order", "exchange")
        .prefetch_related(lines, "order__events")
        .in_bulk()
    )
    places = Place.objects.in_bulk({one.place_id for one in found.values()})
    return [_told(found[id], places[found[id].place_id]) for id in ids]


def _told(back: Return, place: Place) -> Told:
    lines = [
        ToldLine(
            one.order_line.line,
            one.order_line.sku,
            one.order_line.name,
            one.order_line.options,
            one.quantity,
            one.condition,
            one.reason,
            one.amount,
        )
        for one in back.lines.all()
    ]
    events = [one for one in back.order.events.all() if one.detail.get("number") == back.number]
    ways = [Way(str(by), int(many)) for one in events for by, many in one.detail.get("ways", ())]
    return Told(
        back.pk,
        back.number,
        back.at,
        place.code,
        place.name,
        back.channel,
        back.by,
        back.order.number,
        back.exchange.number if back.exchange else "",
        back.order.currency,
        sum(one.amount for one in lines),
        back.credited,
        back.exchange.total - back.credited if back.exchange else 0,
        back.refund - back.credited,
        ways,
        back.overruled,
        lines,
    )
