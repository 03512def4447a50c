"""Orders as the API has them: what it is told of them, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from spindel.commerce.carts.schema import DiscountOut
from spindel.commerce.common import contacts, numbers
from spindel.commerce.common.fast_json import only, written
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders import returnable
from spindel.commerce.orders.actions import Some
from spindel.commerce.orders.delivery import Expected
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.draft import MOST_LINES
from spindel.commerce.orders.stages import Reader
from spindel.kit import pagination
from spindel.kit.money import VatOfRate
from spindel.kit.pagination import Position
from spindel.kit.refusal import Refusal
from spindel.kit.schema import (
    Amount,
    Name,
    Number,
    Quantity,
    ViewSchema,
)

_Text = Annotated[str, Field(max_length=300)]


class ContactIn(Schema):
    """How to reach whoever ordered."""

    name: Annotated[str, Field(max_length=contacts.CONTACT["name"])] = ""
    email: Annotated[str, Field(max_length=contacts.CONTACT["email"], pattern=r"^\S*$")] = ""
    phone: Annotated[str, Field(max_length=contacts.CONTACT["phone"])] = ""

    def plain(self) -> dict[str, str]:
        """In its normal form."""
        return contacts.contact(self.dict())


class AddressIn(Schema):
    """Where it is sent; in the market where it says no country. What is needed is the country's:
    422 `bad_address` says which `field`.
    """

    street: Annotated[str, Field(max_length=contacts.ADDRESS["street"])] = ""
    postcode: Annotated[str, Field(max_length=contacts.ADDRESS["postcode"])] = ""
    city: Annotated[str, Field(max_length=contacts.ADDRESS["city"])] = ""
    country: Annotated[str, Field(max_length=2, pattern=r"^([A-Z]{2})?$")] = ""

    def plain(self, market: str = "") -> dict[str, str]:
        """In its normal form."""
        return contacts.address(self.dict(), market)


class OrderLineOut(ViewSchema, view=orders.LineView, without=("variant", "list_amount")):
    """A line as it was agreed, and how far it has come. `discounts` are in its `total`."""

    discounts: list[DiscountOut]


class FeeOut(ViewSchema, view=orders.FeeView):
    """What it costs that the goods come by a method; `discounts` are in its `total`, which is in
    the order's. It falls away with the last of those goods: `cancelled`, or `returned`.
    """

    discounts: list[DiscountOut]


class PaymentOut(ViewSchema, view=orders.PaymentView, without=("id",)):
    pass


class ShipmentOut(ViewSchema, view=orders.ShipmentView, without=("lines",)):
    pass


class EventOut(ViewSchema, view=orders.EventView):
    """Something that happened to the order."""


class BackOut(ViewSchema, view=orders.BackView):
    pass


class PickUpOut(ViewSchema, view=orders.PickUpView, without=("place",)):
    """A store where some of the order is fetched: where it is, when it is open today, whether what
    is fetched lies ready, since when, and until when it is kept.
    """


class ExpectedOut(ViewSchema, view=Expected):
    """The first and the last day on which it may come."""


class VatOut(ViewSchema, view=VatOfRate):
    pass


class OrderOut(
    ViewSchema,
    view=orders.OrderView,
    without=("id", "number_spaced", "by", "language", "identifier"),
):
    """An order, whole. Amounts in minor units, VAT included.

    `url` is its page, where its owner pays and cancels: told to herself, and to tokens with the
    scope `orders:write`; empty for others, as is the `url` of the payment. What ends in `_text` is
    for people, in the language of the session; for machines in English. `exchange_of`: what came
    back for it. `gift_card_paid` is what a gift card has paid beside the `payment`, and
    `gift_card_back` what of it is on the card again. `expected`: when what is still sent comes, as
    `SPINDEL_DELIVERY_DAYS` promises.
    """

    vat_by_rate: list[VatOut]
    cancellable: bool
    returnable_until: datetime | None
    lines: list[OrderLineOut]
    fees: list[FeeOut]
    payment: PaymentOut | None
    shipments: list[ShipmentOut]
    events: list[EventOut]
    backs: list[BackOut]
    exchange_of: BackOut | None
    expected: ExpectedOut | None
    pick_ups: list[PickUpOut]


def plain(shown: Sequence[orders.OrderView]) -> list[dict[str, object]]:
    """What is answered of orders. Only of those that were handed over is asked until when."""
    out = [one for one in shown if any(line.delivered > line.returned for line in one.lines)]
    untils = returnable.untils({one.id: one.placed_at for one in out})
    return [only(one, OrderOut, returnable_until=untils.get(one.id)) for one in shown]


def answer(shown: orders.OrderView, status: int = 200) -> HttpResponse:
    """An order, as an answer."""
    return written(plain([shown])[0], status)


class OrdersOut(Schema):
    """Orders, the newest first. `next` is the `before` of the next page; null on the last."""

    items: list[OrderOut]
    next: str | None


def page(
    found: QuerySet[Order],
    before: str | None,
    limit: int,
    language: str,
    *,
    links: bool,
    reader: Reader = Reader.CUSTOMER,
) -> HttpResponse:
    """A page of orders, newest first, from the one with the number on; `links`: with their own."""
    last = None
    if before is not None:
        order = Order.objects.filter(number=numbers.read(before)).first()
        if order is None:
            raise Refusal("bad_before")
        last = Position(order.placed_at, order.pk)
    rows = pagination.older(found, "placed_at", last).values_list("pk", "number")
    some = pagination.page(rows[: limit + 1], limit, lambda row: row[1])
    shown = list(orders.views([pk for pk, _number in some.items], language, reader))
    if not links:
        shown = [orders.without_links(one) for one in shown]
    return written({"items": plain(shown), "next": some.next})


Limit = Annotated[int, Query(ge=1, le=100)]
Before = Annotated[Name | None, Query()]


# --- gift cards ----------------------------------------------------------------------------------

GiftCardCode = Annotated[str, Field(max_length=80)]


class GiftCardOut(Schema):
    """A gift card: its last letters, what is on it in minor units, and the last day on which it
    pays; null: there is none.
    """

    ending: str
    currency: str
    balance: int
    expires_on: date | None


# --- placing --------------------------------------------------------------------------------------


class ItemIn(Schema):
    """So many of a variant, and how they come. `amount` is what one costs, if that was agreed."""

    sku: Name
    quantity: Quantity = 1
    fulfilment: Fulfilment = Fulfilment.SHIP
    place: Name | None = None
    amount: Amount | None = None


# --- what becomes of it ---------------------------------------------------------------------------


class SomeIn(Schema):
    """So many of the line with this number."""

    line: Annotated[int, Field(ge=0, le=MOST_LINES)]
    quantity: Quantity


_Read = Callable[[HttpRequest, str], HttpResponse]


def like_verbs(router: Router, path: str, read: _Read, verbs: Sequence[str], auth: object) -> None:
    """Have `read` answer also where a number ends like the address of a verb: Django takes the
    first address that fits, whatever is to be done there.
    """

    def reader(verb: str) -> _Read:
        def get(request: HttpRequest, number: Number) -> HttpResponse:
            return read(request, f"{number}/{verb}")

        return get

    for verb in verbs:
        answering = router.get(
            f"{path}/{verb}", response=OrderOut, auth=auth, include_in_schema=False
        )
        answering(reader(verb))


# --- shared ---------------------------------------------------------------------------------------


def some(lines: list[SomeIn] | None) -> list[Some] | None:
    """The lines that were named, for an action."""
    return None if lines is None else [Some(one.line, one.quantity) for one in lines]
