"""The box in the header: customers, orders and products by whatever somebody has of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from spindel.catalogue import reading
from spindel.catalogue.searching import search
from spindel.commerce.carts.reading import in_language
from spindel.commerce.common import numbers
from spindel.commerce.orders import book, elsewhere
from spindel.commerce.orders.models import Order, Return
from spindel.commerce.quotes.models import Quote
from spindel.identity import serving, shown
from spindel.identity.shown import Found, staff
from spindel.kit import texts
from spindel.kit.options import options_text
from spindel.kit.templatetags.look import kind_label, minor_words, money_words
from spindel.staff.permissions import may, requires

_FEW = 5  # of each


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: where it is, its icon, what it is called, and more about it."""

    url: str
    icon: str
    name: str
    about: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of a kind."""

    name: str
    label: str
    hits: list[Hit]


@require_safe
@requires("console.open")
def find(request: HttpRequest) -> HttpResponse:
    """What a text may mean, of that which the person may see; while one types, or with Enter."""
    text = texts.plain(request.GET.get("q", ""), 200)
    groups = [one for one in _groups(request, text) if one.hits]
    context = {"q": text, "groups": groups, "least": shown.least_letters(staff(request))}
    if request.headers.get("HX-Request"):
        return render(request, "console/found.html", context)
    hits = [hit for one in groups for hit in one.hits]
    if len(hits) == 1:
        return redirect(hits[0].url)
    return render(request, "console/find.html", context)


def _groups(request: HttpRequest, text: str) -> Iterator[Group]:
    if len(text) < shown.least_letters(staff(request)):
        return
    people = serving.search(request, text) if may(request.user, "customers.read") else []
    orders = list(_orders(request, text, people)) if may(request.user, "orders.see") else []
    # What has the number that was typed goes before whoever has bought it.
    if any(one.kind == "order" for one in people):
        yield Group("orders", _("Orders"), orders)
        orders = []
    yield Group("customers", _("Customers"), [_customer(one) for one in people[:_FEW]])
    yield Group("orders", _("Orders"), orders)
    if may(request.user, "catalogue.see"):
        yield Group("products", _("Products"), list(_products(text)))


def _customer(found: Found) -> Hit:
    one = found.summary
    by_name = found.kind == "name"
    about = one.email or one.phone if by_name else f"{kind_label(found.kind)} {found.text}"
    return Hit(
        reverse("customer", args=[one.id]),
        "user",
        one.called,
        about,
        one.last_at,
    )


def _orders(request: HttpRequest, text: str, people: list[Found]) -> Iterator[Hit]:
    for customer, told in elsewhere.by_number(staff(request), text, people):
        total = "" if told.total is None else money_words(told.total, told.currency)
        about = " · ".join(part for part in (told.source, total) if part)
        address = reverse("purchase", args=[customer, told.fact])
        yield Hit(address, "receipt", told.number, about, told.at)
    for order in book.by_number(text, people, _FEW):
        yield _order(order, numbers.spaced(order.number))
    number = numbers.read(text)
    for quote in Quote.objects.filter(number=number):
        address, name = reverse("quote", args=[quote.pk]), numbers.spaced(quote.number)
        yield Hit(address, "file-invoice", name, _("Quote"), quote.made_at)
    for back in Return.objects.filter(number=number).select_related("order"):
        yield _order(back.order, numbers.spaced(back.number))


def _order(order: Order, name: str) -> Hit:
    about = f"{order.get_state_display()} · {minor_words(order.total, order.currency)}"
    return Hit(reverse("order", args=[order.pk]), "receipt", name, about, order.placed_at)


def _products(text: str) -> Iterator[Hit]:
    language = (get_language() or "en")[:2]
    found = search(text, {}, _FEW)
    for one in reading.in_given_order(found.ids):
        meant = found.meant.get(one.pk)
        named = options_text(meant.options) if meant else ""
        parts = (named, one.brand, *one.categories[:1], one.number)
        about = " · ".join(part for part in parts if part)
        name = in_language(one.names, language, one.number)
        yield Hit(reverse("product", args=[one.pk]), "package", name, about)
