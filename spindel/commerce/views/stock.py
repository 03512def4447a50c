"""Stock for people: what is where of a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from spindel.catalogue.models import Place, Product, Variant
from spindel.catalogue.options import options_text
from spindel.commerce.reading import stock
from spindel.staff.permissions import requires

_PLENTY = 10  # as many, and more, are shown alike


@dataclass(frozen=True, slots=True)
class Cell:
    """A variant in a place. `heat` is 0 to 10: nothing to plenty."""

    variant: int
    available: int
    held: int
    heat: int


@dataclass(frozen=True, slots=True)
class Row:
    """A place, with a cell for each variant; None where it was never kept."""

    place: Place
    cells: list[Cell | None]


@require_safe
@requires("stock.see")
def of_product(request: HttpRequest, id: int) -> HttpResponse:
    """How much of each variant is in each place; a panel of the product's page."""
    if id >= 2**63:
        raise Http404
    product = get_object_or_404(Product, pk=id)
    variants = list(product.variants.filter(removed_at=None).order_by("position", "pk"))
    check = stock.last_check()
    return render(
        request,
        "commerce/product.html",
        {
            "labels": [options_text(one.options) or one.sku for one in variants],
            "rows": _rows(variants),
            "wrong": check.wrong if check else 0,
        },
    )


def _rows(variants: Sequence[Variant]) -> list[Row]:
    """The places that keep any of the variants, or have."""
    found = {(one.place, one.variant): one for one in stock.levels([one.pk for one in variants])}
    places = Place.objects.filter(pk__in={place for place, _ in found}).order_by("kind", "name")
    return [
        Row(place, [_cell(found.get((place.pk, variant.pk))) for variant in variants])
        for place in places
    ]


def _cell(level: stock.Stock | None) -> Cell | None:
    if level is None:
        return None
    return Cell(level.variant, level.available, level.held, max(0, min(_PLENTY, level.available)))
