"""Stock for people: what runs low, how a level came to be, and what is kept in a place."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from spindel.catalogue import posts
from spindel.catalogue.models import Place, Variant
from spindel.commerce.common import pages
from spindel.commerce.common.pages import Goods, Wrong
from spindel.commerce.stock import customer_holds, ordered, plots
from spindel.commerce.stock.actions import movements
from spindel.commerce.stock.forms import CountForm, LowQuery, UndoQuery
from spindel.commerce.stock.models import Hold
from spindel.commerce.stock.ordered import NamedOrder
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.commerce.stock.reading import shelves
from spindel.identity import shown
from spindel.identity.shown import staff
from spindel.kit import pictures
from spindel.kit.clock import NEVER
from spindel.kit.forms import PageQuery
from spindel.staff.permissions import may, requires

_PAGE = 40

_KINDS = {
    "below_zero": gettext_lazy("Below zero"),
    "short": gettext_lazy("More promised than there is"),
    "sold_out": gettext_lazy("Sold out"),
    "low": gettext_lazy("Running low"),
}


# --- what runs low --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A level that runs low, with its goods and its place."""

    level: shelves.Running
    goods: Goods
    place: Place
    label: str


@require_safe
@requires("stock.see")
def running_low(request: HttpRequest) -> HttpResponse:
    """The levels that want somebody's eye, in one place or in all; first in her own.

    Two pairs of a size are little, and usual: what is worse comes first, the rest when asked for.
    """
    asked = LowQuery(request.GET)
    kind, before = asked.values["kind"], asked.values["before"]
    places = list(Place.objects.filter(closed_at=None).order_by("name")[:500])
    mine = posts.today(staff(request)) if "place" not in asked.data else None
    code = mine.code if mine else asked.values["place"]
    place = next((one for one in places if one.code == code), None)
    wanted = {"": shelves.WORSE, "all": ""}.get(kind, kind)
    found = shelves.running_low(place.pk if place else None, wanted, _PAGE, before)
    kept = {"kind": kind, "place": place.code if place else ""}
    query = urlencode({name: value for name, value in kept.items() if value or name == "place"})
    check = reading_levels.last_check()
    context = {
        "rows": _rows(request, found.items),
        "more": f"{query}&before={found.next}" if found.next else "",
        "kinds": [(one, _KINDS[one], found.counts[one]) for one in shelves.KINDS],
        "kind": kind,
        "total": sum(found.counts.values()),
        "urgent": sum(found.counts[one] for one in shelves.URGENT),
        "shelves": places,
        "place": place,
        "check": check,
        "first": not before,
    }
    part = "low" if not pages.is_part(request) else "low_rows" if before else "low_found"
    return pictures.allow(render(request, f"stock/{part}.html", context))


def _rows(request: HttpRequest, levels: list[shelves.Running]) -> list[Row]:
    variants = Variant.objects.select_related("product").in_bulk([one.variant for one in levels])
    places = Place.objects.in_bulk([one.place for one in levels])
    return [
        Row(
            one,
            pages.goods(request, variants[one.variant], _language()),
            places[one.place],
            str(_KINDS[one.kind]),
        )
        for one in levels
        if one.variant in variants and one.place in places
    ]


def _language() -> str:
    return (get_language() or "en")[:2]


# --- one level ------------------------------------------------------------------------------------


@require_safe
@requires("stock.see")
def level(request: HttpRequest, variant: int, place: int) -> HttpResponse:
    """How much there is of a variant in a place, and how that came to be."""
    goods, where = _level(variant, place)
    before = PageQuery(request.GET).values["before"]
    found = shelves.ledger(goods.pk, where.pk, _PAGE, before)
    context = {
        "goods": pages.goods(request, goods, _language()),
        "place": where,
        "level": shelves.level(goods.pk, where.pk),
        "entries": found.items,
        "more": found.next,
        "plot": plots.balance(found.items),
        "may_count": may(request.user, "stock.manage"),
    }
    part = "ledger_rows" if before and pages.is_part(request) else "level"
    return pictures.allow(render(request, f"stock/{part}.html", context))


def _level(variant: int, place: int) -> tuple[Variant, Place]:
    goods = get_object_or_404(Variant.objects.select_related("product"), pk=variant)
    return goods, get_object_or_404(Place, pk=place)


@require_POST
@requires("stock.manage")
def count(request: HttpRequest, variant: int, place: int) -> HttpResponse:
    """So many are there: somebody has counted them just now. `undo` takes such a count back."""
    goods, where = _level(variant, place)
    try:
        if undone := UndoQuery(request.GET).values["undo"]:
            at = pages.moment(undone)
            with pages.in_words():
                there = movements.uncount(goods.pk, where.pk, at, pages.by(request))
            said, undo = _("Not counted: the books say %(n)s here again."), ""
        else:
            there = pages.checked(CountForm(request.POST)).cleaned_data["quantity"]
            with pages.in_words():
                counted = movements.count_now(goods.pk, where.pk, there, pages.by(request))
            said, undo = _("Counted: there are %(n)s."), _undo(variant, place, counted)
    except Wrong as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, said % {"n": there}, extra_tags=undo)
    return redirect("level", variant, place)


def _undo(variant: int, place: int, counted: movements.Counted) -> str:
    """The address that takes it back, where it has changed anything."""
    if not counted.change:
        return ""
    at = urlencode({"undo": counted.at.isoformat()})
    return f"{reverse('level-count', args=[variant, place])}?{at}"


# --- what is kept in a place ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is kept in a place, and for whom, as far as the person may know."""

    hold: Hold
    goods: Goods
    who: shown.Who
    order: NamedOrder | None
    ends: bool


@require_safe
@requires("stock.see")
def kept_at(request: HttpRequest, id: int) -> HttpResponse:
    """What is kept in a place; a panel of the place's page."""
    place = get_object_or_404(Place, pk=id)
    before = PageQuery(request.GET).values["before"]
    found = shelves.kept_at(place.pk, _PAGE, before)
    owners = customer_holds.holders([one.pk for one in found.items])
    people = shown.who(staff(request), set(owners.values()), "holds.listed")
    sees_orders = may(request.user, "orders.see")
    orders = ordered.registered().orders(found.items) if sees_orders else {}
    context = {
        "place": place,
        "kept": [
            Kept(
                one,
                pages.goods(request, one.variant, _language()),
                people.get(owners.get(one.pk, 0), shown.NOBODY),
                orders.get(one.pk),
                one.until < NEVER,
            )
            for one in found.items
        ],
        "more": found.next,
    }
    part = "kept_rows" if before else "kept"
    return render(request, f"stock/{part}.html", context)
