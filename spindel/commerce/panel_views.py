"""What is open for a customer, beside her timeline: her cart and her orders, with what one can do.

Her page fetches each panel by its address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spindel.catalogue import posts, reading
from spindel.catalogue.models import Place, Variant
from spindel.catalogue.searching import search
from spindel.commerce.carts import actions as cart_actions
from spindel.commerce.carts import merge_actions
from spindel.commerce.carts import merge_reading as merges
from spindel.commerce.carts import reading as carts
from spindel.commerce.carts import ways_out as outs
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.reading import CartLineView, CartView, in_language
from spindel.commerce.carts.ways_out import Out
from spindel.commerce.common import numbers
from spindel.commerce.common import pages as shared
from spindel.commerce.common.fulfilment import Fulfilment
from spindel.commerce.common.pages import Said, Wrong
from spindel.commerce.orders import elsewhere, filling, hers, worth
from spindel.commerce.orders import payment_links as asking
from spindel.commerce.orders import payments as order_payments
from spindel.commerce.orders import reading as book
from spindel.commerce.orders import take_over as told
from spindel.commerce.orders.elsewhere import Purchase
from spindel.commerce.orders.forms import OrderForm
from spindel.commerce.orders.models import Order
from spindel.commerce.orders.placement.actions import Checkout
from spindel.commerce.orders.reading import OrderView
from spindel.commerce.orders.stages import Reader
from spindel.commerce.payments import providers as payments
from spindel.commerce.quotes.models import Quote
from spindel.identity.shown import Opened, staff
from spindel.kit import ids, pagination, pictures, texts
from spindel.kit.clock import NEVER
from spindel.kit.options import options_text
from spindel.staff.permissions import may, requires

_MOST_VARIANTS = 100  # of a product that was found
_FEW = 5  # products that are found, and orders that are shown
_MOST_TOLD = 20  # purchases that other systems have told of


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
    her = shared.opened(request, id)
    return render(request, "carts/cart.html", _cart(request, her))


def _cart(request: HttpRequest, her: Opened) -> dict[str, object]:
    there = hers.cart(her)
    view = carts.view(there.pk, _language()) if there else None
    lines = [_shown(request, one) for one in view.lines] if view else []
    return {
        "id": her.id,
        "cart": view,
        "lines": [one for one in lines if not one.line.saved],
        "saved": [one for one in lines if one.line.saved],
        "merges": merges.lately(there, _language()) if there else [],
        "may_handle": may(request.user, "orders.handle"),
        "stores": _stores(request, hers.market(her, there).market),
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
    her = shared.opened(request, id)
    said = Said(target="#slot-cart")
    try:
        before = _line(her, request.POST.get("sku", ""))
        with shared.in_words():
            after = _change(request, her)
        said = _said_of_change(her, request.POST.get("sku", ""), before, after)
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    if request.POST.get("then") == "order":  # from the form that it is ordered by
        if said.bad:
            messages.error(request, said.text)
        return redirect("cart-order", her.id)
    context = _cart(request, her)
    return shared.after(request, her, "carts/cart.html", context, said)


def _change(request: HttpRequest, her: Opened) -> CartView:
    sent = request.POST
    quantity = shared.number(sent.get("quantity", ""), cart_actions.MOST_OF_ONE)
    if sent.get("quantity") and quantity is None:
        raise Wrong(_("A quantity is 0 to %(most)s.") % {"most": cart_actions.MOST_OF_ONE})
    fulfilment, place = sent.get("fulfilment") or None, sent.get("place", "")
    if sent.get("at"):  # one button says both
        fulfilment, place = Fulfilment.PICK_UP, sent.get("at", "")
    if fulfilment not in (None, Fulfilment.SHIP, Fulfilment.PICK_UP):
        raise Wrong(_("Say how it is to come."))
    saved = {"yes": True, "no": False}.get(sent.get("saved", ""))
    where = hers.market(her, hers.cart(her))
    instead = texts.plain(sent.get("instead", ""), 64)
    if instead and sent.get("another") == "yes":
        return _change_for_another(request, her, instead)
    return cart_actions.change_for(
        her.under(),
        Edit(
            texts.plain(sent.get("sku", ""), 64),
            quantity=quantity,
            add=sent.get("add") == "yes",
            fulfilment=fulfilment,
            place=texts.plain(place, 64) or None,
            saved=saved,
            version=shared.number(sent.get("version", "")),
            key=_key(request),
        ),
        market=where.market,
        currency=where.currency,
        language=_language(),
        channel=shared.channel(request),
    )


@transaction.atomic
def _change_for_another(request: HttpRequest, her: Opened, sku: str) -> CartView:
    """Have another size in the cart instead of the line's, as many and coming the same way."""
    old = _line(her, request.POST.get("sku", ""))
    if old is None:
        raise Wrong(_("The cart has changed meanwhile. This is what is in it now."))
    where = hers.market(her, hers.cart(her))
    edits = (
        Edit(
            sku,
            quantity=old.quantity,
            add=True,
            fulfilment=old.fulfilment,
            place=old.place or None,
            version=shared.number(request.POST.get("version", "")),
        ),
        Edit(old.sku, quantity=0),
    )
    for edit in edits:
        after = cart_actions.change_for(
            her.under(),
            edit,
            market=where.market,
            currency=where.currency,
            language=_language(),
            channel=shared.channel(request),
        )
    return after


def _key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _line(her: Opened, sku: str) -> CartLineView | None:
    there = hers.cart(her)
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
    her = shared.opened(request, id)
    said = Said(target="#slot-cart")
    merge = ids.read(request.POST.get("merge", ""))
    try:
        with shared.in_words():
            after = turn(
                her.under(),
                merge=merge,
                version=shared.number(request.POST.get("version", "")) or 0,
                language=_language(),
                by=shared.by(request),
                channel=shared.channel(request),
            )
        said.text, said.undo = done, reverse(undo, args=[her.id])
        said.fields = {"merge": merge, "version": after.version}
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    context = _cart(request, her)
    return shared.after(request, her, "carts/cart.html", context, said)


# --- adding to it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offered:
    """A product that was found, with the variants that are sold."""

    name: str
    picture: str
    about: str
    variants: list[tuple[str, str, int]]  # sku, options, id
    groups: list[tuple[str, list[tuple[Variant, str]]]]  # by colour: variant, size
    id: int


def found(request: HttpRequest, text: str) -> list[Offered]:
    """The first products that the text means, as they are sold."""
    text = text[:200].strip()
    if len(text) < 2:
        return []
    offered = []
    hits = search(text, {}, _FEW)
    for one in reading.in_given_order(hits.ids):
        on_sale = hits.named_first(one.pk, getattr(one, "on_sale", []))
        if not on_sale:
            continue
        named = on_sale[0].pictures if one.pk in hits.meant else []
        every = [*named, *one.pictures, *(p for each in on_sale for p in each.pictures)]
        offered.append(
            Offered(
                in_language(one.names, _language(), one.number),
                pictures.shown(every, request),
                " · ".join(part for part in (one.brand, *one.categories[:1]) if part),
                [
                    (each.sku, shared.options_of(each) or each.sku, each.pk)
                    for each in on_sale[:_MOST_VARIANTS]
                ],
                shared.by_colour(on_sale[:_MOST_VARIANTS]),
                one.pk,
            )
        )
    return offered


@require_safe
@requires("orders.handle")
def goods_for_cart(request: HttpRequest, id: int) -> HttpResponse:
    """What one may mean to put into her cart, while one types."""
    her = shared.opened(request, id)
    text = request.GET.get("q", "")
    context = {
        "id": her.id,
        "q": text.strip(),
        "found": found(request, text),
        "key": shared.fresh_key(),
    }
    return render(request, "carts/goods.html", context)


# --- ordering it for her --------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@requires("orders.handle")
def order_cart(request: HttpRequest, id: int) -> HttpResponse:
    """Order what is in her cart, as she says: seen first, then done."""
    her = shared.opened(request, id)
    form = _order_form(request, her)
    problem = ""
    if form.is_valid():
        try:
            with shared.in_words():
                order = _place(request, her, form.checkout())
            order_payments.begin(order)
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
    ways_out = outs.of(her, [one.line for one in lines if one.problem], view.market)
    pay_by = form["pay_by"].value()
    context = {
        "id": her.id,
        "name": her.profile().called,
        "cart": view,
        "lines": [replace(one, out=ways_out.get(one.line.variant)) for one in lines],
        "in_order": view.in_order,
        "ways": [(one, payments.label(one), payments.is_awaited(one)) for one in ways],
        "pay_by": pay_by if pay_by in ways else ways[0],
        "ships": _ships(view),
        "form": form,
        "said": filling.of(her, view.market).said,
        "problem": problem,
        "key": request.POST.get("key") or shared.fresh_key(),
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
    found = payments.choices({one.fulfilment for one in cart.open_lines})
    return sorted(found, key=payments.is_awaited)


def _view(her: Opened) -> CartView | None:
    there = hers.cart(her)
    return carts.view(there.pk, _language()) if there else None


def _ships(cart: CartView) -> bool:
    return any(one.fulfilment == Fulfilment.SHIP for one in cart.open_lines)


def _order_form(request: HttpRequest, her: Opened) -> OrderForm:
    """What was typed, else what is certain of her."""
    view, market = _view(her), hers.market(her, hers.cart(her)).market
    asked = view is not None and view.open_lines
    return OrderForm(
        request.POST if request.method == "POST" else None,
        market=market,
        ways=_ways(view) if view and asked else (),
        ships=view is not None and _ships(view),
        initial=filling.of(her, market).certain,
        auto_id="o-%s",
    )


def _place(request: HttpRequest, her: Opened, checkout: Checkout) -> Order:
    where = hers.market(her, hers.cart(her))
    return asking.order_cart(
        her.under(),
        checkout,
        key=shared.key(request),
        source=shared.source(request),
        market=where.market,
        currency=where.currency,
        language=where.language,
        channel=shared.channel(request),
        by=shared.by(request),
    )


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
    ids = hers.orders(her.id, most + 1, before)
    found = [
        Bought(one.placed_at, order=one) for one in book.views(ids, _language(), Reader.COLLEAGUE)
    ]
    found += [Bought(one.at, told=one) for one in elsewhere.of(her, before)]
    found.sort(key=lambda one: one.at, reverse=True)
    return found[:most], len(found) > most


@require_safe
@requires("orders.see")
def orders(request: HttpRequest, id: int) -> HttpResponse:
    """Her newest orders: how far each has come, and what can be done; and what others tell of."""
    her = shared.opened(request, id)
    bought, more = _bought(her, _FEW)
    context = {
        "id": her.id,
        "bought": bought,
        "more": more,
        "may_handle": may(request.user, "orders.handle"),
        "key": shared.fresh_key(),
    }
    return render(request, "orders/panel.html", context)


@require_safe
@requires("orders.see")
def purchases(request: HttpRequest, id: int) -> HttpResponse:
    """All that she has bought, wherever, the newest first."""
    her = shared.opened(request, id)
    last = pagination.position(request.GET.get("before"))
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
def purchase(request: HttpRequest, id: int, fact: UUID) -> HttpResponse:
    """A purchase as another system has told of it."""
    her = shared.opened(request, id)
    found = elsewhere.one(her, fact)
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
    her = shared.opened(request, id)
    found = elsewhere.one(her, fact)
    if found is None:
        done = elsewhere.taken_over(her, fact)
        if done is None:
            raise Http404
        return redirect("order-back", done.pk)
    try:
        with shared.in_words():
            order = told.take_over(found)
    except Wrong as wrong:
        messages.error(request, str(wrong))
        return redirect("purchase", her.id, fact)
    return redirect("order-back", order.pk)


@require_safe
@requires("orders.see")
def numbered(request: HttpRequest, id: int) -> HttpResponse:
    """Go to the order, the purchase or the quote of hers that a fact names by its number."""
    her = shared.opened(request, id)
    number = numbers.read(texts.plain(request.GET.get("order", ""), 100))
    if order := Order.objects.filter(number=number).first():
        return redirect("order", order.pk)
    other = next((one for one in elsewhere.of(her) if number and one.number == number), None)
    if other:
        return redirect("purchase", her.id, other.fact)
    quote = numbers.read(texts.plain(request.GET.get("quote", ""), 100))
    if offered := Quote.objects.filter(number=quote).first():
        return redirect("quote", offered.pk)
    raise Http404


# --- what one does --------------------------------------------------------------------------------


@require_safe
@requires("orders.see")
def does(request: HttpRequest, id: int) -> HttpResponse:
    """What is done for her most, at the head of her page, and what she has been worth."""
    her = shared.opened(request, id)
    there = hers.cart(her)
    view = carts.view(there.pk, _language()) if there else None
    context = {
        "id": her.id,
        "worth": worth.of(her),
        "has_cart": bool(view and view.open_lines),
        "has_bought": bool(hers.orders(her.id, 1)),
        "may_handle": may(request.user, "orders.handle"),
        "may_offer": may(request.user, "quotes.make"),
    }
    return render(request, "orders/does.html", context)
