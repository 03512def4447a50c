"""What is kept for a customer: finding it in a store near her, reserving it, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any  # Any: Django's own type of what a form holds

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue import near, posts, reading, recently_viewed
from spindel.catalogue.closing_times import ends
from spindel.catalogue.models import Place, Product, Variant
from spindel.catalogue.recently_viewed import LookedAt
from spindel.catalogue.wording import in_language
from spindel.commerce.common import pages
from spindel.commerce.common.pages import Goods, Said, Wrong
from spindel.commerce.common.product_search import found
from spindel.commerce.common.rules import Line
from spindel.commerce.stock import customer_holds
from spindel.commerce.stock import nearby as stock_nearby
from spindel.commerce.stock.actions import holds
from spindel.commerce.stock.actions.hold_transfers import move_hold
from spindel.commerce.stock.actions.holds import Ended
from spindel.commerce.stock.forms import FindQuery, HoldForm
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.nearby import Nearby
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.identity.shown import Opened, staff
from spindel.kit import pictures, saying
from spindel.kit.templatetags.look import say_when
from spindel.staff.permissions import may, requires

_MOST_STORES = 8  # that have it, the nearest


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is kept for her."""

    hold: Hold
    goods: Goods
    place: Place
    extensible: bool


@require_safe
@requires("orders.see")
def kept(request: HttpRequest, id: int) -> HttpResponse:
    """What is kept for her now."""
    her = pages.opened(request, id)
    return render(request, "stock/holds.html", _kept(request, her))


def _kept(request: HttpRequest, her: Opened) -> dict[str, object]:
    handles = may(request.user, "orders.handle")
    return {
        "id": her.id,
        "kept": [
            Kept(
                one,
                pages.goods(request, one.variant, _language()),
                one.place,
                one.extended < holds.MOST_EXTENSIONS,
            )
            for one in customer_holds.holds(her.id)
        ],
        "looked": [_looked(request, one) for one in recently_viewed.looked_at(her)]
        if handles
        else [],
        "may_handle": handles,
        "key": pages.fresh_key(),
        "said": None,
    }


def _language() -> str:
    return (get_language() or "en")[:2]


@dataclass(frozen=True, slots=True)
class Look:
    """A product that she has looked at, and where to look for it."""

    name: str
    picture: str
    address: str


def _looked(request: HttpRequest, one: LookedAt) -> Look:
    product, words = one.product, f"?product={one.product.pk}"
    own: list[str] = []
    if one.variant:
        words += f"&variant={one.variant}"
    variant = Variant.objects.filter(pk=one.variant or 0).first()
    if variant is not None:
        own = variant.pictures
    return Look(
        in_language(product.names, _language(), product.number),
        pictures.shown([*own, *product.pictures], request),
        words,
    )


# --- finding it in a store ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Size:
    """A variant of the product that is looked for, and whether any store has it."""

    id: int
    label: str
    there: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Store:
    """A store that has it, and until when "tomorrow" is there; None where it never opens."""

    place: Place
    available: int
    kilometres: int | None
    until: datetime | None


@require_safe
@requires("orders.handle")
def find(request: HttpRequest, id: int) -> HttpResponse:
    """Find something in a store near her, to keep it there: which, what size, where.

    `goods` is a SKU or a product's number, as facts on her timeline have them.
    """
    her = pages.opened(request, id)
    context = _find(request, her)
    if pages.is_part(request):
        return render(request, "stock/find.html", context)
    return pictures.allow(render(request, "stock/find_page.html", context))


def _find(request: HttpRequest, her: Opened) -> dict[str, object]:
    asked = FindQuery(request.GET).values
    stores = list(Place.objects.filter(hands_over=True, closed_at=None).order_by("name")[:300])
    here = next((one for one in stores if one.code == asked["near"]), None)
    here = here or _in_hand(request, stores) or near.near(her)
    context: dict[str, object] = {
        "id": her.id,
        "name": her.profile().called,
        "q": asked["q"],
        "stores": stores,
        "near": here,
        "key": pages.fresh_key(),
        "product": None,
        "chosen": None,
    }
    product, chosen = _asked_for(asked)
    if product is None:
        looked = recently_viewed.looked_at(her) if not asked["q"] else []
        return context | {
            "looked": [_looked(request, one) for one in looked],
            "found": found(request, asked["q"]),
        }
    variants: list[Variant] = list(getattr(product, "on_sale", []))
    levels = reading_levels.levels([one.pk for one in variants])
    has = {one.variant for one in levels if one.available > 0 and one.place in _ids(stores)}
    if chosen is None and len(variants) == 1:
        chosen = variants[0]
    context |= {
        "product": product,
        "product_name": in_language(product.names, _language(), product.number),
        "picture": pictures.shown(
            [*(chosen.pictures if chosen else []), *product.pictures], request
        ),
        "chosen": chosen,
        "options": pages.options_of(chosen) if chosen else "",
    }
    groups = [
        (colour, [Size(v.pk, size, v.pk in has, v == chosen) for v, size in some])
        for colour, some in pages.by_colour(variants)
    ]
    # Her colour first; the others are at hand.
    front = [one for one in groups if any(size.chosen for size in one[1])] or groups
    context |= {"groups": front, "others": [one for one in groups if one not in front]}
    if chosen is not None:
        nearby = stock_nearby.stores_with(chosen.pk, here)
        context["more_stores"] = max(0, len(nearby) - _MOST_STORES)
        context["has_it"] = [_store(one) for one in nearby[:_MOST_STORES]]
    return context


def _in_hand(request: HttpRequest, stores: list[Place]) -> Place | None:
    """The store in which whoever asks works, and the customer most likely stands."""
    mine = posts.today(staff(request))
    return mine if mine in stores else None


def _ids(places: list[Place]) -> set[int]:
    return {one.pk for one in places}


def _asked_for(asked: dict[str, Any]) -> tuple[Product | None, Variant | None]:
    """The product that is looked for, with those of its variants that are sold; which of them."""
    product, variant = asked["product"], asked["variant"]
    if goods := asked["goods"]:
        told = Variant.objects.filter(sku=goods).first()
        if told is not None:
            product, variant = told.product_id, told.pk
        else:
            product = Product.objects.filter(number=goods).values_list("pk", flat=True).first() or 0
    sold = reading.with_variants(Product.objects.filter(pk=product, removed_at=None)).first()
    if sold is None:
        return None, None
    return sold, next((v for v in getattr(sold, "on_sale", []) if v.pk == variant), None)


def _store(nearby: Nearby) -> Store:
    far = nearby.kilometres
    return Store(
        nearby.place,
        nearby.available,
        None if far is None else round(far),
        _tomorrow(nearby.place),
    )


def _tomorrow(place: Place) -> datetime | None:
    try:
        return ends("tomorrow", place, timezone.now())
    except ValueError:
        return None


# --- keeping it -----------------------------------------------------------------------------------


@require_POST
@requires("orders.handle")
def reserve(request: HttpRequest, id: int) -> HttpResponse:
    """Keep one in a store for her until tomorrow; whoever did has promised it."""
    her = pages.opened(request, id)
    said = Said(target="#slot-holds")
    try:
        asked = HoldForm(request.POST).values
        variant = get_object_or_404(Variant, pk=asked["variant"])
        place = get_object_or_404(Place, pk=asked["place"])
        hold = _reserve(request, her, variant, place)
        said.text = _("%(what)s is kept in %(place)s until %(until)s.") % {
            "what": pages.called(variant),
            "place": place.name,
            "until": say_when(hold.until),
        }
        said.undo = reverse("hold-release", args=[her.id, hold.pk])
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    return _after(request, her, said)


def _reserve(request: HttpRequest, her: Opened, variant: Variant, place: Place) -> Hold:
    until = _keeps_until(place)
    with pages.in_words():
        (made,) = holds.reserve(
            [Line(variant.pk, place.pk, 1)],
            until,
            request=pages.sent(request),
            actor=pages.actor(request),
            whose=her.under(),
            asked="tomorrow",
        )
    return made


def _keeps_until(place: Place) -> datetime:
    """Until when something is kept there that is reserved now."""
    until = _tomorrow(place)
    if until is None or place.closed_at is not None or not place.hands_over:
        raise Wrong(_("%(place)s keeps nothing for customers.") % {"place": place.name})
    return until


@require_POST
@requires("orders.handle")
def release(request: HttpRequest, id: int, hold: int) -> HttpResponse:
    """Let others have it."""
    her, one = _hers(request, id, hold)
    said = Said(target="#slot-holds")
    try:
        with pages.in_words():
            gone = holds.release(one.pk, pages.by(request))
        what = {"what": pages.called(one.variant), "place": one.place.name}
        said.text = _("%(what)s is not kept in %(place)s any more.") % what
        if gone.state == Hold.State.RELEASED:
            said.undo = reverse("hold-reserve", args=[her.id])
            said.fields = {
                "variant": one.variant_id,
                "place": one.place_id,
                "key": pages.fresh_key(),
            }
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    return _after(request, her, said)


@require_POST
@requires("orders.handle")
def extend(request: HttpRequest, id: int, hold: int) -> HttpResponse:
    """Keep it for a day that the store is open longer."""
    her, one = _hers(request, id, hold)
    said = Said(target="#slot-holds")
    try:
        until = _one_day_more(one)
        with pages.in_words():
            changed = holds.extend(one.pk, until, request=pages.sent(request), asked="a day more")
        said.text = _("It is kept until %(until)s.") % {"until": say_when(changed.until)}
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    return _after(request, her, said)


def _one_day_more(hold: Hold) -> datetime:
    try:
        return ends("tomorrow", hold.place, hold.until)
    except ValueError:
        raise Wrong(_("%(place)s is not open again.") % {"place": hold.place.name}) from None


@require_POST
@requires("orders.handle")
def move(request: HttpRequest, id: int, hold: int) -> HttpResponse:
    """Keep it in another store instead."""
    her, one = _hers(request, id, hold)
    said = Said(target="#slot-holds")
    try:
        place = get_object_or_404(Place, pk=HoldForm(request.POST).values["place"])
        until = _keeps_until(place)
        with pages.in_words():
            made = move_hold(
                one.pk, place.pk, until, request=pages.sent(request), actor=pages.actor(request)
            )
        said.text = _("%(what)s is kept in %(place)s until %(until)s.") % {
            "what": pages.called(one.variant),
            "place": place.name,
            "until": say_when(made.until),
        }
    except Wrong as wrong:
        said.text, said.bad = str(wrong), True
    return _after(request, her, said)


@require_safe
@requires("orders.handle")
def move_to(request: HttpRequest, id: int, hold: int) -> HttpResponse:
    """The stores that it can be kept in instead, the nearest to where it is first."""
    her, one = _hers(request, id, hold)
    nearby = [
        _store(store)
        for store in stock_nearby.stores_with(one.variant_id, one.place)
        if store.place.pk != one.place_id and store.available >= one.quantity
    ]
    context = {
        "id": her.id,
        "hold": one,
        "has_it": nearby[:_MOST_STORES],
        "key": pages.fresh_key(),
    }
    return render(request, "stock/move.html", context)


def _hers(request: HttpRequest, id: int, hold: int) -> tuple[Opened, Hold]:
    """The customer, and a hold that is hers; 404 where it is not."""
    her = pages.opened(request, id)
    found = Hold.objects.select_related("variant__product", "place")
    one = found.filter(pk=hold, order_line_id=None).first()
    if one is None or customer_holds.holders([one.pk]).get(one.pk) != her.id:
        raise Http404
    return her, one


def _after(request: HttpRequest, her: Opened, said: Said) -> HttpResponse:
    context = _kept(request, her)
    return pages.after(request, her, "stock/holds.html", context, said)


@saying.in_words.register
def _ended(no: Ended) -> str:
    return saying.spoken(no.said.page, {"state": str(no.state.label).lower()})
