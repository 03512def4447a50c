"""The customer at the counter: her cart, what is kept for her, what she has bought."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.catalogue.models import Place
from spindel.club import reading as club
from spindel.club import settings as club_settings
from spindel.commerce.carts import actions as shared_cart
from spindel.commerce.carts import customer_cart
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.models import Cart
from spindel.commerce.carts.reading import CartLineView, CartView
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.orders import customer_orders, prefill
from spindel.commerce.orders import reading as orders
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement import placing
from spindel.commerce.orders.placement.placing import Checkout
from spindel.commerce.orders.stages import Reader
from spindel.commerce.promises import reading as promises
from spindel.commerce.quotes import reading as quotes
from spindel.commerce.stock import customer_holds
from spindel.commerce.stock.reading import levels
from spindel.identity import serving
from spindel.identity.shown import Opened
from spindel.kit.forms import first_error
from spindel.staff import audit
from spindel.store.forms import PAY_BY, SHIP, CartLineForm, StoreOrderForm, TotalForm
from spindel.store.views.desk import Desk, at_desk, quote_link
from spindel.store.views.sale import check_gift_card, contact_of, sold_page

_MOST_ORDERS = 10


@require_safe
@at_desk
def customer(desk: Desk, id: int) -> HttpResponse:
    """Who she is, and what is open for her. She is served from now on."""
    opened = _opened(desk, id)
    her = opened.id
    desk.serve(her)
    profile = opened.profile()
    reach = [one for one in profile.identifiers if one.kind in ("email", "phone", "card")][:3]
    return desk.page(
        "customer.html",
        {
            "customer": her,
            "reach": reach,
            "people": serving.people(opened),
            **_open(desk, opened),
        },
    )


@require_safe
@at_desk
def customer_open(desk: Desk, id: int) -> HttpResponse:
    """What is open for her, fetched anew when she or somebody else has changed it."""
    her = _opened(desk, id)
    return desk.page("customer_open.html", {"customer": her.id, **_open(desk, her)})


def _opened(desk: Desk, id: int) -> Opened:
    if desk.serving and desk.serving.customer == id:  # looked at already, to serve her
        audit.note_look(desk.user, "customer.seen", id)
        return desk.serving.opened
    return serving.open_customer(desk.request, id)


@dataclass(frozen=True, slots=True)
class InCart:
    """A line of her cart, and how many of it are here."""

    line: CartLineView
    here: int


def _open(desk: Desk, opened: Opened) -> dict[str, object]:
    cart, her = customer_cart.cart(opened), opened.id
    shown_ = _view(desk, cart, delivered=False) if cart else None
    offered = quotes.views(quotes.of_customer(her, _MOST_ORDERS), desk.language)
    member = club.of_customer(her, desk.language)
    return {
        "cart": shown_,
        "comes_from": cart.currency if cart and cart.market != desk.market else "",
        "lines": _here(desk, shown_),
        "promises": promises.of_customer(her, desk.language, _MOST_ORDERS),
        "holds": customer_holds.holds(her),
        "orders": list(
            orders.views(customer_orders.orders(her, _MOST_ORDERS), desk.language, Reader.COLLEAGUE)
        ),
        "member": member,
        "reward": member.reward_words(desk.currency) if member else "",
        "club_is_open": club_settings.terms().is_open,
        "quotes": [one for one in offered if one.is_open],
        "quote": quote_link(desk, cart=bool(shown_ and shown_.open_lines)),
    }


def _view(desk: Desk, cart: Cart, *, delivered: bool = True) -> CartView:
    """Her cart, at the prices of this store's market; not `delivered`: taken along from here."""
    words = (cart.pk, desk.language, desk.market, desk.currency)
    return carts.view(*words, delivered=delivered)


def _here(desk: Desk, cart: CartView | None) -> list[InCart]:
    lines = cart.lines if cart else []
    here = {
        one.variant: one.available
        for one in levels.levels([line.variant for line in lines])
        if one.place == desk.place.pk
    }
    return [InCart(one, max(0, here.get(one.variant, 0))) for one in lines]


@require_POST
@at_desk
def change_cart(desk: Desk, id: int) -> HttpResponse:
    """Have another number of something in her cart, or none."""
    her = _opened(desk, id)
    form = CartLineForm(desk.request.GET if "sku" in desk.request.GET else desk.request.POST)
    if not form.is_valid():
        raise Http404
    edit = Edit(**form.cleaned_data)
    cart = customer_cart.cart(her)
    before = {one.sku: one.quantity for one in _view(desk, cart).lines} if cart else {}
    try:
        with in_words():
            changed = _edit(desk, her, edit)
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        if not edit.quantity and (many := before.get(edit.sku)):
            desk.say(_("Taken out of the cart."), cart_undo(her.id, edit.sku, many, changed))
    return redirect("store-customer", her.id)


def cart_undo(customer: int, sku: str, quantity: int, cart: CartView) -> str:
    """The address that has so many of it in her cart again, unless it has changed meanwhile."""
    words: dict[str, str | int] = {"sku": sku, "quantity": quantity, "version": cart.version}
    query = urlencode(words)
    return f"{reverse('store-cart-change', args=[customer])}?{query}"


def _edit(desk: Desk, her: Opened, edit: Edit) -> CartView:
    return shared_cart.change_for(
        her.under(),
        edit,
        market=desk.terms,
        here=True,
    )


@require_POST
@at_desk
def sell_cart(desk: Desk, id: int) -> HttpResponse:
    """Sell her cart over this counter: all of it is handed over now, and paid at the till."""
    her = _opened(desk, id)
    desk.serve(her.id)
    try:
        told = TotalForm(desk.request.POST).values
        checkout = Checkout("till", {}, {}, total=told["total"], gift_card=told["gift_card"])
        order = _place(desk, her, checkout, at_counter=True)
    except Wrong as wrong:
        desk.refuse(str(wrong))
        return redirect("store-customer", her.id)
    return redirect(sold_page(desk, order))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def order_cart(desk: Desk, id: int) -> HttpResponse:
    """Order her cart: sent to her, or to be picked up in a store."""
    her = _opened(desk, id)
    desk.serve(her.id)
    filled = prefill.of(her, desk.market)
    form = StoreOrderForm(
        desk.request.POST if desk.request.method == "POST" else None,
        market=desk.market,
        initial={"how": SHIP, "pay_by": PAY_BY[0], **filled.certain},
        auto_id="o-%s",
    )
    if form.is_valid():  # before anything is changed
        typed = form.cleaned_data
        if typed["pay_by"] not in PAY_BY:
            raise Http404
        total = typed["total" if typed["how"] == SHIP else "fetched_total"]
        checkout = Checkout(typed["pay_by"], form.contact, form.address, total=total)
        checkout = replace(checkout, gift_card=typed["gift_card"])
        try:
            _all_come(desk, her, typed["how"])
            return redirect(sold_page(desk, _place(desk, her, checkout)))
        except Wrong as wrong:
            desk.refuse(str(wrong))
    elif form.errors:
        desk.refuse(first_error(form))
    return _order_page(desk, her, form, filled.said)


def _order_page(
    desk: Desk, her: Opened, form: StoreOrderForm, said: dict[str, list[str]]
) -> HttpResponse:
    cart = customer_cart.cart(her)
    if cart is None:
        return redirect("store-customer", her.id)
    shown = _view(desk, cart)
    totals = {one.fulfilment: one.cart_total for one in shown.deliveries}
    return desk.page(
        "order_cart.html",
        {
            "customer": her.id,
            "cart": shown,
            "sent_total": totals.get(Fulfilment.SHIP, shown.total),
            "fetched_total": totals.get(Fulfilment.PICK_UP, shown.total),
            "stores": _fetching(desk),
            "form": form,
            "said": said,
        },
    )


def _fetching(desk: Desk) -> list[Place]:
    """Where goods can be fetched: here first, then the nearest."""
    found = Place.objects.filter(hands_over=True, closed_at=None, country=desk.market)
    return sorted(found, key=lambda one: (levels.kilometres(desk.place, one), one.name))


def _all_come(desk: Desk, her: Opened, how: str) -> None:
    """Have every line of her cart come that way. Raises Wrong."""
    cart = customer_cart.cart(her)
    lines = _view(desk, cart).open_lines if cart else []
    fulfilment = Fulfilment.SHIP if how == "ship" else Fulfilment.PICK_UP
    place = None if how == "ship" else how
    with in_words():
        for line in lines:
            if (line.fulfilment, line.place) != (fulfilment, place or ""):
                _edit(desk, her, Edit(line.sku, fulfilment=fulfilment, place=place))


def _place(desk: Desk, her: Opened, checkout: Checkout, at_counter: bool = False) -> Order:
    """The order of her cart. Raises Wrong."""
    with in_words():
        check_gift_card(desk, checkout.gift_card)
        return placing.place_cart_for(
            her.under(),
            checkout,
            request=desk.sent,
            market=desk.terms,
            actor=desk.actor,
            at_counter=at_counter,
            known=contact_of(desk) if at_counter else None,
        )


@require_POST
@at_desk
def done(desk: Desk) -> HttpResponse:
    """She has gone: the next one is somebody else."""
    desk.done()
    return desk.back()
