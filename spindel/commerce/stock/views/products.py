"""Stock for people: how much there is of a product, in each colour and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from spindel.catalogue.grids import grid
from spindel.catalogue.models import Place, Product, Variant
from spindel.catalogue.wording import in_language
from spindel.commerce.common import pages
from spindel.commerce.stock.forms import LevelsQuery
from spindel.commerce.stock.reading import levels as reading_levels
from spindel.kit.options import options_text
from spindel.staff.permissions import requires

_PLENTY = 10  # as many, and more, are shown alike


@dataclass(frozen=True, slots=True)
class Cell:
    """A variant in a place, or in all: what is there, what is held, what is free. `heat` is 0 to
    10: nothing to plenty. `short`: a place has promised more than it has.
    """

    variant: int
    on_hand: int
    held: int
    heat: int
    short: bool

    @property
    def available(self) -> int:
        """What can be held or sold now."""
        return self.on_hand - self.held


@require_safe
@requires("stock.see")
def of_product(request: HttpRequest, id: int) -> HttpResponse:
    """How much of each colour and size there is, in all places or in one; or, of one variant, in
    each place. A panel of the product's page, and a page without script.
    """
    product = get_object_or_404(Product, pk=id)
    variants = list(product.variants.filter(removed_at=None).order_by("position", "pk"))
    levels = reading_levels.levels([one.pk for one in variants])
    places = list(
        Place.objects.filter(pk__in={one.place for one in levels}).order_by("kind", "name")
    )
    asked = LevelsQuery(request.GET).values
    place = next((one for one in places if one.code == asked["place"]), None)
    chosen = next((one for one in variants if one.pk == asked["variant"]), None)
    shown = grid(variants)
    check = reading_levels.last_check()
    context = {
        "product": product,
        "name": in_language(product.names, (get_language() or "en")[:2], product.number),
        "places": places,
        "place": place,
        "chosen": chosen,
        "chosen_options": options_text(chosen.options) or chosen.sku if chosen else "",
        "in_places": _in_places(levels, places, chosen) if chosen else [],
        "sizes": shown.sizes,
        "rows": [
            (name, [_cell(levels, one, place) if one else None for one in row])
            for name, row in shown.rows
        ]
        if levels
        else [],
        "wrong": check.wrong if check else 0,
    }
    part = "product" if pages.is_part(request) else "product_page"
    return render(request, f"stock/{part}.html", context)


def _cell(
    levels: Sequence[reading_levels.Stock], variant: Variant, place: Place | None
) -> Cell | None:
    """In the place, or in all; None where it was never kept."""
    kept = [one for one in levels if one.variant == variant.pk]
    if place is not None:
        kept = [one for one in kept if one.place == place.pk]
    return _summed(variant, kept) if kept else None


def _in_places(
    levels: Sequence[reading_levels.Stock], places: Sequence[Place], variant: Variant
) -> list[tuple[Place, Cell]]:
    """Each place that keeps the variant, or has."""
    found = ((place, _cell(levels, variant, place)) for place in places)
    return [(place, cell) for place, cell in found if cell is not None]


def _summed(variant: Variant, kept: Sequence[reading_levels.Stock]) -> Cell:
    free = sum(one.available for one in kept)
    return Cell(
        variant.pk,
        sum(one.on_hand for one in kept),
        sum(one.held for one in kept),
        max(0, min(_PLENTY, free)),
        any(one.available < 0 for one in kept),
    )
