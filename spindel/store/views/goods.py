"""A product: what is here, what is held, and what the stores near by have; and reserving it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue import reading, wording
from spindel.catalogue.closing_times import ends
from spindel.catalogue.models import Place, Product, Variant
from spindel.catalogue.wording import in_order
from spindel.commerce.carts import actions as shared_cart
from spindel.commerce.carts import customer_cart
from spindel.commerce.carts.actions import Edit
from spindel.commerce.carts.models import Cart
from spindel.commerce.common import goods
from spindel.commerce.common.pages import Wrong, in_words
from spindel.commerce.common.rules import Line
from spindel.commerce.stock import nearby
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.kit.options import said
from spindel.kit.templatetags.look import say_when
from spindel.offers import pieces
from spindel.offers.pieces import PieceView
from spindel.store.forms import GoodsForm, HoldForm
from spindel.store.views.customers import cart_undo
from spindel.store.views.desk import Desk, at_desk, quote_link
from spindel.store.views.search import product_page

_MOST_STORES = 12


@dataclass(frozen=True, slots=True)
class Size:
    """A variant of the product, and how many are here and in other stores."""

    variant: int
    label: str
    here: int
    elsewhere: int


@require_safe
@at_desk
def product(desk: Desk, id: int) -> HttpResponse:
    """The sizes and colours; of the chosen one what is here, near by, and what can be done."""
    found = get_object_or_404(sold(), pk=id)
    variants: list[Variant] = list(getattr(found, "on_sale", []))
    chosen = _chosen(desk, variants)
    levels = reading_levels.levels([one.pk for one in variants])
    here = {one.variant: one for one in levels if one.place == desk.place.pk}
    context: dict[str, object] = {
        "product": found,
        "name": wording.in_language(found.names, desk.language, found.number),
        "picture": _picture(found, chosen),
        "groups": _groups(desk, variants, levels),
        "chosen": chosen,
    }
    if chosen:
        near = nearby.stores_with(chosen.pk, desk.place, levels)
        context |= {
            "label": goods.options(chosen) or chosen.sku,
            "price": price_of(desk, chosen),
            "here": here.get(chosen.pk),
            "near": [one for one in near if one.place.pk != desk.place.pk][:_MOST_STORES],
            "sent": _sent(levels, chosen.pk),
            "quote": quote_link(desk, chosen.pk),
        }
    return desk.page("product.html", context)


def _groups(
    desk: Desk, variants: list[Variant], levels: list[reading_levels.Stock]
) -> list[tuple[str, list[Size]]]:
    """The sizes, those of one colour together; the colour is empty where there is but one."""
    here, elsewhere = Counter[int](), Counter[int]()
    for level in levels:
        kept = here if level.place == desk.place.pk else elsewhere
        kept[level.variant] += max(0, level.available)
    colours = {str(one.options.get("colour", "")) for one in variants}
    groups: dict[str, list[Size]] = {}
    for one in variants:
        size, colour = str(one.options.get("size", "")), str(one.options.get("colour", ""))
        label = size if size and len(one.options) <= 2 else goods.options(one) or one.sku
        found = Size(one.pk, label, here[one.pk], elsewhere[one.pk])
        groups.setdefault(said(colour) if len(colours) > 1 else "", []).append(found)
    return [
        (colour, sorted(some, key=lambda one: in_order(one.label)))
        for colour, some in groups.items()
    ]


def sold() -> QuerySet[Product]:
    """The products with those of their variants that are sold."""
    return reading.with_variants(Product.objects.filter(removed_at=None))


def _chosen(desk: Desk, variants: list[Variant]) -> Variant | None:
    """The size that was asked for; the only one where there is no other."""
    asked = GoodsForm(desk.request.GET).values["variant"]
    found = next((one for one in variants if one.pk == asked), None)
    return found or (variants[0] if len(variants) == 1 else None)


def _picture(product: Product, chosen: Variant | None) -> str:
    own = chosen.pictures if chosen else []
    return next(iter([*own, *product.pictures]), "")


def price_of(desk: Desk, variant: Variant) -> PieceView | None:
    """What it costs whoever is served in this store's market, or anybody."""
    return next(iter(pieces.view(desk.shown_terms, desk.whose, skus=[variant.sku])), None)


def _sent(levels: list[reading_levels.Stock], variant: int) -> int:
    """How many could be sent to her, from all places that send."""
    senders = set(Place.objects.filter(ships=True, closed_at=None).values_list("pk", flat=True))
    return sum(
        max(0, one.available) for one in levels if one.variant == variant and one.place in senders
    )


# --- reserving ------------------------------------------------------------------------------------


@require_POST
@at_desk
def reserve(desk: Desk) -> HttpResponse:
    """Keep goods for whoever is served, or for somebody without a name: here or in another store.

    Nobody is asked whether she is sure: the answer offers to let go of it again.
    """
    form = HoldForm(desk.request.POST)
    variant, asked = variant_of(desk), form.asked
    stores = Place.objects.filter(hands_over=True, closed_at=None)
    place = get_object_or_404(stores, code=form.values["place"])
    try:
        with in_words():
            (hold,) = holds.reserve(
                [Line(variant.pk, place.pk, 1)],
                _ends(asked, place),
                request=desk.sent,
                actor=desk.actor if place == desk.place else desk.from_here,
                whose=desk.whose,
                asked=asked,
            )
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        desk.say(_reserved(desk, hold, place), reverse("store-hold-release", args=[hold.pk]))
    return desk.back() if desk.told["next"] else redirect(_page(variant))


def _ends(asked: str, place: Place) -> datetime:
    """Raises Wrong."""
    try:
        return ends(asked, place, timezone.now())
    except ValueError as error:
        text = _("%(store)s is not open then: choose another day.") % {"store": place.name}
        raise Wrong(text) from error


def _reserved(desk: Desk, hold: Hold, place: Place) -> str:
    with timezone.override(place.time_zone):
        until = say_when(hold.until)
    words = {"store": place.name, "until": until}
    if desk.serving:
        text = _("Kept in %(store)s for %(name)s until %(until)s.")
        return text % {**words, "name": desk.serving.name}
    return _("Kept in %(store)s until %(until)s.") % words


def _page(variant: Variant) -> str:
    return product_page(variant.product_id, variant.pk)


def variant_of(desk: Desk) -> Variant:
    """The variant that the form names. Raises Http404."""
    return get_object_or_404(Variant, pk=GoodsForm(desk.request.POST).values["variant"])


# --- putting it where she can buy it --------------------------------------------------------------


@require_POST
@at_desk
def sell(desk: Desk) -> HttpResponse:
    """Put it into the sale, which goes on by a tap or with the next scan."""
    desk.sale.add(variant_of(desk).pk, 1, desk.sent.key)
    desk.remember()
    return redirect("store-sale")


@require_POST
@at_desk
def into_cart(desk: Desk) -> HttpResponse:
    """Put it into the cart of whoever is served: the same that she has on her phone."""
    variant = variant_of(desk)
    if desk.serving is None:
        desk.refuse(_("First say whose cart it is: look the customer up."))
        return redirect("store-people")
    edit = Edit(variant.sku, quantity=1, add=True, key=desk.sent.id)
    cart = customer_cart.cart(desk.serving.opened)
    before = _in(cart, variant)
    try:
        with in_words():
            changed = shared_cart.change_for(
                desk.serving.opened.under(),
                edit,
                market=desk.terms,
                here=True,
            )
    except Wrong as wrong:
        desk.refuse(str(wrong))
    else:
        moved = cart is not None and cart.market != desk.market
        if moved:  # what it was before is in another country's money
            text = _("It is in the cart, which has the prices of this store now (%(currency)s).")
            desk.say(text % {"currency": desk.currency})
        else:
            undo = cart_undo(desk.serving.customer, variant.sku, before, changed)
            desk.say(_("It is in the cart, on all the customer’s devices."), undo)
    return redirect(_page(variant))


def _in(cart: Cart | None, variant: Variant) -> int:
    """How many of it are in the cart."""
    line = cart.lines.filter(variant=variant).first() if cart else None
    return line.quantity if line else 0
