"""The stores that have something, the nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spindel.catalogue.models import Place
from spindel.commerce.stock.reading import levels as reading_levels


@dataclass(frozen=True, slots=True)
class Nearby:
    """A store that has some of a variant, and how far that is, if it is known."""

    place: Place
    available: int
    kilometres: float | None


def stores_with(
    variant: int, here: Place | None, levels: Sequence[reading_levels.Stock] | None = None
) -> list[Nearby]:
    """The stores that can put some of it aside, the nearest first; by its levels, if known."""
    levels = reading_levels.levels([variant]) if levels is None else levels
    there = {
        one.place: one.available for one in levels if one.variant == variant and one.available > 0
    }
    places = Place.objects.filter(pk__in=there, hands_over=True, closed_at=None)
    found = [
        Nearby(one, there[one.pk], _far(here, one))
        for one in places.order_by("country", "city", "name", "pk")
    ]
    return sorted(found, key=lambda one: (one.kilometres is None, one.kilometres or 0.0))


def _far(here: Place | None, there: Place) -> float | None:
    if here is None:
        return None
    far = reading_levels.kilometres(here, there)
    return None if far == float("inf") else far
