"""Orders, wherever they were made, in the box in the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from spindel.commerce.common import numbers
from spindel.commerce.orders import book, external_purchases
from spindel.commerce.orders.models import Order
from spindel.identity.found import FEW, Hit, Search
from spindel.identity.shown import Found, staff
from spindel.kit.templatetags.look import minor_words, money_words


def _orders(request: HttpRequest, text: str, people: Sequence[Found]) -> Iterator[Hit]:
    for customer, told in external_purchases.by_number(staff(request), text, list(people)):
        total = "" if told.total is None else money_words(told.total, told.currency)
        about = " · ".join(part for part in (told.source, total) if part)
        address = reverse("purchase", args=[customer, told.fact])
        yield Hit(address, "receipt", told.number, about, told.at)
    for order in book.by_number(text, list(people), FEW):
        yield hit(order, numbers.spaced(order.number))


def hit(order: Order, name: str) -> Hit:
    """An order that was found, by the name that it was found by."""
    about = f"{order.get_state_display()} · {minor_words(order.total, order.currency)}"
    return Hit(reverse("order", args=[order.pk]), "receipt", name, about, order.placed_at)


SEARCHES = (Search("orders", _("Orders"), "orders.see", _orders, number="order", rank=2),)
