"""A customer's cart beside her timeline, with what one can do: change it, and order it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any  # Any: Django's own type of what a form holds

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.catalogue import posts
from spindel.catalogue.models import Place
from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import alternatives, code_actions, customer_cart, merge_actions
from spindel.commerce.carts import merge_reading as merges
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.alternatives import Out
from spindel.commerce.carts.forms import CartLineForm, CodeForm, MergeForm
from spindel.commerce.carts.reading import CartLineView, CartView
from spindel.commerce.common import numbers, pages
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Said, Wrong
from spindel.commerce.common.product_search import found
from spindel.commerce.orders import customer_orders, payment_changes, payment_links, prefill
from spindel.commerce.orders.forms import OrderForm
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.payments import providers
from spindel.commerce.payments.giftcard import cards
from spindel.identity.shown import Opened, staff
from spindel.kit import pictures
from spindel.kit.forms import SearchQuery
from spindel.kit.options import options_text
from spindel.staff.permissions import may, requires

# --- her cart -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a cart, with its picture and what else one can have of it."""

    line: CartLineView
    picture: str
    options: str
    problem: bool
    out: Out | None = None

    @property
    def fewer(self) -> int:
        """One less."""
        return self.line.quantity - 1

    @property
    def more(self) -> int:
        """One more."""
        return self.line.quantity + 1


@require_safe
@requires("orders.see")
def cart(request: HttpRequest, id: int) -> HttpResponse:
    """Her open cart, as it is now on every device."""
    her = pages.opened(request, id)
    return render(request, "orders/cart.html", _cart(request, her))


def _cart(request: HttpRequest, her: Opened) -> dict[str, object]:
    there = customer_cart.cart(her)
    view = carts.view(there.pk, _language()) if there else None
    lines = [_shown(request, one) for one in view.lines] if view else []
    return {
        "id": her.id,
        "cart": view,
        "lines": [one for one in lines if not one.line.saved],
        "saved": [one for one in lines if one.line.saved],
        "merges": merges.lately(there, _language()) if there else [],
        "may_handle": may(request.user, "orders.handle"),
        "stores": _stores(request, customer_orders.market(her, there).market),
        "said": None,
    }


def _stores(request: HttpRequest, market: str) -> list[Place]:
    """Where she can fetch something: first the store in which whoever asks works."""
    stores = Place.objects.filter(hands_over=True, closed_at=None, country=market)
    found = stores.order_by("name")[:300]
    mine = posts.today(staff(request))
    return sorted(found, key=lambda one: one != mine)


def _language() -> str:
    return (get_language() or "en")[:2]


def _shown(request: HttpRequest, line: CartLineView) -> Shown:
    return Shown(
        line,
        pictures.shown([line.picture], request),
        options_text(line.options),
        any(note.code in ("gone", "not_here", "sold_out", "short") for note in line.notes),
    )


@require_POST
@requires("orders.handle")
def change_cart(request: HttpRequest, id: int) -> HttpResponse:
    """Add, change or take out a line on her behalf; the cart as it is then."""
    her = pages.opened(request, id)
    form = CartLineForm(request.POST)
    said = Said(target="#slot-cart")
    try:
        edit = pages.checked(form).edit()
        before = _line(her, edit.sku)
        with pages.in_words():
            after = _change(request, her, form, edit)
        said = _said_of_change(her, edit.sku, before, after)
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    if form["then"].value() == "order":  # from the form that it is ordered by
        if said.bad:
            messages.error(request, said.text)
        return redirect("cart-order", her.id)
    context = _cart(request, her)
    return pages.after(request, her, "orders/cart.html", context, said)


@require_POST
@requires("orders.handle")
def change_codes(request: HttpRequest, id: int) -> HttpResponse:
    """Put a code into the cart on her behalf, or take one out."""
    her = pages.opened(request, id)
    said = Said(target="#slot-cart")
    try:
        _change_codes(request, her, pages.checked(CodeForm(request.POST)).cleaned_data)
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    return pages.after(request, her, "orders/cart.html", _cart(request, her), said)


def _change_codes(request: HttpRequest, her: Opened, typed: Mapping[str, Any]) -> None:
    where = replace(customer_orders.market(her, customer_cart.cart(her)), language=_language())
    channel = pages.actor(request).channel
    with pages.in_words():
        if typed["out"]:
            code_actions.take_out_for(her.under(), typed["code"], where, channel)
        else:
            entered = code_actions.enter_for(her.under(), typed["code"], where, channel)
            if entered.denied is not None:
                raise Wrong(entered.denied.text)


def _change(request: HttpRequest, her: Opened, form: CartLineForm, edit: Edit) -> CartView:
    if instead := form.instead_of_it():
        return _change_for_another(request, her, edit, instead)
    return _edit(request, her, edit)


@transaction.atomic
def _change_for_another(request: HttpRequest, her: Opened, edit: Edit, sku: str) -> CartView:
    """Have another size in the cart instead of the line's, as many and coming the same way."""
    old = _line(her, edit.sku)
    if old is None:
        raise Wrong(_("The cart has changed meanwhile. This is what is in it now."))
    other = Edit(
        sku,
        quantity=old.quantity,
        add=True,
        fulfilment=old.fulfilment,
        place=old.place or None,
        version=edit.version,
    )
    _edit(request, her, other)
    return _edit(request, her, Edit(old.sku, quantity=0))


def _edit(request: HttpRequest, her: Opened, edit: Edit) -> CartView:
    where = customer_orders.market(her, customer_cart.cart(her))
    return cart_actions.change_for(
        her.under(),
        edit,
        market=replace(where, language=_language()),
        channel=pages.actor(request).channel,
    )


def _line(her: Opened, sku: str) -> CartLineView | None:
    there = customer_cart.cart(her)
    view = carts.view(there.pk, _language()) if there else None
    return next((one for one in view.lines if one.sku == sku), None) if view else None


def _said_of_change(her: Opened, sku: str, before: CartLineView | None, after: CartView) -> Said:
    now = next((one for one in after.lines if one.sku == sku), None)
    undo = Said(target="#slot-cart", undo=reverse("cart-change", args=[her.id]))
    if before is not None and now is None:
        undo.text = _("%(what)s is out of the cart.") % {"what": before.name}
        undo.fields = {
            "sku": sku,
            "quantity": before.quantity,
            "fulfilment": before.fulfilment,
            "place": before.place,
        }
    elif before is None and now is not None:
        undo.text = _("%(what)s is in the cart.") % {"what": now.name}
        undo.fields = {"sku": sku, "quantity": 0}
    else:
        return Said()
    return undo


# --- what became one ------------------------------------------------------------------------------


@require_POST
@requires("orders.handle")
def take_cart_apart(request: HttpRequest, id: int) -> HttpResponse:
    """Make her cart what it was before another came into it."""
    done = _("The cart is as it was before. What only the other one had is saved for later.")
    return _turn_merge(request, id, merge_actions.take_apart, done, "cart-together")


@require_POST
@requires("orders.handle")
def put_cart_together(request: HttpRequest, id: int) -> HttpResponse:
    """Take back that it was taken apart."""
    done = _("The two carts are one again.")
    return _turn_merge(request, id, merge_actions.put_together, done, "cart-apart")


def _turn_merge(
    request: HttpRequest, id: int, turn: Callable[..., CartView], done: str, undo: str
) -> HttpResponse:
    her = pages.opened(request, id)
    said = Said(target="#slot-cart")
    asked = MergeForm(request.POST).values
    merge = asked["merge"]
    try:
        with pages.in_words():
            after = turn(
                her.under(),
                merge=merge,
                version=asked["version"] or 0,
                language=_language(),
                actor=pages.actor(request),
            )
        said.text, said.undo = done, reverse(undo, args=[her.id])
        said.fields = {"merge": merge, "version": after.version}
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    context = _cart(request, her)
    return pages.after(request, her, "orders/cart.html", context, said)


@require_safe
@requires("orders.handle")
def goods_for_cart(request: HttpRequest, id: int) -> HttpResponse:
    """What one may mean to put into her cart, while one types."""
    her = pages.opened(request, id)
    text = SearchQuery(request.GET).values["q"]
    context = {
        "id": her.id,
        "q": text,
        "found": found(request, text),
        "key": pages.fresh_key(),
    }
    return render(request, "orders/cart_goods.html", context)


# --- ordering it for her --------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires("orders.handle")
def order_cart(request: HttpRequest, id: int) -> HttpResponse:
    """Order what is in her cart, as she says: seen first, then done."""
    her = pages.opened(request, id)
    form = _order_form(request, her)
    problem = ""
    if form.is_valid():
        try:
            with pages.in_words():
                checkout = form.checkout()
                if checkout.gift_card:
                    money = here.currency if (here := _view(her)) else ""
                    cards.look(checkout.gift_card, money, staff(request).email)
                order = _place(request, her, checkout)
            payment_changes.begin(order)
            messages.success(request, _ordered(order))
            return redirect("order", order.pk)
        except Wrong as wrong:
            problem = str(wrong)
    view = _view(her)
    if view is None or not view.open_lines:
        messages.error(request, problem or _("The cart is empty."))
        return redirect("customer", her.id)
    ways = _ways(view)
    lines = [_shown(request, one) for one in view.open_lines]
    ways_out = alternatives.of(her, [one.line for one in lines if one.problem], view.market)
    pay_by = form["pay_by"].value()
    context = {
        "id": her.id,
        "name": her.profile().called,
        "cart": view,
        "lines": [replace(one, out=ways_out.get(one.line.variant)) for one in lines],
        "in_order": view.in_order,
        "ways": [(one, providers.label(one), providers.is_awaited(one)) for one in ways],
        "pay_by": pay_by if pay_by in ways else ways[0],
        "ships": _ships(view),
        "form": form,
        "said": prefill.of(her, view.market).said,
        "problem": problem,
        "key": pages.key(request),
    }
    status = 409 if problem or form.errors else 200
    response = render(request, "orders/order_cart.html", context, status=status)
    return pictures.allow(response)


def _ordered(order: Order) -> str:
    number = {"number": numbers.spaced(order.number)}
    if order.state != Order.State.AWAITING_PAYMENT:
        return _("Ordered: %(number)s.") % number
    return _("Ordered: %(number)s. It waits until it is paid by the link in the mail.") % number


def _ways(cart: CartView) -> list[str]:
    """How she can pay for what somebody here orders for her; by card, by a link in her mail."""
    found = providers.choices({one.fulfilment for one in cart.open_lines})
    return sorted(found, key=providers.is_awaited)


def _view(her: Opened) -> CartView | None:
    there = customer_cart.cart(her)
    return carts.view(there.pk, _language()) if there else None


def _ships(cart: CartView) -> bool:
    return any(one.fulfilment == Fulfilment.SHIP for one in cart.open_lines)


def _order_form(request: HttpRequest, her: Opened) -> OrderForm:
    """What was typed, else what is certain of her."""
    view, market = _view(her), customer_orders.market(her, customer_cart.cart(her)).market
    asked = view is not None and view.open_lines
    return OrderForm(
        request.POST if request.method == "POST" else None,
        market=market,
        ways=_ways(view) if view and asked else (),
        ships=view is not None and _ships(view),
        initial=prefill.of(her, market).certain,
        auto_id="o-%s",
    )


def _place(request: HttpRequest, her: Opened, checkout: Checkout) -> Order:
    where = customer_orders.market(her, customer_cart.cart(her))
    return payment_links.order_cart(
        her.under(),
        checkout,
        request=pages.sent(request),
        market=where,
        actor=pages.actor(request),
    )
