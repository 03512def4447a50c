"""The store that somebody lives by, as far as is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spindel.catalogue.models import Place
from spindel.identity import customers
from spindel.identity.shown import Opened
from spindel.kit.folding import fold

# Of a customer and some stores: the one where she was last.
LastVisit = Callable[[int, Sequence[Place]], int | None]

_LAST_VISITS: list[LastVisit] = []


def register(last_visit: LastVisit) -> None:
    """Have it asked where she was last; the first that knows is believed."""
    _LAST_VISITS.append(last_visit)


@dataclass(frozen=True, slots=True)
class Store:
    """A store where somebody can come for something."""

    id: int
    name: str
    city: str


def choose(stores: Sequence[Store], city: str, last: int | None) -> Store | None:
    """Of the stores the first that is in her city, else the one where she was last."""
    home = fold(city)
    if home:
        for one in stores:
            if fold(one.city or one.name) == home:
                return one
    return next((one for one in stores if one.id == last), None)


def near(her: Opened) -> Place | None:
    """The store that she lives by, as far as is known: in her city, else where she went last."""
    stores = list(Place.objects.filter(closed_at=None, hands_over=True).order_by("pk"))
    asked = [Store(one.pk, one.name, one.city) for one in stores]
    city = customers.city(her.profile().traits)
    found = choose(asked, city, None)
    if found is None:
        known = (ask(her.id, stores) for ask in _LAST_VISITS)
        found = choose(asked, "", next((one for one in known if one is not None), None))
    return next((one for one in stores if found and one.pk == found.id), None)
