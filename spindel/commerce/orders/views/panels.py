"""What a customer has bought, beside her timeline; her page fetches each panel by its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from spindel.commerce.carts import customer_cart
from spindel.commerce.carts import reading as carts
from spindel.commerce.common import pages
from spindel.commerce.common.pages import Wrong
from spindel.commerce.orders import (
    customer_orders,
    external_purchases,
    lifetime_value,
    purchase_import,
    returning,
)
from spindel.commerce.orders import reading as book
from spindel.commerce.orders.external_purchases import Purchase
from spindel.commerce.orders.forms import NumberQuery
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.reading import OrderView
from spindel.commerce.orders.stages import Reader
from spindel.commerce.orders.views.cart_panel import _language
from spindel.identity import customer_page
from spindel.identity.shown import Opened, staff
from spindel.kit import pagination
from spindel.kit.clock import NEVER
from spindel.kit.forms import PageQuery
from spindel.staff.permissions import may, requires

_FEW = 5  # orders
_MOST_TOLD = 20  # purchases that other systems have told of


# --- her orders -----------------------------------------------------------------------------------

_PAGE = 30


@dataclass(frozen=True, slots=True)
class Bought:
    """Something that she has bought: an order, or a purchase that another system has told of."""

    at: datetime
    order: OrderView | None = None
    told: Purchase | None = None


def _bought(her: Opened, most: int, before: datetime = NEVER) -> tuple[list[Bought], bool]:
    """The newest of what she has bought before the moment, and whether there is more."""
    ids = customer_orders.orders(her.id, most + 1, before)
    found = [
        Bought(one.placed_at, order=one) for one in book.views(ids, _language(), Reader.COLLEAGUE)
    ]
    found += [Bought(one.at, told=one) for one in external_purchases.of(her, before)]
    found.sort(key=lambda one: one.at, reverse=True)
    return found[:most], len(found) > most


@require_safe
@requires("orders.see")
def orders(request: HttpRequest, id: int) -> HttpResponse:
    """Her newest orders: how far each has come, and what can be done; and what others tell of."""
    her = pages.opened(request, id)
    bought, more = _bought(her, _FEW)
    context = {
        "id": her.id,
        "bought": bought,
        "more": more,
        "may_handle": may(request.user, "orders.handle"),
        "key": pages.fresh_key(),
    }
    return render(request, "orders/panel.html", context)


@require_safe
@requires("orders.see")
def purchases(request: HttpRequest, id: int) -> HttpResponse:
    """All that she has bought, wherever, the newest first."""
    her = pages.opened(request, id)
    last = pagination.position(PageQuery(request.GET).values["before"])
    bought, more = _bought(her, _PAGE, last.at if last else NEVER)
    context = {
        "id": her.id,
        "name": her.profile().called,
        "bought": bought,
        "before": pagination.cursor(bought[-1].at, 0) if more else "",
    }
    return render(request, "orders/purchases.html", context)


@require_safe
@requires("orders.see")
def numbered(request: HttpRequest, id: int) -> HttpResponse:
    """Go to the order or the purchase of hers that a fact names by its number."""
    her = pages.opened(request, id)
    number = NumberQuery(request.GET).values["order"]
    if order := Order.objects.filter(number=number).first():
        return redirect("order", order.pk)
    other = next(
        (one for one in external_purchases.of(her) if number and one.number == number), None
    )
    if other is None:
        raise Http404
    return redirect("purchase", her.id, other.fact)


@require_safe
@requires("orders.see")
def purchase(request: HttpRequest, id: int, fact: UUID) -> HttpResponse:
    """A purchase as another system has told of it."""
    her = pages.opened(request, id)
    found = external_purchases.one(her, fact)
    if found is None:
        raise Http404
    context = {
        "id": her.id,
        "name": her.profile().called,
        "purchase": found,
        "may_take_in": may(request.user, "orders.handle") and found.comes_back,
    }
    return render(request, "orders/purchase.html", context)


@require_POST
@requires("orders.handle")
def take_over(request: HttpRequest, id: int, fact: UUID) -> HttpResponse:
    """Have a purchase that another system has told of be one that can come back here."""
    her = pages.opened(request, id)
    found = external_purchases.one(her, fact)
    if found is None:
        done = external_purchases.taken_over(her, fact)
        if done is None:
            raise Http404
        return redirect(returning.registered().desk(done.pk))
    try:
        with pages.in_words():
            order = purchase_import.take_over(found)
    except Wrong as wrong:
        messages.error(request, str(wrong))
        return redirect("purchase", her.id, fact)
    return redirect(returning.registered().desk(order.pk))


# --- what one does --------------------------------------------------------------------------------


@require_safe
@requires("orders.see")
def does(request: HttpRequest, id: int) -> HttpResponse:
    """What is done for her most, at the head of her page, and what she has been worth."""
    her = pages.opened(request, id)
    there = customer_cart.cart(her)
    view = carts.view(there.pk, _language()) if there else None
    context = {
        "id": her.id,
        "worth": lifetime_value.of(her),
        "has_cart": bool(view and view.open_lines),
        "has_bought": bool(customer_orders.orders(her.id, 1)),
        "may_handle": may(request.user, "orders.handle"),
        "doings": customer_page.doings(staff(request), her.id),
    }
    return render(request, "orders/does.html", context)
